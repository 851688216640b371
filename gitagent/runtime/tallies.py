"""Tallies: what is counted of calls as they are written, so that statistics never have to read the calls."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitagent.runtime.records import Call

CALLS, ENDED, OUTCOME, SUCCESS, DURATION, SCORE = "calls", "ended", "outcome", "success", "duration", "score"
KINDS = (CALLS, ENDED, OUTCOME, SUCCESS, DURATION, SCORE)
YES, NO = "yes", "no"
DIGITS = 3
"""To so many digits durations are counted, so that an hour's call is known to ten seconds, however many there are."""


class Key(NamedTuple):
    """What a tally is of: an agent's version in an environment (empty for none), the kind and the value counted."""

    agent: str
    kind: str
    version: int
    environment: str
    value: str


class Tally(NamedTuple):
    """How many calls, and the sum of their values."""

    calls: int = 0
    total: float = 0.0

    def plus(self, other: Tally) -> Tally:
        """Both together."""
        return Tally(self.calls + other.calls, self.total + other.total)


def differences(changes: Iterable[tuple[Call | None, Call]]) -> dict[Key, Tally]:
    """What changes in the tallies when calls become others (None: when they begin), sorted by key."""
    sums: dict[Key, Tally] = defaultdict(Tally)
    for before, after in changes:
        for key, tally in tallied(after).items():
            sums[key] = sums[key].plus(tally)
        for key, (calls, total) in ({} if before is None else tallied(before)).items():
            sums[key] = sums[key].plus(Tally(-calls, -total))
    return {key: sums[key] for key in sorted(sums) if sums[key] != Tally()}


def tallied(call: Call) -> Mapping[Key, Tally]:
    """What one call counts as."""
    found = {(CALLS, ""): Tally(1)}
    if call.ended_at is not None:
        found[ENDED, ""] = Tally(1)
        found[OUTCOME, call.outcome or ""] = Tally(1)
    if call.success is not None:
        found[SUCCESS, YES if call.success else NO] = Tally(1)
    if call.duration is not None:
        found[DURATION, str(tenths(call.duration))] = Tally(1, call.duration)
    if call.score is not None:
        found[SCORE, ""] = Tally(1, call.score)
    environment = "" if call.environment is None else str(call.environment)
    return {
        Key(call.agent, kind, call.version.number, environment, value): tally for (kind, value), tally in found.items()
    }


def tenths(duration: float) -> int:
    """A duration in tenths of a second, to three digits: 4.26 s is 43, and 1234 s is 12300."""
    count = round(duration * 10)
    unit: int = 10 ** max(len(str(count)) - DIGITS, 0)
    return round(count / unit) * unit
