"""Calls of all agents below a folder that a server serves, and of one of them, on the command line."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from support.commandline import Cli, Ran
from support.hosting import NUMBERS, fleet

from gitagent.runtime.places import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
AGENTS = ("desk", "shop")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of two agents that was served: two calls of desk, and one of shop."""
    folder = tmp_path / "agents"
    fleet(folder, *AGENTS)
    with open_folder(folder) as calls:
        for count, number in enumerate((0, 0, 1), 1):
            at = START + timedelta(minutes=count)
            calls.begin(f"CA{count}", at=at, number=NUMBERS[number])
            calls.end(f"CA{count}", at=at, outcome="completed", duration=60)
    return folder


@pytest.fixture
def cli(folder: Path, at: Callable[[Path], Cli]) -> Cli:
    """The command line in that folder."""
    return at(folder)


def test_the_calls_of_all_agents_are_listed_with_their_agents(cli: Cli, at: Callable[[Path], Cli]) -> None:
    listed = Ran(
        0,
        "2026-03-01 09:03  CA3  shop  v2  live  +442079460021  completed  1:00\n"
        "2026-03-01 09:02  CA2  desk  v2  live  +442079460018  completed  1:00\n"
        "2026-03-01 09:01  CA1  desk  v2  live  +442079460018  completed  1:00\n",
    )
    assert cli("calls") == at(cli.temporary)("-C", "agents", "calls", "list") == listed


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--agent", "shop"], ["CA3"]),
        (["--agent", "desk", "--version", "live"], ["CA2", "CA1"]),
        (["--version", "v2", "-e", "live", "--number", NUMBERS[1]], ["CA3"]),
        (["--agent", "desk", "--version", "v1"], []),
    ],
)
def test_options_say_which_of_them_are_meant(options: list[str], ids: list[str], cli: Cli) -> None:
    assert [each["call_id"] for each in cli.json("calls", "list", *options)["calls"]] == ids


def test_a_call_is_shown_whichever_agent_it_is_of(cli: Cli) -> None:
    assert "  agent        shop\n" in cli("calls", "show", "CA3").out
    assert json.loads(cli("calls", "show", "CA3", "--config").out)["files"] == {"notes.md": "shop v2\n"}


def test_statistics_are_those_of_one_agent(cli: Cli, tmp_path: Path) -> None:
    assert cli("calls", "stats").err.startswith("error: --agent is needed, to say of which one: desk and shop\n")
    assert cli("calls", "stats").code == 2
    stats = cli.json("calls", "stats", "--agent", "desk", "-e", "live")
    assert (stats["agent"], stats["version"], stats["calls"]) == ("desk", "v2", 2)
    page = tmp_path / "stats.html"
    assert cli("calls", "stats", "live", "--agent", "desk", "--html", str(page)).code == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_they_are_exported(cli: Cli) -> None:
    rows = list(csv.DictReader(io.StringIO(cli("calls", "export").out)))
    assert [(row["agent"], row["call_id"]) for row in rows] == [("shop", "CA3"), ("desk", "CA2"), ("desk", "CA1")]


def test_they_are_removed_of_one_agent_or_of_all(cli: Cli) -> None:
    prune = ["calls", "prune", "--before", "2026-03-02"]
    when = "that began before 2026-03-02 00:00:00 +0000"
    assert cli(*prune, "--dry-run").out.startswith(f"This would remove 3 calls of all agents {when}.\n")
    assert cli(*prune, typed="n\n").err.startswith(f"Remove the calls of all agents {when}? [y/N]")
    assert cli(*prune, "--agent", "desk", "--yes").out == f"Removed 2 calls of desk {when}; their statistics stay.\n"
    assert [each["call_id"] for each in cli.json("calls")["calls"]] == ["CA3"]


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["list", "--agent", "dsk"], "error: there is no agent dsk\nhint: Did you mean desk?\n"),
        (["list", "--version", "live"], "error: of all agents, 'live' is not one version\n"),
        (["list", "-e", "lve"], "error: no environment is called 'lve'\nhint: Did you mean live?\n"),
        (["stats", "v9", "--agent", "desk"], "error: there is no version v9\n"),
        (["show", "CA9"], "error: there is no call CA9\nhint: Looked in <tmp>/agents/.gitagent/calls.db."),
    ],
)
def test_what_is_not_there_is_refused(words: list[str], error: str, cli: Cli) -> None:
    ran = cli("calls", *words)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(error)


def test_calls_of_an_agent_that_was_taken_away_are_still_there(cli: Cli, folder: Path) -> None:
    (folder / "shop").rename(folder.parent / "shop")
    assert [each["call_id"] for each in cli.json("calls", "list", "--agent", "shop")["calls"]] == ["CA3"]


def test_where_no_agent_is_below_either_that_is_said(at: Callable[[Path], Cli], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert at(tmp_path / "empty")("calls").err.startswith("error: no agent in . or above it\n")


def test_an_agent_with_calls_of_its_own_says_where_more_are(cli: Cli, folder: Path, at: Callable[[Path], Cli]) -> None:
    desk = at(folder / "desk")
    assert desk("calls") == Ran(0, desk("calls").out)  # it has none of its own yet: those of the folder are meant
    calls_db = folder / "desk/.git/gitagent/calls.db"
    assert not calls_db.exists()
    with open_folder(folder / "desk", str(calls_db)) as calls:
        calls.begin("own", at=START, environment="live")
    more = "note: more calls of desk were recorded by a server: gitagent -C <tmp>/agents calls --agent desk\n"
    assert desk("calls") == Ran(0, "2026-03-01 09:00  own  v2  live  open\n", more)
    assert desk("calls", "list", "-e", "sandbox").err == f"{more}Looked in <tmp>/agents/desk/.git/gitagent/calls.db.\n"
    assert desk("calls", "list", "--agent", "desk").out == desk("calls").out
    assert desk("calls", "list", "--agent", "shop").err.startswith("error: these are the calls of desk, not of shop\n")
