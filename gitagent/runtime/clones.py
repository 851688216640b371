"""Clones: plain clones of agents below a folder, which have no ledger of their own yet."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.agent.ledger import LEDGER
from gitagent.runtime.repositories import DEPTH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_PACKED = re.compile(rb"^[0-9a-f]{40} refs/remotes/[^/\n]+/gitagent/ledger$", re.MULTILINE)
_OWN = re.compile(rb"^[0-9a-f]{40} refs/heads/gitagent/ledger$", re.MULTILINE)


def clones(folder: Path, agents: Collection[Path] = (), *, depth: int = DEPTH) -> Iterator[Path]:
    """Clones that somebody made with git alone. What a repository holds is its own; `agents` are not looked into."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            with suppress(OSError):  # one folder that may not be looked into hides none of the others
                yield from _in(entry, agents, depth)


def _in(entry: os.DirEntry[str], agents: Collection[Path], depth: int) -> Iterator[Path]:
    path = Path(entry.path)
    if entry.name.startswith(".") or not entry.is_dir() or path in agents:
        return
    if (path / ".git").is_dir():
        if _is_clone(path / ".git"):
            yield path
    elif depth > 1 and not (path / "HEAD").is_file():
        yield from clones(path, agents, depth=depth - 1)


def _is_clone(git_directory: Path) -> bool:
    if (git_directory / LEDGER).is_file():
        return False
    with suppress(OSError):
        packed = (git_directory / "packed-refs").read_bytes()
        if _OWN.search(packed):
            return False
        if _PACKED.search(packed):
            return True
    return any(git_directory.glob("refs/remotes/*/gitagent/ledger"))
