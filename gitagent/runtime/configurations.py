"""Configurations: what answers a call, by commit. Read once, and kept for as long as there is room."""

from __future__ import annotations

import json
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.agent.files import tree_files
from gitagent.config.serving import served
from gitagent.errors import AgentNotFound, RepositoryUnreadable
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

ROOM = 64 * 1024 * 1024
"""How many bytes of configurations are kept."""


class ServedConfiguration(NamedTuple):
    """A version's configuration as one JSON document, in UTF-8. It never changes: `etag` names it for HTTP."""

    commit: str
    body: bytes

    @property
    def etag(self) -> str:
        return f'"{self.commit}"'

    def document(self) -> dict[str, Any]:
        """What it says, to be used as one likes."""
        values: dict[str, Any] = json.loads(self.body)
        return values


class Configurations:
    """The configurations used last, of all agents. Whatever is let go is read again from git."""

    def __init__(self, *, room: int = ROOM) -> None:
        self._room = room
        self._used = 0
        self._known: OrderedDict[str, ServedConfiguration] = OrderedDict()
        self._lock = Lock()
        self._reading = Lock()

    def get(self, repository: Path, commit: str) -> ServedConfiguration:
        """The configuration of a commit; ObjectMissing where the repository does not have it."""
        if (known := self.known(commit)) is not None:
            return known
        with self._reading:  # after a promotion many ask for the same one at once
            if (known := self.known(commit)) is not None:
                return known
            found = ServedConfiguration(commit, read(repository, commit))
            self._keep(found)
            return found

    def known(self, commit: str) -> ServedConfiguration | None:
        """The configuration of a commit if it is at hand; None where it would have to be read."""
        with self._lock:
            if (known := self._known.get(commit)) is not None:
                self._known.move_to_end(commit)
            return known

    def prune(self) -> None:
        """Let all of them go."""
        with self._lock:
            self._known.clear()
            self._used = 0

    def _keep(self, found: ServedConfiguration) -> None:
        with self._lock:
            self._known[found.commit] = found
            self._used += len(found.body)
            while self._used > self._room and len(self._known) > 1:
                _, oldest = self._known.popitem(last=False)
                self._used -= len(oldest.body)


def read(path: Path, commit: str) -> bytes:
    """The document of a commit, from git. The repository is open no longer than that takes."""
    try:
        repository = Repository.at(path)
    except OSError as error:
        raise RepositoryUnreadable(f"cannot read the repository {path}: {error.strerror}") from error
    if repository is None:
        raise AgentNotFound(f"no agent in {path}")
    return served(tree_files(repository, repository.commit(commit).tree))
