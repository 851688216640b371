"""Folders: every agent below a folder, bare or not, and the numbers of all of them."""

from __future__ import annotations

import time
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, Self

from gitagent.errors import (
    AgentNotFound,
    GitagentError,
    InvalidName,
    NumberContested,
    NumberNotFound,
    RepositoryUnreadable,
)
from gitagent.runtime.configurations import Configurations
from gitagent.runtime.contests import Contest, Contests
from gitagent.runtime.dialling import dialled
from gitagent.runtime.index import read_index, write_index
from gitagent.runtime.repositories import repositories
from gitagent.runtime.resolutions import Resolver

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.names import PhoneNumber
    from gitagent.runtime.index import Told
    from gitagent.runtime.resolutions import Resolution, Snapshot

LOOK_AGAIN = 0.5
"""Seconds after which numbers are looked for anew in all agents."""
LOOK_FOR_AGENTS = 5.0
"""Seconds after which new agents are looked for."""
FEW = 20
"""Fewer agents than this are read as quickly as an index of them."""
MUCH = 0.1
"""The share of the agents that an index may lack."""


class Trouble(NamedTuple):
    """Why an agent, or a number, is not served."""

    what: str
    error: GitagentError

    @property
    def described(self) -> str:
        """Both in one line."""
        message = self.error.message
        return message if message.startswith(self.what) else f"{self.what}: {message}"

    @property
    def advised(self) -> str:
        """The same, with what to do about it."""
        return self.described if self.error.hint is None else f"{self.described}. {self.error.hint}"


