"""OpenAI: the one place that asks a server which speaks the OpenAI chat protocol, by the `openai` package."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from importlib import import_module
from threading import Lock
from typing import Any

from gitagent.chat.budget import Budget
from gitagent.chat.replies import Gathered, Reply, as_json
from gitagent.chat.servers import Hearer, MayPass, Patience, Server, asked_pause
from gitagent.config.suggestions import shortened
from gitagent.errors import ExtraMissing, ModelRefused, ModelUnreachable

try:
    import openai
except ModuleNotFoundError as error:
    if error.name != "openai":
        raise
    raise ExtraMissing(
        "asking a model needs openai, which is not installed", hint="pip install 'gitagent-config[chat]'"
    ) from error

# What the package asks by: httpx, or from its release 3 on httpx2. Up to 3.0, its errors come through in a stream.
_TRANSPORT: Any = import_module(openai.Timeout.__init__.__module__.partition(".")[0])
_LONGEST_ANSWER = 4_000
"""Tokens, of which models that think before they speak use most for that."""
_CHARACTERS = 4
"""A token is about so many characters of English."""
_LONGEST_REASON = 300
_NO_KEY = "none"
_PASSING = (408, 409, 425, 429)
_NEVER_PASSING = ("insufficient_quota", "billing_hard_limit_reached")
_KEY_HINT = "Set OPENAI_API_KEY to a key that this server takes, and OPENAI_BASE_URL to the server that it is for."
_NOT_THE_PROTOCOL = "what it answers is not the OpenAI chat protocol"
_MODEL_HINT = "Set GITAGENT_MODEL to a model that the server has, or OPENAI_BASE_URL to the server that has this one."

Message = Mapping[str, object]


class Endpoint:
    """A server that answers as a model. Threads may share one, which then ask one after the other."""

    def __init__(
        self,
        server: Server,
        *,
        budget: Budget | None = None,
        patience: Patience | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.server = server
        self.budget = budget or Budget()
        self._patience = patience or Patience()
        self._sleep = sleep
        self._lock = Lock()
        self._runner: asyncio.Runner | None = None
        self._client: openai.AsyncOpenAI | None = None
        self._refused: set[str] = set()

    def ask(
        self,
        messages: Sequence[Message],
        definitions: Sequence[Message] = (),
        *,
        call: bool = True,
        hearer: Hearer | None = None,
    ) -> Reply:
        """What the model says next. With `call` it may call functions, and else only speak.

        What may pass is tried again after a pause. ModelRefused, ModelUnreachable or BudgetSpent where it says nothing.
        """
        body: dict[str, Any] = {"model": self.server.model, "messages": [dict(each) for each in messages]}
        if definitions:
            body |= {"tools": list(definitions), "tool_choice": "auto" if call else "none"}
        with self._lock:
            return self._patiently(as_json(body), hearer or Hearer())

    def close(self) -> None:
        """End the connections to it."""
        with self._lock:
            runner, client = self._runner, self._client
            self._runner = self._client = None
            if runner is not None:
                if client is not None:
                    runner.run(client.close())
                runner.close()

    def _patiently(self, body: dict[str, Any], hearer: Hearer) -> Reply:
        attempt = 1
        while True:
            refused = len(self._refused)
            try:
                return self._attempt(body, hearer)
            except MayPass as failure:
                if len(self._refused) == refused:
                    self._pause(attempt, failure)
                    attempt += 1
                hearer.void()

    def _pause(self, attempt: int, failure: MayPass) -> None:
        pause = self._patience.pause(attempt, failure.after)
        if pause is not None:
            self._sleep(pause)
            return
        tried = "once" if attempt == 1 else f"{attempt} times"
        raise ModelUnreachable(
            f"the model '{shortened(self.server.model)}' gave no answer: {failure.reason} (asked {tried})",
            hint=f"Try again later, or check OPENAI_BASE_URL: {shortened(self.server.url, 200)}.",
        ) from failure

    def _attempt(self, body: Mapping[str, Any], hearer: Hearer) -> Reply:
        sent = _estimate(json.dumps(body, ensure_ascii=False))
        longest = self.budget.hold(sent, most=_LONGEST_ANSWER)
        gathered, used = Gathered(), 0
        runner = self._running()
        try:
            try:
                runner.run(self._exchange(self._request(body, longest), gathered, hearer))
            finally:
                reply = gathered.reply
                used = sent + _estimate(reply.text, *(call.arguments for call in reply.calls)) if gathered.begun else 0
        except openai.APIError as error:
            raise self._translated(error) from error
        except TimeoutError as error:
            raise MayPass(f"its answer was not whole after {self._patience.whole:g} s") from error
        finally:
            self.budget.settle(sent + longest, used if reply.tokens is None else reply.tokens)
        return self._whole(reply, used, longest)

    def _running(self) -> asyncio.Runner:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner

    def _request(self, body: Mapping[str, Any], longest: int) -> dict[str, Any]:
        """The request, without what this server was found not to know."""
        optional = {key: value for key, value in self._optional(longest).items() if key not in self._refused}
        return {**body, **optional, "stream": True}

    def _optional(self, longest: int) -> dict[str, Any]:
        """What a server may do without."""
        optional: dict[str, Any] = {
            "temperature": self.server.temperature,
            "stream_options": {"include_usage": True},
            "max_completion_tokens": longest,
            "max_tokens": longest if "max_completion_tokens" in self._refused else None,
        }
        return {key: value for key, value in optional.items() if value is not None}

    async def _exchange(self, request: dict[str, Any], gathered: Gathered, hearer: Hearer) -> None:
        async with asyncio.timeout(self._patience.whole), aclosing(self._chunks(request)) as chunks:
            async for chunk in chunks:
                if text := gathered.add(chunk):
                    hearer.piece(text)
                if gathered.full:
                    return

    async def _chunks(self, request: dict[str, Any]) -> AsyncGenerator[object]:
        try:
            async with await self._connected().chat.completions.create(**request) as stream:
                async for chunk in stream:
                    yield chunk.to_dict(warnings=False)
        except _TRANSPORT.TimeoutException as error:
            raise self._silence() from error
        except _TRANSPORT.HTTPError as error:
            raise MayPass(f"its answer was cut off ({_cause(error)})") from error
        except (ValueError, TypeError, AttributeError) as error:  # so the package reads what is no JSON, or odd JSON
            raise MayPass(_NOT_THE_PROTOCOL) from error

    def _connected(self) -> openai.AsyncOpenAI:
        if self._client is None:
            timeout = openai.Timeout(self._patience.silence, connect=self._patience.connecting)
            self._client = openai.AsyncOpenAI(
                api_key=self.server.key or _NO_KEY, base_url=self.server.url, timeout=timeout, max_retries=0
            )
        return self._client

    def _whole(self, reply: Reply, used: int, longest: int) -> Reply:
        """The reply, if it is one."""
        if reply.finish is None:
            raise MayPass("its answer was cut off" if used else _NOT_THE_PROTOCOL)
        if reply.finish == "length":
            if longest < _LONGEST_ANSWER:
                raise self.budget.exceeded()
            raise self._refusal("its answer is longer than it may be", "answer-too-long", "Ask for less in the prompt.")
        if reply.finish == "content_filter":
            hint = "Say it in other words, or look at the server's filter."
            raise self._refusal("a filter kept its answer back", "answer-filtered", hint)
        return reply if reply.tokens is not None else reply._replace(tokens=used)

    def _translated(self, error: openai.APIError) -> Exception:
        """What to raise in the place of an error of the package."""
        said = self._said(error)
        if not isinstance(error, openai.APIStatusError):
            if isinstance(error, openai.APITimeoutError):
                return self._silence()
            return MayPass(said if error.body is not None else f"it cannot be reached ({_cause(error)})")
        status = error.status_code
        if self._can_do_without(error):
            return MayPass(said)
        if status >= 500 or (status in _PASSING and error.code not in _NEVER_PASSING):
            return MayPass(f"it answered {status}: {said}", asked_pause(error.response.headers))
        if status in (401, 403):
            return self._refusal(said, "model-key-refused", _KEY_HINT)
        return self._refusal(f"it answered {status}: {said}", None, _MODEL_HINT if status == 404 else None)

    def _silence(self) -> MayPass:
        return MayPass(f"it was silent for {self._patience.silence:g} s")

    def _can_do_without(self, error: openai.APIStatusError) -> bool:
        """Whether the server refuses something that is not needed; it is not sent again."""
        if error.status_code not in (400, 422):
            return False
        named = str(error.param or "").partition(".")[0]
        sent = [key for key in self._optional(1) if key not in self._refused]
        refused = next((key for key in sent if key == named), None)
        if refused is None:  # some servers name it in words alone
            refused = next((key for key in sent if key in self._said(error)), None)
        if refused is not None:
            self._refused.add(refused)
        return refused is not None

    def _refusal(self, reason: str, code: str | None, hint: str | None) -> ModelRefused:
        return ModelRefused(f"the model '{shortened(self.server.model)}' was refused: {reason}", code=code, hint=hint)

    def _said(self, error: openai.APIError) -> str:
        """What the server says, which may say the key again."""
        said = error.body.get("message") if isinstance(error.body, dict) else None
        text = said if isinstance(said, str) and said else error.message
        text = text.replace(self.server.key, "…") if self.server.key else text
        return shortened(" ".join(text.split()), _LONGEST_REASON)


def _estimate(*texts: str) -> int:
    return sum(len(text) for text in texts) // _CHARACTERS


def _cause(error: BaseException) -> str:
    """The innermost reason, which says more than that there was a connection error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return shortened(str(error) or type(error).__name__, _LONGEST_REASON)
