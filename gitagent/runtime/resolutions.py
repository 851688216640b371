"""Resolutions: which version of an agent answers a number, or stands in an environment, right now.

A look costs one stat of the ledger's ref and one look into a dictionary; git is read when the ref has changed, and then
at a glance, if that will do.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import states
from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.errors import (
    AgentNotFound,
    EnvironmentNotFound,
    GitagentError,
    NeverServed,
    NumberNotFound,
    RepositoryUnreadable,
    VersionNotFound,
)
from gitagent.git.glances import Glance, UnclearError
from gitagent.git.repository import Repository
from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber
from gitagent.runtime.dialling import dialled
from gitagent.runtime.index import Told, told_of
from gitagent.runtime.records import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from gitagent.runtime.configurations import Configurations, ServedConfiguration

Stamp = tuple[int, int, int]
_RECENT = 100_000_000
"""Nanoseconds for which a file may change again without its stamp telling: its times are kept in ticks."""
_SECOND = 1_000_000_000
_MOST_VERSIONS = 1000


@dataclass(frozen=True, slots=True)
class Resolution:
    """What answers: an agent's version and its commit.

    `environment` is None where a version was named, and `number` where no number was asked for. `sip_headers` are the
    number's own, over those that came with the call.
    """

    agent: str
    version: VersionNumber
    commit: str
    environment: EnvironmentName | None = None
    number: PhoneNumber | None = None
    sip_headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    repository: Path | None = field(default=None, repr=False, compare=False)
    configurations: Configurations | None = field(default=None, repr=False, compare=False)

    @property
    def configuration(self) -> ServedConfiguration:
        """The configuration with variables filled in; read when it is first asked for."""
        if self.configurations is None or self.repository is None:
            raise AgentNotFound(f"it is not known where {self.agent} is")
        return self.configurations.get(self.repository, self.commit)

    def with_headers(self, came: Mapping[str, str] | None) -> Resolution:
        """This, with the SIP headers that came with a call. The number's own win: a caller cannot change them."""
        if not came:
            return self
        own = {name.lower() for name in self.sip_headers}
        others = {name: value for name, value in came.items() if name.lower() not in own}
        return replace(self, sip_headers={**others, **self.sip_headers})


class Snapshot(NamedTuple):
    """What the ledger said: by which stamp and tip it is known, and what answers."""

    stamp: Stamp | None
    settled: bool
    tip: str
    told: Told
    numbers: Mapping[str, Resolution | EnvironmentName]
    """Of an environment that serves nothing there is only its name."""
    environments: Mapping[str, Resolution | None]
    versions: dict[int, Resolution]
    """Those that were asked for by their number."""


