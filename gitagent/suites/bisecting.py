"""Bisecting: which of many versions broke a case, by playing it on as few of them as can be."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import NotFound, Refused
from gitagent.suites.plans import Planned, plan_of

if TYPE_CHECKING:
    from gitagent.config.files import Files
    from gitagent.config.meaning.values import Meaning

_MOST_NEAR = 3
_LIKENESS = 0.3  # little: what is not meant is soon seen
Passes = Callable[[int], bool]


class Bisection(NamedTuple):
    """The first version that does not pass, and what came of each that was tried, in the order of trying."""

    broken: int
    tried: tuple[tuple[int, bool], ...]


def bisect(good: int, bad: int, passes: Passes, *, called: Callable[[int], str] = "v{}".format) -> Bisection:
    """The first version after `good`, which passes, that does not, up to `bad`. Refused where these are not so.

    `called` is what a number stands for, in words.
    """
    tried: list[tuple[int, bool]] = []

    def told(number: int) -> bool:
        tried.append((number, passes(number)))
        return tried[-1][1]

    if good >= bad:
        raise Refused(
            f"{called(good)} is not before {called(bad)}",
            hint="Name the version that passes as --good.",
            code="not-before",
        )
    if told(bad):
        raise Refused(f"{called(bad)} passes", hint="Name a version that does not as --bad.", code="not-bad")
    if not told(good):
        raise Refused(f"{called(good)} does not pass", hint="Name an earlier version as --good.", code="not-good")
    while bad - good > 1:
        middle = (good + bad) // 2
        if told(middle):
            good = middle
        else:
            bad = middle
    return Bisection(bad, tuple(tried))


def case_called(name: str, files: Files, meaning: Meaning, *, selector: str) -> Planned:
    """The case of that name, with its file or without; NotFound where there is none, or more than one.

    `selector` is what the files are of, for who has to look at the cases.
    """
    cases = [each for cases in plan_of(files, meaning).values() for each in cases]
    found = [each for each in cases if each.name == name] or [
        each for each in cases if name in (each.own, each.case.name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        hint = f"Name it with its file, such as '{found[0].name}'."
        raise NotFound(f"{len(found)} cases are called '{name}'", hint=hint, code="case-not-found")
    all_of_them = f"All cases: gitagent test {selector} --list"
    near = get_close_matches(name, dict.fromkeys(each.own for each in cases), n=_MOST_NEAR, cutoff=_LIKENESS)
    hint = f"Near it: {', '.join(map(repr, near))}. {all_of_them}" if near else all_of_them
    raise NotFound(f"no case is called '{name}'", hint=hint, code="case-not-found")
