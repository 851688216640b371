"""Conversations turned into cases, and put into a suite."""

from __future__ import annotations

from typing import Any

import pytest

from gitagent.chat.answers import Answer, Conversation, ToolCall
from gitagent.chat.cases import case_of, name_of, with_case
from gitagent.config.files import MemoryFile
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Meaning
from gitagent.config.validation import validate
from gitagent.config.yaml import load
from gitagent.errors import Refused

BLANK = Conversation.begin(Meaning(Layout.NATIVE))
CALLS = (ToolCall("find", {}, [1]), ToolCall("no", {}, problem="x"))
TALK = (
    Conversation.begin(Meaning(Layout.NATIVE), channel="webchat", sip_headers={"X-A": "b"})
    .after(None, Answer("Hello, this is Bistro. How can I help?"))
    .after(" A table\nfor two ", Answer("When?", topic="tables"))
    .after("Friday", Answer("Found.", topic="tables", tool_calls=CALLS))
    .after("What?", Answer("I do not know.\nReally not."))
    .after("A person", Answer("Of course.", handoff="desk"))
)
CASE = {"name": "asks", "turns": [{"user": "Hello", "expect": [{"contains": "Hi"}]}]}


def test_a_case_says_what_was_said_and_what_it_came_to() -> None:
    assert case_of(TALK, "books", variables={"day": "friday"}, responder="embedded", variant="East") == {
        "name": "books",
        "variant": "East",
        "variables": {"day": "friday"},
        "fixtures": {"find": [1]},
        "channel": "webchat",
        "sip_headers": {"X-A": "b"},
        "turns": [
            {"expect": [{"contains": "Hello, this is Bistro."}]},
            {"user": " A table\nfor two ", "expect": [{"topic": "tables"}]},
            {"user": "Friday", "expect": [{"topic": "tables"}, {"tool_called": "find"}, {"tool_called": "no"}]},
            {"user": "What?", "expect": [{"contains": "I do not know."}]},
            {"user": "A person", "expect": [{"handoff": "desk"}]},
        ],
    }


def test_the_words_of_a_model_are_not_expected_again() -> None:
    case = case_of(TALK, "books", variables={}, responder="openai:small")
    assert [turn.get("expect") for turn in case["turns"]][0::3] == [None, None]


def test_a_case_is_called_by_what_was_said_first() -> None:
    assert name_of(TALK) == "A table for two"
    assert name_of(BLANK) == name_of(BLANK.after("\x1b", Answer(""))) == "greets"
    assert name_of(BLANK.after("x" * 500, Answer(""))) == "x" * 100


def test_a_new_suite_is_valid() -> None:
    content = with_case(
        None, "tests/from_chat.yaml", case_of(TALK, "books", variables={}, responder="openai:x")
    ).content
    agent = b"name: x\nhandoffs: [{name: desk, number: '+442079460018'}]\n"
    files = {
        "agent.yaml": MemoryFile(agent),
        "topics/tables.yaml": MemoryFile(b"name: tables\n"),
        "tools/find.yaml": MemoryFile(b"name: find\ndescription: Finds\n"),
        "tools/no.yaml": MemoryFile(b"name: 'no'\ndescription: No\n"),
        "tests/from_chat.yaml": MemoryFile(content),
    }
    assert validate(files) == []


@pytest.mark.parametrize(
    "suite",
    [
        "cases:\n- name: a\n  turns: [{user: x}]\n",
        "# Ours\nname: s\ncases: # all\n      - turns:\n          - user: x\n        name: a # why\n\n",
        "cases:\n  -   name: a\n      turns:\n      - user: |-\n          x\n           y",
        "cases: \r\n  - name: a\r\n    turns: [{user: x}]\r\n",
        "cases:\n  - name: ä\n    turns: [{user: ü}]\n  # the last word\n",
    ],
)
def test_what_stands_in_a_suite_stays_as_it_is(suite: str) -> None:
    added = with_case(suite.encode(), "tests/s.yaml", CASE).content
    value, before = load(added), load(suite.encode())

    assert added.decode().startswith(suite)
    assert isinstance(value, dict)
    assert isinstance(before, dict)
    assert value == {**before, "cases": [*before["cases"], CASE]}


def names(content: bytes) -> list[Any]:
    value = load(content)
    assert isinstance(value, dict)
    return [case["name"] for case in value["cases"]]


def test_a_name_that_is_taken_is_given_a_number() -> None:
    added = [with_case(None, "s.yaml", CASE)]
    for name in ("asks", "ASKS", "y" * 100, "y" * 100):
        added.append(with_case(added[-1].content, "s.yaml", {**CASE, "name": name}))

    assert [each.name for each in added] == names(added[-1].content)
    assert [each.line for each in added] == [3, 8, 13, 18, 23]
    assert names(added[-1].content) == ["asks", "asks (2)", "ASKS (3)", "y" * 100, f"{'y' * 93} (2)"]


@pytest.mark.parametrize("name", ["yes", "1", "# no", "a: b", "- c", "'", '"', "\\", "{", "ä", "🙂", "null", "x" * 100])
def test_whatever_is_said_comes_back_as_it_was(name: str) -> None:
    said = [name, f"{name}\n{name}", f" {name} ", f"\t{name}", "\x1b", "\u2028", "\ud83d\ude42"]
    turns = [{"user": text.encode("utf-16", "surrogatepass").decode("utf-16")} for text in said]
    case = {"name": name, "turns": turns}
    content = with_case(with_case(None, "s.yaml", CASE).content, "s.yaml", case).content

    value = load(content)
    assert isinstance(value, dict)
    assert value["cases"] == [CASE, case]


@pytest.mark.parametrize(
    "suite",
    [
        "",
        "cases: []\n",
        "cases: {}\n",
        "- a\n",
        "cases: [\n",
        "cases: [{name: a, turns: []}]\n",
        "cases:\n- name: a\nname: s\n",
        "cases:\n-\n  name: a\n...\n",
        "\xff",
    ],
)
def test_a_file_to_which_nothing_can_be_added_is_refused_and_stays(suite: str) -> None:
    with pytest.raises(Refused) as caught:
        with_case(suite.encode("latin-1"), "tests/s.yaml", CASE)

    assert (caught.value.code, caught.value.message) == ("suite-unreadable", "a case cannot be added to tests/s.yaml")
