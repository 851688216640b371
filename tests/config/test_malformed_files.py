"""Malformed suites and topics: hundreds of files with one fault each, which is told by its code, at its line."""

from __future__ import annotations

import pytest
from support.checking import files, lines
from support.malformed import (
    LIST,
    MAPPING,
    MAPPINGS,
    NOTHING,
    NUMBER,
    SAID,
    TEXT,
    TRUTH,
    Fault,
    Sound,
)

from gitagent.config.validation import validate

AGENT = 'name: A\nvariables: {hours: noon}\nhandoffs: [{name: desk, number: "+442079460018"}]\n'
TOPIC = """\
name: opening hours
enabled: true
example_queries:
- When are you open?
content: We are open from ${hours}.
actions:
- tool: book
  when: somebody asks for a table
"""
SUITE = """\
name: all
description: what callers ask
fixtures:
  book: 1
cases:
- name: one
  channel: voice
  variables:
    hours: ten
  sip_headers:
    X-Queue: vip
  turns:
  - user: When are you open?
    expect:
    - contains: ten
    - not_contains: closed
    - matches: t.n
    - not_matches: sorry
    - equals: We are open from ten.
    - topic: opening hours
    - tool_called: book
    - handoff: desk
    - max_turns: 3
    - max_seconds: 1.5
    - judge: Is it kind?
"""
NATIVE = {"agent.yaml": AGENT, "tools/book.yaml": "name: book\ndescription: d\n", "topics/open.yaml": TOPIC}
PATTERNS = {
    "'('": "bad-pattern", "')'": "bad-pattern", "'['": "bad-pattern", "'*a'": "bad-pattern", "'a{2,1}'": "bad-pattern",
    "'(?P<a'": "bad-pattern", "'(?P<1>a)'": "bad-pattern", "'(?<=a*)b'": "bad-pattern", "'[b-a]'": "bad-pattern",
    "'\\'": "bad-pattern", "'(?z)a'": "bad-pattern", "'a(?i)'": "bad-pattern", "'(?P=a)'": "bad-pattern",
    "'\\1'": "bad-pattern", "'a**'": "bad-pattern", "'(?(2)a|b)'": "bad-pattern", "'a{99999999999}'": "bad-pattern",
    "'(?P<a>a)(?P<a>b)'": "bad-pattern", "'\\q'": "bad-pattern", "x" * 2001: "bad-pattern",
}  # fmt: skip
CALLED = {
    "7": "bad-value", "[book]": "bad-value", "": "bad-value", "''": "empty", "books": "unknown-tool", "{}": "bad-call",
    "{name: 7}": "bad-call", "{arguments: {}}": "bad-call", "{name: books}": "unknown-tool",
    "{name: book, arguments: 7}": "not-mapping",
    "{name: book, argument: {}}": "unknown-key", "{name: book, arguments: [2]}": "not-mapping",
}  # fmt: skip
NAME = {**TEXT, **NOTHING, **SAID}
TOPICS = Sound(
    "topics/open.yaml",
    TOPIC,
    NATIVE,
    wrong={
        "name": {**NAME, "x" * 101: "too-long"},
        "enabled": {**TRUTH, "": "not-truth-value"},
        "example_queries": {**LIST, "": "not-list", "[7]": "not-text", "[{a: b}]": "not-text", "[' ']": "empty"},
        "content": {**TEXT, **NOTHING, "'${hour}'": "unknown-variable", "'${a b}'": "bad-reference"},
        "actions": {
            **MAPPINGS, "": "not-list", "[{}]": "bad-action", "[{when: x}]": "bad-action",
            "[{tool: book, handoff: desk}]": "bad-action", "[{handoff: desks}]": "unknown-handoff",
        },
        "tool": {**TEXT, **NOTHING, "''": "empty", "books": "unknown-tool"},
        "when": {**TEXT, **NOTHING, "''": "empty"},
    },
    unknown={},
)  # fmt: skip
"""A topic of the native layout."""
SUITES = Sound(
    "tests/all.yaml",
    SUITE,
    NATIVE,
    wrong={
        "name": {**NAME, "x" * 101: "too-long"},
        "description": {**TEXT, **NOTHING},
        "fixtures": {**MAPPING, "": "not-mapping", "{books: 1}": "unknown-tool"},
        "cases": {**MAPPINGS, "": "not-list", "[]": "empty", "[{}]": "missing-key", "[{name: x}]": "missing-key"},
        "channel": {"fax": "not-allowed", "Voice": "not-allowed", "7": "not-allowed", "": "not-allowed"},
        "variables": {**MAPPING, "": "not-mapping", "{hour: 1}": "unknown-variable"},
        "hours": {"": "bad-variable", "[a]": "bad-variable", "{a: b}": "bad-variable"},
        "sip_headers": {**MAPPING, "": "not-mapping", "{a b: c}": "bad-header", "{a: 7}": "not-text"},
        "X-Queue": {**TEXT, **NOTHING, '"a\\nb"': "bad-header"},
        "turns": {**MAPPINGS, "": "not-list", "[]": "empty", "[{}, {}]": "missing-key", "[{user: ''}]": "empty"},
        "user": {**TEXT, **NOTHING, "''": "empty"},
        "expect": {**MAPPINGS, "": "not-list", "[{}]": "empty"},
        "contains": NAME,
        "not_contains": NAME,
        "matches": {**TEXT, **NOTHING, "''": "empty", **PATTERNS},
        "not_matches": {**TEXT, **NOTHING, "''": "empty", **PATTERNS},
        "equals": {**TEXT, **NOTHING},
        "topic": {**TEXT, **NOTHING, "''": "empty", "opening": "unknown-topic", "Opening hours": "unknown-topic"},
        "tool_called": CALLED,
        "handoff": {**TEXT, **NOTHING, "''": "empty", "desks": "unknown-handoff"},
        "max_turns": {**NUMBER, "": "not-number", "0": "out-of-range", "-1": "out-of-range", "1.5": "not-number"},
        "max_seconds": {
            **NUMBER,
            "": "not-number",
            "0": "out-of-range",
            ".inf": "out-of-range",
            ".nan": "out-of-range",
        },
        "judge": NAME,
    },
    unknown={"book": "unknown-tool", "hours": "unknown-variable", "X-Queue": ""},
)
"""A suite, which every layout may have."""

