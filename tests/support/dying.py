"""Dying: a server whose processes all die at a chosen write to the remote, or whose disk is full from there on."""

from __future__ import annotations

import shlex
from contextlib import contextmanager
from enum import IntEnum
from typing import TYPE_CHECKING

from support.building import git
from support.crashing import Write

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class How(IntEnum):
    """What comes of the write, as the killing library numbers it."""

    DEATH = 0
    HALF = 1
    FULL = 2
    READ_ONLY = 3


class Server:
    """What takes the pushes of one clone, over a path or ssh: `git receive-pack` and everything that it starts."""

    def __init__(self, library: Path, below: Path, folder: Path) -> None:
        """Counted is what is written below a folder of the remote; `folder` is for the server's own files."""
        self._library = library
        self._below = below
        self._count, self._log = folder / "writes-count", folder / "writes-log"

    @contextmanager
    def failing(self, clone: Path, at: int, how: How = How.DEATH) -> Iterator[None]:
        """While the clone pushes, let this come of write number `at`; of none where that is 0."""
        self._count.write_bytes(bytes(8))
        self._log.write_bytes(b"")
        names = {
            "LD_PRELOAD": self._library,
            "WRITES_BELOW": self._below,
            "WRITES_AT": at,
            "WRITES_HOW": int(how),
            "WRITES_COUNT": self._count,
            "WRITES_LOG": self._log,
        }
        given = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in names.items())
        # A session of its own: it is the whole group that dies, and the tests are not of it.
        git(clone, "config", "remote.origin.receivepack", f"setsid --wait env {given} git-receive-pack")
        try:
            yield
        finally:
            git(clone, "config", "--unset", "remote.origin.receivepack")

    def writes(self) -> list[Write]:
        """What the server wrote to the remote, in order, while it was failing last."""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return [Write(*line.split("\t")) for line in lines]
