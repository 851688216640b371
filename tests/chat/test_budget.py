"""The budget of a run: in one process, and shared by many, of which some end in the middle of a request."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gitagent.chat.budget import USUAL, Budget, SharedBudget, budget_of
from gitagent.errors import BudgetSpent, InvalidName

Opened = Callable[[int], Budget]


@pytest.fixture(params=["alone", "shared"])
def budget(request: pytest.FixtureRequest, tmp_path: Path) -> Opened:
    """Opens a budget of so many tokens."""
    return Budget if request.param == "alone" else lambda tokens: SharedBudget(tokens, tmp_path)


def test_what_requests_use_is_counted_in_place_of_what_was_held_for_them(budget: Opened) -> None:
    run = budget(1000)
    assert run.hold(300, most=500) == 500
    run.settle(800, 300)
    assert run.hold(100, most=500) == 500
    run.settle(600, 150)

    assert run.spent == 450
    assert run.hold(100, most=500) == 450
    run.settle(550, 550)
    with pytest.raises(BudgetSpent, match=r"1,000 tokens is not enough: 1,000 are used, and the next request needs 5$"):
        run.hold(5, most=1)
    assert run.spent == 1000


def test_threads_hold_what_is_left_beside_others() -> None:
    budget = Budget(1000)
    assert budget.hold(300, most=500) == 500
    assert budget.hold(100, most=500) == 100
    with pytest.raises(BudgetSpent):
        budget.hold(1, most=500)


def test_processes_ask_at_the_same_time_while_there_is_plenty(tmp_path: Path) -> None:
    one, other = SharedBudget(2000, tmp_path), SharedBudget(2000, tmp_path)
    assert (one.hold(100, most=500), other.hold(100, most=500)) == (500, 500)
    one.settle(600, 50)
    other.settle(600, 70)

    assert (one.spent, other.spent) == (120, 120)


def test_where_little_is_left_they_wait_for_each_other_and_none_is_refused_for_what_is_only_held(
    tmp_path: Path,
) -> None:
    one, other = SharedBudget(1000, tmp_path), SharedBudget(1000, tmp_path)
    one.hold(100, most=900)
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(other.hold, 100, most=900)
        one.settle(1000, 150)
        assert waiting.result() == 750
    other.settle(850, 50)

    assert one.spent == 200


def test_what_a_process_held_that_died_counts_as_used_and_nobody_waits_for_it(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from gitagent.chat.budget import SharedBudget\n"
        "run = SharedBudget(1000, Path(sys.argv[1])); run.hold(100, most=500); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False).returncode == -9

    run = SharedBudget(1000, tmp_path)
    assert (run.spent, run.hold(100, most=500), run.spent) == (0, 300, 600)
    run.settle(400, 40)


def test_whoever_was_broken_off_before_it_could_settle_asks_again(tmp_path: Path) -> None:
    run = SharedBudget(1000, tmp_path)
    run.hold(100, most=500)
    assert run.hold(100, most=500) == 300
    run.settle(400, 10)

    assert run.spent == 610


def test_a_budget_is_as_large_as_the_environment_says(tmp_path: Path) -> None:
    assert budget_of({}).tokens == USUAL
    assert budget_of({"GITAGENT_TOKENS": "70"}, folder=tmp_path).tokens == 70
    with pytest.raises(InvalidName, match="GITAGENT_TOKENS is not a number"):
        budget_of({"GITAGENT_TOKENS": "many"})
