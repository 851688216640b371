"""What an ADK project says, as the model of every layout."""

from __future__ import annotations

import pytest
from support.ferries import PROJECT

from gitagent.config.files import MemoryFile
from gitagent.config.layouts import Layout
from gitagent.config.meaning import meaning_of
from gitagent.config.meaning.values import (
    Action,
    Case,
    Channel,
    Expectation,
    Flow,
    Handoff,
    Meaning,
    Mock,
    Step,
    Suite,
    Tool,
    Topic,
    Way,
)

FLOW = "flows/book_a_crossing"


def meaning(**changes: str) -> Meaning:
    """The project's meaning, some files changed or added; `__` stands for `/`."""
    texts = {**PROJECT, **{path.replace("__", "/"): text for path, text in changes.items()}}
    return meaning_of({path: MemoryFile(text.encode()) for path, text in texts.items()})


def test_who_it_is_and_how_it_speaks() -> None:
    found = meaning()

    assert (found.layout, found.name, found.language) == (Layout.ADK, "Northsound Ferries", "en-GB")
    assert found.greeting == "Northsound Ferries at {{attr:harbour_name}}, how can I help?"
    assert found.channels == (
        Channel("voice", found.greeting, "Short sentences. Numbers one digit at a time.", "en-GB"),
        Channel("webchat", "Hello from Northsound Ferries.", "", "en-GB"),
    )
    assert found.prompt.splitlines()[:3] == [
        "You answer the telephone of {{attr:harbour_name}}. You are patient and exact.",
        "",
        "Say times as people say them.",
    ]


def test_topics_are_those_of_every_folder_and_their_actions_name_functions_and_handoffs() -> None:
    instructions = (
        "Name the next two sailings only.\n\n## If the weather is rough\nCall {{fn:check_sailing}}('next') first."
    )
    topics = {topic.name: topic for topic in meaning().topics}

    assert [*topics] == ["Parking at the west quay", "Dogs & bicycles", "Timetable"]
    assert topics["Timetable"] == Topic(
        "Timetable",
        ("When does the next ferry leave?", "Do you sail on Sundays?"),
        "Ferries leave every two hours from six in the morning.\nOn Sundays the first one leaves at eight.",
        (Action("check_sailing", None, "If the weather is rough: Call {{fn:check_sailing}}('next') first."),),
        instructions,
        path="topics/timetable.yaml",
        line=1,
    )


def test_functions_are_tools_and_what_runs_by_itself_is_none() -> None:
    sailing = {"sailing": {"type": "string", "description": "Which sailing, such as 'next'"}}
    assert meaning().tools == (
        Tool(
            "crossing_confirmed",
            "The caller has agreed to the day and the number of passengers.",
            {"type": "object", "properties": {}, "required": []},
            flow="book_a_crossing",
            path=f"{FLOW}/functions/crossing_confirmed.py",
            line=5,
        ),
        Tool(
            "check_sailing",
            "Find out whether a sailing goes ahead.",
            {"type": "object", "properties": sailing, "required": ["sailing"]},
            path="functions/check_sailing.py",
            line=6,
            operations=("sailings.find_sailing",),
        ),
        Tool(
            "end_call",
            "End the call after a farewell.",
            {"type": "object", "properties": {}, "required": []},
            path="functions/end_call.py",
            line=5,
        ),
    )


def test_parameters_come_from_the_signature() -> None:
    code = 'async def f(conv, a, /, b: int, *rest, c: float = 1, d: "x", e: Other = None, **more):\n    """Does f."""\n'
    (tool,) = (tool for tool in meaning(functions__f=code, **{"functions__f.py": code}).tools if tool.name == "f")

    assert tool.description == "Does f."
    assert tool.parameters == {
        "type": "object",
        "properties": {"a": {}, "b": {"type": "integer"}, "c": {"type": "number"}, "d": {}, "e": {}},
        "required": ["a", "b", "d"],
    }


def test_a_tool_asks_services_for_what_its_code_is_seen_to_call() -> None:
    code = (
        "def f(conv: Conversation):\n    a = conv.api.sailings.find_sailing('x').json()\n    help(conv)\n"
        "def help(conv):\n    conv.api.sailings.book(day=conv.api.tides.today())\n    conv.api.sailings.book()\n"
        "    conv.api.tides\n    conv.log.info('x')\n    conv.state.tides.today()\n"
    )
    (tool,) = (tool for tool in meaning(**{"functions__f.py": code}).tools if tool.name == "f")

    assert sorted(tool.operations) == ["sailings.book", "sailings.find_sailing", "tides.today"]


def test_handoffs_flows_and_variants_are_read() -> None:
    found = meaning()

    assert found.handoffs == (
        Handoff(
            "booking_office", "+441632960018", {"X-Reason": "caller-asked"}, "The people at the quay", default=True
        ),
        Handoff("goodbye", None, {}, "Hang up"),
    )
    assert [(flow.name, flow.start, [step.name for step in flow.steps]) for flow in found.flows] == [
        ("Book a crossing", "Collect day", ["Collect day", "Confirm", "reserve_places"])
    ]
    assert isinstance(found.flows[0], Flow)
    assert isinstance(found.flows[0].steps[0], Step)
    assert found.flows[0].steps[0].ways == (
        Way("Confirm", "The caller has said on which day they travel", ("travel_day",), "day is known"),
        Way(None, "The caller does not want to travel after all", (), "changed their mind"),
    )
    assert found.variables == {"harbour_name": "the east quay", "car_deck": True}
    assert found.variants["West Quay"] == {"harbour_name": "the west quay", "car_deck": False}


