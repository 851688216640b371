"""Suites: regression tests in the native form, which an agent of any layout may have in `tests`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.meaning.values import Case, Expectation, Suite, Turn

if TYPE_CHECKING:
    from gitagent.config.meaning.reading import Part, Reading


def suites(reading: Reading) -> tuple[Suite, ...]:
    """The suites in `tests`, by path."""
    parts = [part for path in reading.paths(r"tests/[^/]+\.ya?ml") if (part := reading.mapping(path))]
    return tuple(_suite(part) for part in parts)


def _suite(part: Part) -> Suite:
    suite = Suite(
        name=part.text("name") or PurePosixPath(part.path).stem,
        path=part.path,
        fixtures=part.mapping("fixtures"),
        cases=tuple(_case(each) for each in part.parts("cases")),
        description=part.text("description"),
    )
    part.leave_the_rest()
    return suite


def _case(part: Part) -> Case:
    case = Case(
        name=part.text("name") or f"line {part.line}",
        path=part.path,
        line=part.line,
        variables=part.scalars("variables"),
        fixtures=part.mapping("fixtures"),
        turns=tuple(_turn(each) for each in part.parts("turns")),
        channel=part.text("channel") or None,
        sip_headers=part.headers("sip_headers"),
        variant=part.text("variant") or None,
    )
    part.leave_the_rest()
    return case


def _turn(part: Part) -> Turn:
    user = part.text("user") if "user" in part else None
    expect = tuple(each for inner in part.parts("expect") for each in expectations(inner))
    turn = Turn(user, expect, part.line)
    part.leave_the_rest()
    return turn


def expectations(part: Part) -> list[Expectation]:
    """Every expectation that one mapping holds, of whatever kind: whoever checks them knows which there are."""
    return [Expectation(kind, value, part.line_of(kind)) for kind, value in part.values().items()]
