"""Many processes save, publish, promote and roll back on one repository at once."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.building import ADA, START, Built

from durability.aftermath import fsck, gapless, git
from gitagent import Agent

CROWD = Path(__file__).with_name("crowd.py")
PROCESSES, OPERATIONS = 16, 20
TYPISTS, COMMANDS = 6, 3
FAIR_REFUSALS = {
    "nothing-to-save",  # somebody else's save took the edit along
    "already-served",
    "not-forward",
    "never-served",
    "not-found",
    "agent-busy",
    "ledger-moved",
    "environment-moved",
}


class Crowd:
    """An agent after a crowd was at work on it, and what each was told."""

    def __init__(self, how: str, path: Path, processes: int, operations: int) -> None:
        self.path = path
        built = Built(path).publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release")
        self.before = len(built.history())
        done = subprocess.run(
            [sys.executable, str(CROWD), how, str(path), str(processes), str(operations)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answers: dict[str, Any] = json.loads(done.stdout)
        self.told: list[dict[str, Any]] = answers["told"]
        self.seen: list[str] = answers.get("seen", [])
        self.commits: list[str] = answers.get("commits", [])
        self.done = [each["event"]["id"] for each in self.told if "event" in each]
        self.refused = [each for each in self.told if "event" not in each]


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """16 processes with 20 operations each, readers, and somebody with plain git."""
    return Crowd("api", tmp_path_factory.mktemp("crowd") / "agent", PROCESSES, OPERATIONS)


@pytest.fixture(scope="module")
def terminals(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    """Several people at their command lines."""
    return Crowd("cli", tmp_path_factory.mktemp("terminals") / "agent", TYPISTS, COMMANDS)


@pytest.fixture(params=["crowd", "terminals"])
def any_crowd(request: pytest.FixtureRequest) -> Crowd:
    found: Crowd = request.getfixturevalue(request.param)
    return found


def test_every_operation_is_answered_and_most_are_done(crowd: Crowd) -> None:
    assert len(crowd.told) == PROCESSES * OPERATIONS
    assert len(crowd.done) >= PROCESSES * OPERATIONS / 4


def test_every_operation_that_was_done_is_in_the_ledger_once_and_nothing_else_is(any_crowd: Crowd) -> None:
    events = [event.id for event in Agent.open(any_crowd.path).history()][::-1]
    assert Counter(events[any_crowd.before :]) == Counter(any_crowd.done)


def test_numbers_have_no_gaps_and_every_branch_and_tag_is_as_the_ledger_has_it(any_crowd: Crowd) -> None:
    assert gapless(any_crowd.path) == []
    assert Agent.open(any_crowd.path).notices == ()


def test_the_ledger_is_one_line(any_crowd: Crowd) -> None:
    parents = git(any_crowd.path, "log", "--format=%P", "gitagent/ledger").split("\n")[:-1]
    assert [len(each.split()) for each in parents] == [1] * (len(parents) - 1) + [0]


def test_each_version_follows_the_one_before_it_by_first_parents(any_crowd: Crowd) -> None:
    newest = Agent.open(any_crowd.path).version("latest")
    line = git(any_crowd.path, "rev-list", "--first-parent", newest.commit).split()
    commits = [version.commit for version in Agent.open(any_crowd.path).versions()]
    assert [commit for commit in line if commit in commits] == commits


def test_git_finds_nothing_to_complain_of(any_crowd: Crowd) -> None:
    assert fsck(any_crowd.path) == []
    left = [file.name for file in (any_crowd.path / ".git").rglob("*") if file.suffix == ".lock" or "tmp_" in file.name]
    assert left == []


def test_no_edit_is_lost(any_crowd: Crowd) -> None:
    workers = len(list(any_crowd.path.glob("notes-*.md")))
    last = {f"notes-{worker}.md": len(any_crowd.told) // workers - 1 for worker in range(workers)}
    found = {name: int((any_crowd.path / name).read_text().partition("-")[2]) for name in last}
    assert found == last


def test_whoever_comes_too_late_is_told_so_clearly(crowd: Crowd) -> None:
    assert {each["code"] for each in crowd.refused} <= FAIR_REFUSALS
    assert all(each["message"] for each in crowd.refused)
    assert [each["notices"] for each in crowd.told if each.get("notices")] == []


def test_a_command_line_that_comes_too_late_ends_with_3_or_4_and_a_message(terminals: Crowd) -> None:
    assert {each["exit_code"] for each in terminals.told} <= {0, 3, 4}
    assert {each["code"] for each in terminals.refused} <= FAIR_REFUSALS
    assert [each["errors"] for each in terminals.told if each["exit_code"] == 0 and each["errors"]] == []


def test_readers_see_whole_states_only_and_nothing_to_put_right(crowd: Crowd) -> None:
    assert crowd.seen == []


def test_plain_commits_made_meanwhile_are_taken_along(crowd: Crowd) -> None:
    (crowd.path / "notes.md").write_text("the last word\n")
    version = Agent.open(crowd.path).save(actor=ADA, at=START).version
    subjects = git(crowd.path, "log", "--format=%s", version.commit).splitlines()
    assert crowd.commits
    assert set(crowd.commits) <= set(subjects)
