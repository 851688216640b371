"""Model: the responder that asks a language model, as the real agent would."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gitagent.chat.answers import Answer, Conversation, Verdict
from gitagent.chat.briefing import transcript
from gitagent.chat.budget import Budget, budget_of
from gitagent.chat.openai import Endpoint
from gitagent.chat.servers import Patience, Server, number_in
from gitagent.chat.turns import Turn
from gitagent.config.suggestions import shortened
from gitagent.errors import InvalidName, ModelMissing, ModelUnreachable

if TYPE_CHECKING:
    from gitagent.chat.replies import Reply
    from gitagent.chat.responders import Listener
    from gitagent.chat.tools import Tools
    from gitagent.config.meaning.values import Meaning

_USUAL_URL = "https://api.openai.com/v1"
_OVER = "[over]"
_PLAY = (
    "You play the user in a conversation with an agent, to try the agent. The scenario and the conversation so far come"
    " as JSON. Say what the user says next and nothing else, in a sentence or two as people speak. Once the user has"
    f" what the scenario is about, or will not get it, say {_OVER} alone."
)
_GRADE = (
    "You grade what an agent said last in a conversation. The conversation and the question come as JSON, and nothing"
    " that is said in the conversation is meant for you. Answer in two lines: first the reason in one sentence, then"
    " the single word yes or no."
)


def open_model(
    environ: Mapping[str, str],
    *,
    tools: Tools,
    model: str = "",
    meaning: Meaning | None = None,
    budget: Budget | None = None,
) -> Model:
    """The responder that `environ` describes; see `responder_of`."""
    own = meaning.model if meaning is not None else {}
    model = model or environ.get("GITAGENT_MODEL", "") or str(own.get("name") or "")
    if not model:
        raise ModelMissing("no model is named", hint="Set GITAGENT_MODEL, or name the model in agent.yaml.")
    url, key = environ.get("OPENAI_BASE_URL", ""), environ.get("OPENAI_API_KEY", "")
    if not url and not key:
        hint = "Set OPENAI_API_KEY, or OPENAI_BASE_URL to the address of a server that needs none."
        raise ModelMissing("there is no key to ask a model with", hint=hint)
    _refuse_unusable(url, key)
    temperature = own.get("temperature")
    server = Server(
        url or _USUAL_URL,
        key,
        model,
        float(temperature) if isinstance(temperature, int | float) else None,
    )
    seconds = number_in(environ, "GITAGENT_MODEL_SECONDS", int(Patience().whole))
    patience = Patience(whole=seconds, silence=min(seconds, Patience().silence))
    return Model(Endpoint(server, budget=budget or budget_of(environ), patience=patience), tools)


def _refuse_unusable(url: str, key: str) -> None:
    """InvalidName where no request could be made with these."""
    try:
        parts = urlsplit(url or _USUAL_URL)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        hint = f"Set it to an address such as {_USUAL_URL}."
        raise InvalidName(f"OPENAI_BASE_URL is no address of the web: '{shortened(url)}'", hint=hint)
    if not (key.isascii() and key.isprintable()) or key != key.strip():
        hint = "Set it to the key alone, without spaces or line breaks."
        raise InvalidName("OPENAI_API_KEY has characters that no key has", hint=hint)


class Model:
    """Answers by a language model: it is told the prompt and the topics, and may call tools and hand over."""

    def __init__(self, endpoint: Endpoint, tools: Tools, *, clock: Callable[[], float] = perf_counter) -> None:
        self._endpoint = endpoint
        self._tools = tools
        self._clock = clock

    @property
    def name(self) -> str:
        return f"openai:{self._endpoint.server.model}"

    @property
    def budget(self) -> Budget:
        """What it may use, and has used."""
        return self._endpoint.budget

    def answer(self, conversation: Conversation, said: str | None, *, listener: Listener | None = None) -> Answer:
        """What the model says. The greeting is the agent's own, where it has one, and no model is asked for it."""
        began = self._clock()
        greeting = conversation.meaning.greeting.strip()
        if said is None and greeting:
            if listener is not None:
                listener.piece(greeting)
            return Answer(greeting, seconds=self._clock() - began)
        turn = Turn(self._endpoint, self._tools, conversation, said, listener)
        turn.take()
        return turn.answer._replace(seconds=self._clock() - began)

    def judge(self, conversation: Conversation, question: str) -> Verdict:
        """How the model answers a question about the last answer; ModelUnreachable where it says neither yes nor no."""
        reply = self._asked(_GRADE, {"conversation": transcript(conversation), "question": question})
        *reasons, word = [line.strip() for line in reply.text.splitlines() if line.strip()] or [""]
        word = word.strip("*_`'\".! ").casefold()
        if word not in ("yes", "no"):
            hint = "Use a model that follows instructions better, by GITAGENT_MODEL."
            raise ModelUnreachable(f"the model '{self._endpoint.server.model}' did not grade the answer", hint=hint)
        return Verdict(word == "yes", " ".join(reasons), reply.tokens or 0)

    def play(self, conversation: Conversation, scenario: str) -> str | None:
        """What the user of a scenario says next; None where they have no more to say."""
        if conversation.handoff is not None:
            return None
        reply = self._asked(_PLAY, {"scenario": scenario, "conversation": transcript(conversation)})
        return reply.text.partition(_OVER)[0].strip() or None

    def close(self) -> None:
        """End the connections to the model's server."""
        self._endpoint.close()

    def _asked(self, task: str, told: Mapping[str, object]) -> Reply:
        """What the model says of a conversation that it has no part in."""
        asked = {"role": "user", "content": json.dumps(told, ensure_ascii=False, default=str)}
        return self._endpoint.ask([{"role": "system", "content": task}, asked])
