"""Cases: what an agent's suites hold, each with its file and line, without playing any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.cli.tables import Cell, table
from gitagent.cli.wording import counted
from gitagent.errors import NotFound
from gitagent.suites.plans import plan_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitagent.cli.screen import Screen
    from gitagent.cli.session import Session
    from gitagent.cli.trying import Subject
    from gitagent.suites.plans import Planned


def show_cases(session: Session, subject: Subject) -> None:
    """List the cases by suite. NotFound where there is none."""
    from gitagent.config.meaning import meaning_of

    files = subject.candidate.files
    found = [each for cases in plan_of(files, meaning_of(files)).values() for each in cases]
    if not found:
        raise NotFound("there is no case", hint="Write a suite, such as tests/greeting.yaml.", code="no-case")
    session.show(
        "test-list",
        json=lambda: {
            "selector": subject.selector,
            "version": subject.version,
            "cases": [
                {"case": each.name, "name": each.own, "path": each.case.path, "line": each.case.line} for each in found
            ],
        },
        text=lambda: _lines(found, session.screen),
    )


def _lines(cases: Sequence[Planned], screen: Screen) -> Iterator[str]:
    yield from table([(Cell(f"{each.case.path}:{each.case.line}", "dim"), each.own) for each in cases], screen)
    suites = counted(len({each.case.path for each in cases}), "suite")
    yield f"{counted(len(cases), 'case')} in {suites}"