ADK = {
    "project.yaml": "region: uk-1\naccount_id: a\nproject_id: p\n",
    "functions/book.py": "def book(conv):\n    return {}\n",
    "config/handoffs.yaml": "handoffs:\n- name: desk\n  sip_config:\n    method: bye\n",
}
ADK_TOPICS = Sound(
    "topics/open.yaml",
    """\
name: opening hours
enabled: true
tags: [front]
example_queries:
- When are you open?
content: From ten.
actions: Call {{fn:book}}, or hand over to {{ho:desk}}.
""",
    ADK,
    wrong={
        "name": {**TEXT, **NOTHING, "''": "empty"},
        "enabled": {**TRUTH, "": "not-truth-value"},
        "tags": {**LIST, "[7]": "not-text"},
        "example_queries": {
            **LIST,
            "[7]": "not-text",
            f"[{', '.join(map(repr, 'abcdefghijklmnopqrstu'))}]": "too-long",
        },
        "content": {**TEXT, "'{{fn:books}}'": "dangling-reference"},
        "actions": {**TEXT, "'{{ho:desks}}'": "dangling-reference", "'{{attr:a}}'": "dangling-reference"},
    },
    unknown={"name": "missing-key"},
)
ADK_TESTS = Sound(
    "test_suite/books.yaml",
    """\
name: books
scenario: Somebody wants a table.
channel: webchat
language: en-GB
tags: [front]
simulated_at: 2026-03-02T09:00:00Z
caller_number: anonymous
sip_headers:
  X-Queue: vip
integration_attributes:
  vip: 1
api_mocks:
  desk:
    find:
    - respond:
        status: 200
      repeat: 1
prompt_assertions:
- It asks for a name.
function_call_assertions:
- name: book
  is_asserted: true
  arguments:
  - parameter_name: guests
    value_type: integer
""",
    ADK,
    wrong={
        "name": {**TEXT, **NOTHING, "''": "empty"},
        "scenario": TEXT,
        "channel": {"fax": "not-allowed", "7": "not-allowed"},
        "language": TEXT,
        "tags": {**LIST, "[7]": "not-text"},
        "simulated_at": {**TEXT, "yesterday": "bad-time", "2026-13-01": "bad-time"},
        "caller_number": TEXT,
        "sip_headers": {**MAPPING, "{a b: c}": "bad-header", "{a: [b]}": "bad-value"},
        "X-Queue": {"[a]": "bad-value", '"a\\nb"': "bad-header"},
        "integration_attributes": MAPPING,
        "api_mocks": MAPPING,
        "desk": {**MAPPING, "": "not-mapping"},
        "find": {**MAPPINGS, "": "not-list", "[{}]": "missing-key"},
        "respond": {**MAPPING, "": "not-mapping", "{}": "missing-key"},
        "status": {**NUMBER, "": "not-number", "99": "out-of-range", "600": "out-of-range", "2.5": "not-number"},
        "repeat": {**NUMBER, "-2": "out-of-range"},
        "prompt_assertions": {**LIST, "[7]": "not-text", "['']": "empty"},
        "function_call_assertions": {**MAPPINGS, "[{}]": "missing-key", "[{name: books}]": "dangling-reference"},
        "is_asserted": TRUTH,
        "arguments": {**MAPPINGS, "[{}]": "missing-key"},
        "parameter_name": {**TEXT, **NOTHING, "''": "empty"},
        "value_type": {"text": "not-allowed", "7": "not-allowed"},
    },
    unknown={
        **dict.fromkeys(("X-Queue", "vip", "desk", "find"), ""),
        **dict.fromkeys(("name", "respond", "status", "parameter_name"), "missing-key"),
    },
)

