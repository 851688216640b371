"""Replies of a model: put together from whatever a server streams, and the topic's line taken off."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.chat.headings import Heading
from gitagent.chat.replies import LONGEST, MOST_CALLS, Asked, Gathered, Reply

KEYS = ["choices", "delta", "content", "refusal", "tool_calls", "index", "id", "function", "name", "arguments", "usage"]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


def chunk(**delta: object) -> dict[str, object]:
    return {"choices": [{"delta": delta}]}


def call(**fields: object) -> dict[str, object]:
    return chunk(tool_calls=[fields])


@given(st.lists(ODD | st.builds(lambda delta: {"choices": [{"delta": delta}]}, ODD), max_size=6))
def test_odd_chunks_bring_nothing_and_break_nothing(chunks: list[object]) -> None:
    gathered = Gathered()
    said = "".join(gathered.add(each) for each in chunks)

    reply = gathered.reply
    assert reply.text == said
    assert all(isinstance(each, str) for asked in reply.calls for each in asked)


def test_a_reply_is_the_sum_of_its_chunks() -> None:
    gathered = Gathered()
    texts = [
        gathered.add(each)
        for each in (
            chunk(content="Good "),
            chunk(content=None, refusal="day"),
            call(index=0, id="c1", function={"name": "find", "arguments": '{"a"'}),
            call(index=0, function={"arguments": ": 1}"}),
            call(function={"name": "find"}),
            {"choices": [{"delta": {}, "finish_reason": "tool_calls"}], "usage": {"total_tokens": 7}},
        )
    ]

    assert texts == ["Good ", "day", "", "", "", ""]
    assert gathered.reply == Reply("Good day", (Asked("c1", "find", '{"a": 1}'),), "tool_calls", 7)


def test_a_reply_without_end_is_taken_up_to_a_limit() -> None:
    gathered = Gathered()
    for number in range(MOST_CALLS + 5):
        gathered.add(chunk(content="x" * 50_000))
        gathered.add(call(index=number, function={"name": "find", "arguments": "x" * 2 * LONGEST}))

    reply = gathered.reply
    assert (len(reply.text), len(reply.calls), len(reply.calls[0].arguments)) == (LONGEST, MOST_CALLS, LONGEST)


def test_half_a_character_is_replaced_since_no_file_could_hold_it() -> None:
    gathered = Gathered()

    assert gathered.add(chunk(content="\ud83d!")) == "?!"


@pytest.mark.parametrize(
    ("text", "topic", "rest"),
    [
        ("topic: opening hours\nFrom nine.", "opening hours", "From nine."),
        ("Topic:  Opening Hours \n\n\nFrom\nnine.", "opening hours", "From\nnine."),
        ("**Topic: opening hours**\nFrom nine.", "opening hours", "From nine."),
        ("[topic: opening hours]\nFrom nine.", "opening hours", "From nine."),
        ("`topic: opening hours`\nFrom nine.", "opening hours", "From nine."),
        ("topic: opening hours. From nine.", "opening hours", "From nine."),
        ("topic: opening hours - From nine.\nTo ten.", "opening hours", "From nine.\nTo ten."),
        ("topic: opening", "opening", ""),
        ("topic: none\nHm.", None, "Hm."),
        ("topic: something else\nHm.", None, "Hm."),
        ("topic: openings\nHm.", None, "Hm."),
        ("topic:", None, ""),
        ("From nine.\ntopic: opening hours", None, "From nine.\ntopic: opening hours"),
        ("Topical news\nFrom nine.", None, "Topical news\nFrom nine."),
        ("\n\n top", None, "top"),
        ("", None, ""),
    ],
)
@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_line_that_names_the_topic_is_taken_off(text: str, topic: str | None, rest: str, size: int) -> None:
    heard: list[str] = []
    heading = Heading(["opening", "opening hours"], heard.append)
    for at in range(0, len(text), size):
        heading.piece(text[at : at + size])
    heading.end()

    assert (heading.topic, "".join(heard)) == (topic, rest)


def test_what_cannot_be_the_line_is_given_on_at_once() -> None:
    heard: list[str] = []
    heading = Heading(["opening"], heard.append)
    for piece in ("Fr", "om ", "nine"):
        heading.piece(piece)

    assert heard == ["Fr", "om ", "nine"]


def test_without_topics_no_line_is_looked_for() -> None:
    heard: list[str] = []
    heading = Heading([], heard.append)
    heading.piece("topic: opening\nFrom nine")
    heading.end()

    assert heard == ["topic: opening\nFrom nine"]
