"""A talk: one conversation with what a selector stands for, and the same turns asked of other versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gitagent.chat.answers import Conversation, Exchange
from gitagent.chat.transcripts import record
from gitagent.cli.selections import select
from gitagent.config.meaning import meaning_of

if TYPE_CHECKING:
    from gitagent.chat.responders import Listener, Responder
    from gitagent.cli.session import Session
    from gitagent.config.meaning.values import Meaning


class Circumstances(NamedTuple):
    """How the user comes: on which channel, with which headers, and with which values in place of the agent's own."""

    channel: str
    sip_headers: Mapping[str, str]
    variables: Mapping[str, object]
    variant: str | None = None


class Side(NamedTuple):
    """Who answers: a version or the draft, in words, and what it means. No later move changes it."""

    selector: str
    words: str
    version: str | None
    meaning: Meaning

    @property
    def name(self) -> str:
        return self.meaning.name or "An agent without a name"


def side_of(session: Session, selector: str) -> Side:
    """Who answers for a selector now."""
    selected = select(session, selector)
    return Side(selector, selected.words, selected.version, meaning_of(selected.files))


class Talk:
    """A conversation as it goes on."""

    def __init__(self, session: Session, side: Side, responder: Responder, circumstances: Circumstances) -> None:
        self.session = session
        self.side = side
        self.responder = responder
        self.circumstances = circumstances
        self.earlier: list[tuple[str, Conversation]] = []
        """Conversations that were begun anew, each below its title."""
        self.begin()

    @property
    def title(self) -> str:
        """Who talks: the agent, its version, and what answers for it."""
        return f"{self.side.name}: {self.side.words}, answered by {self.responder.name}"

    def begin(self) -> None:
        """Begin anew, with nothing said."""
        self.conversation = self._nothing_said(self.side)
        self._others: dict[str, tuple[Side, Conversation]] = {}

    def restart(self) -> None:
        """Begin anew with what the selector stands for now: a draft that was edited, an environment that moved."""
        side = side_of(self.session, self.side.selector)
        self.earlier.append((self.title, self.conversation))
        self.side = side
        self.begin()

    def say(self, text: str | None, listener: Listener | None = None) -> Exchange:
        """What is answered to a text; to None, the greeting."""
        self.conversation = self._told(self.conversation, text, listener)
        return self.conversation.turns[-1]

    def beside(self, selector: str) -> tuple[Side, Exchange]:
        """What another version answers to the last turn, after all turns before it."""
        side = side_of(self.session, selector)
        known, other = self._others.get(selector, (None, None))
        if known != side or other is None:  # never asked, or edited or moved since
            other = self._nothing_said(side)
        for exchange in self.conversation.turns[len(other.turns) :]:
            other = self._told(other, exchange.user)
        self._others[selector] = side, other
        return side, other.turns[-1]

    def record(self) -> dict[str, object]:
        """The talk as an object for programs."""
        return {
            "agent": self.side.meaning.name,
            "selector": self.side.selector,
            "version": self.side.version,
            "responder": self.responder.name,
            "variables": dict(self.circumstances.variables),
            **record(self.conversation),
            "earlier": [{"title": title, **record(conversation)} for title, conversation in self.earlier],
        }

    def _told(self, conversation: Conversation, text: str | None, listener: Listener | None = None) -> Conversation:
        return conversation.after(text, self.responder.answer(conversation, text, listener=listener))

    def _nothing_said(self, side: Side) -> Conversation:
        channel, headers, variables, variant = self.circumstances
        fixtures = {name: value for suite in side.meaning.suites[::-1] for name, value in suite.fixtures.items()}
        return Conversation.begin(
            side.meaning, variables=variables, variant=variant, channel=channel, sip_headers=headers, fixtures=fixtures
        )
