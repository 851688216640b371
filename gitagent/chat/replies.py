"""Replies: what a model says in one go, gathered from the pieces that a server streams, however odd they are."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

LONGEST = 100_000
"""So many characters of a reply are taken: text, and the arguments of each call."""
MOST_CALLS = 32


class Asked(NamedTuple):
    """A function that a model calls: its arguments are a JSON text, as it wrote them."""

    id: str
    name: str
    arguments: str


class Reply(NamedTuple):
    """What a model said. `finish` is why it stopped, in the protocol's words; `tokens` is None where nobody counted."""

    text: str
    calls: tuple[Asked, ...] = ()
    finish: str | None = None
    tokens: int | None = None

    @property
    def message(self) -> dict[str, object]:
        """The reply as a message of the conversation."""
        calls = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in self.calls
        ]
        if not calls:
            return {"role": "assistant", "content": self.text}
        return {"role": "assistant", "content": self.text or None, "tool_calls": calls}


class _Call:
    def __init__(self) -> None:
        self.id = ""
        self.name = ""
        self.arguments = ""


class Gathered:
    """A reply while it comes. What is of another shape than the protocol's counts as not there."""

    def __init__(self) -> None:
        self.begun = False
        self._text: list[str] = []
        self._length = 0
        self._calls: dict[object, _Call] = {}
        self._finish: str | None = None
        self._tokens: int | None = None

    def add(self, chunk: object) -> str:
        """Take one chunk in; the text that it brings."""
        self.begun = True
        fields = _mapping(chunk)
        usage = _mapping(fields.get("usage")).get("total_tokens")
        if isinstance(usage, int) and not isinstance(usage, bool) and usage >= 0:
            self._tokens = usage
        choice = next(_mappings(fields.get("choices")), {})
        delta = _mapping(choice.get("delta"))
        for number, call in enumerate(_mappings(delta.get("tool_calls"))):
            self._call(number, call)
        if isinstance(finish := choice.get("finish_reason"), str):
            self._finish = finish
        return self._said(delta.get("content")) + self._said(delta.get("refusal"))

    @property
    def full(self) -> bool:
        """Whether no more text is taken."""
        return self._length >= LONGEST

    @property
    def reply(self) -> Reply:
        """What came so far. A call without an id gets one of its own."""
        calls = tuple(
            Asked(call.id or f"call_{number}", call.name, call.arguments)
            for number, call in enumerate(self._calls.values(), 1)
        )
        return Reply("".join(self._text), calls, "length" if self.full else self._finish, self._tokens)

    def _said(self, text: object) -> str:
        if not isinstance(text, str):
            return ""
        taken = _valid(text[: LONGEST - self._length])
        self._length += len(taken)
        self._text.append(taken)
        return taken

    def _call(self, number: int, delta: Mapping[str, Any]) -> None:
        at: object = delta.get("index")
        at = at if isinstance(at, int) else number
        call_id, function = _text(delta.get("id")), _mapping(delta.get("function"))
        name = _text(function.get("name"))
        call = self._calls.get(at)
        if call is not None and name and call_id and call_id != call.id:
            at = call_id  # some servers number every call 0, and tell them apart by their ids alone
            call = self._calls.get(at)
        if call is None:
            if len(self._calls) >= MOST_CALLS:
                return
            call = self._calls[at] = _Call()
        call.id = call.id or call_id
        call.name = call.name or name
        arguments = function.get("arguments")
        call.arguments += _text(arguments)[: LONGEST - len(call.arguments)]


def as_json(value: Any) -> Any:
    """The value as JSON can hold it: what it has no form for, such as a day, as a text, and no halves of characters."""
    return json.loads(_valid(json.dumps(value, ensure_ascii=False, default=str)), parse_constant=str)


def _text(value: object) -> str:
    return _valid(value) if isinstance(value, str) else ""


def _valid(text: str) -> str:
    """The text without halves of characters, which no file and no request could hold."""
    return text.encode("utf-8", "replace").decode()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _mappings(value: object) -> Iterator[Mapping[str, Any]]:
    return (each for each in value if isinstance(each, Mapping)) if isinstance(value, list) else iter(())
