"""`numbers move` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import ADA, Built
from support.commandline import Cli, Ran
from support.hosting import NUMBERS, fleet

from gitagent import PhoneNumber

NUMBER = "+442079460018"


@pytest.fixture
def served(agent: Built) -> Built:
    """live serves v1 and answers a number; sandbox serves v2."""
    agent.publish().promote("pre-release", "live").publish("two\n")
    agent.agent.assign_number(
        PhoneNumber(NUMBER), "live", actor=ADA, at=agent.clock(), sip_headers={"X-Queue": "front"}
    )
    return agent


def test_a_number_is_moved_when_somebody_agrees(served: Built, cli: Cli) -> None:
    fact = f"New calls to {NUMBER} get v1 of live now; after this they get v2 of\nsandbox."
    asked = f"{fact}\nMove {NUMBER} to sandbox? [y/N] "
    assert cli("numbers", "move", NUMBER, "-e", "sandbox", typed="n\n").err.startswith(asked)
    assert cli("numbers", "move", "+44 20 7946 0018", "-e", "sandbox", typed="y\n") == Ran(
        0,
        f"{NUMBER} went from live to sandbox.\n"
        "  X-Queue: front, as before\n"
        "New calls to it get v2; calls in progress keep the version they began with.\n",
        asked,
    )
    assert [str(each.environment) for each in served.reopen().numbers()] == ["sandbox"]


def test_a_move_can_be_tried_first(served: Built, cli: Cli) -> None:
    assert cli("numbers", "move", NUMBER, "-e", "sandbox", "--sip-header", "X-Queue=back", "--dry-run") == Ran(
        0,
        f"This would move {NUMBER} from live to sandbox.\n  X-Queue: front → back\nNothing was changed (--dry-run).\n",
    )
    assert [str(each.environment) for each in served.reopen().numbers()] == ["live"]


def test_a_move_is_told_to_programs(served: Built, cli: Cli) -> None:
    told = cli.json("numbers", "move", NUMBER, "-e", "sandbox", "--yes", "-m", "Trying")
    event = told.pop("event")
    assert told == {
        "format": "gitagent.numbers-move/1",
        "dry_run": False,
        "number": NUMBER,
        "from": "live",
        "environment": "sandbox",
        "sip_headers": {"X-Queue": "front"},
        "old_sip_headers": {"X-Queue": "front"},
    }
    assert (event["operation"], event["environment"], event["message"]) == ("assign-number", "sandbox", "Trying")


@pytest.mark.parametrize(
    ("words", "code", "error"),
    [
        ([NUMBER, "-e", "live", "--yes"], 3, f"error: live has {NUMBER} already\n"),
        (["+442079460019", "-e", "live", "--yes"], 3, "error: +442079460019 is assigned to no environment\n"),
        ([NUMBER, "-e", "sandbox"], 3, f"error: confirmation is needed: Move {NUMBER} to sandbox?\n"),
        ([NUMBER], 2, "error: missing option '-e' / '--environment'\n"),
    ],
)
def test_what_cannot_be_moved_is_said(words: list[str], code: int, error: str, served: Built, cli: Cli) -> None:
    ran = cli("numbers", "move", *words)
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(error)


def test_a_number_that_another_served_agent_has_is_assigned_with_a_warning(
    at: Callable[[Path], Cli], tmp_path: Path
) -> None:
    _, shop = fleet(tmp_path / "agents", "desk", "shop")
    assign = ["numbers", "assign", NUMBERS[0], "-e", "sandbox"]
    cli = at(shop.path)
    cli.clock = shop.clock
    assert cli(*assign, "--dry-run").err == ""  # nobody serves the two together
    (tmp_path / "agents/.gitagent").mkdir()

    def warned(of: str, how: str) -> str:
        release = f"gitagent -C <tmp>/agents/{of} numbers release {NUMBERS[0]}"
        return f"warning: {of} has {NUMBERS[0]}, too, {how}: {release}\n"

    answered = warned("desk", "and answers it until it releases it")
    assert cli(*assign, "--dry-run").err == answered
    assert cli(*assign) == Ran(0, f"{NUMBERS[0]} is assigned to sandbox.\nsandbox still serves v2.\n", answered)
    assert cli("resolve", NUMBERS[0]).err == answered
    there = at(tmp_path / "agents/desk")
    later = warned("shop", "but does not answer it, since it did not have it first; release it there")
    assert there("resolve", NUMBERS[0]).err == later
    assert there("numbers", "assign", NUMBERS[0], "-e", "live", "--sip-header", "X-Queue=a").err == later
    there("numbers", "release", NUMBERS[0], "--yes")
    assert cli(*assign, "--sip-header", "X-Queue=a").err == ""
    assert cli("resolve", NUMBERS[0]).err == ""


def test_where_it_cannot_be_told_who_answers_a_number_the_warning_says_so(
    at: Callable[[Path], Cli], tmp_path: Path
) -> None:
    (desk,) = fleet(tmp_path / "agents", "desk")
    (tmp_path / "agents/.gitagent").mkdir()
    desk.git("clone", "-q", "--bare", str(desk.path), str(tmp_path / "agents/copy.git"))
    assert at(desk.path)("resolve", NUMBERS[0]).err == (
        f"warning: copy.git has {NUMBERS[0]}, too, and none answers it until all but one release it: "
        f"gitagent -C <tmp>/agents/copy.git numbers release {NUMBERS[0]}\n"
    )