class Agents:
    """Agents by name: the name of an agent's folder, without `.git`. Many threads can use them.

    Each is read when it is first asked for. A number that two of them have is answered by the one that had it first.
    The file `index` is for what was read of very many agents; without one, a start takes longer.
    """

    def __init__(
        self, folder: Path | None, *, index: Path | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.configurations = Configurations()
        self._folder = folder
        self._index = index
        self._clock = clock
        self._lock = Lock()
        self._resolvers: dict[str, Resolver] = {}
        self._doubles: dict[str, GitagentError] = {}
        self._owners: Mapping[str, str | Contest] = {}
        self._contests = Contests()
        self._seen: dict[str, Snapshot | None] = {}
        """What each agent said when it was looked at; None where that could not be read."""
        self._folders: list[Trouble] = []
        self._kept: set[str] = set()
        """The tips of the ledgers that the index has."""
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

    def number(
        self,
        number: str | PhoneNumber,
        sip_headers: Mapping[str, str] | None = None,
        *,
        among: frozenset[str] | None = None,
    ) -> Resolution:
        """What answers a number; NumberNotFound, NumberContested, or NeverServed where nothing does.

        `among` are the agents that are there for whoever asks, None for all: of others no error says anything.
        """
        text = str(number)
        if self._folder is None and (among is None or among >= self._resolvers.keys()):
            return next(iter(self._resolvers.values())).number(text, sip_headers)
        if self._clock() - self._looked > LOOK_AGAIN:
            self.refresh()
        if text not in self._owners:
            text = str(dialled(text))
        while True:
            owner = self._owners.get(text)
            name = _answering(text, owner, among)
            try:
                return self._answer(name, text, sip_headers)
            except NumberNotFound:  # it went to another agent since
                with self._lock:
                    if self._owners.get(text) == owner:  # nobody has looked for it yet
                        self._look()
                    if self._owners.get(text) == owner:
                        raise

    def _answer(self, name: str, number: str, sip_headers: Mapping[str, str] | None) -> Resolution:
        if (owner := self._resolvers.get(name)) is None:  # its folder went away since
            raise _unassigned(number)
        return owner.number(number, sip_headers)

    def owner(self, number: PhoneNumber) -> str | Contest | None:
        """The agent that has a number now, or the contest of those that do."""
        self.refresh()
        return self._owners.get(str(number))

    def refresh(self) -> None:
        """Look at every agent whose ledger has changed. Whoever comes while somebody does so goes on with what was."""
        looked = self._looked
        if looked != float("-inf") and self._lock.locked():
            return
        with self._lock:
            if self._looked == looked:  # nobody did so while this waited
                self._look()

    def _look(self) -> None:
        """What `refresh` does; with the lock."""
        self._list()
        changed = [each for name, each in self._resolvers.items() if each.has_changed(self._seen.get(name))]
        gone = self._seen.keys() - self._resolvers.keys()
        for name in gone:
            del self._seen[name]
        self._read(changed)
        if changed or gone or self._contests.is_due(self._clock()):
            self._owners = self._settled()
        self._looked = self._clock()

    def _settled(self) -> dict[str, str | Contest]:
        agents = {name: (self._resolvers[name], seen) for name, seen in self._seen.items() if seen is not None}
        owners: dict[str, tuple[str, ...]] = {}
        for name in sorted(agents):
            for number in agents[name][1].numbers:
                owners[number] = (*owners.get(number, ()), name)
        return self._contests.settled(owners, agents, self._clock())

    def _read(self, changed: list[Resolver]) -> None:
        """Read what changed, with the help of the index where that is much; keep an index where much was not in it."""
        kept = read_index(self._index) if self._index is not None and len(changed) >= FEW else {}
        for each in changed:
            self._seen[each.name] = _seen(each, kept)
        if self._index is not None and len(self._resolvers) >= FEW:
            self._kept |= kept.keys()
            told = {each.tip: each.told for each in map(Resolver.known, self._resolvers.values()) if each is not None}
            if len(told.keys() - self._kept) >= len(told) * MUCH:
                write_index(self._index, told)
                self._kept = set(told)

    def troubles(self) -> list[Trouble]:
        """What is not served as it should be, and why."""
        agents = [Trouble(each.name, each.trouble) for each in self._resolvers.values() if each.trouble is not None]
        doubles = [Trouble(name, error) for name, error in self._doubles.items()]
        numbers = [Trouble(each.number, each.error) for each in self._owners.values() if isinstance(each, Contest)]
        return [*self._folders, *agents, *doubles, *numbers]

    def _list(self) -> None:
        if self._folder is None or self._clock() - self._listed <= LOOK_FOR_AGENTS:
            return
        try:
            paths = repositories(self._folder)
        except OSError as error:  # what was known is served; it may be back in a moment
            self._folders = [Trouble(str(self._folder), _unreadable(self._folder, error))]
            self._listed = self._clock()
            return
        self._folders = []
        found: dict[str, Resolver] = {}
        doubles: dict[str, GitagentError] = {}
        for path in paths:
            name = name_of(path)
            if not name.isprintable():
                doubles[ascii(name)] = InvalidName(
                    f"the folder {name!a} names no agent: it is no text that can be shown",
                    hint="Rename the folder.",
                    code="invalid-agent",
                )
                continue
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


def _unreadable(folder: Path, error: OSError) -> RepositoryUnreadable:
    return RepositoryUnreadable(
        f"the folder {folder} cannot be read: {error.strerror}", hint="What was known of its agents is served on."
    )


def _seen(resolver: Resolver, index: Mapping[str, Told]) -> Snapshot | None:
    try:
        return resolver.snapshot(index)
    except GitagentError:  # which it keeps as its trouble; the other agents are served
        return None


def _answering(number: str, owner: str | Contest | None, among: frozenset[str] | None) -> str:
    """The name of the agent that answers a number, for somebody for whom only the agents `among` are there."""
    owners = () if owner is None else owner.owners if isinstance(owner, Contest) else (owner,)
    theirs = owners if among is None else [each for each in owners if each in among]
    if not theirs:
        raise _unassigned(number)
    return owner.answers_to(theirs) if isinstance(owner, Contest) else theirs[0]


def _unassigned(number: str) -> NumberNotFound:
    return NumberNotFound(
        f"{number} is assigned to no environment", hint="List an agent's numbers with: gitagent numbers"
    )
