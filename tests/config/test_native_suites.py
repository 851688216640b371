"""Suites: what cases expect must be there to be expected."""

from __future__ import annotations

import pytest
from support.checking import told

AGENT = 'name: A\nvariables: {hours: noon}\nhandoffs: [{name: desk, number: "+442079460018"}]\n'
TOPIC = "name: opening hours\n"
TOOL = "name: book\ndescription: d\n"


def suite(text: str) -> list[str]:
    contents = {"agent.yaml": AGENT, "topics/o.yaml": TOPIC, "tools/b.yaml": TOOL, "tests/s.yaml": text}
    return [line.replace("tests/s.yaml:", "", 1) for line in told(contents)]


def expecting(text: str) -> list[str]:
    """What is told of one expectation; it begins at column 1 of line 7."""
    return suite(f"cases:\n- name: x\n  turns:\n  - user: hi\n    expect:\n    - \n     {text}\n")


def test_a_whole_suite_is_fine() -> None:
    assert (
        suite(
            "name: all\ndescription: d\nfixtures: {book: {ok: true}}\ncases:\n"
            "- name: one\n  variables: {hours: '9'}\n  fixtures: {book: [1]}\n  turns:\n"
            "  - expect: [{contains: hello}]\n"
            "  - user: a table\n    expect: [{topic: opening hours, not_contains: x}, {tool_called: book},"
            " {tool_called: {name: book, arguments: {guests: 2}}}, {tool_called: {name: book}},"
            " {handoff: desk},"
            " {matches: '(?i)x'}, {not_matches: y}, {equals: ''}, {max_turns: 3}, {max_seconds: 1.5}, {judge: kind}]\n"
            "- name: two\n  turns: [{user: hi}]\n"
        )
        == []
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{topic: opening}", "14: unknown-topic: there is no topic 'opening' -> Did you mean 'opening hours'?"),
        ("{tool_called: xyz}", "20: unknown-tool: there is no tool 'xyz' -> There is: 'book'."),
        ("{handoff: desks}", "16: unknown-handoff: there is no handoff 'desks' -> Did you mean 'desk'?"),
        ("{}", "6: empty: the expectation is empty -> Write what is expected, such as 'contains: name'."),
        (
            "{matches: '['}",
            "16: bad-pattern: not a regular expression: unterminated character set"
            " -> Use 'contains' for plain text; a backslash needs single quotes or none in YAML.",
        ),
        (
            "{not_matches: 'a{99999999999}'}",
            "20: bad-pattern: not a regular expression: it is too large"
            " -> Use 'contains' for plain text; a backslash needs single quotes or none in YAML.",
        ),
        (
            f"{{matches: {'x' * 2001}}}",
            "16: bad-pattern: the regular expression is longer than 2000 characters -> Split it into several.",
        ),
        ("{max_turns: 0}", "18: out-of-range: 'max_turns' must be at least 1, not 0"),
        ("{max_turns: 1.5}", "18: not-number: 'max_turns' must be a whole number, not the number 1.5"),
        ("{max_seconds: 0}", "20: out-of-range: 'max_seconds' must be more than 0, not 0"),
        ("{contain: x}", "7: unknown-key: 'contain' is not known here -> Did you mean 'contains'?"),
    ],
)
def test_an_expectation_is_checked(text: str, expected: str) -> None:
    assert expecting(text) == [f"7:{expected}"]


def test_a_pattern_that_python_will_read_otherwise_one_day_is_fine() -> None:
    assert expecting("{matches: '[[a]'}") == []


def test_only_the_first_turn_may_say_nothing() -> None:
    assert suite("cases: [{name: x, turns: [{}, {}]}]\n") == [
        "1:31: missing-key: 'user' is missing -> Only the first turn may do without: it checks the greeting."
    ]


def test_cases_have_names_of_their_own() -> None:
    assert suite("cases:\n- {name: x, turns: [{}]}\n- {name: X, turns: [{}]}\n") == [
        "3:10: duplicate-name: the case 'X' is defined twice, first in tests/s.yaml:2:10"
        " -> Give each a name of its own."
    ]


def test_fixtures_and_variables_are_of_the_agent() -> None:
    case = "{name: x, turns: [{}], fixtures: {boook: 1}, variables: {hour: 1, hours: [], other: 2}}"

    assert suite(f"fixtures: {{zzz: 1}}\ncases: [{case}]\n") == [
        "1:12: unknown-tool: there is no tool 'zzz' -> There is: 'book'.",
        "2:43: unknown-tool: there is no tool 'boook' -> Did you mean 'book'?",
        "warning: 2:66: unknown-variable: there is no variable 'hour' -> Did you mean 'hours'?",
        "2:82: bad-variable: the variable 'hours' must be a text, a number, true or false -> Give it one value.",
        "warning: 2:86: unknown-variable: there is no variable 'other' -> Add it to 'variables' in agent.yaml.",
    ]


def test_no_variable_is_unknown_while_the_agent_file_cannot_be_read() -> None:
    contents = {"agent.yaml": "name: [\n", "tests/s.yaml": "cases: [{name: x, turns: [{}], variables: {a: 1}}]\n"}

    assert [line.split(": ")[1] for line in told(contents)] == ["yaml-syntax"]


@pytest.mark.parametrize(
    ("parameters", "warned"),
    [
        ("{type: object, properties: {ticket: {type: string}}}", True),
        ("{type: object, properties: {ticket: {type: string}}, additionalProperties: false}", True),
        ("{type: object, properties: {ticket: {type: string}}, additionalProperties: true}", False),
        ("{type: object, properties: {ticket: {type: string}}, anyOf: [{required: [ticket]}]}", False),
        ("{type: object}", False),
    ],
)
def test_an_argument_that_a_tool_does_not_take_is_warned_of(parameters: str, warned: bool) -> None:
    call = "{tool_called: {name: find, arguments: {ticket: 1, tickt: 412}}}"
    contents = {
        "agent.yaml": AGENT,
        "tools/f.yaml": f"name: find\ndescription: d\nparameters: {parameters}\n",
        "tests/s.yaml": f"cases: [{{name: x, turns: [{{user: hi, expect: [\n{call}]}}]}}]\n",
    }
    message = "the tool 'find' takes no argument 'tickt' -> Did you mean 'ticket'?"
    assert told(contents) == ([f"warning: tests/s.yaml:2:51: unknown-argument: {message}"] if warned else [])
