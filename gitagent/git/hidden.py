"""Hidden files: those that git was told not to look at, by a bit in its index that pygit2 does not show."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIXED = 62
"""Bytes of an entry before its name: times, ids and sizes, the object's id and the flags."""
_ASSUME_UNCHANGED, _EXTENDED, _SKIP_WORKTREE = 0x8000, 0x4000, 0x4000
_PADDED = 8


def hidden_paths(index: Path) -> list[tuple[str, str]]:
    """The files marked in an index file, each with its mark: assume-unchanged or skip-worktree.

    Nothing when there is no such file, or it is cut off. Of a split index, which gitagent does not open, the entries
    whose names are in the other file are passed over.

    The format: https://git-scm.com/docs/index-format, versions 2 to 4.
    """
    try:
        content = index.read_bytes()
    except OSError:
        return []
    try:
        return [(os.fsdecode(path), mark) for path, mark in _entries(content) if mark and path]
    except (struct.error, ValueError, IndexError):
        return []  # cut off or broken: whoever reads it for what it holds says so


def _entries(content: bytes) -> Iterator[tuple[bytes, str]]:
    if len(content) < 12 or content[:4] != b"DIRC":
        return
    version, count = struct.unpack(">II", content[4:12])
    at, path = 12, b""
    for _ in range(count):
        start = at
        (flags,) = struct.unpack_from(">H", content, at + _FIXED - 2)
        at += _FIXED
        mark = "assume-unchanged" if flags & _ASSUME_UNCHANGED else ""
        if version > 2 and flags & _EXTENDED:
            if struct.unpack_from(">H", content, at)[0] & _SKIP_WORKTREE:
                mark = "skip-worktree"
            at += 2
        if version == 4:
            cut, at = _variable(content, at)
            path = path[: len(path) - cut]
        else:
            path = b""
        end = content.index(b"\0", at)
        path += content[at:end]
        at = end + 1 if version == 4 else start + (end - start + _PADDED) // _PADDED * _PADDED
        yield path, mark


def _variable(content: bytes, at: int) -> tuple[int, int]:
    """A number of variable width, as git's packs have it, and where it ends."""
    value = content[at] & 0x7F
    while content[at] & 0x80:
        at += 1
        value = (value + 1 << 7) | (content[at] & 0x7F)
    return value, at + 1
