"""Outcomes: what came of playing suites, as people and programs read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain
from gitagent.cli.records import Record
from gitagent.cli.tables import Cell, table
from gitagent.cli.wording import counted
from gitagent.suites.comparing import BETTER, NOT_PLAYED, SAME, WORSE, pairs
from gitagent.suites.runs import ERROR, FAILED, PASSED, SKIPPED

if TYPE_CHECKING:
    from gitagent.cli.screen import Screen
    from gitagent.cli.trying import Against, Subject
    from gitagent.suites.comparing import Pair
from gitagent.suites.runs import CaseRun, Did, Run

_VERDICTS = {BETTER: "good", WORSE: "error", SAME: "dim", NOT_PLAYED: "warning"}
_STYLES = {PASSED: "good", FAILED: "error", SKIPPED: "warning", ERROR: "error"}


def outcome_lines(subject: Subject, run: Run, screen: Screen, against: Against | None = None) -> Iterator[str]:
    """What failed, with its conversation; what was skipped, and why; then each suite, and all of it.

    Where the cases were played on another version, too, how they compare.
    """
    for each in run.cases:
        if each.outcome in (FAILED, ERROR):
            yield from failure_lines(each, screen)
            yield ""
    yield from _skipped(run)
    rows = [(path, Cell(_counts(cases), _STYLES[_worst(cases)])) for path, cases in run.by_file().items()]
    yield from table(rows, screen, gives=0)
    yield screen.paint(summary(subject, run), _STYLES[_worst(run.cases)])
    if against is not None:
        yield from _beside(subject, run, against, screen)


def summary(subject: Subject, run: Run) -> str:
    """All of it in one sentence."""
    what = f"The{subject.words[3:]}" if subject.words.startswith("the ") else subject.words
    return f"{what}: {_counts(run.cases)}, answered by {plain(run.responder)}, {run.seconds:.1f} s{_plays(run)}"


def failure_lines(case: CaseRun, screen: Screen) -> Iterator[str]:
    """A case that failed: where it stands, the conversation, and what was expected at which line."""
    did = case.worst
    yield screen.paint(f"{_place(did)}: {_name(case)}", "error") + _rate(case)
    yield from (f"  {plain(line)}" for line in did.said)
    for missed in did.misses:
        came = f": {plain(missed.came)}" if missed.came else ""
        yield f"  {plain(did.path)}:{missed.line}: expected {plain(missed.expected)}{came}"
    if did.why and (did.outcome == ERROR or not did.misses):
        yield f"  {plain(did.why)}"
        if did.hint:
            yield f"  hint: {plain(did.hint)}"


def outcome_record(subject: Subject, run: Run, against: Against | None = None) -> Record:
    """The whole run as an object for programs."""
    return {
        "selector": subject.selector,
        "version": subject.version,
        "tree": subject.candidate.tree,
        "responder": run.responder,
        "seconds": run.seconds,
        "whole": run.whole,
        **_numbers(run.cases),
        "suites": [{"path": path, **_numbers(cases)} for path, cases in run.by_file().items()],
        "results": [_case_record(each) for each in run.cases],
        "against": None if against is None else _against_record(run, against),
    }


def _against_record(run: Run, against: Against) -> Record:
    found = pairs(run, against.run)
    return {
        "selector": against.subject.selector,
        "version": against.subject.version,
        **_numbers(against.run.cases),
        "results": [
            {"case": each.here.name, "here": each.here.outcome, "there": _there(each), "verdict": each.verdict}
            for each in found
        ],
    }


def _beside(subject: Subject, run: Run, against: Against, screen: Screen) -> Iterator[str]:
    """The cases that came out otherwise, side by side, and how many did."""
    found = pairs(run, against.run)
    yield summary(against.subject, against.run)
    yield ""
    rows = [
        (plain(each.here.name), _times(each.there), _times(each.here), Cell(each.verdict, _VERDICTS[each.verdict]))
        for each in found
        if each.verdict in (BETTER, WORSE)
    ]
    if rows:
        head = ("case", against.subject.selector, subject.selector, "")
        yield from table([head, *rows], screen, gives=0)
    numbers = {verdict: sum(each.verdict == verdict for each in found) for verdict in _VERDICTS}
    counts = [f"{number:,} {verdict}" for verdict, number in numbers.items() if number or verdict != NOT_PLAYED]
    yield f"Than on {against.subject.selector}: {', '.join(counts)}"
    yield from _left_out(against)


def _left_out(against: Against) -> Iterator[str]:
    """How many cases were not played on the other version, and why the first of them was not."""
    lost = [each.worst for each in against.run.cases if not each.played]
    if lost:
        yield f"Not played on {against.subject.selector}: {counted(len(lost), 'case')}; {plain(lost[0].why)}"
        if lost[0].hint:
            yield f"  hint: {plain(lost[0].hint)}"


def _there(pair: Pair) -> str | None:
    return None if pair.there is None else pair.there.outcome


def _times(case: CaseRun | None) -> str:
    """What came of a case, in how many of its plays where those were several."""
    if case is None or not case.played:
        return NOT_PLAYED
    return case.outcome if len(case.times) == 1 else f"{case.passed} of {len(case.times)}"


def _plays(run: Run) -> str:
    plays = sum(len(each.times) for each in run.cases)
    if plays == len(run.cases):
        return ""
    passed = sum(each.passed for each in run.cases)
    return f"; {passed:,} of {plays:,} plays passed, {passed / plays:.1%}"


def _case_record(case: CaseRun) -> Record:
    did = case.worst
    return {
        "case": case.name,
        "path": did.path,
        "line": did.line,
        "outcome": case.outcome,
        "times": len(case.times),
        "passed": case.passed,
        "seconds": round(sum(each.seconds for each in case.times), 4),
        "tokens": sum(each.tokens for each in case.times),
        "why": did.why,
        "missed": [each._asdict() for each in did.misses],
        "conversation": list(did.said),
    }


def _skipped(run: Run) -> Iterator[str]:
    skipped = [each for each in run.cases if each.outcome == SKIPPED]
    for each in skipped:
        yield f"{_place(each.worst)}: {_name(each)}: skipped: {plain(each.worst.why)}"
    if skipped:
        yield ""


def _counts(cases: Sequence[CaseRun]) -> str:
    numbers = _numbers(cases)
    words = [f"{numbers[PASSED]:,} of {counted(len(cases), 'case')} passed"]
    more = {FAILED: FAILED, SKIPPED: SKIPPED, "not_played": NOT_PLAYED}
    return ", ".join([*words, *(f"{numbers[key]:,} {word}" for key, word in more.items() if numbers[key])])


def _numbers(cases: Sequence[CaseRun]) -> dict[str, int]:
    outcomes = [each.outcome for each in cases]
    return {
        "cases": len(cases),
        **{each: outcomes.count(each) for each in (PASSED, FAILED, SKIPPED)},
        "not_played": outcomes.count(ERROR),
    }


def _worst(cases: Sequence[CaseRun]) -> str:
    numbers = _numbers(cases)
    return FAILED if numbers[FAILED] or numbers["not_played"] else PASSED if numbers[PASSED] else SKIPPED


def _place(did: Did) -> str:
    return f"{plain(did.path)}:{did.line}" if did.line else plain(did.path)


def _name(case: CaseRun) -> str:
    return plain(case.worst.own or case.name.removeprefix(f"{case.worst.path}::"))


def _rate(case: CaseRun) -> str:
    return f" (passed {case.passed} of {len(case.times)} times)" if len(case.times) > 1 else ""
