"""Wording: versions, environments and changes as they read in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain
from gitagent.cli.suggestions import listed
from gitagent.cli.tables import Cell, table
from gitagent.cli.times import local, relative

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent import Actor, Approval, Change, Environment, Result, Version
    from gitagent.cli.screen import Screen
    from gitagent.config.problems import Problem

_KIND_STYLES: Mapping[str, str] = {"added": "good", "modified": "warning", "deleted": "error"}


def version_words(version: Version) -> str:
    """A version with its name: `v7 "Autumn menu"`."""
    return named(str(version.number), version.name)


def named(number: str, name: str | None) -> str:
    """A version's number with its name, where it has one."""
    return f'{number} "{plain(name)}"' if name else number


def served_words(environment: Environment) -> str:
    """What an environment serves: `v7 "Autumn menu"`, or `nothing`."""
    return named(str(environment.version), environment.version_name) if environment.version else "nothing"


def approved_words(approval: Approval) -> str:
    """Who approved a version, and how many have to: `approved for live by grace@example.com, 1 of 2`."""
    by = f"by {listed(plain(each) for each in approval.by)}" if approval.by else "by nobody yet"
    asked = f", {len(approval.by)} of {approval.required}" if approval.required else ""
    return f"approved for {approval.environment} {by}{asked}"


def tests_words(rate: int) -> str:
    """What an environment asks for that asks for tests: `asks for tests`, or `asks for 95 % of the tests`."""
    return "asks for tests" if rate == 100 else f"asks for {rate} % of the tests"


def asked_words(environment: Environment) -> str:
    """What has to pass before an environment takes a version in: `all cases have to pass`."""
    rate, asked = environment.tests, list[str]()
    if rate:
        asked.append("all cases have to pass" if rate == 100 else f"{rate} % of the cases have to pass")
    if environment.not_worse and environment.version and rate < 100:
        asked.append(f"what passes on {environment.version}, which {environment.name} serves, has to pass")
    return listed(asked or ["at least one case has to pass"])


def result_words(result: Result) -> str:
    """What came of suites: `passed 22 of 24, failed 1, skipped 1, embedded, 1.2 s`."""
    return result.detail.rpartition(", suites ")[0]


def when_and_who(at: datetime, by: Actor | None, *, now: datetime) -> str:
    """When and by whom: `2 hours ago (2026-03-01 14:30), by Ada Lovelace`."""
    who = f", by {plain(by.name)}" if by else ""
    return f"{relative(at, now=now)} ({local(at)}){who}"


def unchanged_words(environments: Iterable[Environment]) -> str:
    """What stays as it is: `sandbox stays on v8; pre-release and live stay on v6`."""
    by_version: dict[str, list[str]] = {}
    for environment in environments:
        by_version.setdefault(str(environment.version or ""), []).append(str(environment.name))
    return "; ".join(_stay(names, version) for version, names in by_version.items())


def _stay(names: Sequence[str], version: str) -> str:
    one = len(names) == 1
    if not version:
        return f"{listed(names)} still {'serves' if one else 'serve'} nothing"
    return f"{listed(names)} {'stays' if one else 'stay'} on {version}"


def change_lines(changes: Sequence[Change], screen: Screen) -> Iterator[str]:
    """Changed files, one on a line, indented."""
    rows = [(Cell(str(change.kind), _KIND_STYLES.get(change.kind)), change.path) for change in changes]
    for line in table(rows, screen, gives=1):
        yield f"  {line}"


def problem_lines(problem: Problem, screen: Screen) -> Iterator[str]:
    """A problem of the configuration, and below it what to do about it."""
    severity = str(problem.severity)
    yield f"{plain(str(problem))} {screen.paint(f'({severity})', severity)}"
    if problem.hint:
        yield f"    {screen.paint(plain(problem.hint), 'dim')}"


def counted(number: int, thing: str) -> str:
    """A number of things: `1 file`, `2 files`."""
    return f"{number:,} {thing}{'s' * (number != 1)}"
