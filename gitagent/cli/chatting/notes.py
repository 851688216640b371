"""Notes: what the user should know of an agent before they judge its answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gitagent.chat.answers import VOICE
from gitagent.chat.responders import EMBEDDED
from gitagent.cli.cells import plain
from gitagent.cli.suggestions import listed
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent.cli.chatting.talk import Side, Talk
    from gitagent.config.meaning.values import Meaning


def tell_notes(talk: Talk) -> None:
    """Tell on stderr what the answers of a talk that begins may be judged by."""
    for note in (*_unread(talk.side.meaning), *_missing(talk)):
        talk.session.note(f"note: {plain(note)}")


def tell_unread(talk: Talk, side: Side) -> None:
    """Tell on stderr what of another side could not be read."""
    for note in _unread(side.meaning):
        talk.session.note(f"note: {plain(side.words)}: {plain(note)}")


def _unread(meaning: Meaning) -> Iterator[str]:
    if broken := [each for each in meaning.unread if each.broken]:
        first = broken[0]
        where = f"{first.path}:{first.line}" if first.line else first.path
        yield f"{counted(len(broken), 'part')} could not be read, such as {where}: {first.why}. See: gitagent validate"


def _missing(talk: Talk) -> Iterator[str]:
    """What was asked for, or is needed, and is not there."""
    meaning, channel = talk.side.meaning, talk.circumstances.channel
    if talk.responder.name == EMBEDDED and not any(topic.enabled for topic in meaning.topics):
        yield "it has no topics, which is what the embedded responder answers from"
    if channel != VOICE and all(each.name != channel for each in meaning.channels):
        yield f"it has no greeting or style of its own for {channel}"
    if unknown := [name for name in talk.circumstances.variables if not _is_used(name, meaning)]:
        yield f"nothing in it refers to {listed(unknown)}"


def _is_used(name: str, meaning: Meaning) -> bool:
    whole = repr(meaning)
    return name in meaning.variables or f"${{{name}}}" in whole or f":{name}}}}}" in whole
