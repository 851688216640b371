"""Gates: whether what is recorded of a version's suites is what an environment asks for. Pure over values."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.agent.results import Result
    from gitagent.agent.states import EnvironmentState
    from gitagent.config.cases import Cases

DRAFT = "draft"
MISSING, FAILED, WORSE = "tests-missing", "tests-failed", "tests-worse"
_MOST_TOLD = 3
_USUAL = "embedded"
_SIGNED = " --record --sign"


class Doubt(NamedTuple):
    """Why a recorded result does not count: the code of the rule that its event breaks, and how."""

    code: str
    why: str


class Known(NamedTuple):
    """What is known of the files that a version holds: their tree, their cases, and the newest result of that tree.

    Where there is `doubt` about what is recorded, it is no result. It is `unsigned` where it does not count for that.
    """

    tree: str
    cases: Cases
    result: Result | None
    doubt: Doubt | None = None
    unsigned: bool = False

    @property
    def proof(self) -> Result | None:
        """The result, if it is of exactly these cases."""
        result = None if self.unsigned else self.result
        if result is None or result.flaw is not None or result.tree != self.tree or result.lie(self.cases) is not None:
            return None
        return result


class Shortfall(NamedTuple):
    """Why a version may not go into an environment by its tests: a stable code, a sentence, and what to type."""

    code: str
    message: str
    hint: str


def is_gated(target: EnvironmentState) -> bool:
    """Whether an environment asks for tests before it takes a version in."""
    return bool(target.tests) or target.not_worse


def too_few(tests: int, result: Result) -> bool:
    """Whether fewer cases passed than an environment asks for, in per cent of those that were not skipped."""
    return not result.passed or result.passed * 100 < tests * (result.cases - result.skipped)


def shortfall(target: EnvironmentState, label: str, new: Known, now: Known | None) -> Shortfall | None:
    """What the version `label`, or the draft, lacks before it may go in; None where it may.

    `now` is what the environment serves, where that matters.
    """
    what, asks = "the draft" if label == DRAFT else label, f"{target.name} asks for tests"
    run = f"Run its suites: {play_again(label)}{_SIGNED * new.unsigned}"
    if not new.cases.names:
        return Shortfall(MISSING, f"{asks}, and {what} has no case", "Write a suite, such as tests/greeting.yaml.")
    if (doubtful := _doubtful(target, label, new, now)) is not None:
        return doubtful
    if (result := new.proof) is None:
        other = "what is recorded is of other suites than" if new.result else "no result is recorded of"
        other = "no signed result is recorded of" if new.unsigned else other
        return Shortfall(MISSING, f"{asks}, and {other} {what}", run)
    ran = result.cases - result.skipped
    if too_few(target.tests, result):
        wanted = "all cases" if target.tests == 100 else f"{target.tests} % of the cases"
        wanted = wanted if target.tests else "at least one case"
        but = f", not {_some(result.failing)}" if result.failing else ""
        did = f"{result.passed} of {ran} passed{but}" if ran else f"all {result.cases} were skipped"
        see = f"See why, and repair them: {play_again(label, result)}"
        return Shortfall(FAILED, f"{target.name} asks for {wanted} to pass, and of {what} {did}", see)
    return _worsened(target, label, result, now) if now is not None and target.not_worse else None


def _doubtful(target: EnvironmentState, label: str, new: Known, now: Known | None) -> Shortfall | None:
    """Results that were written past the rules. A run that nobody asked for would only hide that."""
    told = [(new, "the draft" if label == DRAFT else label, "" if label == DRAFT else f" {label}")]
    if now is not None and now.cases.names and target.not_worse:
        told.append((now, f"{target.version}, which {target.name} serves,", f" {target.name}"))
    for known, what, selector in told:
        if known.doubt is None:
            continue
        asks = f"{target.name} asks for tests, and the result recorded of {what} does not match its event"
        hint = f"See what is wrong: gitagent verify. To record another result: gitagent test{selector}"
        return Shortfall(known.doubt.code, f"{asks}: {known.doubt.why}", hint)
    return None


def _worsened(target: EnvironmentState, label: str, result: Result, now: Known) -> Shortfall | None:
    """Cases that pass on what the environment serves, and not on what is to go in. A case that is gone is none."""
    if not now.cases.names:
        return None
    serves = f"{target.version}, which {target.name} serves"
    if (before := now.proof) is None:
        lacks = f"no {'signed ' * now.unsigned}result is recorded of {serves}"
        message = f"{target.name} takes nothing worse than it serves, and {lacks}"
        return Shortfall(MISSING, message, f"Run its suites: gitagent test {target.name}{_SIGNED * now.unsigned}")
    passed = {*now.cases.names} - {*before.failing, *before.skipping}
    if not (worse := [each for each in (*result.failing, *result.skipping) if each in passed]):
        return None
    what = "the draft" if label == DRAFT else label
    message = f"{what} is worse than {serves}: {_some(worse)} passed there, and not here"
    return Shortfall(
        WORSE, message, f"See both: {play_again(str(target.name), before)}, then {play_again(label, result)}"
    )


def _some(cases: Sequence[str]) -> str:
    """The first of many cases, and how many more there are."""
    more = f" and {len(cases) - _MOST_TOLD} more" if len(cases) > _MOST_TOLD else ""
    return f"{', '.join(cases[:_MOST_TOLD])}{more}"


def play_again(selector: str, result: Result | None = None) -> str:
    """How to play the suites of something; where there is a result, by what came to it: another might pass."""
    which = "" if selector == DRAFT else f" {selector}"
    by = "" if result is None or result.responder == _USUAL else f" --responder {result.responder}"
    return f"gitagent test{which}{by}"
