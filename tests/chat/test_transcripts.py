"""Conversations written down."""

from __future__ import annotations

import json

from gitagent.chat.answers import Answer, Candidate, Conversation, Pending, ToolCall
from gitagent.chat.transcripts import call_words, record, transcript
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Handoff, Meaning

MEANING = Meaning(Layout.NATIVE, handoffs=(Handoff("desk", "+442079460018"), Handoff("goodbye")))
TALK = (
    Conversation.begin(MEANING, channel="webchat", sip_headers={"X-A": "b"})
    .after(None, Answer("Hello.\n\nHow can I help?"))
    .after(
        "A table\x1b[2J", Answer("", tool_calls=(ToolCall("find", {"day": "friday", "n": 2}, {"free": [1.5, None]}),))
    )
    .after("A person", Answer("Of course.", handoff="desk"))
    .after("Bye", Answer("Goodbye.", handoff="goodbye"))
)


def test_a_transcript_is_read_from_top_to_bottom() -> None:
    assert transcript(TALK, "Bistro:\nv7, answered by embedded") == (
        "# gitagent chat: Bistro: v7, answered by embedded\n"
        "\n"
        "agent> Hello.\n"
        "\n"
        "       How can I help?\n"
        "you> A table\\x1b[2J\n"
        "agent>\n"
        '  [find(day: friday, n: 2) → {"free": [1.5, null]}]\n'
        "you> A person\n"
        "agent> Of course.\n"
        "  [handed over to desk, +442079460018: a call ends here]\n"
        "you> Bye\n"
        "agent> Goodbye.\n"
        "  [handed over to goodbye: a call ends here]\n"
    )


def test_a_call_is_told_on_one_line() -> None:
    assert call_words(ToolCall("find", {}, problem="no\nfixture")) == "find() → no fixture"
    assert call_words(ToolCall("find", {"a": "x" * 300}, "y")) == f"find(a: {'x' * 199}…) → y"
    assert call_words(ToolCall("find", {}, float("nan"))) == 'find() → "nan"'


def test_a_call_says_which_case_it_is_answered_from() -> None:
    borrowed = {"find": "finds\na table " + "x" * 100}
    assert call_words(ToolCall("find", {}, 1), borrowed) == f"find() → 1, as in the case 'finds a table {'x' * 45}…'"
    assert call_words(ToolCall("find", {}, problem="no"), borrowed) == "find() → no"
    assert call_words(ToolCall("book", {}, 1), borrowed) == "book() → 1"
    assert ", as in the case " in transcript(TALK, "Bistro", borrowed)


def test_a_record_holds_everything_that_was_said_and_how_it_came_about() -> None:
    answer = Answer(
        "Yes.",
        topic="tables",
        score=88.4,
        candidates=(Candidate("tables", 88.4, "A table"),),
        tool_calls=(ToolCall("find", {"n": float("inf")}, (1, 2)),),
        pending=Pending("book", {}, "name"),
        seconds=0.5,
        messages=({"role": "user", "content": "A table"},),
    )
    whole = record(Conversation.begin(MEANING, sip_headers={"X-A": "b"}).after("A table", answer))

    assert json.loads(json.dumps(whole, allow_nan=False)) == {
        "channel": "voice",
        "sip_headers": {"X-A": "b"},
        "turns": [
            {
                "user": "A table",
                "answer": {
                    "text": "Yes.",
                    "topic": "tables",
                    "score": 88.4,
                    "candidates": [{"topic": "tables", "score": 88.4, "like": "A table"}],
                    "tool_calls": [{"name": "find", "arguments": {"n": "inf"}, "result": [1, 2], "problem": None}],
                    "handoff": None,
                    "pending": {"tool": "book", "known": {}, "asked": "name"},
                    "seconds": 0.5,
                    "tokens": 0,
                    "messages": [{"role": "user", "content": "A table"}],
                },
            }
        ],
    }
