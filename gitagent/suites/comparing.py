"""Comparing: the same cases played on two versions, and which came out better or worse."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gitagent.config.files import File, Files
    from gitagent.suites.runs import CaseRun, Run

BETTER, WORSE, SAME, NOT_PLAYED = "better", "worse", "the same", "not played"
_SUITE = re.compile(r"(?:tests|test_suite)/[^/]+\.ya?ml")


class Pair(NamedTuple):
    """A case as it came out here, and there; None where it could not be played there."""

    here: CaseRun
    there: CaseRun | None

    @property
    def verdict(self) -> str:
        """Whether it is better or worse here than there, or the same: by how often it passed.

        Where it was not played to its end on either side, nobody knows.
        """
        if self.there is None or not (self.here.played and self.there.played):
            return NOT_PLAYED
        here, there = _rate(self.here), _rate(self.there)
        return BETTER if here > there else WORSE if here < there else SAME


def pairs(here: Run, there: Run) -> list[Pair]:
    """Every case that was played here, beside what came of it there."""
    others = {each.name: each for each in there.cases}
    return [Pair(each, others.get(each.name)) for each in here.cases]


def with_suites(files: Files, suites: Files) -> dict[str, File]:
    """An agent's files with the suites of another version in place of its own."""
    own = {path: files[path] for path in files if not _SUITE.fullmatch(path)}
    return own | {path: suites[path] for path in suites if _SUITE.fullmatch(path)}


def _rate(case: CaseRun) -> float:
    return case.passed / len(case.times)
