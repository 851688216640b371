"""Errands: what a topic's tools need to be told, asked for one by one, and the calls that follow from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from gitagent.chat.answers import Answer, Conversation, Pending, ToolCall
from gitagent.chat.phrases import Phrases
from gitagent.chat.slots import asked_in, asks, described, gathered, required
from gitagent.chat.tools import Tools
from gitagent.chat.words import words
from gitagent.config.meaning.values import Action, Tool, Topic

_LONGEST_RESULT = 300


class Errands(NamedTuple):
    """What can be done for the user in one conversation."""

    conversation: Conversation
    phrases: Phrases
    tools: Tools

    def begun(self, answer: Answer, topic: Topic, said: str) -> Answer:
        """The answer on a topic, with what its first tool needs, or else what its text asks for."""
        tools = (tool for each in topic.actions if (tool := self._of_use(topic, each)) is not None)
        tool = next(tools, None) or self._tool("", topic)
        if tool is None:
            return answer
        known = gathered(tool, required(tool), said, self.phrases, asked=None)
        if not (missing := _missing(tool, known)):
            return self._complete(answer, topic, tool, known)
        if self._is_to_be_asked(topic, tool, missing):
            return self._asked(answer, tool, known, missing[0])
        return answer._replace(pending=Pending(tool.name, known, missing[0]))

    def gone_on(self, topic: Topic, pending: Pending, said: str, *, freely: bool) -> Answer | None:
        """The next question, or what the tool answers; None where the message has nothing to do with it.

        What was asked for can be answered `freely`, in any words.
        """
        tool, answer = self._tool(pending.tool, topic), Answer("", topic=topic.name)
        if tool is None:
            return None
        wanted = _missing(tool, pending.known)
        if not wanted:
            return self._confirmed(answer, topic, tool, pending.known, said)
        found = gathered(tool, wanted, said, self.phrases, asked=pending.asked if freely else None)
        if not found:
            return None
        known = {**pending.known, **found}
        if missing := _missing(tool, known):
            return self._asked(answer, tool, known, missing[0])
        return self._complete(answer, topic, tool, known)

    def asked_again(self, topic: Topic, pending: Pending) -> Answer | None:
        """The question that is still open."""
        tool, answer = self._tool(pending.tool, topic), Answer("", topic=topic.name)
        if tool is None:
            return None
        if missing := _missing(tool, pending.known):
            return self._asked(answer, tool, pending.known, missing[0])
        return self._to_confirm(answer, tool, pending.known)

    def _of_use(self, topic: Topic, action: Action) -> Tool | None:
        """The tool of an action; one that needs to be told nothing only where nothing else is a condition for it."""
        tool = self._tool(action.tool, topic) if action.tool else None
        return tool if tool is not None and (required(tool) or is_at_once(topic, action, self.phrases)) else None

    def _is_to_be_asked(self, topic: Topic, tool: Tool, missing: list[str]) -> bool:
        """Whether to ask for what is missing in the turn in which a topic comes up.

        Not where its text asks, nor where the tool may be of no use: its condition speaks of something else, and the
        text does not say that it is looked for. Instructions in words may hold a condition anywhere.
        """
        if asks(topic, self.phrases):
            return False
        if self.phrases.looking.search(topic.content):
            return True
        if topic.instructions:
            return False
        named = {word for name in missing for word in words(name.replace("_", " "))}
        uses = [action for action in topic.actions if action.tool == tool.name]
        return any(is_at_once(topic, each, self.phrases) or named & set(words(each.when)) for each in uses)

    def _tool(self, name: str, topic: Topic) -> Tool | None:
        if not name:
            return asked_in(topic, self.phrases)
        return next((tool for tool in self.conversation.meaning.tools if tool.name == name), None)

    def _asked(self, answer: Answer, tool: Tool, known: Mapping[str, object], name: str) -> Answer:
        question = self.phrases.asking.replace("{what}", described(tool, name))
        return answer._replace(text=_joined(answer.text, question), pending=Pending(tool.name, known, name))

    def _complete(self, answer: Answer, topic: Topic, tool: Tool, known: Mapping[str, object]) -> Answer:
        """The call, now that all is known; before one that changes something, the question whether to make it."""
        if not tool.name:
            return answer._replace(text=_joined(answer.text, self.phrases.noted.replace("{what}", _listed(known))))
        if tool.request is None or tool.request.method == "GET":
            return self._called(answer, topic, tool, known)
        return self._to_confirm(answer, tool, known)

    def _to_confirm(self, answer: Answer, tool: Tool, known: Mapping[str, object]) -> Answer:
        question = self.phrases.confirming.replace("{what}", f"{tool.name} ({_listed(known)})")
        return answer._replace(text=_joined(answer.text, question), pending=Pending(tool.name, known, None))

    def _confirmed(
        self, answer: Answer, topic: Topic, tool: Tool, known: Mapping[str, object], said: str
    ) -> Answer | None:
        if self.phrases.yes.search(said):
            return self._called(answer, topic, tool, known)
        return answer._replace(text=self.phrases.left) if self.phrases.no.search(said) else None

    def _called(self, answer: Answer, topic: Topic, tool: Tool, known: Mapping[str, object]) -> Answer:
        call = self.tools.call(self.conversation, tool.name, known)
        told = _joined(answer.text, self._told(call, known))
        answer = answer._replace(text=told, tool_calls=(*answer.tool_calls, call))
        following = self._following(topic, tool)
        if following is None:
            return answer
        carried = {name: value for name, value in known.items() if name in required(following)}
        missing = _missing(following, carried)
        return self._asked(answer, following, carried, missing[0]) if missing else answer

    def _following(self, topic: Topic, tool: Tool) -> Tool | None:
        """The tool that the topic calls after this one, where that needs to be told something."""
        names = [action.tool for action in topic.actions if action.tool]
        after = names[names.index(tool.name) + 1 :] if tool.name in names else []
        return next(
            (found for each in after if (found := self._tool(each, topic)) is not None and required(found)), None
        )

    def _told(self, call: ToolCall, known: Mapping[str, object]) -> str:
        if isinstance(call.result, str):
            return call.result
        if call.result is not None:
            return self.phrases.found.replace("{what}", _listed(call.result))
        return self.phrases.noted.replace("{what}", _listed(known)) if known else ""


def is_at_once(topic: Topic, action: Action, phrases: Phrases) -> bool:
    """Whether what an action asks for is to be done whenever its topic comes up.

    `when` is a condition in itself, unless it says so; only where a topic has instructions is it a line of these.
    """
    condition = phrases.condition.search(action.when) if topic.instructions else action.when
    return not condition or phrases.at_once.search(action.when) is not None


def _missing(tool: Tool, known: Mapping[str, object]) -> list[str]:
    return [name for name in required(tool) if name not in known]


def _joined(*texts: str) -> str:
    return " ".join(text for text in texts if text)


def _listed(value: object) -> str:
    """A tool's arguments or result as part of a sentence."""
    if isinstance(value, Mapping):
        text = ", ".join(f"{name}: {_listed(part)}" for name, part in value.items())
    elif isinstance(value, list | tuple):
        text = ", ".join(map(_listed, value))
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_RESULT else text[: _LONGEST_RESULT - 1] + "…"