WHOLE = {
    "": "empty", "# nothing yet\n": "empty", "- name: x\n": "not-mapping", "a text\n": "not-mapping",
    "7\n": "not-mapping",
    "null\n": "empty", "[]\n": "not-mapping", "--- {}\n--- {}\n": "several-documents", "{}\n": "missing-key",
    "name: x\0\n": "bad-character", "\ufeff\ufeffname: x\n": "bad-character", "x: &a [*a]\n": "alias-loop",
    "[" * 200 + "\n": "too-deep", "<<: 7\n": "bad-merge",
}  # fmt: skip
"""What no file can hold, by its code."""


def _faults() -> list[Fault]:
    sound = [TOPICS, SUITES, ADK_TOPICS, ADK_TESTS]
    whole = [
        Fault(
            repr(text[:20]), {**each.others, each.path: text}, each.path, 2 if code.startswith("several") else 1, code
        )
        for each in sound
        for text, code in WHOLE.items()
    ]
    return [*(fault for each in sound for fault in each.faults()), *whole]


FAULTS = _faults()


@pytest.mark.parametrize("sound", [TOPICS, SUITES, ADK_TOPICS, ADK_TESTS], ids=lambda each: each.path)
def test_each_is_sound_without_its_fault(sound: Sound) -> None:
    assert lines(validate(files({**sound.others, sound.path: sound.text}))) == []


def test_there_are_many_and_no_two_alike() -> None:
    assert len({(fault.path, fault.contents[fault.path]) for fault in FAULTS}) > 1500


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_is_told_by_its_code_at_its_line(fault: Fault) -> None:
    problems = validate(files(fault.contents))

    told = [problem for problem in problems if (problem.code, problem.line) == (fault.code, fault.line)]
    assert told, "\n".join(lines(problems))
    assert {problem.path for problem in problems if problem.severity == "error"} <= {fault.path}
    assert all(1 <= len(problem.message) <= 200 for problem in problems)


@pytest.mark.parametrize("opened", ["[a, b", "{a: b"])
def test_what_is_never_closed_is_told_with_the_line_in_which_it_opens(opened: str) -> None:
    text = SUITE.replace("ten\n    - not", f"{opened}\n    - not")
    (problem,) = validate(files({**NATIVE, "tests/all.yaml": text}))

    assert (problem.code, problem.line) == ("yaml-syntax", 16)
    assert problem.hint is not None
    assert problem.hint.startswith("A bracket or brace opened in line 15 is not closed;")
