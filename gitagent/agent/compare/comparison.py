"""Comparison: what differs between two sets of files, looked at no closer than it is asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from gitagent.agent.compare.renames import renames
from gitagent.agent.compare.text import Text, is_binary, read_text
from gitagent.config.files import File, FileKind, Files

if TYPE_CHECKING:
    from gitagent.agent.compare.keys import KeyChanges
    from gitagent.agent.compare.lines import LineChanges


class ChangeKind(StrEnum):
    """What became of a file."""

    ADDED = "added"
    DELETED = "deleted"
    MODIFIED = "modified"
    RENAMED = "renamed"


class NoteKind(StrEnum):
    """What a note is about."""

    BINARY = "binary"
    ENCODING = "encoding"
    FINAL_NEWLINE = "final-newline"
    LAYOUT_ONLY = "layout-only"
    LINE_ENDINGS = "line-endings"
    MODE = "mode"
    RENAMED = "renamed"
    TYPE = "type"
    UNPARSED = "unparsed"


@dataclass(frozen=True, slots=True)
class Note:
    """A fact about a changed file that its lines do not show."""

    kind: NoteKind
    text: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many files changed in which way, and how many lines were added and removed in them."""

    added: int
    deleted: int
    modified: int
    renamed: int
    lines_added: int
    lines_removed: int

    @property
    def files(self) -> int:
        """How many files changed in all."""
        return self.added + self.deleted + self.modified + self.renamed


@dataclass(frozen=True)
class FileChange:
    """One file that differs. `old` is None when it was added, `new` when it was deleted.

    Contents are read when something that needs them is first asked for, and then kept.
    """

    kind: ChangeKind
    old_path: str | None
    new_path: str | None
    old: File | None
    new: File | None

    @property
    def path(self) -> str:
        """Where the file is now, or was last."""
        return self.new_path or self.old_path or ""

    @cached_property
    def content_changed(self) -> bool:
        """Whether the bytes differ; False for a file that was only moved or made executable."""
        return self.old is None or self.new is None or self.old.id != self.new.id

    @cached_property
    def old_content(self) -> bytes:
        """What the file held; empty when it was not there."""
        return _content(self.old)

    @cached_property
    def new_content(self) -> bytes:
        """What the file holds; empty when it is not there."""
        return _content(self.new)

    @cached_property
    def is_binary(self) -> bool:
        """Whether one side of a changed content is no text."""
        return self.content_changed and (is_binary(self.old_content) or is_binary(self.new_content))

    @cached_property
    def texts(self) -> tuple[Text, Text] | None:
        """Both contents as text; None when they are the same, or no text."""
        if not self.content_changed or self.is_binary:
            return None
        return read_text(self.old_content), read_text(self.new_content)

    @cached_property
    def lines(self) -> LineChanges | None:
        """The lines that differ; None when the contents are the same, or no text."""
        from gitagent.agent.compare.lines import line_changes

        return None if self.texts is None else line_changes(*self.texts)

    @cached_property
    def keys(self) -> KeyChanges | None:
        """The configuration keys that differ; None when this is no YAML or JSON file on either side."""
        from gitagent.agent.compare.keys import key_changes

        return key_changes(self)

    @cached_property
    def notes(self) -> tuple[Note, ...]:
        """What else is to be said of this file."""
        from gitagent.agent.compare.notes import notes

        return notes(self)


@dataclass(frozen=True)
class Comparison:
    """Every file that differs between two sides, by path. True when there is one."""

    old_label: str
    new_label: str
    files: tuple[FileChange, ...]

    def __bool__(self) -> bool:
        return bool(self.files)

    @cached_property
    def counts(self) -> Counts:
        """How much changed; reads the files that differ."""
        kinds = [file.kind for file in self.files]
        changes = [file.lines for file in self.files if file.lines is not None]
        return Counts(
            added=kinds.count(ChangeKind.ADDED),
            deleted=kinds.count(ChangeKind.DELETED),
            modified=kinds.count(ChangeKind.MODIFIED),
            renamed=kinds.count(ChangeKind.RENAMED),
            lines_added=sum(change.added for change in changes),
            lines_removed=sum(change.removed for change in changes),
        )

    @cached_property
    def summary(self) -> str:
        """The comparison in short, on one line: `2 files: agent.yaml (voice.speed 1.0 → 1.2), a.md added`."""
        from gitagent.agent.compare.summary import summary

        return summary(self)

    @cached_property
    def summary_lines(self) -> tuple[str, ...]:
        """The comparison in short, a line for each file: `agent.yaml: voice.speed 1.0 → 1.2`."""
        from gitagent.agent.compare.summary import summary_lines

        return summary_lines(self)


def compare(old: Files, new: Files, *, old_label: str, new_label: str) -> Comparison:
    """What differs between two sets of files. Files with the same id and kind are never read."""
    deleted = {path: file for path, file in old.items() if path not in new}
    added = {path: file for path, file in new.items() if path not in old}
    moved = renames(deleted, added) if deleted and added else {}
    changes = [
        FileChange(ChangeKind.MODIFIED, path, path, file, new[path])
        for path, file in old.items()
        if path in new and (file.kind != new[path].kind or file.id != new[path].id)
    ]
    changes += [
        FileChange(ChangeKind.DELETED, path, None, file, None)
        for path, file in deleted.items()
        if path not in set(moved.values())
    ]
    changes += [_arrived(path, file, moved.get(path), old) for path, file in added.items()]
    return Comparison(old_label, new_label, tuple(sorted(changes, key=lambda change: change.path)))


def _arrived(path: str, file: File, old_path: str | None, old: Files) -> FileChange:
    if old_path is None:
        return FileChange(ChangeKind.ADDED, None, path, None, file)
    return FileChange(ChangeKind.RENAMED, old_path, path, old[old_path], file)


def _content(file: File | None) -> bytes:
    if file is None:
        return b""
    if file.kind is FileKind.SUBMODULE:  # git's own way to write the commit of a submodule as a text
        return f"Subproject commit {file.id}\n".encode()
    return file.read()
