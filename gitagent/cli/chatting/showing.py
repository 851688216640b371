"""Showing: turns, the reasons for an answer, and two answers beside each other, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from typing import TYPE_CHECKING

from gitagent.chat.transcripts import call_words, remarks, spoken
from gitagent.cli.cells import pad, plain, wrap

if TYPE_CHECKING:
    from gitagent.chat.answers import Answer, Exchange
    from gitagent.cli.chatting.talk import Side
    from gitagent.cli.screen import Screen
    from gitagent.config.meaning.values import Meaning

BESIDE_FROM = 90
"""The width from which two answers stand beside each other."""
_GAP = 3
_LONGEST_MESSAGE = 2000


def turn_lines(exchange: Exchange, meaning: Meaning, screen: Screen, *, echo: bool) -> Iterator[str]:
    """A turn; with `echo`, what the user said, too."""
    shown = exchange if echo else exchange._replace(user=None)
    yield from _wrapped(spoken(shown), screen)
    yield from remark_lines(exchange, meaning, screen)


def remark_lines(exchange: Exchange, meaning: Meaning, screen: Screen) -> Iterator[str]:
    """What happened in a turn besides what was said."""
    yield from (screen.paint(line, "dim") for line in _wrapped(remarks(exchange, meaning), screen))


def why_lines(exchange: Exchange, screen: Screen) -> Iterator[str]:
    """How an answer came about: the topics thought of, or what a model was sent, and the tools called."""
    answer = exchange.answer
    if exchange.user is None:
        yield "  the greeting, as it is written"
    elif answer.candidates:
        chosen = f"topic {answer.topic}" if answer.topic else "no topic"
        yield f"  {plain(chosen)}; what fits best, of 100:"
        for each in answer.candidates:
            yield f"    {each.score:5.1f}  {plain(each.topic)}, by {plain(each.like)}"
    elif not answer.messages:
        yield f"  {plain(answer.topic)}" if answer.topic else "  no topic shares a word with it"
    for message in answer.messages:
        yield from _message_lines(message, screen)
    for call in answer.tool_calls:
        yield f"  called {plain(call_words(call))}"
    if answer.handoff is not None:
        yield f"  handed over to {plain(answer.handoff)}"
    if answer.pending is not None:
        asked = answer.pending.asked or "yes or no"
        called = f", to call {plain(answer.pending.tool)}" if answer.pending.tool else ""
        yield f"  waits for {plain(asked)}{called}"
    tokens = f", {answer.tokens:,} tokens" if answer.tokens else ""
    yield screen.paint(f"  in {answer.seconds * 1000:,.1f} ms{tokens}", "dim")


def _message_lines(message: Mapping[str, object], screen: Screen) -> Iterator[str]:
    """A message of the protocol: who says what, and the functions that are called in it."""
    content = message.get("content")
    said = content if isinstance(content, str) else "" if content is None else str(content)
    calls = message.get("tool_calls")
    text = said if not calls else f"{said}\n{calls}".strip()
    lead = f"  {plain(str(message.get('role', '?')))}: "
    for line in text[:_LONGEST_MESSAGE].splitlines() or [""]:
        for part in wrap(plain(line), max(screen.width - 6, 20)) or [""]:
            yield f"{lead}{part}".rstrip()
            lead = "      "


def beside_lines(one: tuple[Side, Exchange], other: tuple[Side, Exchange], screen: Screen) -> Iterator[str]:
    """Two answers to the same turn: beside each other where there is room, else one after the other."""
    (_, exchange), (other_side, other_exchange) = one, other
    if _same(exchange.answer, other_exchange.answer):
        yield from _wrapped([f"{plain(other_side.words)}: the same."], screen)
        return
    columns = [list(_column(each)) for each in (one, other)]
    if screen.width < BESIDE_FROM:
        for column in columns:
            yield from _wrapped(column, screen)
        return
    room = (screen.width - _GAP) // 2
    halves = [[part for line in column for part in wrap(line, room)] for column in columns]
    for left, right in zip_longest(*halves, fillvalue=""):
        yield f"{pad(left, room)} │ {right}".rstrip()


def _column(one: tuple[Side, Exchange]) -> Iterator[str]:
    side, exchange = one
    yield f"{plain(side.words)}:"
    yield from (plain(line) for line in exchange.answer.text.splitlines() or [""])
    yield from (plain(line.strip()) for line in remarks(exchange, side.meaning))
    if exchange.answer.topic is not None:
        yield f"(topic {plain(exchange.answer.topic)})"


def _same(one: Answer, other: Answer) -> bool:
    return (one.text, one.topic, one.handoff, one.tool_calls) == (
        other.text,
        other.topic,
        other.handoff,
        other.tool_calls,
    )


def _wrapped(lines: Iterator[str] | list[str], screen: Screen) -> Iterator[str]:
    """Lines that fit the terminal, what goes on indented as what a speaker says is."""
    for line in lines:
        text, lead = plain(line.strip()), line[: len(line) - len(line.lstrip())]
        speaker, _, rest = text.partition("> ")
        if rest and " " not in speaker and not lead:
            lead, text = f"{speaker}> ", rest
        parts = wrap(text, max(screen.width - len(lead), 20)) if screen.terminal else [text]
        for part in parts or [""]:
            yield f"{lead}{part}".rstrip()
            lead = " " * len(lead)
