"""JSON texts as events, each with its place, which the standard library's own reader does not tell.

Nothing here calls itself, so that no nesting can exhaust the stack. Strings are read by the standard library.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

from gitagent.config.events import Event, EventKind, Events, TextSyntaxError
from gitagent.config.scalars import Scalar, resolve

_STRINGS = JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")
_WORD = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?|true|false|null")
_CLOSING = {EventKind.MAPPING: "}", EventKind.SEQUENCE: "]"}
_OPENING = {"{": EventKind.MAPPING, "[": EventKind.SEQUENCE}


def json_events(text: str) -> Events:
    """The events of one JSON text. What the standard (RFC 8259) does not allow raises TextSyntaxError."""
    yield Event(EventKind.DOCUMENT, 0)
    open_kinds: list[EventKind] = []
    at = _skip(text, 0)
    while True:
        event = _value(text, at)
        yield event
        at = _skip(text, event.end)
        if event.kind is not EventKind.SCALAR:
            open_kinds.append(event.kind)
            if text[at : at + 1] != _CLOSING[event.kind]:
                if event.kind is EventKind.MAPPING:
                    key, at = _key(text, at)
                    yield key
                continue
        while open_kinds and text[at : at + 1] == _CLOSING[open_kinds[-1]]:
            open_kinds.pop()
            yield Event(EventKind.END, at, at + 1)
            at = _skip(text, at + 1)
        if not open_kinds:
            break
        at = _skip_comma(text, at, open_kinds[-1])
        if open_kinds[-1] is EventKind.MAPPING:
            key, at = _key(text, at)
            yield key
    if at < len(text):
        raise TextSyntaxError("more text after the end of the JSON value", index=at)


def _skip(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _skip_comma(text: str, at: int, inside: EventKind) -> int:
    closing = _CLOSING[inside]
    if text[at : at + 1] != ",":
        raise TextSyntaxError(f"expected ',' or '{closing}', found {_shown(text, at)}", index=at, hint=_hint(text, at))
    after = _skip(text, at + 1)
    if text[after : after + 1] == closing:
        raise TextSyntaxError(
            f"a comma before '{closing}'", index=at, hint="JSON allows no comma after the last item: remove it."
        )
    return after


def _key(text: str, at: int) -> tuple[Event, int]:
    if text[at : at + 1] != '"':
        raise TextSyntaxError(
            f"expected a key in double quotes, found {_shown(text, at)}", index=at, hint=_hint(text, at)
        )
    key = _value(text, at)
    colon = _skip(text, key.end)
    if text[colon : colon + 1] != ":":
        raise TextSyntaxError(f"expected ':' after the key, found {_shown(text, colon)}", index=colon)
    return key, _skip(text, colon + 1)


def _value(text: str, at: int) -> Event:
    first = text[at : at + 1]
    if first in _OPENING:
        return Event(_OPENING[first], at, at + 1)
    if first == '"':
        try:
            value, end = _STRINGS.raw_decode(text, at)
        except JSONDecodeError as error:
            raise TextSyntaxError(error.msg[:1].lower() + error.msg[1:].removesuffix(" at"), index=error.pos) from error
        return Event(EventKind.SCALAR, at, end, value)
    match = _WORD.match(text, at)
    if match is None or text[match.end() : match.end() + 1].isalnum():
        raise TextSyntaxError(f"expected a value, found {_shown(text, at)}", index=at, hint=_hint(text, at))
    word: Scalar = resolve(match[0])
    return Event(EventKind.SCALAR, at, match.end(), word, match[0])


def _shown(text: str, at: int) -> str:
    return repr(text[at]) if at < len(text) else "the end of the file"


def _hint(text: str, at: int) -> str | None:
    if text.startswith(("//", "/*", "#"), at):
        return "JSON has no comments: remove it."
    if text.startswith("'", at):
        return "JSON knows only double quotes."
    return None