def test_a_test_is_a_scenario_and_what_is_expected_of_the_whole() -> None:
    (suite,) = meaning().suites

    assert suite == Suite("test_suite", "test_suite", cases=suite.cases)
    assert suite.cases[0] == Case(
        "Books a crossing",
        "test_suite/books_a_crossing.yaml",
        1,
        channel="voice",
        sip_headers={"X-Purpose": "booking", "X-Attempt": "2"},
        language="en-GB",
        variant="West Quay",
        caller="+447700900456",
        at="2030-01-15T09:30:00Z",
        tags=("smoke",),
        scenario="You want to travel tomorrow with two children.",
        expect=(
            Expectation("judge", "The agent repeats the day before it books", 26),
            Expectation("tool_called", "crossing_confirmed", 28),
            Expectation("tool_called", {"name": "check_sailing", "arguments": {"sailing": "next"}}, 29),
        ),
        mocks={"sailings.find_sailing": (Mock(503), Mock(200, {"state": "goes ahead"}))},
    )


def test_a_call_that_is_not_asserted_is_not_expected() -> None:
    text = "name: x\nfunction_call_assertions:\n- {name: a, is_asserted: false}\n- {name: b, is_asserted: true}\n"
    (suite,) = meaning(**{"test_suite/books_a_crossing.yaml": text}).suites

    assert suite.cases[0].expect == (Expectation("tool_called", "b", 4),)


def test_suites_in_the_native_form_stand_beside_those_of_the_adk() -> None:
    text = "cases:\n- name: greets\n  variant: West Quay\n  turns: [{expect: [{contains: Northsound}]}]\n"
    suites = meaning(**{"tests__own.yaml": text}).suites

    assert [suite.name for suite in suites] == ["test_suite", "own"]
    assert [case.variant for suite in suites for case in suite.cases] == ["West Quay", "West Quay"]


def test_references_are_filled_as_far_as_their_values_are_known() -> None:
    extra = "name: x\ncontent: '{{attr:harbour_name}} {{vrbl:caller}} {{tn:farewell}} {{attr:none}} {{fn:end_call}}'\n"
    found = meaning(**{"topics__x.yaml": extra})

    def said(filled: Meaning) -> str:
        return next(topic.content for topic in filled.topics if topic.name == "x")

    rest = "Have a smooth crossing. {{attr:none}} {{fn:end_call}}"
    assert said(found.filled()) == f"the east quay {{{{vrbl:caller}}}} {rest}"
    assert said(found.filled({"caller": "Ann"}, variant="West Quay")) == f"the west quay Ann {rest}"
    assert found.filled().greeting == "Northsound Ferries at the east quay, how can I help?"


def test_a_channel_has_its_own_greeting_style_and_language() -> None:
    found = meaning().filled()

    assert found.on("webchat").greeting == "Hello from Northsound Ferries."
    assert found.on("voice").prompt == f"{found.prompt}\n\nShort sentences. Numbers one digit at a time."
    assert found.on(None) == found.on("fax") == found


def test_everything_else_is_named_with_the_reason() -> None:
    found = meaning()
    named = {each.path for each in found.unread}
    read = {"agent_settings/persona.txt", "agent_settings/rules.txt", "chat/configuration.yaml"}
    read |= {path for path in PROJECT if path.startswith(("topics/dogs", "child_topics"))}
    read |= {f"{FLOW}/flow_config.yaml"}

    assert PROJECT.keys() - named == read
    assert not [each for each in found.unread if each.broken or not each.why]


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("functions/check_sailing.py", "def check_sailing(:\n", "Python cannot read it"),
        ("functions/check_sailing.py", "def other(): ...\n", "defines no function 'check_sailing'"),
        ("functions/check_sailing.py", "x = '" + "(" * 3 + "\0'\n", "Python cannot read it"),
        ("config/handoffs.yaml", "handoffs: {}\n", "not a list"),
        ("config/handoffs.yaml", "handoffs: [{name: a, is_default: 7}]\n", "neither true nor false"),
        ("config/variant_attributes.yaml", "attributes: [{name: a, values: b}]\n", "holds no keys"),
        ("topics/timetable.yaml", "name: a\nactions: [a]\n", "not a text"),
        ("voice/configuration.yaml", "greeting: Hello\n", "holds no keys"),
        ("test_suite/books_a_crossing.yaml", "function_call_assertions: [a]\n", "holds no keys"),
        (f"{FLOW}/steps/confirm.yaml", "conditions: 5\n", "not a list"),
        ("project.yaml", "a: [\n", "cannot be read: did not find expected node content"),
    ],
)
def test_what_cannot_be_read_is_named(path: str, text: str, why: str) -> None:
    broken = [(each.path, each.why) for each in meaning(**{path: text}).unread if each.broken]

    assert broken == [(path, why)]


def test_an_older_project_has_a_role_and_a_personality() -> None:
    found = meaning_of(
        {
            path: MemoryFile(text.encode())
            for path, text in {
                "project.yaml": "project_id: x\n",
                "agent_settings/role.yaml": "value: Receptionist\nadditional_info: At the quay\n",
                "agent_settings/personality.yaml": "custom: Be brief.\n"
                "adjectives: {Kind: true, Calm: true, A: false}\n",
            }.items()
        }
    )
    assert found.prompt == "Receptionist\n\nAt the quay\n\nKind, Calm\n\nBe brief."
