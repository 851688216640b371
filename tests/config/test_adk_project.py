"""A whole ADK project, which has no problem as it stands, and what is said about each fault put into it."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.ferries import PROJECT

from gitagent.config.adk.kinds import kind_of
from gitagent.config.files import File, FileKind, Files, MemoryFile
from gitagent.config.problems import Problem
from gitagent.config.validation import validate


def files(**changes: str | None) -> dict[str, File]:
    """The project's files with some of them changed, added, or taken away by None. `__` stands for `/`."""
    texts: dict[str, str | None] = {**PROJECT, **{path.replace("__", "/"): text for path, text in changes.items()}}
    return {path: MemoryFile(text.encode()) for path, text in texts.items() if text is not None}


def replaced(path: str, old: str, new: str) -> dict[str, File]:
    """The project with one passage of one file replaced."""
    assert PROJECT[path].count(old) == 1, f"{old!r} is not there once"
    return {**files(), path: MemoryFile(PROJECT[path].replace(old, new).encode())}


def problems(project: Files) -> list[str]:
    """Everything that is said about a project, one line each."""
    return [said(problem) for problem in validate(project)]


def said(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{problem.severity} {problem}{hint}"


def test_a_project_as_the_adk_writes_it_has_no_problem() -> None:
    assert problems(files()) == []


FAULTS = [
    # path, passage, what replaces it, where the problem stands, what is said
    (
        "agent_settings/rules.txt",
        "{{fn:check_sailing}}",
        "{{fn:check_sailings}}",
        "{{fn:check_sailings}}",
        "error dangling-reference: there is no function 'check_sailings' (Did you mean 'check_sailing'?)",
    ),
    (
        "agent_settings/rules.txt",
        "{{ho:booking_office}}",
        "{{ho:desk}}",
        "{{ho:desk}}",
        "error dangling-reference: there is no handoff 'desk'",
    ),
    (
        "agent_settings/rules.txt",
        "{{twilio_sms:ticket_link}}",
        "{{twilio_sms:ticket-links}}",
        "{{twilio_sms:ticket-links}}",
        "error dangling-reference: there is no SMS template 'ticket-links' (Did you mean 'ticket_link'?)",
    ),
    (
        "agent_settings/rules.txt",
        "promise anything",
        "say {{tn:farewell}} or {{tn:hello}}",
        "{{tn:hello}}",
        "error dangling-reference: there is no translation 'hello'",
    ),
    (
        "agent_settings/rules.txt",
        "promise anything",
        "call {{ft:crossing_confirmed}}",
        "{{ft:crossing_confirmed}}",
        "error dangling-reference: there is no function of this flow 'crossing_confirmed'",
    ),
    (
        "agent_settings/persona.txt",
        "{{attr:harbour_name}}",
        "{{attr:harbor_name}}",
        "{{attr:harbor_name}}",
        "error dangling-reference: there is no variant attribute 'harbor_name' (Did you mean 'harbour_name'?)",
    ),
    (
        "agent_settings/guardrails.yaml",
        "{{fn:check_sailing}}",
        "{{fn:forecast}}",
        "{{fn:forecast}}",
        "error dangling-reference: there is no function 'forecast'",
    ),
    (
        "voice/configuration.yaml",
        "{{attr:harbour_name}}",
        "{{attr:pier}}",
        "{{attr:pier}}",
        "error dangling-reference: there is no variant attribute 'pier'",
    ),
    (
        "voice/configuration.yaml",
        "message: This call",
        "message: At {{attr:pier}}, this call",
        "{{attr:pier}}",
        "error dangling-reference: there is no variant attribute 'pier'",
    ),
    (
        "chat/configuration.yaml",
        "Hello from Northsound",
        "Hello from {{attr:pier}}",
        "{{attr:pier}}",
        "error dangling-reference: there is no variant attribute 'pier'",
    ),
    (
        "voice/response_control/phrase_filtering.yaml",
        "function: end_call",
        "function: crossing_confirmed",
        "crossing_confirmed",
        "error dangling-reference: there is no function 'crossing_confirmed'",
    ),
    (
        "topics/timetable.yaml",
        "{{fn:check_sailing}}('next') first",
        "{{fn:wait}} first, then {{fn:wait}} again",
        "{{fn:wait}}",
        "error dangling-reference: there is no function 'wait'",
    ),
    (
        "topics/dogs_and_bicycles.yaml",
        "example_queries:",
        "content: Dogs\nexample_queries:",
        "content: Dogs travel",
        "error duplicate-key: the key 'content' is given twice, first in line 3 (Keep one of the two.)",
    ),
    (
        "topics/timetable.yaml",
        "name: Timetable",
        "name: dogs & BICYCLES",
        "dogs",
        "error duplicate-name: the topic 'dogs & BICYCLES' has the same name as the one in"
        " topics/dogs_and_bicycles.yaml (Give each of them a name of its own.)",
    ),
    (
        "child_topics/west_quay/parking_at_the_west_quay.yaml",
        "name: Parking at the west quay",
        "name: Dogs, bicycles",
        "Dogs",
        "error duplicate-name: the topic 'Dogs, bicycles' has the same name as the one in"
        " topics/dogs_and_bicycles.yaml (Give each of them a name of its own.)",
    ),
    (
        "flows/book_a_crossing/flow_config.yaml",
        "start_step: Collect day",
        "start_step: Collect the day",
        "Collect the day",
        "error dangling-reference: there is no step of this flow 'Collect the day' (Did you mean 'Collect day'?)",
    ),
    (
        "flows/book_a_crossing/steps/collect_day.yaml",
        "child_step: Confirm",
        "child_step: Pay",
        "Pay",
        "error dangling-reference: there is no step of this flow 'Pay'",
    ),
    (
        "flows/book_a_crossing/steps/collect_day.yaml",
        "  required_entities:\n  - travel_day",
        "  required_entities:\n  - travel_date",
        "travel_date",
        "error dangling-reference: there is no entity 'travel_date' (Did you mean 'travel_day'?)",
    ),
    (
        "flows/book_a_crossing/steps/collect_day.yaml",
        "extracted_entities:\n- travel_day",
        "extracted_entities:\n- cars",
        "cars",
        "error dangling-reference: there is no entity 'cars'",
    ),
    (
        "flows/book_a_crossing/steps/collect_day.yaml",
        "{{entity:passengers}}",
        "{{entity:people}}",
        "{{entity:people}}",
        "error dangling-reference: there is no entity 'people'",
    ),
    (
        "flows/book_a_crossing/steps/confirm.yaml",
        "{{ft:crossing_confirmed}}",
        "{{ft:confirmed}}",
        "{{ft:confirmed}}",
        "error dangling-reference: there is no function of this flow 'confirmed' (Did you mean 'crossing_confirmed'?)",
    ),
    (
        "test_suite/books_a_crossing.yaml",
        "- name: check_sailing",
        "- name: check_sails",
        "check_sails",
        "error dangling-reference: there is no function 'check_sails' (Did you mean 'check_sailing'?)",
    ),
    (
        "test_suite/books_a_crossing.yaml",
        "variant: West Quay",
        "variant: North Quay",
        "North Quay",
        "error dangling-reference: there is no variant 'North Quay' (Did you mean 'West Quay'?)",
    ),
    (
        "functions/start_function.py",
        'conv.goto_flow("Book a crossing")',
        'conv.goto_flow("Book the crossing")',
        '"Book the crossing"',
        "warning dangling-reference: there is no flow 'Book the crossing' (Did you mean 'Book a crossing'?)",
    ),
    (
        "flows/book_a_crossing/functions/crossing_confirmed.py",
        '"reserve_places"',
        '"Reserve the places"',
        '"Reserve the places"',
        "warning dangling-reference: there is no step of this flow 'Reserve the places'"
        " (Did you mean 'reserve_places'?)",
    ),
    (
        "functions/check_sailing.py",
        "sailing: str):",
        "sailing: str)",
        "\n    answer",
        "error python-syntax: expected ':'",
    ),
    (
        "flows/book_a_crossing/function_steps/reserve_places.py",
        "    conv.exit_flow()",
        "    conv.exit_flow(]",
        "]",
        "error python-syntax: closing parenthesis ']' does not match opening parenthesis '('",
    ),
    (
        "project.yaml",
        "account_id: northsound",
        "account_id: 441632960018",
        "441632960018",
        "error unquoted-number: 'account_id' must be a text, but 441632960018 without quotes is a number:"
        " its '+' and zeros get lost (Put it in quotes: \"441632960018\")",
    ),
    (
        "config/handoffs.yaml",
        "phone_number: '+441632960018'",
        "phone_number: +441632960018",
        "+44",
        "error unquoted-number: 'phone_number' must be a text, but +441632960018 without quotes is a number:"
        " its '+' and zeros get lost (Put it in quotes: \"+441632960018\")",
    ),
    (
        "config/handoffs.yaml",
        "method: refer",
        "method: transfer",
        "transfer",
        "error not-allowed: 'method' must be one of invite, refer, bye, not the text 'transfer'"
        " (Did you mean 'refer'?)",
    ),
    (
        "config/handoffs.yaml",
        "- name: goodbye",
        "- title: goodbye",
        "title",
        "error missing-key: 'name' is missing (Add a line 'name: …'.)",
    ),
    (
        "config/entities.yaml",
        "has_range: true",
        "has_range: 'true'",
        "'true'",
        "error not-truth-value: 'has_range' must be true or false, not the text 'true'"
        " (Write it without quotes, as true or false.)",
    ),
    (
        "config/mcp.yaml",
        "timeout: 10",
        "timeout: 100",
        "100",
        "error out-of-range: 'timeout' must be at most 30, not 100",
    ),
    (
        "config/translations.yaml",
        "nb-NO: God tur.",
        "nb-NO: [God tur.]",
        "[God",
        "error not-text: 'nb-NO' must be a text, not a list"
        " (Put a text that begins with a brace or bracket, or that holds ': ', in quotes.)",
    ),
    (
        "config/variant_attributes.yaml",
        "kind: boolean",
        "kind: bool",
        "bool",
        "error not-allowed: 'kind' must be one of string, number, boolean, enum, object, not the text 'bool'"
        " (Did you mean 'boolean'?)",
    ),
    (
        "agent_settings/languages.yaml",
        "additional_languages:\n- nb-NO",
        "additional_languages: nb-NO",
        "nb-NO",
        "error not-list: 'additional_languages' must be a list, not the text 'nb-NO'"
        " (Write each item in a line of its own that begins with '- '.)",
    ),
    (
        "agent_settings/safety_filters.yaml",
        "level: lenient",
        "level: low",
        "low",
        "error not-allowed: 'level' must be one of lenient, medium, strict, not the text 'low'",
    ),
    (
        "agent_settings/experimental_config.json",
        '"asr": {"eager_final": true},',
        '"asr": {"eager_final": true},\n  "asr": {},',
        '"asr": {},',
        "error duplicate-key: the key 'asr' is given twice, first in line 2 (Keep one of the two.)",
    ),
    (
        "agent_settings/experimental_config.json",
        '"max_silence_count": 4}',
        '"max_silence_count": 4,}',
        ",}",
        "error json-syntax: a comma before '}' (JSON allows no comma after the last item: remove it.)",
    ),
    (
        "voice/configuration.yaml",
        "loudness: -50",
        "loudness: -5",
        "-5",
        "error out-of-range: 'loudness' must be at most -20, not -5",
    ),
    (
        "voice/speech_recognition/asr_settings.yaml",
        "barge_in: false",
        "barge_in: sometimes",
        "sometimes",
        "error not-mapping: 'barge_in' must be a mapping, not the text 'sometimes'",
    ),
    (
        "topics/timetable.yaml",
        "name: Timetable",
        "name: [Timetable",
        ": true",
        "error yaml-syntax: did not find expected ',' or ']'"
        " (A bracket or brace opened in line 1 is not closed; quote a text that begins with one.)",
    ),
    (
        "topics/timetable.yaml",
        "tags:",
        "tag:",
        "tag:",
        "warning unknown-key: 'tag' is not known here (Did you mean 'tags'?)",
    ),
    (
        "test_suite/books_a_crossing.yaml",
        "value_type: string",
        "value-type: string",
        "value-type",
        "warning unknown-key: 'value-type' is not known here (Did you mean 'value_type'?)",
    ),
    (
        "test_suite/books_a_crossing.yaml",
        "        status: 503",
        "        status: 503\n        hedaers: {}",
        "hedaers",
        "warning unknown-key: 'hedaers' is not known here (Did you mean 'headers'?)",
    ),
    (
        "test_suite/books_a_crossing.yaml",
        "status: 503",
        "status: 5030",
        "5030",
        "error out-of-range: 'status' must be at most 599, not 5030",
    ),
    (
        "flows/book_a_crossing/flow_config.yaml",
        "start_step: Collect day\n",
        "",
        "name: Book",
        "error missing-key: 'start_step' is missing (Add a line 'start_step: …'.)",
    ),
    (
        "flows/book_a_crossing/steps/confirm.yaml",
        "step_type: advanced_step",
        "step_type: clever_step",
        "clever_step",
        "error not-allowed: 'step_type' must be one of default_step, advanced_step, not the text 'clever_step'",
    ),
    (
        "flows/book_a_crossing/steps/confirm.yaml",
        "custom_keywords: [aye]",
        "custom_keywords: [[aye]]",
        "[aye]]",
        "error bad-value: an item of 'custom_keywords' must be a text or true or false or a whole number or a number,"
        " not a list",
    ),
]


@pytest.mark.parametrize(("path", "old", "new", "at", "expected"), FAULTS)
def test_each_fault_is_one_problem_at_its_place(path: str, old: str, new: str, at: str, expected: str) -> None:
    project = replaced(path, old, new)
    before = project[path].read().decode().partition(at)[0]
    place = f"{path}:{before.count(chr(10)) + 1}:{len(before.rpartition(chr(10))[2]) + 1}"

    severity, said = expected.split(" ", 1)
    assert problems(project) == [f"{severity} {place}: {said}"]


def test_every_problem_is_reported_at_once() -> None:
    project = {
        **replaced("topics/timetable.yaml", "{{fn:check_sailing}}", "{{fn:wait}}"),
        "functions/end_call.py": MemoryFile(b"def end_call(conv)\n"),
        "agent_settings/rules.txt": MemoryFile(b"Caf\xe9\n"),
    }

    assert problems(project) == [
        "error agent_settings/rules.txt:1:4: not-utf-8: the byte 0xe9 is not UTF-8 (Save the file in UTF-8.)",
        "error functions/end_call.py:1:19: python-syntax: expected ':'",
        "error topics/timetable.yaml:15:8: dangling-reference: there is no function 'wait'",
    ]


@pytest.mark.parametrize(
    "path",
    [
        "config/handoffs.yaml",
        "config/entities.yaml",
        "config/sms_templates.yaml",
        "config/variant_attributes.yaml",
        "flows/book_a_crossing/flow_config.yaml",
        "flows/book_a_crossing/steps/collect_day.yaml",
        "flows/book_a_crossing/steps/confirm.yaml",
    ],
)
def test_what_a_file_that_cannot_be_read_may_define_is_not_called_missing(path: str) -> None:
    project = {**files(), path: MemoryFile(b"a: [1\n")}

    assert [line.split(": ")[1] for line in problems(project)] == ["yaml-syntax"]


@pytest.mark.parametrize(
    ("path", "old", "new", "at"),
    [
        ("flows/book_a_crossing/steps/collect_day.yaml", "name: Collect day", "name: 1", "2:7: not-text"),
        ("config/handoffs.yaml", "- name: booking_office", "- name: [a]", "2:9: not-text"),
        ("config/handoffs.yaml", "- name: booking_office\n  description", "- description", "2:3: missing-key"),
    ],
)
def test_a_name_that_is_no_text_makes_no_second_problem(path: str, old: str, new: str, at: str) -> None:
    (problem,) = problems(replaced(path, old, new))

    assert problem.startswith(f"error {path}:{at}: ")


def test_keys_that_are_newer_than_what_is_known_here_are_no_problem() -> None:
    project = {
        **replaced("topics/timetable.yaml", "name: Timetable", "name: Timetable\nweather_source: north"),
        "config/brand_new.yaml": MemoryFile(b"things:\n- name: new\n"),
    }

    assert problems(project) == []


def test_what_a_missing_file_would_define_is_missing() -> None:
    project = {path: file for path, file in files().items() if path != "config/handoffs.yaml"}

    assert problems(project) == [
        "error agent_settings/rules.txt:3:35: dangling-reference: there is no handoff 'booking_office'"
    ]


def test_lists_and_texts_that_are_left_empty_define_and_refer_to_nothing() -> None:
    project = {
        **files(),
        "config/translations.yaml": MemoryFile(b"translations:\n"),
        "config/mcp.yaml": MemoryFile(b""),
        "voice/response_control/phrase_filtering.yaml": MemoryFile(b"phrase_filtering:\n- name: a\n  function: ''\n"),
    }

    assert problems(project) == []


def test_a_file_of_another_shape_is_one_problem() -> None:
    project = {
        **files(),
        "topics/dogs_and_bicycles.yaml": MemoryFile(b"- not a mapping\n"),
        "topics/empty.yaml": MemoryFile(b""),
        "config/handoffs.yaml": MemoryFile(b"handoffs: 5\n"),
    }

    assert problems(project) == [
        "error config/handoffs.yaml:1:11: not-list: 'handoffs' must be a list, not the number 5"
        " (Write each item in a line of its own that begins with '- '.)",
        "error topics/dogs_and_bicycles.yaml:1:1: not-mapping: the file must be a mapping, not a list",
        "error topics/empty.yaml:1:1: empty: the file is empty (It needs at least: name.)",
    ]


def test_a_name_is_only_taken_by_a_step_of_the_same_flow() -> None:
    step = PROJECT["flows/book_a_crossing/steps/confirm.yaml"].replace("{{ft:crossing_confirmed}}", "nothing")
    project = {
        **files(),
        "flows/cancel/steps/confirm.yaml": MemoryFile(step.encode()),
        "flows/book_a_crossing/steps/again.yaml": MemoryFile(step.encode()),
    }

    assert problems(project) == [
        "error flows/book_a_crossing/steps/confirm.yaml:2:7: duplicate-name: the step 'Confirm' has the same name"
        " as the one in flows/book_a_crossing/steps/again.yaml (Give each of them a name of its own.)"
    ]


def test_steps_that_a_function_of_no_flow_names_are_let_be() -> None:
    code = PROJECT["functions/end_call.py"].replace("return", 'flow.goto_step("Anywhere")\n    return')
    project = {**files(), "functions/end_call.py": MemoryFile(code.encode())}

    assert problems(project) == []


def test_a_function_behind_a_link_is_read_and_a_huge_one_is_not() -> None:
    project = {
        **files(),
        "functions/linked.py": MemoryFile(b"../shared/linked.py", FileKind.LINK),
        "shared/linked.py": MemoryFile(b"x = = 1\n"),
        "functions/generated.py": MemoryFile(b"#" * (2 * 1024 * 1024)),
    }

    assert problems(project) == [
        "error functions/generated.py: too-large: 2.0 MiB; a configuration file has at most 1 MiB"
        " (Move data that the agent does not need out of its configuration.)",
        "error functions/linked.py:1:5: python-syntax: invalid syntax",
    ]


def test_a_name_is_found_however_it_is_written_in_capitals_or_with_blanks() -> None:
    assert problems(replaced("functions/start_function.py", '"Book a crossing"', '"book_a_crossing"')) == []


SNIPPETS = [
    "",
    " ",
    "\t",
    "\n",
    "\0",
    "\r",
    ":",
    "- ",
    "[",
    "{",
    "}}",
    "&a *a",
    "<<: *a",
    "!!python/object:os.system ",
    "'",
    '"',
    "null",
    "1",
    "true",
    ".nan",
    "1e999",
    "0x_",
    "{{fn:",
    "{{fn:a}}",
    "é",
    "\ufeff",
    "\u2028",
    "#",
    "|",
    "(",
    "def ",
    "a: " * 50,
]


@given(
    path=st.sampled_from(sorted(PROJECT)),
    start=st.floats(0, 1),
    length=st.integers(0, 12),
    snippet=st.one_of(st.sampled_from(SNIPPETS), st.text(max_size=6)),
)
@settings(max_examples=150, deadline=None)
def test_whatever_is_typed_into_a_file_only_makes_problems(path: str, start: float, length: int, snippet: str) -> None:
    text = PROJECT[path]
    at = int(start * len(text))
    changed = (text[:at] + snippet + text[at + length :]).encode(errors="replace")

    found = validate({**files(), path: MemoryFile(changed)})

    lines = changed.count(b"\n") + changed.count(b"\r") + 2
    assert all(problem.path in PROJECT for problem in found)
    assert all(problem.line <= lines for problem in found if problem.path == path)


def test_every_file_of_the_sample_is_of_a_kind_or_known_to_be_none() -> None:
    none = {path for path in PROJECT if kind_of(path) is None and not re.search(r"\.(py|md|txt)$", path)}

    assert none == set()
