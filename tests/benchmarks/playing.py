"""Playing: what a thousand cases cost against a thousand empty tests, and what pytest costs those who have no agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from growing import ADA, START
from measuring import Figure, command, paired, pytest

from gitagent import Agent, templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CASES = 1_000
SUITES = 20
FEW, MANY = 5, 21  # how often what takes seconds is timed, and what is over at once
EMPTY = f"""import pytest

@pytest.mark.parametrize("number", range({CASES}))
def test_nothing(number):
    pass
"""
ASKED = (
    ("When are you open on Sundays?", "topic: opening hours"),
    ("Can I bring my dog along?", "contains: terrace"),
    ("I would like to book a table", "topic: reservations"),
    ("We are a group of fifteen people", "contains: events team"),
    ("Can I speak to a person?", "handoff: front desk"),
)


def playing(top: Path) -> Iterator[Figure]:
    """Whole processes: pytest with the plugin and `gitagent test`, each against pytest with tests that do nothing."""
    agent, plain = top / "playing", top / "empty"
    Agent.init(agent, actor=ADA, at=START, files=templates.load("restaurant"))
    _write_cases(agent)
    plain.mkdir()
    (plain / "test_empty.py").write_text(EMPTY, encoding="utf-8")
    empty, ours = pytest(plain), ("-p", "gitagent.suites.plugin")
    yield paired("pytest: 1,000 cases", pytest(agent, *ours), empty, target=3.0, runs=FEW)
    yield paired("test: 1,000 cases", command("-C", str(agent), "test"), empty, target=3.0, runs=FEW)
    (plain / "test_empty.py").write_text("def test_nothing():\n    pass\n", encoding="utf-8")
    yield paired("pytest: a test, and no agent", pytest(plain, *ours), empty, target=1.1, runs=MANY)


def _write_cases(agent: Path) -> None:
    """Cases of a turn each, in as many files as a large agent has."""
    each = CASES // SUITES
    for path in (agent / "tests").iterdir():
        path.unlink()
    for suite in range(SUITES):
        cases = (_case(number) for number in range(suite * each, (suite + 1) * each))
        (agent / "tests" / f"suite_{suite}.yaml").write_text("cases:\n" + "".join(cases), encoding="utf-8")


def _case(number: int) -> str:
    said, expected = ASKED[number % len(ASKED)]
    turn = f'      - user: "{said}"\n        expect:\n          - {expected}\n'
    return f"  - name: case {number}\n    turns:\n{turn}"
