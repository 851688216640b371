"""Folders: an agent's files as they stand on a disk, and which of them are suites."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from gitagent.config.files import File, FileKind, MemoryFile

_LEDGER = "refs/heads/gitagent/ledger"
# What a suite cannot do without: elsewhere than in an agent, `tests` may hold any YAML.
_SUITE = re.compile(rb"^(?:cases|scenario|prompt_assertions|function_call_assertions)[ \t]*:", re.MULTILINE)
_LEFT_OUT = frozenset({"node_modules", "__pycache__", "build", "dist"})


def is_suite(path: Path) -> bool:
    """Whether a file in a folder `tests` or `test_suite` is a suite: one of an agent, or at least with cases."""
    root = path.parent.parent
    adk = (root / "project.yaml").is_file()
    if not adk and (path.parent.name == "test_suite" or not (root / "agent.yaml").is_file()):
        return False
    return _is_agent(root / ".git") or _SUITE.search(_content(path)) is not None


def _is_agent(git: Path) -> bool:
    return (git / _LEDGER).exists() or _LEDGER.encode() in _content(git / "packed-refs")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class Folder(Mapping[str, File]):
    """The files below a folder by their paths, links as links; hidden folders and those of programs are left out."""

    def __init__(self, root: Path) -> None:
        self._paths = dict(_walk(root))

    def __getitem__(self, path: str) -> File:
        return DiskFile(self._paths[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)


class DiskFile:
    """A file on the disk."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def kind(self) -> FileKind:
        if os.path.islink(self._path):  # noqa: PTH114  # a text all along: half a thousand of them are looked at
            return FileKind.LINK
        return FileKind.EXECUTABLE if os.access(self._path, os.X_OK) else FileKind.FILE

    @property
    def size(self) -> int:
        return os.lstat(self._path).st_size

    @property
    def id(self) -> str:
        return MemoryFile(self.read()).id

    def read(self) -> bytes:
        if self.kind is FileKind.LINK:
            return os.fsencode(os.readlink(self._path))  # noqa: PTH115
        return Path(self._path).read_bytes()


def _walk(root: Path) -> Iterator[tuple[str, str]]:
    top = os.fspath(root)
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(name for name in folders if name[0] != "." and name not in _LEFT_OUT)
        if "pyvenv.cfg" in names:
            folders.clear()
            continue
        inside = os.path.relpath(folder, top)
        for name in sorted(names):
            yield (name if inside == "." else f"{inside}/{name}"), os.path.join(folder, name)  # noqa: PTH118
