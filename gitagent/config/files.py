"""Files: an agent's files as the configuration layer sees them, wherever they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol


class FileKind(StrEnum):
    """What stands at a path."""

    FILE = "file"
    EXECUTABLE = "executable"
    LINK = "link"
    SUBMODULE = "submodule"


class File(Protocol):
    """One file: its kind, its size in bytes, and its content on request.

    A link's content is its target, in UTF-8; a submodule has none. `id` is the same for the same content
    (a git object id, in hex), so that what is known of a content can be kept.
    """

    @property
    def kind(self) -> FileKind: ...
    @property
    def size(self) -> int: ...
    @property
    def id(self) -> str: ...
    def read(self) -> bytes: ...


class MemoryFile:
    """A file whose content is in memory; its id is git's own for the same content."""

    __slots__ = ("_content", "kind")

    def __init__(self, content: bytes, kind: FileKind = FileKind.FILE) -> None:
        self._content = content
        self.kind = kind

    @property
    def size(self) -> int:
        return len(self._content)

    @property
    def id(self) -> str:
        from hashlib import sha1  # 2 ms, for templates alone

        return sha1(b"blob %d\0" % self.size + self._content, usedforsecurity=False).hexdigest()

    def read(self) -> bytes:
        return self._content


Files = Mapping[str, File]
"""An agent's files by path. Paths are relative, with `/` between their parts."""
