"""Bisecting: which of many versions broke a case, by playing it on as few of them as can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import NotFound, Refused
from gitagent.suites.plans import Planned, plan_of

if TYPE_CHECKING:
    from gitagent.config.files import Files
    from gitagent.config.meaning.values import Meaning

Passes = Callable[[int], bool]


class Bisection(NamedTuple):
    """The first version that does not pass, and what came of each that was tried, in the order of trying."""

    broken: int
    tried: tuple[tuple[int, bool], ...]


def bisect(good: int, bad: int, passes: Passes) -> Bisection:
    """The first version after `good`, which passes, that does not, up to `bad`. Refused where these are not so."""
    tried: list[tuple[int, bool]] = []

    def told(number: int) -> bool:
        tried.append((number, passes(number)))
        return tried[-1][1]

    if good >= bad:
        raise Refused(
            f"v{good} is not before v{bad}", hint="Name the version that passes as --good.", code="not-before"
        )
    if told(bad):
        raise Refused(f"v{bad} passes", hint="Name a version that does not as --bad.", code="not-bad")
    if not told(good):
        raise Refused(f"v{good} does not pass", hint="Name an earlier version as --good.", code="not-good")
    while bad - good > 1:
        middle = (good + bad) // 2
        if told(middle):
            good = middle
        else:
            bad = middle
    return Bisection(bad, tuple(tried))


def case_called(name: str, files: Files, meaning: Meaning) -> Planned:
    """The case of that name, with its file or without; NotFound where there is none, or more than one."""
    cases = [each for cases in plan_of(files, meaning).values() for each in cases]
    found = [each for each in cases if each.name == name] or [
        each for each in cases if name in (each.own, each.case.name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        hint = f"Name it with its file, such as '{found[0].name}'."
        raise NotFound(f"{len(found)} cases are called '{name}'", hint=hint, code="case-not-found")
    from gitagent.config.suggestions import did_you_mean

    hint = did_you_mean(name, [each.own for each in cases]) or "'gitagent test' lists the suites."
    raise NotFound(f"no case is called '{name}'", hint=hint, code="case-not-found")
