"""Indents: a JSON text set in as another one is, so that the two can be put together."""

from __future__ import annotations

import json
import re

_INDENTED = re.compile(r"\n([ \t]+)\S")
_LINE = re.compile(r"^([ \t]+)", re.MULTILINE)


def indent_of(text: str) -> str | None:
    """What a level of this JSON text is set in by; None where all of it stands in one line."""
    if match := _INDENTED.search(text):
        return match[1]
    return None


def reindented(text: str, indent: str | None) -> str:
    """A JSON text, set in by `indent`. ValueError where it is no JSON."""
    old = indent_of(text)
    if old == indent:
        return text
    if old is None or indent is None:
        written = json.dumps(json.loads(text), indent=indent, ensure_ascii=False)
        return written + "\n" if text.endswith("\n") else written
    # A JSON text has no line breaks inside its strings, so that all space before a line is layout.
    return _LINE.sub(lambda found: indent * (len(found[1]) // len(old)), text)
