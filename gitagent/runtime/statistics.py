"""Statistics: what became of a version's calls, and how that compares with the version before."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, NamedTuple

from gitagent.runtime.tallies import CALLS, DURATION, ENDED, NO, OUTCOME, SCORE, SUCCESS, YES, Tally, tallied

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitagent.names import EnvironmentName, VersionNumber
    from gitagent.runtime.records import Call

Z = 1.959963984540054
"""Of the normal distribution, for intervals of 95 %."""
PERCENTILES = (50, 90, 95, 99)


class Rate(NamedTuple):
    """A share of calls, and the interval in which it lies with a confidence of 95 % (Wilson's)."""

    successes: int
    calls: int

    @property
    def value(self) -> float:
        return self.successes / self.calls

    @property
    def low(self) -> float:
        return self._bounds()[0]

    @property
    def high(self) -> float:
        return self._bounds()[1]

    def _bounds(self) -> tuple[float, float]:
        share, n = self.value, self.calls
        middle = share + Z * Z / (2 * n)
        half = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        scale = 1 + Z * Z / n
        return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


class Difference(NamedTuple):
    """How much greater one rate is than another, with its interval of 95 % (Newcombe's, from both Wilson's)."""

    value: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """`better`, `worse`, or `no difference shown` where the interval holds 0."""
        return "better" if self.low > 0 else "worse" if self.high < 0 else "no difference shown"


class Durations(NamedTuple):
    """Seconds that calls took: how many calls, their mean, and percentiles, to three digits."""

    calls: int
    mean: float
    percentiles: Mapping[int, float]


class VersionStatistics(NamedTuple):
    """What became of one version's calls. `rate` and `durations` are None where no call says anything of them."""

    version: VersionNumber
    calls: int
    ended: int
    outcomes: Mapping[str, int]
    rate: Rate | None
    durations: Durations | None
    scored: int
    score: float | None

    @property
    def open(self) -> int:
        """How many have not ended."""
        return self.calls - self.ended


class Statistics(NamedTuple):
    """A version, and the one before it that had calls, if there is one, in an environment or in all."""

    agent: str
    environment: EnvironmentName | None
    version: VersionStatistics
    before: VersionStatistics | None

    @property
    def difference(self) -> Difference | None:
        """How much greater the version's success rate is than that of the one before."""
        if self.before is None or self.version.rate is None or self.before.rate is None:
            return None
        return difference(self.version.rate, self.before.rate)


def difference(new: Rate, old: Rate) -> Difference:
    """How much greater the new rate is."""
    value = new.value - old.value
    low = value - sqrt((new.value - new.low) ** 2 + (old.high - old.value) ** 2)
    high = value + sqrt((new.high - new.value) ** 2 + (old.value - old.low) ** 2)
    return Difference(value, low, high)


def of_tallies(version: VersionNumber, tallies: Mapping[tuple[str, str], Tally]) -> VersionStatistics:
    """The statistics of what was counted."""
    by_kind: dict[str, dict[str, Tally]] = {}
    for (kind, value), tally in tallies.items():
        by_kind.setdefault(kind, {})[value] = tally
    outcomes = {value: tally.calls for value, tally in by_kind.get(OUTCOME, {}).items() if tally.calls}
    said = {value: tally.calls for value, tally in by_kind.get(SUCCESS, {}).items()}
    scores = by_kind.get(SCORE, {}).get("", Tally())
    known = said.get(YES, 0) + said.get(NO, 0)
    return VersionStatistics(
        version,
        by_kind.get(CALLS, {}).get("", Tally()).calls,
        by_kind.get(ENDED, {}).get("", Tally()).calls,
        dict(sorted(outcomes.items(), key=lambda each: (-each[1], each[0]))),
        Rate(said.get(YES, 0), known) if known else None,
        _durations(by_kind.get(DURATION, {})),
        scores.calls,
        scores.total / scores.calls if scores.calls else None,
    )


def of_calls(version: VersionNumber, calls: Iterable[Call]) -> VersionStatistics:
    """The statistics of these calls, read one by one."""
    sums: dict[tuple[str, str], Tally] = {}
    for call in calls:
        for key, tally in tallied(call).items():
            sums[key.kind, key.value] = sums.get((key.kind, key.value), Tally()).plus(tally)
    return of_tallies(version, sums)


def _durations(tallies: Mapping[str, Tally]) -> Durations | None:
    counted = sorted((int(value), tally) for value, tally in tallies.items() if tally.calls > 0)
    calls = sum(tally.calls for _, tally in counted)
    if not calls:
        return None
    mean = sum(tally.total for _, tally in counted) / calls
    return Durations(calls, mean, {each: _percentile(counted, calls, each) for each in PERCENTILES})


def _percentile(counted: list[tuple[int, Tally]], calls: int, percent: int) -> float:
    """The least duration that so many percent of the calls do not exceed."""
    rank, below = -(-calls * percent // 100), 0
    for tenths, tally in counted:
        below += tally.calls
        if below >= rank:
            return tenths / 10
    raise AssertionError("the counts do not add up")
