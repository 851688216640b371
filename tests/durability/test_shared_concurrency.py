"""Many clones at work on one shared remote at once: numbers without gaps, one story, every edit in the last version."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from support.building import START
from support.rules import check_rules
from support.serving import USER, over_http
from support.sharing import Team

from gitagent.receive.installing import install

COLLEAGUES = Path(__file__).with_name("colleagues.py")


def _at_work(team: Team, what: str, people: int, operations: int) -> Any:
    clones = [team.clone(f"clone-{number}") for number in range(people)]
    done = subprocess.run(
        [sys.executable, str(COLLEAGUES), what, str(team.folder), str(people), str(operations)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    ledger = team.git("rev-parse", "gitagent/ledger")
    for clone in clones:
        clone.reopen().sync(actor=clone.actor, at=START)
        assert clone.git("rev-parse", "gitagent/ledger") == ledger
        assert clone.reopen().notices == ()
        assert what == "conflict" or clone.agent.draft().changes == ()
    check_rules(clones[0].path)
    assert team.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
    return json.loads(done.stdout)


def _all_edits(people: int, operations: int) -> set[str]:
    return {f"file-{number}-{edit}.md" for number in range(people) for edit in range(operations)}


def _check_line(team: Team, people: int, operations: int) -> None:
    """Numbers without a gap or a repetition, and every edit in the last version."""
    versions = people * operations + 1
    assert team.git("tag", "--sort=version:refname").split() == [f"v{number}" for number in range(1, versions + 1)]
    assert len(set(team.ledger())) == len(team.ledger()) == versions
    files = set(team.git("ls-tree", "--name-only", f"v{versions}").split())
    assert files == _all_edits(people, operations) | {"notes.md"}


@pytest.mark.parametrize(
    ("people", "operations"),
    [(3, 3), pytest.param(16, 5, marks=[pytest.mark.scale, pytest.mark.timeout(1800)])],
)
def test_every_edit_of_everybody_is_in_the_last_version(tmp_path: Path, people: int, operations: int) -> None:
    team = Team(tmp_path)
    attempts = _at_work(team, "publish", people, operations)
    assert [len(each) for each in attempts] == [operations] * people
    _check_line(team, people, operations)


@pytest.mark.scale
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("reached", ["path", "http"])
def test_in_turn_no_operation_is_tried_more_than_twice_and_none_waits_long(tmp_path: Path, reached: str) -> None:
    people, operations = 32, 10
    with over_http(tmp_path) if reached == "http" else nullcontext(str(tmp_path)) as address:
        team = Team(tmp_path, url=f"{address}/remote.git")
        install(team.remote, server=True)
        names = ["Ada Lovelace <ada@example.com>"]
        names += [f"clone-{number} <clone-{number}@example.com>" for number in range(people)]
        (team.remote / "gitagent").mkdir(exist_ok=True)
        (team.remote / "gitagent/users").write_text("".join(f"{USER} = {name}\n" for name in names))
        told = [each for one in _at_work(team, "in-turn", people, operations) for each in one]
    _check_line(team, people, operations)
    attempts, seconds = zip(*told, strict=True)
    assert set(attempts) <= {1, 2}
    assert max(seconds) <= 10 * statistics.median(seconds)


@pytest.mark.parametrize(
    ("people", "operations"), [(3, 2), pytest.param(32, 10, marks=[pytest.mark.scale, pytest.mark.timeout(1800)])]
)
def test_what_conflicts_is_refused_and_stays_in_the_draft_of_its_owner(
    tmp_path: Path, people: int, operations: int
) -> None:
    team = Team(tmp_path)
    install(team.remote, server=True)
    told = [each for one in _at_work(team, "conflict", people, operations) for each in one]
    assert all(text in left for text, left in told if left)
    versions = team.git("log", "--format=%H", "--grep=^Gitagent-Version: ", "main").split()
    published = [team.git("show", f"{version}:notes.md") for version in versions[:-1]]
    assert sorted(published) == sorted(text for text, left in told if not left)
    assert len(published) >= operations


def test_promotions_and_rollbacks_from_many_clones_make_one_story(tmp_path: Path) -> None:
    team = Team(tmp_path)
    for text in ("two\n", "three\n", "four\n"):
        team.ada.publish(text).promote("pre-release", "live")
    before = len(team.ledger())
    told = [each for one in _at_work(team, "move", 8, 4) for each in one]
    log = team.git("log", "--format=%(trailers:key=Gitagent-Op-Id,valueonly,separator=)", "gitagent/ledger")
    done = log.split()[::-1][before:]
    assert sorted(each for each in told if len(each) == 26) == sorted(done)
    assert done
    fair = {"not-forward", "already-served", "never-served", "environment-moved", "ledger-moved"}
    assert {each for each in told if len(each) != 26} <= fair
    live = json.loads(team.git("show", "gitagent/ledger:environments/live.yaml"))
    assert team.refs()["refs/heads/live"] == live["commit"]
