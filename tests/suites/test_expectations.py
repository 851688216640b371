"""What a case expects of an answer, and what is told where it does not come true."""

from __future__ import annotations

from typing import Any

import pytest

from gitagent.chat.answers import Answer, Conversation, ToolCall, Verdict
from gitagent.chat.embedded import Embedded
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Expectation, Meaning
from gitagent.suites.expectations import Heard, Miss, Unanswerable, miss

ANSWER = Answer(
    "We open at Nine,\nand close at ten.",
    topic="hours",
    tool_calls=(ToolCall("book", {"guests": 4, "name": "Ada"}, "done"),),
    seconds=0.5,
)
SILENT = Answer("Goodbye.", handoff="desk")


class Grader(Embedded):
    """A responder that grades every answer in the same way."""

    def __init__(self, holds: bool) -> None:
        super().__init__()
        self.holds = holds

    def judge(self, conversation: Conversation, question: str) -> Verdict:
        return Verdict(self.holds, "It is curt.")


def came(kind: str, value: Any, answer: Answer = ANSWER) -> str | None:
    """What is told of an expectation that does not hold; None where it holds."""
    conversation = Conversation(Meaning(Layout.NATIVE)).after("When?", answer)
    missed = miss(Expectation(kind, value, 7), Heard(conversation, (answer,)), Embedded())
    if missed is None:
        return None
    assert missed.line == 7
    assert missed.expected.startswith(f"{kind}: ")
    return missed.came


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("contains", "at nine, and"),
        ("not_contains", "eleven"),
        ("matches", r"\bN\w+e\b"),
        ("not_matches", "nine"),
        ("equals", " We open at Nine,\nand close at ten. "),
        ("topic", "hours"),
        ("tool_called", "book"),
        ("tool_called", {"name": "book", "arguments": {"guests": "4"}}),
        ("tool_called", {"name": "book"}),
        ("max_turns", 1),
        ("max_seconds", 0.5),
    ],
)
def test_what_is_expected_comes_true(kind: str, value: Any) -> None:
    assert came(kind, value) is None


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        ("contains", "eleven", ""),
        ("not_contains", "TEN", ""),
        ("matches", "nine", ""),
        ("not_matches", "N.ne", 'it holds "Nine"'),
        ("equals", "We open at nine, and close at ten.", ""),
        ("topic", "prices", 'the topic was "hours"'),
        ("handoff", "desk", "there was no handoff"),
        ("tool_called", "cancel", 'called was book({"guests": 4, "name": "Ada"})'),
        (
            "tool_called",
            {"name": "book", "arguments": {"guests": 5}},
            'called was book({"guests": 4, "name": "Ada"})',
        ),
        ("max_turns", 0, "it has had 1"),
        ("max_seconds", 0.4, "it took 0.5 s"),
        ("sounds_like", "a poem", "there is no expectation of the kind 'sounds_like'"),
    ],
)
def test_what_does_not_come_true_is_told(kind: str, value: Any, told: str) -> None:
    assert came(kind, value) == told


def test_a_handoff_without_a_topic_or_a_tool_is_told_as_that() -> None:
    assert came("handoff", "desk", SILENT) is None
    assert came("handoff", "sales", SILENT) == 'the handoff was "desk"'
    assert came("topic", "hours", SILENT) == "there was no topic"
    assert came("tool_called", "book", SILENT) == "no tool was called"


def test_only_a_model_can_judge() -> None:
    heard = Heard(Conversation(Meaning(Layout.NATIVE)).after(None, SILENT), (SILENT,))
    polite = Expectation("judge", "Is it polite?", 3)

    with pytest.raises(Unanswerable, match="only a model can judge: --responder openai"):
        miss(polite, heard, Embedded())
    assert miss(polite, heard, Grader(holds=True)) is None
    assert miss(polite, heard, Grader(holds=False)) == Miss(3, "judge: Is it polite?", "no: It is curt.")
