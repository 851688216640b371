"""A talk: one conversation with what a selector stands for, and the same turns asked of other versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from gitagent.chat.answers import Conversation, Exchange
from gitagent.chat.fixtures import shared, shared_and_borrowed
from gitagent.chat.transcripts import record
from gitagent.cli.selections import select
from gitagent.config.meaning import meaning_of

if TYPE_CHECKING:
    from gitagent.chat.responders import Listener, Responder
    from gitagent.cli.session import Session
    from gitagent.config.meaning.values import Meaning


class Circumstances(NamedTuple):
    """How the user comes: on which channel, with which headers, and with which values in place of the agent's own.

    With `live_tools`, tools are really asked, and only what whole suites say stands for those that cannot be.
    """

    channel: str
    sip_headers: Mapping[str, str]
    variables: Mapping[str, object]
    variant: str | None = None
    live_tools: bool = False


class Side(NamedTuple):
    """Who answers: a version or the draft, in words, and what it means. No later move changes it."""

    selector: str
    words: str
    version: str | None
    meaning: Meaning

    @property
    def name(self) -> str:
        return self.meaning.name or "An agent without a name"


class Thread(NamedTuple):
    """A conversation with one side; `borrowed` names the case that says what a tool answers, by the tool's name."""

    side: Side
    conversation: Conversation
    borrowed: Mapping[str, str]

    @property
    def last(self) -> Exchange:
        return self.conversation.turns[-1]


def side_of(session: Session, selector: str) -> Side:
    """Who answers for a selector now."""
    selected = select(session, selector)
    return Side(selector, selected.words, selected.version, meaning_of(selected.files))


class Talk:
    """A conversation as it goes on."""

    def __init__(self, session: Session, side: Side, responder: Responder, circumstances: Circumstances) -> None:
        self.session = session
        self.responder = responder
        self.circumstances = circumstances
        self.earlier: list[tuple[str, Thread]] = []
        """Conversations that were begun anew, each below its title."""
        self.thread = self._nothing_said(side)
        self._others: dict[str, Thread] = {}

    @property
    def title(self) -> str:
        """Who talks: the agent, its version, and what answers for it."""
        return f"{self.side.name}: {self.side.words}, answered by {self.responder.name}"

    @property
    def side(self) -> Side:
        return self.thread.side

    @property
    def conversation(self) -> Conversation:
        return self.thread.conversation

    def restart(self) -> None:
        """Begin anew with what the selector stands for now: a draft that was edited, an environment that moved."""
        side = side_of(self.session, self.side.selector)
        self.earlier.append((self.title, self.thread))
        self.thread = self._nothing_said(side)
        self._others.clear()

    def say(self, text: str | None, listener: Listener | None = None) -> Exchange:
        """What is answered to a text; to None, the greeting."""
        self.thread = self._told(self.thread, text, listener)
        return self.thread.last

    def beside(self, selector: str) -> Thread:
        """What another version answers to all turns so far."""
        side = side_of(self.session, selector)
        other = self._others.get(selector)
        if other is None or other.side != side:  # never asked, or edited or moved since
            other = self._nothing_said(side)
        for exchange in self.conversation.turns[len(other.conversation.turns) :]:
            other = self._told(other, exchange.user)
        self._others[selector] = other
        return other

    def record(self) -> dict[str, object]:
        """The talk as an object for programs."""
        return {
            "agent": self.side.meaning.name,
            "selector": self.side.selector,
            "version": self.side.version,
            "responder": self.responder.name,
            "variables": dict(self.circumstances.variables),
            **record(self.conversation),
            "earlier": [{"title": title, **record(thread.conversation)} for title, thread in self.earlier],
        }

    def _told(self, thread: Thread, text: str | None, listener: Listener | None = None) -> Thread:
        answer = self.responder.answer(thread.conversation, text, listener=listener)
        return thread._replace(conversation=thread.conversation.after(text, answer))

    def _nothing_said(self, side: Side) -> Thread:
        channel, headers, variables, variant, live_tools = self.circumstances
        fixtures, mocks, borrowed = (shared if live_tools else shared_and_borrowed)(side.meaning)
        begun = Conversation.begin(
            side.meaning, variables=variables, variant=variant, channel=channel, sip_headers=headers, fixtures=fixtures
        )
        return Thread(side, begun._replace(mocks=mocks), borrowed)
