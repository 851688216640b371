"""Staging: the files in git's index, as the next commit will hold them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2

from gitagent.errors import StorageFailed

if TYPE_CHECKING:
    from gitagent.git.repository import Repository
    from gitagent.git.worktree import Entries

_INDEX_FILE = "GIT_INDEX_FILE"
"""In it git tells a hook which index it commits: with `git commit -- path` it is not the usual one."""


def staged_entries(repository: Repository, environ: Mapping[str, str]) -> Entries:
    """What git is about to commit. Nothing is read from the working tree, and nothing is written."""
    path = Path(environ.get(_INDEX_FILE) or Path(repository.raw.path) / "index")
    try:
        found = {item.path: (int(item.mode), str(item.id)) for item in _Index(str(path))}
    except (pygit2.GitError, OSError) as error:
        raise StorageFailed(f"cannot read git's index {path}: {error}") from error
    return dict(sorted(found.items()))


class _Index(pygit2.Index):
    """An index file; pygit2's own stumbles in its `__del__` over one that could not be opened, on stderr."""

    def __del__(self) -> None:
        if hasattr(self, "_index"):
            super().__del__()
