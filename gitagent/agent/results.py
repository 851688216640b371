"""Results: what came of running the suites of a tree, and the file of the ledger that keeps it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.errors import LedgerInvalid

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.config.cases import Cases

RESULTS = "results"
RESPONDER = re.compile(r"embedded|openai:[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}")
LONGEST_RUN = 7 * 24 * 3600.0
"""Seconds."""
_OBJECT_ID = re.compile(r"[0-9a-f]{40}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_DIGITS_TOLD = 12


class Result(NamedTuple):
    """How the cases of exactly one tree did, by one responder, in so many seconds.

    `tree` is git's id of all files, `suites` the digest of the suites among them. `failing` and `skipping` are the
    names of the cases that failed and of those that were skipped, sorted; the others passed.
    """

    tree: str
    suites: str
    cases: int
    passed: int
    failed: int
    skipped: int
    responder: str
    seconds: float
    failing: tuple[str, ...] = ()
    skipping: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """What an event says of it: `passed 22 of 24, failed 1, skipped 1, embedded, 1.2 s, suites 0123456789ab`."""
        short = [f"failed {self.failed}"] * bool(self.failed) + [f"skipped {self.skipped}"] * bool(self.skipped)
        words = [f"passed {self.passed} of {self.cases}", *short, self.responder, f"{self.seconds:.1f} s"]
        return ", ".join([*words, f"suites {self.suites[:_DIGITS_TOLD]}"])

    @property
    def flaw(self) -> str | None:
        """What is wrong with it, whatever it is of; None where it can be."""
        counts = (self.cases, self.passed, self.failed, self.skipped)
        if _OBJECT_ID.fullmatch(self.tree) is None or _DIGEST.fullmatch(self.suites) is None:
            return "it names no tree, or no suites"
        if min(counts) < 0 or self.cases != self.passed + self.failed + self.skipped:
            return f"{self.passed} passed, {self.failed} failed and {self.skipped} skipped are not {self.cases} cases"
        if not self.cases:
            return "there was no case to run"
        if RESPONDER.fullmatch(self.responder) is None:
            return f"there is no responder {self.responder!r}"
        if not 0 <= self.seconds <= LONGEST_RUN or self.seconds != round(self.seconds, 1):
            return f"it cannot have taken {self.seconds} seconds"
        named = (*self.failing, *self.skipping)
        if (len(self.failing), len(self.skipping)) != (self.failed, self.skipped) or len({*named}) < len(named):
            return "it does not name each case that failed or was skipped"
        if list(self.failing) != sorted(self.failing) or list(self.skipping) != sorted(self.skipping):
            return "the cases that it names are not sorted"
        return None

    def lie(self, cases: Cases) -> str | None:
        """What it says of these cases that is not so; None where it is of them and of all of them."""
        if self.suites != cases.digest:
            return "it is of other suites"
        if self.cases != len(cases.names):
            return f"it is of {self.cases} cases, and there are {len(cases.names)}"
        strange = sorted({*self.failing, *self.skipping} - {*cases.names})
        return f"there is no case {strange[0]}" if strange else None


def result_of(
    tree: str,
    cases: Cases,
    *,
    responder: str,
    seconds: float,
    failing: Iterable[str] = (),
    skipping: Iterable[str] = (),
) -> Result:
    """The result of a run of all these cases: those that are named nowhere passed."""
    failed, skipped = tuple(sorted({*failing})), tuple(sorted({*skipping}))
    total = len(cases.names)
    return Result(
        tree,
        cases.digest,
        total,
        total - len(failed) - len(skipped),
        len(failed),
        len(skipped),
        responder,
        round(seconds, 1),
        failed,
        skipped,
    )


def result_path(tree: str) -> str:
    """Where the ledger keeps the newest result of a tree."""
    return f"{RESULTS}/{tree[:2]}/{tree}.yaml"


def format_result(result: Result) -> bytes:
    """The file of a result."""
    values: dict[str, Any] = {**result._asdict(), "failing": list(result.failing), "skipping": list(result.skipping)}
    return (json.dumps(values, indent=2, ensure_ascii=False) + "\n").encode()


def parse_result(content: bytes) -> Result:
    """The result in a file. LedgerInvalid when it is not what gitagent writes."""
    try:
        values = json.loads(content)
        found = Result(**{**values, "failing": tuple(values["failing"]), "skipping": tuple(values["skipping"])})
        whole = all(type(each) is int for each in found[2:6]) and type(found.seconds) is float
        texts = (found.tree, found.suites, found.responder, *found.failing, *found.skipping)
        whole = whole and all(isinstance(each, str) for each in texts) and format_result(found) == content
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise _unreadable(f"{error}") from error
    if not whole:
        raise _unreadable("it is not written as gitagent writes results")
    return found


def _unreadable(why: str) -> LedgerInvalid:
    hint = "Look at it with: git show gitagent/ledger"
    return LedgerInvalid(f"the ledger's result cannot be read: {why}", hint=hint)
