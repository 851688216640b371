"""Conflicts: what two sides do not agree on, and what each of them says."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class ConflictKind(StrEnum):
    """What the two sides do not agree on."""

    KEY = "key"
    LINES = "lines"
    DELETED = "deleted"
    BINARY = "binary"
    LINK = "link"
    SUBMODULE = "submodule"
    FOLDER = "folder"


class Conflict(NamedTuple):
    """One conflict: the file, the key in it where it has keys, and what each side says there.

    What is said is text as it stands in the file; None where a side has nothing there, or nothing that can be shown.
    `beside` is the path at which the other side's file was put where one file cannot hold both.
    """

    path: str
    kind: ConflictKind
    key: str | None = None
    base: str | None = None
    ours: str | None = None
    theirs: str | None = None
    beside: str | None = None
