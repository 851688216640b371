"""YAML and JSON: bytes to values with their places, and values to YAML. The only module that imports ruamel.yaml.

The parser in C hands out events; where it is missing (PyPy), ruamel's own does. ruamel.yaml takes 25 ms to import, so
it is imported when the first text is read.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from gitagent.config.composing import Composer
from gitagent.config.documents import Document, Lines
from gitagent.config.events import Event, EventKind, Events, TextSyntaxError
from gitagent.config.problems import Problem
from gitagent.config.scalars import resolve
from gitagent.config.texts import LARGEST, conflict, decode, too_large
from gitagent.errors import InvalidConfiguration

# What the YAML standard allows in a file: no control characters, and no second byte order mark.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_MOST_TAG_DIRECTIVES = 100  # libyaml compares each with all before it


def parse(data: bytes, path: str) -> Document:
    """The document of one of an agent's own files: its values, their places, and every problem found."""
    return _read(data, path, strict=True)


def check(data: bytes, path: str) -> list[Problem]:
    """The problems of any other YAML or JSON file: what cannot be read, and keys given twice."""
    if path.endswith(".json") and len(data) <= LARGEST and _is_sound_json(data):
        return []
    return list(_read(data, path, strict=False).problems)


def _is_sound_json(data: bytes) -> bool:
    # Thirty times as fast as reading with places, and most files that nobody asked for are data.
    import json

    try:
        json.loads(
            data.removeprefix(codecs.BOM_UTF8).decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        return False
    return True


def _unique(pairs: list[tuple[str, object]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("duplicate key")


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no JSON")


def load(data: bytes) -> object:
    """The value of a small YAML text that gitagent itself wrote. A text with problems is InvalidConfiguration."""
    document = _read(data, "", strict=True)
    if document.problems:
        first = document.problems[0]
        raise InvalidConfiguration(
            f"line {first.line}, column {first.column}: {first.message}", problems=document.problems, hint=first.hint
        )
    return document.value


def dump(value: object) -> str:
    """`value` as YAML in block style, keys in the order given, text in quotes only where it needs them."""
    from gitagent.config import dumping

    return dumping.dump(value)


def _read(data: bytes, path: str, *, strict: bool) -> Document:
    if len(data) > LARGEST:
        return Document(path, "", None, False, (too_large(path, len(data)),))
    text, problem = decode(data, path)
    if problem is not None:
        return Document(path, text, None, False, (problem,))
    if (problem := conflict(text, path)) is not None:
        return Document(path, text, None, False, (problem,))
    if path.endswith(".json"):
        return Composer(path, text, strict=strict).compose(events(text, path))
    if found := _FORBIDDEN.search(text):
        line, column = Lines(text).place(found.start())
        message = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
        problem = Problem(path, line, column, "bad-character", message, "Remove it.")
        return Document(path, text, None, False, (problem,))
    document = Composer(path, text, strict=strict).compose(_yaml_events(text))
    if not document.complete and document.problems[-1].message.startswith(_NO_SEPARATOR):
        again = _read_with_question_marks(text, path, strict=strict)
        return document if again is None else again
    return document


# libyaml takes a '?' inside '[ ]' and '{ }' for the end of a text, wherever it stands (https://github.com/yaml/libyaml/pull/105).
# By the standard it belongs to the text, unless the text begins with it.
_NO_SEPARATOR = "did not find expected ',' or "
_STAND_IN = "\ue000"  # an ordinary character of one's own, for the time of reading


def events(text: str, path: str) -> Events:
    """What stands in a text, in its order and not put together. A text that cannot be read on is TextSyntaxError."""
    if path.endswith(".json"):
        from gitagent.config.jsontexts import json_events

        return json_events(text)
    return _yaml_events(text)


def _read_with_question_marks(text: str, path: str, *, strict: bool) -> Document | None:
    """The document with every '?' that is part of a text read as such; None where that makes no document of it."""
    if _STAND_IN in text:
        return None
    inside_text = re.compile(r"(?<=[^ \t\r\n\[{,:?])\?+|(?<=\w )\?+(?=[,\]}])")
    changed = inside_text.sub(lambda found: _STAND_IN * len(found[0]), text)
    document = Composer(path, text, strict=strict).compose(map(_with_question_marks, _yaml_events(changed)))
    return None if any(problem.code == "yaml-syntax" for problem in document.problems) else document


def _with_question_marks(event: Event) -> Event:
    if not isinstance(event.value, str) or _STAND_IN not in event.value:
        return event
    value = event.value.replace(_STAND_IN, "?")
    return event._replace(value=value, source=None if event.source is None else value)


def _yaml_events(text: str) -> Events:
    import ruamel.yaml

    if text.count("\n%TAG") > _MOST_TAG_DIRECTIVES:
        raise TextSyntaxError("too many %TAG directives", index=text.index("%TAG"))
    try:
        for event in _raw_events(text):
            if (kind := _KINDS.get(type(event).__name__)) is not None:
                yield _event(kind, event)
    except ruamel.yaml.error.MarkedYAMLError as error:
        mark = _mark(error)
        index = mark.index if mark is not None else len(text)
        raise TextSyntaxError(error.problem or error.context or "", index=index, hint=_hint(error, text)) from error
    except (ruamel.yaml.error.YAMLError, ValueError, OverflowError) as error:
        # ruamel's own parser lets int() and chr() fail on impossible escapes; those carry no place.
        raise TextSyntaxError(str(error).partition("\n")[0], index=0) from error


_KINDS = {
    "DocumentStartEvent": EventKind.DOCUMENT,
    "MappingStartEvent": EventKind.MAPPING,
    "SequenceStartEvent": EventKind.SEQUENCE,
    "MappingEndEvent": EventKind.END,
    "SequenceEndEvent": EventKind.END,
    "ScalarEvent": EventKind.SCALAR,
    "AliasEvent": EventKind.ALIAS,
}


def _event(kind: EventKind, event: Any) -> Event:
    start, end = event.start_mark.index, event.end_mark.index
    if kind is EventKind.SCALAR:
        value, tag = event.value, event.tag
        if tag is None and event.implicit[0]:
            return Event(kind, start, end, resolve(value), value, event.anchor)
        return Event(kind, start, end, value, None, event.anchor, None if tag == "!" else tag)
    if kind is EventKind.MAPPING or kind is EventKind.SEQUENCE:
        tag = event.tag
        return Event(kind, start, end, None, None, event.anchor, None if tag is None or str(tag) == "!" else str(tag))
    if kind is EventKind.ALIAS:
        return Event(kind, start, end, None, None, event.anchor)
    return Event(kind, start, end)


@cache
def _c_parser() -> Any:
    """The parser in C; None where ruamel.yaml came without it."""
    try:
        return import_module("ruamel.yaml.cyaml").CParser
    except ImportError:
        return None


def _raw_events(text: str) -> Iterator[Any]:
    in_c = _c_parser()
    if in_c is None:
        from ruamel.yaml import YAML

        yield from YAML(typ="safe", pure=True).parse(text)
        return
    yield from iter(in_c(text).get_event, None)


_ENDED = "found unexpected end of stream"
_HINTS = (
    ("mapping values are not allowed", "Put a text that holds ': ' in quotes, and check the indentation."),
    ("could not find expected ':'", "Write 'key: value', with a space after the colon; quote text that is no key."),
    ("cannot start any token", "Quote a text that begins with this character."),
    ("unknown escape character", "Use single quotes where a backslash is just a backslash."),
    ("did not find expected key", "Check the indentation, and quote text that holds quotes, ': ' or '#'."),
    ("did not find expected '-' indicator", "Check the indentation of the list."),
    ("node content", "A value is missing, or a bracket or brace before it is not closed."),
    ("expected ',' or ", "A bracket or brace is not closed; quote a text that begins with one."),
    ("found unexpected ':'", "Put a text that ends with ':' in quotes."),
    (_ENDED, "A quote is opened and never closed."),
)


def _mark(error: Any) -> Any:
    """Where an error is to be looked for: a quote that is never closed, where it is opened."""
    if error.context_mark is not None and "quoted scalar" in (error.context or "") and _ENDED in error.problem:
        return error.context_mark
    return error.problem_mark or error.context_mark


def _hint(error: Any, text: str) -> str | None:
    mark, problem = error.problem_mark, error.problem or ""
    opened = error.context_mark.line if error.context_mark is not None else -1
    if "expected ',' or " in problem and mark is not None and opened not in (-1, mark.line):
        return f"A bracket or brace opened in line {opened + 1} is not closed; quote a text that begins with one."
    if mark is not None and text[mark.index : mark.index + 1] == "\t":
        return "Indent with spaces: YAML allows no tabs there."
    unexpected = "did not find expected key" in problem or "expected <block end>" in problem
    if unexpected and mark is not None and text[: mark.index].rstrip().endswith(("}", "]")):
        return "Quote a text that begins with a brace or bracket; otherwise a brace or bracket too many is closed here."
    return next((hint for part, hint in _HINTS if part in problem), None)
