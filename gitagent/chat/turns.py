"""Turns: one answer of a model, from what the user says to the last word, with the tools called in between."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitagent.chat.answers import Answer, Conversation, ToolCall
from gitagent.chat.briefing import briefing, candidates, history, topics_told
from gitagent.chat.functions import functions_of
from gitagent.chat.headings import Heading
from gitagent.chat.openai import Endpoint
from gitagent.chat.replies import as_json
from gitagent.chat.servers import Hearer

if TYPE_CHECKING:
    from gitagent.chat.replies import Asked, Reply
    from gitagent.chat.responders import Listener
    from gitagent.chat.tools import Tools

MOST_ROUNDS = 8
"""A model that only calls tools, and never speaks, is made to speak in the last of so many replies."""
_LONGEST_RESULT = 20_000
_GREET = "(The conversation begins. Greet the user.)"
_SILENCE = "(The user says nothing.)"


class Turn:
    """One turn: replies of the model, with the tools that it calls answered in between, until it has spoken."""

    def __init__(
        self, endpoint: Endpoint, tools: Tools, conversation: Conversation, said: str | None, listener: Listener | None
    ) -> None:
        self._endpoint = endpoint
        self._tools = tools
        self._conversation = conversation
        self._listener = listener
        self._functions = functions_of(conversation.meaning)
        self._topics = [topic.name for topic in topics_told(conversation, said)]
        self._before: list[dict[str, object]] = [
            {"role": "system", "content": briefing(conversation, said)},
            *history(conversation),
        ]
        self._messages: list[dict[str, object]] = [
            {"role": "user", "content": _GREET if said is None else said or _SILENCE}
        ]
        self._said: list[str] = []
        self.answer = Answer("", candidates=candidates(conversation.meaning, said))

    def take(self) -> None:
        """Ask until the model has spoken, or handed over."""
        for left in reversed(range(MOST_ROUNDS)):
            may_call = left > 0 and self.answer.handoff is None
            reply = self._reply(call=may_call)
            if not reply.calls or not may_call:
                return
            for call in reply.calls:
                self._do(call)
            if self.answer.handoff is not None and self.answer.text:
                return

    def _reply(self, *, call: bool) -> Reply:
        heard: list[str] = []
        heading = self._heading(heard)

        def void() -> None:
            nonlocal heading
            heard.clear()
            heading = self._heading(heard)
            if self._listener is not None:
                self._listener.void()
                for text in self._said:
                    self._listener.piece(text)

        hearer = Hearer(lambda text: heading.piece(text), void)
        messages = [*self._before, *self._messages]
        reply = self._endpoint.ask(messages, self._functions.definitions, call=call, hearer=hearer)
        heading.end()
        self._said += heard
        self._messages.append(reply.message if call else reply._replace(calls=()).message)
        self.answer = self.answer._replace(
            text="".join(self._said).strip(),
            topic=heading.topic or self.answer.topic,
            score=self._score(heading.topic) if heading.topic else self.answer.score,
            tokens=self.answer.tokens + (reply.tokens or 0),
            messages=tuple(self._messages),
        )
        return reply

    def _heading(self, heard: list[str]) -> Heading:
        def give(text: str) -> None:
            if self._said and not heard:
                text = f"\n{text}"
            heard.append(text)
            if self._listener is not None:
                self._listener.piece(text)

        return Heading(self._topics, give)

    def _score(self, topic: str) -> float | None:
        return next((each.score for each in self.answer.candidates if each.topic == topic), None)

    def _do(self, asked: Asked) -> None:
        """Do what the model calls for, and tell it what came of that."""
        arguments, problem = _arguments(asked.arguments)
        if problem is None and asked.name == self._functions.handing_over:
            told = self._hand_over(arguments)
        else:
            told = self._call(asked.name, arguments, problem)
        self._messages.append({"role": "tool", "tool_call_id": asked.id, "content": told})
        self.answer = self.answer._replace(messages=tuple(self._messages))

    def _hand_over(self, arguments: Mapping[str, Any]) -> str:
        handoff = self._functions.handoff(self._conversation.meaning, arguments)
        if handoff is None:
            return _as_text({"error": "there is nobody of that name to hand over to"})
        if self.answer.handoff is None:
            self.answer = self.answer._replace(handoff=handoff.name)
        return _as_text({"handed over to": handoff.name})

    def _call(self, name: str, arguments: Mapping[str, Any], problem: str | None) -> str:
        tool = self._functions.tools.get(name)
        if tool is None:
            called = ToolCall(name, arguments, problem="there is no such tool")
        elif problem is not None:
            called = ToolCall(tool.name, arguments, problem=problem)
        else:
            so_far = self._conversation.after(None, self.answer)  # with the calls of this turn
            called = self._tools.call(so_far, tool.name, arguments)
        self.answer = self.answer._replace(tool_calls=(*self.answer.tool_calls, called))
        return _as_text(called.result if called.problem is None else {"error": called.problem})


def _arguments(text: str) -> tuple[dict[str, Any], str | None]:
    """The arguments that a model wrote, and what is wrong with them."""
    try:
        arguments = as_json(json.loads(text or "{}"))
    except (ValueError, RecursionError):
        return {}, "the arguments are no JSON"
    if not isinstance(arguments, dict):
        return {}, "the arguments are no JSON object"
    return arguments, None


def _as_text(result: object) -> str:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_RESULT else f"{text[:_LONGEST_RESULT]}…"
