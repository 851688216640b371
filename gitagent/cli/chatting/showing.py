"""Showing: turns, the reasons for an answer, and two answers beside each other, line by line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from gitagent.chat.briefing import briefing, history
from gitagent.chat.transcripts import YOU, call_words, remarks, spoken
from gitagent.cli.cells import pad, plain, wrap
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent.chat.answers import Answer, Exchange
    from gitagent.cli.chatting.talk import Thread
    from gitagent.cli.screen import Screen

BESIDE_FROM = 90
"""The width from which two answers stand beside each other."""
_GAP = 3
_LONGEST_MESSAGE = 2000
_LONGEST_PROMPT = 600


def turn_lines(thread: Thread, screen: Screen, *, echo: bool) -> Iterator[str]:
    """The last turn; with `echo`, what the user said, too."""
    shown = thread.last if echo else thread.last._replace(user=None)
    yield from _wrapped(spoken(shown), screen)
    yield from remark_lines(thread, screen)


def remark_lines(thread: Thread, screen: Screen) -> Iterator[str]:
    """What happened in the last turn besides what was said."""
    yield from (screen.paint(line, "dim") for line in _wrapped(_remarks(thread, thread.last), screen))


def why_lines(thread: Thread, screen: Screen) -> Iterator[str]:
    """How the last answer came about: the topics thought of, or what a model was sent, and the tools called."""
    user, answer = thread.last
    if answer.candidates:
        chosen = f"topic {answer.topic}" if answer.topic else "no topic"
        yield f"  {plain(chosen)}; what fits best, of 100:"
        for each in answer.candidates:
            yield f"    {each.score:5.1f}  {plain(each.topic)}, by {plain(each.like)}"
    elif user is None and not answer.messages:
        yield "  the greeting, as it is written"
    elif not answer.messages:
        yield f"  {plain(answer.topic)}" if answer.topic else "  no topic shares a word with it"
    if answer.messages:
        yield from _sent_before(thread, screen)
    for message in answer.messages:
        yield from _message_lines(str(message.get("role", "?")), _text_of(message), screen)
    for call in answer.tool_calls:
        yield f"  called {plain(call_words(call, thread.borrowed))}"
    if answer.handoff is not None:
        yield f"  handed over to {plain(answer.handoff)}"
    if answer.pending is not None:
        asked = answer.pending.asked or "yes or no"
        called = f", to call {plain(answer.pending.tool)}" if answer.pending.tool else ""
        yield f"  waits for {plain(asked)}{called}"
    tokens = f", {answer.tokens:,} tokens" if answer.tokens else ""
    yield screen.paint(f"  in {answer.seconds * 1000:,.1f} ms{tokens}", "dim")


def _sent_before(thread: Thread, screen: Screen) -> Iterator[str]:
    """What a model was sent before what is of the last turn: what it was told of the agent, and the turns so far."""
    *before, last = thread.conversation.turns
    conversation = thread.conversation._replace(turns=tuple(before))
    told = briefing(conversation, last.user)
    yield from _message_lines(f"system, {counted(len(told), 'character')}", told, screen, longest=_LONGEST_PROMPT)
    if earlier := history(conversation):
        yield f"  ({counted(len(earlier), 'message')} of what was said before)"


def _text_of(message: Mapping[str, object]) -> str:
    """What a message of the protocol says, and the functions that are called in it, each with its arguments."""
    content, calls = message.get("content"), message.get("tool_calls")
    said = [content] if isinstance(content, str) and content else []
    functions = [each["function"] for each in calls if isinstance(each, dict)] if isinstance(calls, list) else []
    return "\n".join([*said, *(f"{each['name']}({each['arguments']})" for each in functions)])


def _message_lines(who: str, text: str, screen: Screen, *, longest: int = _LONGEST_MESSAGE) -> Iterator[str]:
    """Who says what, from its beginning on."""
    lead = f"  {plain(who)}: "
    for line in (text if len(text) <= longest else f"{text[:longest]}…").splitlines() or [""]:
        for part in wrap(plain(line), max(screen.width - 6, 20)) or [""]:
            yield f"{lead}{part}".rstrip()
            lead = "      "


def beside_lines(one: Thread, other: Thread, screen: Screen) -> Iterator[str]:
    """Where another side answers otherwise: in the last turn, and in those before it, below what the user said."""
    turns = list(zip(one.conversation.turns, other.conversation.turns, strict=True))
    differing = [number for number, (own, its) in enumerate(turns) if not _same(own.answer, its.answer)]
    only_last = differing == [len(turns) - 1]
    if not only_last:
        yield from _wrapped([f"{plain(other.side.words)}: {_compared(differing, len(turns) - 1)}"], screen)
    for own, its in (turns[number] for number in differing):
        if not only_last:
            yield from _wrapped([f"{YOU}{plain(own.user)}" if own.user is not None else "(the greeting)"], screen)
        yield from _columns([list(_column(one, own)), list(_column(other, its))], screen)


def _compared(differing: Sequence[int], last: int) -> str:
    """In which turns the answers differ, but for those where only the last does."""
    if not differing:
        return "the same." if not last else f"the same, in all {last + 1} turns."
    here = "another answer here, and" if last in differing else "the same here; another answer"
    return f"{here} in {len(set(differing) - {last})} of {counted(last, 'turn')} before:"


def _columns(columns: Sequence[Sequence[str]], screen: Screen) -> Iterator[str]:
    """Two texts, beside each other where there is room, else one after the other."""
    if screen.width < BESIDE_FROM:
        for column in columns:
            yield from _wrapped(column, screen)
        return
    room = (screen.width - _GAP) // 2
    halves = [[part for line in column for part in wrap(line, room)] for column in columns]
    for left, right in zip_longest(*halves, fillvalue=""):
        yield f"{pad(left, room)} │ {right}".rstrip()


def _column(thread: Thread, exchange: Exchange) -> Iterator[str]:
    yield f"{plain(thread.side.words)}:"
    yield from (plain(line) for line in exchange.answer.text.splitlines() or [""])
    yield from (plain(line.strip()) for line in _remarks(thread, exchange))
    if exchange.answer.topic is not None:
        yield f"(topic {plain(exchange.answer.topic)})"


def _remarks(thread: Thread, exchange: Exchange) -> Iterator[str]:
    return remarks(exchange, thread.conversation.meaning, thread.borrowed)


def _same(one: Answer, other: Answer) -> bool:
    return (one.text, one.topic, one.handoff, one.tool_calls) == (
        other.text,
        other.topic,
        other.handoff,
        other.tool_calls,
    )


def _wrapped(lines: Iterable[str], screen: Screen) -> Iterator[str]:
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
