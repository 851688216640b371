"""Keys: which configuration values differ between two YAML or JSON files, by their path."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gitagent.agent.compare.text import is_binary
from gitagent.config.files import File, FileKind

if TYPE_CHECKING:
    from gitagent.agent.compare.comparison import FileChange

_SUFFIXES = (".yaml", ".yml", ".json")
_PLAIN = (FileKind.FILE, FileKind.EXECUTABLE)


class KeyChangeKind(StrEnum):
    """What became of a key. One that moved has its place in its list, from 1, as its values."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class KeyChange:
    """One key that differs, such as `voice.speed` or `handoffs[front desk].number`, and its values."""

    path: str
    kind: KeyChangeKind
    old: object = None
    new: object = None


@dataclass(frozen=True, slots=True)
class KeyChanges:
    """The keys that differ, in the order of the new file; or, in `unparsed`, why that cannot be said."""

    changes: tuple[KeyChange, ...] = ()
    unparsed: str | None = None


def key_changes(change: FileChange) -> KeyChanges | None:
    """The keys that differ in a file; None when neither side is an ordinary YAML or JSON file."""
    if not (_is_configuration(change.old_path, change.old) or _is_configuration(change.new_path, change.new)):
        return None
    if not change.content_changed:
        return KeyChanges()
    sides = ((change.old_path, change.old, change.old_content), (change.new_path, change.new, change.new_content))
    values: list[object] = []
    for path, file, content in sides:
        if file is None or path is None:
            values.append(None)
            continue
        value, problem = _read(path, file, content)
        if problem is not None:
            return KeyChanges(unparsed=problem)
        values.append(value)
    from gitagent.agent.compare.values import differences

    return KeyChanges(tuple(differences(*values)))


def _is_configuration(path: str | None, file: File | None) -> bool:
    return file is not None and path is not None and file.kind in _PLAIN and path.endswith(_SUFFIXES)


def _read(path: str, file: File, content: bytes) -> tuple[object, str | None]:
    """The value of a file, or what is wrong with it, in one line."""
    if not _is_configuration(path, file):
        return None, f"{path} is not a YAML or JSON file"
    if is_binary(content):
        return None, f"{path} is binary"
    from gitagent.config.yaml import parse

    document = parse(content, path)
    if not document.complete:
        return None, str(document.problems[0])
    twice = next((problem for problem in document.problems if problem.code == "duplicate-key"), None)
    # Of two values of one key only one is read: whatever the other became would not be told.
    return (document.value, None) if twice is None else (None, str(twice))
