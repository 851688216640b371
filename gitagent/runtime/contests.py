"""Contests: which of several agents answers a number that all of them have - the one that had it first."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.events import Operation, parse_event
from gitagent.errors import GitagentError, NumberContested, ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gitagent.agent.events import Event
    from gitagent.git.repository import Repository
    from gitagent.runtime.resolutions import Resolver, Snapshot

TRY_AGAIN = 5.0
"""Seconds after which a ledger is read again that could not be read."""


class Contest(NamedTuple):
    """A number that several agents have, in the order of their names.

    The first to have it answers it, so that a mistake in another takes nobody's callers away. `first` is None where
    that cannot be told: they were given it in the same second, as clones of one agent were, or a ledger cannot be read.
    """

    number: str
    owners: tuple[str, ...]
    first: str | None

    def answers_to(self, theirs: Sequence[str]) -> str:
        """Who answers, for somebody for whom only these owners are there; NumberContested where none of them does."""
        if self.first is not None and self.first in theirs:
            return self.first
        if len(theirs) == len(self.owners):
            raise self.error
        raise NumberContested(
            f"{self.number} belongs to another agent, too", hint=f"Release it in {theirs[0]}, or there."
        )

    @property
    def error(self) -> NumberContested:
        """What is told of it to whoever may know of all its owners: who answers, and how to end it."""
        told, release = f"{self.number} belongs to {' and '.join(self.owners)}", f"numbers release {self.number}"
        if self.first is None:
            return NumberContested(
                f"{told}; none of them answers it, since it cannot be told which had it first",
                hint=f"Release it in all but one: gitagent -C {self.owners[-1]} {release}",
            )
        others = [name for name in self.owners if name != self.first]
        ways = ", ".join(f"gitagent -C {name} {release}" for name in others)
        then = f"; or in {self.first}, and {others[0]} answers it at once" if len(others) == 1 else ""
        return NumberContested(
            f"{told}; {self.first}, which had it first, answers it",
            hint=f"Release it in {' and '.join(others)}: {ways}{then}.",
        )


class _Held(NamedTuple):
    """Since when an agent has a number, as its ledger had it with that tip; None where that could not be read."""

    tip: str
    since: datetime | None
    read_at: float

    def is_due(self, now: float) -> bool:
        """Whether it is worth another try."""
        return self.since is None and now - self.read_at > TRY_AGAIN


class Contests:
    """The contests of now. Of each ledger, only what is new since the last look is read."""

    def __init__(self) -> None:
        self._held: Mapping[tuple[str, str], _Held] = {}

    def is_due(self, now: float) -> bool:
        """Whether a ledger could not be read that is worth another try."""
        return any(each.is_due(now) for each in self._held.values())

    def settled(
        self, owners: Mapping[str, tuple[str, ...]], agents: Mapping[str, tuple[Resolver, Snapshot]], now: float
    ) -> dict[str, str | Contest]:
        """The owner of each number, or its contest; `agents` are those that own some, and what they said."""
        held: dict[tuple[str, str], _Held] = {}
        found: dict[str, str | Contest] = {}
        for number, names in owners.items():
            if len(names) == 1:
                found[number] = names[0]
                continue
            for name in names:
                held[number, name] = self._look(number, *agents[name], now)
            found[number] = Contest(number, names, _first({name: held[number, name].since for name in names}))
        self._held = held
        return found

    def _look(self, number: str, resolver: Resolver, seen: Snapshot, now: float) -> _Held:
        known = self._held.get((number, resolver.name))
        if known is not None and known.tip == seen.tip and not known.is_due(now):
            return known
        try:
            return _Held(seen.tip, _since(resolver.repository(), seen.tip, number, known), now)
        except GitagentError:  # the contest says that it cannot be told
            return _Held(seen.tip, None, now)


def _first(since: Mapping[str, datetime | None]) -> str | None:
    times = [at for at in since.values() if at is not None]
    first = [name for name, at in since.items() if at == min(times, default=None)]
    return first[0] if len(times) == len(since) and len(first) == 1 else None


def _since(repository: Repository, tip: str, number: str, known: _Held | None) -> datetime:
    """When an agent was given a number that it had ever since. Other SIP headers, and moves within it, are no break."""
    mark, given = f"\nGitagent-Number: {number}\n", None
    for commit in repository.first_parents(tip):
        if known is not None and known.since is not None and commit.id == known.tip:
            return known.since
        if mark in commit.message:  # to understand all events would take many times as long
            event = parse_event(commit)
            if event.operation is Operation.ASSIGN_NUMBER:
                given = event
            elif event.operation is Operation.RELEASE_NUMBER and not _is_move(event, given):
                break
    else:
        if parse_event(commit).seq != 1:
            raise ObjectMissing("the history of the ledger is not all there", hint="Get it: git fetch --unshallow")
    if given is None:
        raise ObjectMissing(f"the ledger does not say when {number} was assigned", hint="See: gitagent verify")
    return given.at


def _is_move(released: Event, given: Event | None) -> bool:
    """Whether a release and the assignment after it are one move: two events of the ledger, written at once."""
    return given is not None and (given.seq, given.at) == (released.seq + 1, released.at)
