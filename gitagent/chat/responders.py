"""Responders: what answers in the place of an agent while it is tried, found by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from gitagent.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.chat.answers import Answer, Conversation, Verdict
    from gitagent.chat.budget import Budget
    from gitagent.chat.tools import Tools
    from gitagent.config.meaning.values import Meaning

EMBEDDED = "embedded"
OPENAI = "openai"


class Listener(Protocol):
    """Who hears an answer while it comes. The pieces since it was last void, joined, are its text."""

    def piece(self, text: str, /) -> None:
        """A piece of the answer came."""

    def void(self) -> None:
        """What came of this answer so far does not count: it was cut off, and is asked for again."""


class Responder(Protocol):
    """What answers in conversations."""

    @property
    def name(self) -> str:
        """`embedded`, or `openai:` and the name of the model."""

    def answer(self, conversation: Conversation, said: str | None, *, listener: Listener | None = None) -> Answer:
        """The agent's answer to what the user said; None asks for its greeting. The conversation stays as it is.

        Where a model is asked that gives no answer, ModelRefused, ModelUnreachable or BudgetSpent.
        """

    def close(self) -> None:
        """Let go of connections; closing twice is fine."""


@runtime_checkable
class Judge(Protocol):
    """A responder that can also grade an answer."""

    def judge(self, conversation: Conversation, question: str) -> Verdict:
        """Whether a question about the last answer is to be answered with yes."""


@runtime_checkable
class Player(Protocol):
    """A responder that can also play the user, in cases that are told as a scenario."""

    def play(self, conversation: Conversation, scenario: str) -> str | None:
        """What the user says next; None where they have no more to say."""


def responder_of(
    name: str,
    environ: Mapping[str, str],
    *,
    meaning: Meaning | None = None,
    budget: Budget | None = None,
    live_tools: bool = False,
) -> Responder:
    """The responder of that name: `embedded`, `openai`, or `openai:` and the name of a model.

    `openai` alone takes the model that GITAGENT_MODEL names, or else that of the agent in `meaning`. The server and its
    key come from OPENAI_BASE_URL and OPENAI_API_KEY, the seconds that an answer may take from GITAGENT_MODEL_SECONDS,
    and the tokens that a run may use from GITAGENT_TOKENS, unless responders share a `budget`. With `live_tools`, tools
    that have a request are really asked, and fixtures answer for the rest alone.

    An unknown responder is refused as `unknown-responder`; ModelMissing where no model or no key is named, ExtraMissing
    without the extra `chat`.
    """
    sort, _, model = name.partition(":")
    if name == EMBEDDED:
        from gitagent.chat.embedded import Embedded

        return Embedded(_tools(environ, live=live_tools))
    if sort == OPENAI and (model or name == OPENAI):
        from gitagent.chat.model import open_model

        tools = _tools(environ, live=live_tools)
        return open_model(environ, tools=tools, model=model, meaning=meaning, budget=budget)
    hint = f"There are {EMBEDDED}, {OPENAI} and {OPENAI}:MODEL."
    raise NotFound(f"there is no responder '{name}'", hint=hint, code="unknown-responder")


def _tools(environ: Mapping[str, str], *, live: bool) -> Tools:
    if live:
        from gitagent.chat.live import Live

        return Live(environ)
    from gitagent.chat.tools import Rehearsal

    return Rehearsal()
