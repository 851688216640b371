"""Folders: every agent below a folder, bare or not, and the numbers of all of them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Self

from gitagent.agent.ledger import LEDGER
from gitagent.errors import AgentNotFound, GitagentError, NumberContested, NumberNotFound
from gitagent.git.repository import Repository
from gitagent.runtime.configurations import Configurations
from gitagent.runtime.resolutions import Resolver, dialled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gitagent.names import PhoneNumber
    from gitagent.runtime.resolutions import Resolution

DEPTH = 3
"""How many folders deep agents are looked for."""
LOOK_AGAIN = 0.5
"""Seconds after which numbers are looked for anew in all agents."""
LOOK_FOR_AGENTS = 5.0
"""Seconds after which new agents are looked for."""


class Trouble(NamedTuple):
    """Why an agent, or a number, is not served."""

    what: str
    error: GitagentError


class Agents:
    """Agents by name: the name of an agent's folder, without `.git`. Many threads can use them.

    Each is read when it is first asked for. A number that two of them have is answered by neither.
    """

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.configurations = Configurations()
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._resolvers: dict[str, Resolver] = {}
        self._doubles: dict[str, GitagentError] = {}
        self._owners: Mapping[str, tuple[str, ...]] = {}
        self._numbers: dict[str, frozenset[str]] = {}
        self._looked = self._listed = float("-inf")

    @classmethod
    def only(cls, path: Path) -> Self:
        """One agent alone: the one in this folder."""
        agents = cls(None)
        agents._resolvers = {name_of(path): Resolver(path, name_of(path), agents.configurations)}
        return agents

    def names(self) -> list[str]:
        """The names of all agents, sorted."""
        self._list()
        return sorted(self._resolvers)

    def get(self, name: str) -> Resolver:
        """The agent of that name; AgentNotFound where there is none."""
        if (known := self._resolvers.get(name)) is not None:
            return known
        self._list()
        if (known := self._resolvers.get(name)) is not None:
            return known
        raise AgentNotFound(f"there is no agent {name}")

    def known(self, name: str) -> Resolver | None:
        """The agent of that name if it was found already; None where folders would have to be looked through."""
        return self._resolvers.get(name)

    def number(self, number: str | PhoneNumber, sip_headers: Mapping[str, str] | None = None) -> Resolution:
        """What answers a number; NumberNotFound, NumberContested, or NeverServed where nothing does."""
        text = str(number)
        if self._folder is None:
            return next(iter(self._resolvers.values())).number(text, sip_headers)
        if self._clock() - self._looked > LOOK_AGAIN:
            self.refresh()
        owners = self._owners.get(text) or self._owners.get(text := str(dialled(text)))
        if owners is not None and len(owners) == 1:
            try:
                return self._resolvers[owners[0]].number(text, sip_headers)
            except (NumberNotFound, KeyError):  # it went to another agent since
                self._looked = float("-inf")
                self.refresh()
                owners = self._owners.get(text)
        if owners is None:
            raise NumberNotFound(
                f"{text} is assigned to no environment", hint="List an agent's numbers with: gitagent numbers"
            )
        if len(owners) > 1:
            raise _contested(text, owners)
        return self._resolvers[owners[0]].number(text, sip_headers)

    def refresh(self) -> None:
        """Look at every agent whose ledger has changed. Whoever comes while somebody does so goes on with what was."""
        if self._looked != float("-inf") and self._lock.locked():
            return
        with self._lock:
            self._list()
            changed = [
                name for name, each in self._resolvers.items() if name not in self._numbers or each.has_changed()
            ]
            gone = self._numbers.keys() - self._resolvers.keys()
            for name in gone:
                del self._numbers[name]
            for name in changed:
                self._numbers[name] = _numbers_of(self._resolvers[name])
            if changed or gone:
                self._owners = _owners(self._numbers)
            self._looked = self._clock()

    def troubles(self) -> list[Trouble]:
        """What is not served as it should be, and why."""
        agents = [Trouble(each.name, each.trouble) for each in self._resolvers.values() if each.trouble is not None]
        doubles = [Trouble(name, error) for name, error in self._doubles.items()]
        numbers = [Trouble(number, _contested(number, own)) for number, own in self._owners.items() if len(own) > 1]
        return [*agents, *doubles, *numbers]

    def _list(self) -> None:
        if self._folder is None or self._clock() - self._listed <= LOOK_FOR_AGENTS:
            return
        found: dict[str, Resolver] = {}
        doubles: dict[str, GitagentError] = {}
        for path in sorted(_repositories(self._folder, DEPTH)):
            name = name_of(path)
            known = found.get(name)
            if known is not None:
                doubles[name] = NumberContested(
                    f"two agents are called {name}, in {known.path} and {path}; the first is served",
                    hint="Rename the folder of one of them, or move it away.",
                    code="agent-contested",
                )
                continue
            old = self._resolvers.get(name)
            found[name] = old if old is not None and old.path == path else Resolver(path, name, self.configurations)
        self._resolvers, self._doubles, self._listed = found, doubles, self._clock()


def name_of(path: Path) -> str:
    """What an agent in this folder is called."""
    return path.absolute().name.removesuffix(".git") or "agent"


def _numbers_of(resolver: Resolver) -> frozenset[str]:
    try:
        return frozenset(resolver.snapshot().numbers)
    except GitagentError:  # which it keeps as its trouble; the other agents are served
        return frozenset()


def _owners(numbers: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    owners: dict[str, tuple[str, ...]] = {}
    for name in sorted(numbers):
        for number in numbers[name]:
            owners[number] = (*owners.get(number, ()), name)
    return owners


def _contested(number: str, owners: tuple[str, ...]) -> NumberContested:
    return NumberContested(
        f"{number} belongs to {' and '.join(owners)}",
        hint=f"Release it in all but one: gitagent -C {owners[-1]} numbers release {number}",
    )


def _repositories(folder: Path, depth: int) -> Iterator[Path]:
    """The agents below a folder. What a repository holds is its own."""
    try:
        entries = sorted((each for each in os.scandir(folder) if each.is_dir()), key=lambda each: each.name)
    except OSError:
        return
    for entry in entries:
        path = Path(entry.path)
        if entry.name.startswith("."):
            continue
        if (git := _git_directory(path)) is None:
            if depth > 1:
                yield from _repositories(path, depth - 1)
        elif _has_ledger(git):
            yield path


def _git_directory(path: Path) -> Path | None:
    own = path / ".git"
    if own.is_dir():
        return own
    if own.is_file():
        return _linked(path)
    return path if (path / "HEAD").is_file() and (path / "objects").is_dir() else None


def _linked(path: Path) -> Path | None:
    """Where the repository of a linked working tree is; None where it cannot be opened."""
    try:
        found = Repository.at(path)
    except GitagentError:
        return None
    return None if found is None else found.git_directory


def _has_ledger(git: Path) -> bool:
    if (git / LEDGER).is_file():
        return True
    try:
        return f" {LEDGER}\n".encode() in (git / "packed-refs").read_bytes()
    except OSError:
        return False
