"""What tools answer where a case says what the services answer that they ask."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from gitagent.chat.answers import Answer, Conversation, ToolCall
from gitagent.chat.tools import Rehearsal
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Meaning, Mock, Tool

AWAY, FREE, FULL = Mock(503), Mock(200, {"free": 4}), Mock(200, {"free": 0}, times=-1)
TOOLS = (
    Tool("look_up", operations=("sea.find",)),
    Tool("book", operations=("sea.find", "sea.book", "tides.today")),
    Tool("sing"),
)


def answers(names: Sequence[str], mocks: Sequence[Mock], **others: Mock) -> list[object]:
    """What the calls come to, one a turn: the result, or the problem."""
    found = {"sea.find": tuple(mocks), **{f"sea.{name}": (mock,) for name, mock in others.items()}}
    conversation = Conversation(Meaning(Layout.ADK, tools=TOOLS), mocks=found)
    came = []
    for name in names:
        call = Rehearsal().call(conversation, name, {})
        conversation = conversation.after("", Answer("", tool_calls=(call,)))
        came.append(call.problem or call.result)
    return came


@pytest.mark.parametrize(
    ("mocks", "came"),
    [
        ([AWAY, FREE], [{"status": 503}, {"free": 4}, "the case has no further answer of sea.find"]),
        ([AWAY._replace(times=2), FULL], [{"status": 503}, {"status": 503}, {"free": 0}]),
        ([FULL], [{"free": 0}] * 3),
        ([Mock(204, times=2), Mock(404, "none")], [{"status": 204}, {"status": 204}, {"status": 404, "body": "none"}]),
        ([], ["the case has no further answer of sea.find"] * 3),
    ],
)
def test_each_call_takes_the_next_answer(mocks: Sequence[Mock], came: list[object]) -> None:
    assert answers(["look_up"] * 3, mocks) == came


def test_a_tool_that_asks_for_several_things_answers_them_by_name_and_each_counts_for_every_tool() -> None:
    assert answers(["book", "look_up"], [AWAY, FREE], book=Mock(201, "done")) == [
        {"sea.find": {"status": 503}, "sea.book": "done"},
        {"free": 4},
    ]


def test_a_call_that_could_not_be_made_takes_no_answer() -> None:
    failed = Answer("", tool_calls=(ToolCall("look_up", {}, problem="the arguments are no JSON"),))
    conversation = Conversation(Meaning(Layout.ADK, tools=TOOLS), mocks={"sea.find": (FREE,)}).after("", failed)

    assert Rehearsal().call(conversation, "look_up", {"day": 1}) == ToolCall("look_up", {"day": 1}, {"free": 4})


def test_a_fixture_comes_before_and_what_neither_answers_is_a_problem() -> None:
    conversation = Conversation(Meaning(Layout.ADK, tools=TOOLS), fixtures={"look_up": 1}, mocks={"sea.find": (FREE,)})

    assert Rehearsal().call(conversation, "look_up", {}).result == 1
    assert Rehearsal().call(conversation, "sing", {}).problem == "no fixture says what it answers"
    assert answers(["sing", "unknown"], [FREE]) == ["no fixture says what it answers"] * 2
