"""Expectations: what a case says of an answer, held against the answer that came."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from gitagent.chat.answers import Answer, Conversation, ToolCall
from gitagent.chat.responders import Judge, Responder
from gitagent.config.meaning.values import Expectation


class Miss(NamedTuple):
    """An expectation that does not hold: its line, what was expected, and what came, where the text alone tells not."""

    line: int
    expected: str
    came: str = ""


class Unanswerable(Exception):  # noqa: N818  # a case is skipped by it, and goes on
    """Only a model could say whether an expectation holds."""


class Heard(NamedTuple):
    """What an expectation is about: the conversation so far, and which of its answers."""

    conversation: Conversation
    answers: tuple[Answer, ...]

    @property
    def text(self) -> str:
        return "\n".join(answer.text for answer in self.answers)

    @property
    def calls(self) -> list[ToolCall]:
        return [call for answer in self.answers for call in answer.tool_calls]


def miss(expectation: Expectation, heard: Heard, responder: Responder) -> Miss | None:
    """What is wrong with what was heard; None where it is as expected. Unanswerable where only a model could say."""
    kind, value, line = expectation
    if kind == "judge":
        return _judged(str(value), line, heard, responder)
    check = _CHECKS.get(kind)
    came = f"there is no expectation of the kind '{kind}'" if check is None else check(value, heard)
    return None if came is None else Miss(line, f"{kind}: {_spoken(value)}", came)


def _judged(question: str, line: int, heard: Heard, responder: Responder) -> Miss | None:
    if not isinstance(responder, Judge):
        raise Unanswerable("only a model can judge: --responder openai")
    verdict = responder.judge(heard.conversation, question)
    return None if verdict.holds else Miss(line, f"judge: {question}", f"no: {verdict.reason}")


def _contains(value: Any, heard: Heard) -> str | None:
    return None if _folded(value) in _folded(heard.text) else ""


def _not_contains(value: Any, heard: Heard) -> str | None:
    return "" if _folded(value) in _folded(heard.text) else None


def _matches(value: Any, heard: Heard) -> str | None:
    return None if re.search(str(value), heard.text) else ""


def _not_matches(value: Any, heard: Heard) -> str | None:
    found = re.search(str(value), heard.text)
    return None if found is None else f"it holds {_spoken(found[0])}"


def _equals(value: Any, heard: Heard) -> str | None:
    return None if str(value).strip() == heard.text.strip() else ""


def _topic(value: Any, heard: Heard) -> str | None:
    topics = [answer.topic for answer in heard.answers]
    return None if value in topics else _among("topic", topics)


def _handoff(value: Any, heard: Heard) -> str | None:
    handoffs = [answer.handoff for answer in heard.answers]
    return None if value in handoffs else _among("handoff", handoffs)


def _tool_called(value: Any, heard: Heard) -> str | None:
    name, arguments = (value.get("name"), value.get("arguments")) if isinstance(value, dict) else (value, None)
    expected = arguments if isinstance(arguments, dict) else {}
    if any(call.name == name and _given(call.arguments, expected) for call in heard.calls):
        return None
    called = [f"{call.name}({_spoken(dict(call.arguments))})" for call in heard.calls]
    return f"called was {', '.join(called)}" if called else "no tool was called"


def _max_turns(value: Any, heard: Heard) -> str | None:
    turns = sum(each.user is not None for each in heard.conversation.turns)
    return None if turns <= value else f"it has had {turns}"


def _max_seconds(value: Any, heard: Heard) -> str | None:
    seconds = max((answer.seconds for answer in heard.answers), default=0.0)
    return None if seconds <= value else f"it took {seconds:.3g} s"


_CHECKS: dict[str, Callable[[Any, Heard], str | None]] = {
    "contains": _contains,
    "not_contains": _not_contains,
    "matches": _matches,
    "not_matches": _not_matches,
    "equals": _equals,
    "topic": _topic,
    "handoff": _handoff,
    "tool_called": _tool_called,
    "max_turns": _max_turns,
    "max_seconds": _max_seconds,
}


def _given(given: Mapping[str, object], expected: Mapping[str, object]) -> bool:
    """Whether a call had these arguments. Others beside them do not matter; a number may have been said in words."""
    return all(
        name in given and (given[name] == value or _folded(given[name]) == _folded(value))
        for name, value in expected.items()
    )


def _among(what: str, names: Iterable[str | None]) -> str:
    known = [name for name in names if name]
    return f"the {what} was {', '.join(map(_spoken, known))}" if known else f"there was no {what}"


def _folded(value: object) -> str:
    """A text in which capitals and breaks of lines make no difference."""
    return " ".join(str(value).split()).casefold()


def _spoken(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
