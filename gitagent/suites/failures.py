"""Failures: a case that failed, as pytest shows it: whole, and in one line of its summary and of a report for CI."""

from __future__ import annotations

from typing import TYPE_CHECKING

# Of pytest's own representations alone its processes tell each other the line of the summary.
from _pytest._code.code import ReprEntryNative, ReprExceptionInfo, ReprFileLocation, ReprTraceback

from gitagent.config.suggestions import shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.suites.expectations import Miss
    from gitagent.suites.plans import Planned


def failure(planned: Planned, said: Sequence[str], misses: Sequence[Miss], answer: str, why: str) -> ReprExceptionInfo:
    """The conversation, what was expected at which line and what came; `answer` is the last, `why` what else is so."""
    path = planned.case.path
    lines = [*said, "", *(_missed(path, each) for each in misses), why]
    entry = ReprEntryNative(["\n".join(lines).strip() + "\n"])
    where = ReprFileLocation(path, misses[0].line if misses else planned.case.line, in_short(misses, answer) or why)
    return ReprExceptionInfo(ReprTraceback([entry], None, style="native"), where)


def in_short(misses: Sequence[Miss], answer: str) -> str:
    """What was expected first that did not come, and what came: `expected topic: "hours", but there was no topic`."""
    if not misses:
        return ""
    first, *others = misses
    came = first.came or f'the answer was "{shortened(answer)}"'
    more = f" (and {len(others)} more)" if others else ""
    return f"expected {' '.join(first.expected.split())}, but {' '.join(came.split())}{more}"


def _missed(path: str, missed: Miss) -> str:
    came = f": {missed.came}" if missed.came else ""
    return f"{path}:{missed.line}: expected {missed.expected}{came}"
