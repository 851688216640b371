"""Runs: what came of playing suites, case by case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from gitagent.suites.expectations import Miss

PASSED, FAILED, SKIPPED, ERROR = "passed", "failed", "skipped", "error"
_NOT_PLAYED = "it was not played: its file cannot be read, or has [ or :: in its name, or the run was broken off"
_WORST_FIRST = (ERROR, FAILED, SKIPPED, PASSED)


class Did(NamedTuple):
    """What came of a case played once. `why` is of one that was skipped, or could not be played (`error`).

    `hint` is what can be done about that, and `own` what the case is called within its file.
    """

    case: str
    path: str
    line: int
    outcome: str
    seconds: float = 0.0
    tokens: int = 0
    said: tuple[str, ...] = ()
    misses: tuple[Miss, ...] = ()
    why: str = ""
    hint: str = ""
    own: str = ""

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong with it, as far as it was played."""
        return self.outcome in (PASSED, SKIPPED)

    @property
    def played(self) -> bool:
        """Whether it was: no answer may have come, or no time have been left."""
        return self.outcome != ERROR and (self.outcome != FAILED or bool(self.misses))


class CaseRun(NamedTuple):
    """A case, played once or several times."""

    times: tuple[Did, ...]

    @property
    def name(self) -> str:
        return self.times[0].case

    @property
    def outcome(self) -> str:
        """The worst that came of it."""
        return next(each for each in _WORST_FIRST if any(did.outcome == each for did in self.times))

    @property
    def passed(self) -> int:
        """How often it passed."""
        return sum(did.outcome == PASSED for did in self.times)

    @property
    def played(self) -> bool:
        """Whether it was played each time."""
        return all(did.played for did in self.times)

    @property
    def worst(self) -> Did:
        return next(did for did in self.times if did.outcome == self.outcome)


class Run(NamedTuple):
    """The cases that were played, in the order of their files. `whole` says that none was left out."""

    cases: tuple[CaseRun, ...]
    responder: str
    seconds: float
    whole: bool

    def count(self, outcome: str) -> int:
        """How many cases came to that; one that could not be played has failed, too."""
        outcomes = (FAILED, ERROR) if outcome == FAILED else (outcome,)
        return sum(each.outcome in outcomes for each in self.cases)

    def names(self, outcome: str) -> list[str]:
        """The cases that came to that."""
        outcomes = (FAILED, ERROR) if outcome == FAILED else (outcome,)
        return [each.name for each in self.cases if each.outcome in outcomes]

    @property
    def played(self) -> bool:
        """Whether every case was played, whatever came of it: else it says nothing of the agent."""
        return all(each.outcome != ERROR for each in self.cases)

    @property
    def passed(self) -> bool:
        return self.count(PASSED) > 0 and not self.count(FAILED)

    def by_file(self) -> Mapping[str, list[CaseRun]]:
        """The cases of each file."""
        found = defaultdict[str, list[CaseRun]](list)
        for each in self.cases:
            found[each.worst.path].append(each)
        return found


def run_of(done: Iterable[Did], names: Iterable[str], *, responder: str, seconds: float, chosen: bool) -> Run:
    """What came of playing the cases of these names. One that was not heard of again could not be played.

    Where only `chosen` cases were to be played, the others are none of the run.
    """
    times: dict[str, list[Did]] = {name: [] for name in names}
    for did in done:
        times.setdefault(did.case, []).append(did)
    cases = [CaseRun(tuple(each) or (lost(name, _NOT_PLAYED),)) for name, each in times.items() if each or not chosen]
    return Run(tuple(cases), responder, round(seconds, 1), not chosen)


def did_of(record: Mapping[str, Any]) -> Did:
    """What a report holds."""
    misses = tuple(Miss(*each) for each in record["misses"])
    return Did(**{**record, "said": tuple(record["said"]), "misses": misses})


def lost(name: str, why: str) -> Did:
    """A case that could not be played."""
    return Did(name, name.partition("::")[0], 0, ERROR, why=why)
