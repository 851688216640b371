"""Glances: the tip of a branch and some small files of it, read without opening the repository, which takes longer."""

from __future__ import annotations

import os
import re
import zlib
from hashlib import sha1
from pathlib import Path

import pygit2

_ID = re.compile(r"[0-9a-f]{40}")
_PLAIN = re.compile(rb"^\s*repositoryformatversion\s*=\s*0\s*$", re.MULTILINE | re.IGNORECASE)
_COMMIT = re.compile(rb"tree ([0-9a-f]{40})\n")
_KINDS: dict[int, bytes] = {1: b"commit", 2: b"tree", 3: b"blob"}
_AT_ONCE = 1 << 16


class UnclearError(Exception):
    """Something cannot be told at a glance: the repository has to be opened, which also says what is wrong with it."""


class Glance:
    """A repository with refs and objects as git has always kept them, that belongs to whoever asks.

    What it says is what the opened repository would say; whatever else there may be is UnclearError.
    """

    def __init__(self, top: Path) -> None:
        self.git_directory = _git_directory(os.fspath(top))
        self._trees: dict[str, dict[bytes, str]] = {}
        self._database: pygit2.Odb | None = None

    def ref(self, name: str) -> str:
        """The commit that a branch points at."""
        try:
            text = _content(f"{self.git_directory}/{name}").decode("ascii", "replace")
        except FileNotFoundError:
            text = self._packed(name)
        except OSError as error:
            raise UnclearError(name) from error
        if _ID.fullmatch(found := text.removesuffix("\n")) is None:
            raise UnclearError(name)
        return found

    def file(self, commit: str, path: str) -> bytes:
        """The file that stands at `path` in a commit; KeyError where none does."""
        if commit not in self._trees:
            if (match := _COMMIT.match(self._object(commit, b"commit"))) is None:
                raise UnclearError(commit)
            self._trees[commit] = self._tree(match[1].decode())
        entries, inner = self._trees[commit], path.encode().split(b"/")
        for folder in inner[:-1]:
            entries = self._tree(entries[folder])
        return self._object(entries[inner[-1]], b"blob")

    def _packed(self, name: str) -> str:
        try:
            lines = _content(f"{self.git_directory}/packed-refs")
        except OSError as error:
            raise UnclearError(name) from error
        end = lines.find(f" {name}\n".encode())
        return lines[max(end - 40, 0) : max(end, 0)].decode("ascii", "replace")

    def _tree(self, id_: str) -> dict[bytes, str]:
        if (known := self._trees.get(id_)) is None:
            try:
                known = self._trees[id_] = _entries(self._object(id_, b"tree"))
            except ValueError as error:
                raise UnclearError(id_) from error
        return known

    def _object(self, id_: str, kind: bytes) -> bytes:
        try:
            text = zlib.decompress(_content(f"{self.git_directory}/objects/{id_[:2]}/{id_[2:]}"))
        except OSError:
            return self._from_pack(id_, kind)
        except zlib.error as error:
            raise UnclearError(id_) from error
        head, _, content = text.partition(b"\0")
        if head != b"%b %d" % (kind, len(content)) or sha1(text, usedforsecurity=False).hexdigest() != id_:
            raise UnclearError(id_)
        return content

    def _from_pack(self, id_: str, kind: bytes) -> bytes:
        try:
            if self._database is None:
                self._database = pygit2.Odb(f"{self.git_directory}/objects")
            found, content = self._database.read(id_)
        except (KeyError, ValueError, OSError, pygit2.GitError) as error:
            raise UnclearError(id_) from error
        if _KINDS.get(int(found)) != kind:
            raise UnclearError(id_)
        return content


def _git_directory(top: str) -> str:
    """Where its refs and objects are, unless somebody else's, or kept in a newer way, or linked from elsewhere."""
    try:
        found = f"{top}/.git"
        here = os.stat(top)  # noqa: PTH116  # a Path costs more than the look itself
        try:
            inner = os.stat(found)  # noqa: PTH116
        except FileNotFoundError:
            found, inner = top, here
        is_plain = _PLAIN.search(_content(f"{found}/config")) is not None
    except OSError as error:
        raise UnclearError(top) from error
    # Git asks first whether a repository of somebody else is to be trusted.
    if not is_plain or {here.st_uid, inner.st_uid} != {os.geteuid()}:
        raise UnclearError(top)
    return found


def _entries(tree: bytes) -> dict[bytes, str]:
    """What stands in a tree: name → id."""
    found, start = dict[bytes, str](), 0
    while start < len(tree):
        zero = tree.index(b"\0", start)
        found[tree[start:zero].partition(b" ")[2]] = tree[zero + 1 : zero + 21].hex()
        start = zero + 21
    return found


def _content(path: str) -> bytes:
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = part = os.read(handle, _AT_ONCE)
        while len(part) == _AT_ONCE:
            part = os.read(handle, _AT_ONCE)
            content += part
        return content
    finally:
        os.close(handle)
