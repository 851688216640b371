"""Value text: a configuration value as lines to read, and what to say of a key on either side."""

from __future__ import annotations

from gitagent.agent.compare.keys import KeyChange, KeyChangeKind
from gitagent.agent.compare.lines import LineChanges, line_changes
from gitagent.agent.compare.summary import shown
from gitagent.agent.compare.text import read_text


def is_nested(value: object) -> bool:
    """Whether a value holds others."""
    return isinstance(value, dict | list) and len(value) > 0


def sides_of(key: KeyChange) -> tuple[str | None, str | None]:
    """A key's text before and after, of one line or more; None on a side that lacks it."""
    if key.kind is KeyChangeKind.MOVED:
        return f"place {key.old}", f"place {key.new}"
    old = None if key.kind is KeyChangeKind.ADDED else as_text(key.old)
    new = None if key.kind is KeyChangeKind.REMOVED else as_text(key.new)
    return old, new


def as_text(value: object) -> str:
    """A text of several lines as it is, a mapping or a list as YAML, anything else as one line, texts in quotes."""
    if isinstance(value, str) and "\n" in value.rstrip("\n"):
        return value
    if not is_nested(value):
        return shown(value)
    from gitagent.config.yaml import dump

    return dump(value).rstrip("\n")


def text_changes(old: str, new: str) -> LineChanges:
    """How two texts of values differ, line by line."""
    return line_changes(*(read_text(text.encode("utf-8", "surrogateescape")) for text in (old, new)))
