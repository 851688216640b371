"""Transcripts: a conversation written down, as text and as a record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from gitagent.chat.answers import Conversation, Exchange, ToolCall
from gitagent.config.meaning.records import record_of
from gitagent.config.meaning.values import Meaning
from gitagent.config.suggestions import shortened

YOU = "you> "
AGENT = "agent> "
BEGINNING = "# gitagent chat"
"""How the text of every transcript begins."""
_LONGEST_VALUE = 200
_OWN: Mapping[str, str] = MappingProxyType({})
# What would steer a terminal on which somebody reads the file.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x09}


def transcript(conversation: Conversation, title: str, borrowed: Mapping[str, str] = _OWN) -> str:
    """The whole conversation as text, below a title that says with whom.

    `borrowed` names the cases that say what tools answer, by the tools' names, where no fixture of its own does.
    """
    lines = [f"{BEGINNING}: {_one_line(title)}", ""]
    for exchange in conversation.turns:
        lines += [*spoken(exchange), *remarks(exchange, conversation.meaning, borrowed)]
    return "\n".join(lines) + "\n"


def spoken(exchange: Exchange) -> Iterator[str]:
    """What was said in a turn, each speaker's lines below each other."""
    if exchange.user is not None:
        yield from _paragraph(YOU, exchange.user)
    yield from _paragraph(AGENT, exchange.answer.text)


def remarks(exchange: Exchange, meaning: Meaning, borrowed: Mapping[str, str] = _OWN) -> Iterator[str]:
    """What happened in a turn besides: tools that were called, and where the call went."""
    for call in exchange.answer.tool_calls:
        yield f"  [{call_words(call, borrowed)}]"
    if (name := exchange.answer.handoff) is not None:
        handoff = next((each for each in meaning.handoffs if each.name == name), None)
        number = f", {handoff.number}" if handoff is not None and handoff.number else ""
        yield f"  [handed over to {_one_line(name)}{_one_line(number)}: a call ends here]"


def call_words(call: ToolCall, borrowed: Mapping[str, str] = _OWN) -> str:
    """A tool's call on one line: what it was given, what came back, and which case says so, where one does."""
    arguments = ", ".join(f"{name}: {_short(value)}" for name, value in call.arguments.items())
    came = call.problem if call.problem is not None else _short(call.result)
    case = borrowed.get(call.name) if call.problem is None else None
    said = f", as in the case '{shortened(_one_line(case))}'" if case is not None else ""
    return _one_line(f"{call.name}({arguments}) → {came}{said}")


def record(conversation: Conversation) -> dict[str, Any]:
    """The whole conversation as an object for programs, without the agent itself."""
    return {
        "channel": conversation.channel,
        "sip_headers": dict(conversation.sip_headers),
        "turns": [{"user": each.user, "answer": _answer(each)} for each in conversation.turns],
    }


def _answer(exchange: Exchange) -> dict[str, Any]:
    values: Mapping[str, object] = exchange.answer._asdict()
    return {name: record_of(value) for name, value in values.items()}


def _paragraph(speaker: str, text: str) -> Iterator[str]:
    lead = speaker
    for line in text.splitlines() or [""]:
        yield f"{lead}{line.translate(_CONTROLS)}".rstrip()
        lead = " " * len(speaker)


def _one_line(text: str) -> str:
    return " ".join(text.split()).translate(_CONTROLS)


def _short(value: object) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(record_of(value), ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
