"""Answers: what an agent says in a conversation, how it came to say it, and the conversation itself."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from gitagent.config.meaning.values import Meaning, Mock

VOICE = "voice"
WEBCHAT = "webchat"
CHANNELS = (VOICE, WEBCHAT)
_NOTHING: Mapping[str, object] = MappingProxyType({})
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_NO_MOCKS: Mapping[str, tuple[Mock, ...]] = MappingProxyType({})


class Candidate(NamedTuple):
    """A topic that was thought of, how well it fits (0 to 100), and what of it fits: an example query, or its text."""

    topic: str
    score: float
    like: str


class ToolCall(NamedTuple):
    """A tool that was called, and what it answered; or the `problem`, where it could not be."""

    name: str
    arguments: Mapping[str, object]
    result: object = None
    problem: str | None = None


class Pending(NamedTuple):
    """What a topic still waits for: the tool to call, what is known for it, and the parameter that was asked for.

    Where no parameter is asked for, a yes or no is. The tool has no name where the topic's own text asks, and nothing
    is called.
    """

    tool: str
    known: Mapping[str, object]
    asked: str | None


class Answer(NamedTuple):
    """What the agent says, and how it came to say it. `candidates` has the best first; `seconds` is how long it took.

    Where a model was asked, `messages` is what it was sent for this turn and what came back, as they stand in the
    protocol, without what is sent with every turn; and `tokens` is what it read and wrote for it.
    """

    text: str
    topic: str | None = None
    score: float | None = None
    candidates: tuple[Candidate, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    handoff: str | None = None
    pending: Pending | None = None
    seconds: float = 0.0
    tokens: int = 0
    messages: tuple[Mapping[str, object], ...] = ()


class Exchange(NamedTuple):
    """One turn: what the user said, None where the agent began, and the answer."""

    user: str | None
    answer: Answer


class Verdict(NamedTuple):
    """How a model grades an answer, and why."""

    holds: bool
    reason: str
    tokens: int = 0


class Conversation(NamedTuple):
    """A conversation so far. `meaning` is the agent on this channel, with its variables filled in.

    `sip_headers` came with the call; `fixtures` is what tools answer in it, by their names, and `mocks` what services
    answer that tools ask, by `service.operation`. `caller` and `at`, an ISO 8601 time, are who calls and when, where
    that is known.
    """

    meaning: Meaning
    channel: str = VOICE
    sip_headers: Mapping[str, str] = _NO_HEADERS
    fixtures: Mapping[str, object] = _NOTHING
    turns: tuple[Exchange, ...] = ()
    caller: str | None = None
    at: str | None = None
    mocks: Mapping[str, tuple[Mock, ...]] = _NO_MOCKS

    @classmethod
    def begin(
        cls,
        meaning: Meaning,
        *,
        variables: Mapping[str, object] = _NOTHING,
        variant: str | None = None,
        channel: str | None = None,
        sip_headers: Mapping[str, str] = _NO_HEADERS,
        fixtures: Mapping[str, object] = _NOTHING,
        caller: str | None = None,
        at: str | None = None,
    ) -> Conversation:
        """A conversation in which nothing has been said. `variables` replace the agent's own."""
        channel = channel or VOICE
        whole = meaning.filled(variables, variant=variant).on(channel)
        return cls(whole, channel, sip_headers, fixtures, caller=caller, at=at)

    def after(self, user: str | None, answer: Answer) -> Conversation:
        """The conversation with one turn more."""
        return self._replace(turns=(*self.turns, Exchange(user, answer)))

    @property
    def handoff(self) -> str | None:
        """Where it was handed to, which ended it."""
        return self.turns[-1].answer.handoff if self.turns else None