class Resolver:
    """One agent. It keeps no repository open, and many threads can use it.

    Where the repository cannot be read any more, what was known goes on being served, and `trouble` says why.
    """

    def __init__(self, path: Path, name: str, configurations: Configurations) -> None:
        self.path = path
        self.name = name
        self.trouble: GitagentError | None = None
        self._configurations = configurations
        self._lock = Lock()
        self._snapshot: Snapshot | None = None
        self._loose = self._packed = ""

    def number(self, number: str | PhoneNumber, sip_headers: Mapping[str, str] | None = None) -> Resolution:
        """What answers a number. NumberNotFound where no environment has it, NeverServed where that serves nothing."""
        numbers = self.snapshot().numbers
        found = numbers.get(str(number)) or numbers.get(str(dialled(str(number))))
        if found is None:
            raise NumberNotFound(
                f"{number} is assigned to no environment", hint="List the numbers with: gitagent numbers"
            )
        if isinstance(found, EnvironmentName):
            raise _unserved(found)
        return found if sip_headers is None else found.with_headers(sip_headers)

    def environment(self, name: str) -> Resolution:
        """What an environment serves; NeverServed where it serves nothing."""
        environments = self.snapshot().environments
        parsed = str(EnvironmentName.parse(name))
        if parsed not in environments:
            raise EnvironmentNotFound(
                f"no environment is called {parsed}", hint=f"The pipeline is {' → '.join(environments)}."
            )
        if (found := environments[parsed]) is None:
            raise _unserved(EnvironmentName(parsed))
        return found

    def served(self, name: str, number: VersionNumber) -> Resolution:
        """A version that an environment serves, or served at some time; NeverServed (`version-not-served`) if never."""
        environment = EnvironmentName.parse(name)
        try:
            record = Ledger(self.repository()).record(number)
        except VersionNotFound as error:
            raise _not_served(environment, number) from error
        if environment not in record.served:
            raise _not_served(environment, number)
        return self._resolution(number, record.commit, environment)

    def version(self, selector: str) -> Resolution:
        """A version, by its number; VersionNotFound where it was never made."""
        number = VersionNumber.parse(selector)
        versions = self.snapshot().versions
        if (known := versions.get(number.number)) is not None:
            return known
        record = Ledger(self.repository()).record(number)
        if len(versions) >= _MOST_VERSIONS:
            versions.clear()
        found = versions[number.number] = self._resolution(number, record.commit)
        return found

    def has_changed(self, since: Snapshot | None) -> bool:
        """Whether the ledger says something else than it did then, as far as is known without reading git."""
        known = self._snapshot
        if known is None or since is None or known.tip != since.tip:  # somebody else may have read it meanwhile
            return True
        return not known.settled or self._stamp() != known.stamp

    def known(self) -> Snapshot | None:
        """What was true when it was last looked."""
        return self._snapshot

    def at_hand(self) -> Snapshot | None:
        """What is true now; None where git would have to be read to know it."""
        known = self._snapshot
        return known if known is not None and known.settled and self._stamp() == known.stamp else None

    def snapshot(self, index: Mapping[str, Told] = NOTHING) -> Snapshot:
        """What is true now. What the ledger says is taken from the index, by the ledger's tip, if that has it."""
        if (known := self.at_hand()) is not None:
            return known
        with self._lock:
            return self._read(self._snapshot, index)

    def _read(self, known: Snapshot | None, index: Mapping[str, Told]) -> Snapshot:
        try:
            self._snapshot = fresh = self._fresh(known, index)
        except GitagentError as error:
            self.trouble = error
            if known is None:
                raise
            return known
        self.trouble = None
        return fresh

    def _fresh(self, known: Snapshot | None, index: Mapping[str, Told]) -> Snapshot:
        try:
            seen = Glance(self.path)
            return self._seen(seen.git_directory, seen.ref, lambda tip: _glanced(seen, tip), known, index)
        except UnclearError:
            repository = self.repository()
            ledger = Ledger(repository)
            folder = str(repository.git_directory)
            return self._seen(folder, lambda _: ledger.tip(), lambda _: told_of(ledger.state()), known, index)

    def _seen(
        self,
        folder: str,
        ref: Callable[[str], str],
        told: Callable[[str], Told],
        known: Snapshot | None,
        index: Mapping[str, Told],
    ) -> Snapshot:
        self._loose, self._packed = f"{folder}/{LEDGER}", f"{folder}/packed-refs"
        stamp = self._stamp()  # before the ref is read: what changes in between is seen by the next look
        settled = stamp is not None and _is_past(stamp[1])
        tip = ref(LEDGER)
        if known is not None and known.tip == tip:
            return known._replace(stamp=stamp, settled=settled)
        return self._snapshot_of(index.get(tip) or told(tip), tip)._replace(stamp=stamp, settled=settled)

    def _snapshot_of(self, told: Told, tip: str) -> Snapshot:
        environments = {
            name: served and self._resolution(VersionNumber(served[0]), served[1], EnvironmentName(name))
            for name, served in told.environments.items()
        }
        numbers: dict[str, Resolution | EnvironmentName] = {}
        for number, (name, headers) in told.numbers.items():
            served = environments[name]
            numbers[number] = (
                EnvironmentName(name)
                if served is None
                else replace(served, number=PhoneNumber(number), sip_headers=headers)
            )
        return Snapshot(None, False, tip, told, numbers, environments, {})

    def _resolution(
        self, version: VersionNumber, commit: str, environment: EnvironmentName | None = None
    ) -> Resolution:
        return Resolution(
            self.name,
            version,
            commit,
            environment,
            repository=self.path,
            configurations=self._configurations,
        )

    def repository(self) -> Repository:
        """The repository, opened for once; AgentNotFound where there is none any more."""
        try:
            found = Repository.at(self.path)
        except OSError as error:
            raise RepositoryUnreadable(f"cannot read the repository {self.path}: {error.strerror}") from error
        if found is None:
            raise AgentNotFound(f"no agent in {self.path}", hint="Make one with: gitagent init")
        return found

    def _stamp(self) -> Stamp | None:
        """What tells the ref's file from what it was before: its own, or that of all packed refs."""
        for path in (self._loose, self._packed):
            try:
                found = os.stat(path)  # noqa: PTH116  # a Path costs more than the look itself
            except OSError:
                continue
            return found.st_ino, found.st_mtime_ns, found.st_size
        return None


def _is_past(mtime: int) -> bool:
    """Whether a file of that time would have another if it changed now. Some file systems keep full seconds only."""
    return abs(time.time_ns() - mtime) > (_RECENT if mtime % _SECOND else 2 * _SECOND + _RECENT)


def _glanced(seen: Glance, tip: str) -> Told:
    return told_of(states.parse_state(lambda path: seen.file(tip, path)))


def _not_served(environment: EnvironmentName, number: VersionNumber) -> NeverServed:
    return NeverServed(
        f"{environment} never served {number}",
        hint=f"See: gitagent history --environment {environment}",
        code="version-not-served",
    )


def _unserved(environment: EnvironmentName) -> NeverServed:
    return NeverServed(f"{environment} serves no version yet", hint="See: gitagent environments")
