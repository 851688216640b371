"""Slots: what a tool needs to be told, and how much of it a message says. Words are taken as they are said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gitagent.chat.phrases import Phrases
from gitagent.config.meaning.values import Tool, Topic

_LONGEST = 200
_LONGEST_PART = 60
_MOST_PARTS = 8
_KINDS = {
    "date": {"date", "day", "datum", "tag", "jour", "fecha", "día"},
    "time": {"time", "hour", "uhrzeit", "zeit", "heure", "hora"},
}
_DIGITS = re.compile(r"[0-9]{1,15}")
_QUESTION = ("?", "\uff1f", "\u061f")
_INTEGERS = ("integer", "number")
# Nobody who says "today" means the day on which they were born.
_BIRTH = re.compile(r"birth|born|geburt|geboren|naissance|nacimiento", re.IGNORECASE)


def asked_in(topic: Topic, phrases: Phrases) -> Tool | None:
    """What a topic's own text asks for, as a tool without a name that needs it: there is nothing to call."""
    found = phrases.asks.search(topic.content)
    parts = [part.strip() for part in phrases.both.split(found[1])] if found is not None else []
    wanted = [part for part in dict.fromkeys(parts) if part and len(part) <= _LONGEST_PART][:_MOST_PARTS]
    return Tool("", parameters={"properties": {part: {} for part in wanted}, "required": wanted}) if wanted else None


def asks(topic: Topic, phrases: Phrases) -> bool:
    """Whether a topic's own text asks for something, as far as a text tells: it ends in a question, or says so."""
    return topic.content.rstrip().endswith(_QUESTION) or phrases.asks.search(topic.content) is not None


def required(tool: Tool) -> tuple[str, ...]:
    """The parameters that a tool cannot do without, in its own order."""
    names = tool.parameters.get("required")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def described(tool: Tool, name: str) -> str:
    """A parameter in words, to ask for it."""
    text = _schema(tool, name).get("description")
    words = text.strip().rstrip(".") if isinstance(text, str) else ""
    return words[:1].lower() + words[1:] if words else name.replace("_", " ")


def gathered(tool: Tool, wanted: Sequence[str], message: str, phrases: Phrases, *, asked: str | None) -> dict[str, Any]:
    """What a message says of the parameters that are wanted. What was `asked` for can be any text."""
    message = message.strip()[:_LONGEST]
    found: dict[str, Any] = {}
    rest = message
    for kind, pattern in (("date", phrases.day), ("time", phrases.time)):
        names = [name for name in wanted if _is(kind, tool, name)]
        if names and (match := pattern.search(rest)):
            found[names[0]] = match[0]
            rest = rest[: match.start()] + " " + rest[match.end() :]
    for name in wanted:
        if name not in found and (value := _value(_schema(tool, name), rest, phrases)) is not None:
            found[name] = value
    if asked in wanted and asked not in found and message:
        schema = _schema(tool, str(asked))
        if schema.get("type") not in (*_INTEGERS, "boolean") and "enum" not in schema:
            found[str(asked)] = _as_said(schema, phrases.lead_in.sub("", message))
    return found


def _schema(tool: Tool, name: str) -> Mapping[str, Any]:
    properties = tool.parameters.get("properties")
    schema = properties.get(name) if isinstance(properties, dict) else None
    return schema if isinstance(schema, dict) else {}


def _is(kind: str, tool: Tool, name: str) -> bool:
    schema = _schema(tool, name)
    if schema.get("type", "string") != "string" or "enum" in schema or _BIRTH.search(name):
        return False
    return schema.get("format") == kind or ("format" not in schema and not _KINDS[kind].isdisjoint(_spoken(name)))


def _spoken(name: str) -> list[str]:
    return re.split(r"[\W_]+", name.lower())


def _value(schema: Mapping[str, Any], message: str, phrases: Phrases) -> object:
    options = schema.get("enum")
    if isinstance(options, list):
        return next((each for each in options if isinstance(each, str) and _says(message, each)), None)
    if schema.get("type") in _INTEGERS:
        return next(_numbers(message, phrases), None)
    if schema.get("type") == "boolean":
        return True if phrases.yes.search(message) else False if phrases.no.search(message) else None
    return None


def _says(message: str, option: str) -> bool:
    return re.search(rf"\b{re.escape(option)}\b", message, re.IGNORECASE) is not None


def _numbers(message: str, phrases: Phrases) -> Iterator[int]:
    spoken = phrases.numbers.split()
    for word in re.findall(r"\w+", message.lower()):
        if _DIGITS.fullmatch(word):
            yield int(word)
        elif word in spoken:
            yield spoken.index(word)


def _as_said(schema: Mapping[str, Any], message: str) -> object:
    if schema.get("type") == "array":
        return [part.strip() for part in re.split(r",|;|\band\b|\bund\b|\bet\b|\by\b", message) if part.strip()]
    return message.strip().rstrip(".!")
