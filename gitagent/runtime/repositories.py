"""Repositories: where those of the agents below a folder are, each once, however many ways lead to it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.ledger import LEDGER
from gitagent.errors import GitagentError
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 3
"""How many folders deep agents are looked for."""


class _Found(NamedTuple):
    """A way to an agent. The repository itself comes before a link to it or a working tree that is linked to it."""

    is_linked: bool
    path: str
    identity: tuple[int, int]


def repositories(folder: Path, depth: int = DEPTH) -> list[Path]:
    """The agents below a folder, sorted. OSError where the folder itself cannot be read."""
    once: dict[tuple[int, int], str] = {}
    with os.scandir(folder) as entries:
        found = [each for entry in entries for each in _below(entry, depth, is_linked=False)]
    for each in sorted(found):
        once.setdefault(each.identity, each.path)
    return [Path(path) for path in sorted(once.values())]


def _below(entry: os.DirEntry[str], depth: int, *, is_linked: bool) -> Iterator[_Found]:
    """The agent in a folder, or those below it. What a repository holds is its own."""
    try:
        if entry.name.startswith(".") or not entry.is_dir():
            return
        is_linked = is_linked or entry.is_symlink()
        if (own := _git_directory(entry.path)) is not None:
            if _has_ledger(own):
                found = os.stat(own)  # noqa: PTH116  # a Path costs more than the look itself
                yield _Found(is_linked or not own.startswith(entry.path), entry.path, (found.st_dev, found.st_ino))
        elif depth > 1:
            with os.scandir(entry.path) as entries:
                for each in entries:
                    yield from _below(each, depth - 1, is_linked=is_linked)
    except OSError:
        return  # one folder that cannot be read keeps none of the others from being served


def _git_directory(path: str) -> str | None:
    """Where the repository of a folder is; None where it has none."""
    own = f"{path}/.git"
    try:
        mode = os.stat(own).st_mode  # noqa: PTH116
    except FileNotFoundError:
        return path if os.path.isfile(f"{path}/HEAD") and os.path.isdir(f"{path}/objects") else None  # noqa: PTH112, PTH113
    return own if stat.S_ISDIR(mode) else _linked(path)


def _linked(path: str) -> str | None:
    """The repository of a linked working tree; None where it cannot be opened."""
    try:
        found = Repository.at(Path(path))
    except GitagentError:
        return None
    return None if found is None else os.fspath(found.git_directory)


def _has_ledger(git_directory: str) -> bool:
    if os.path.isfile(f"{git_directory}/{LEDGER}"):  # noqa: PTH113
        return True
    try:
        return f" {LEDGER}\n".encode() in Path(git_directory, "packed-refs").read_bytes()
    except FileNotFoundError:
        return False
