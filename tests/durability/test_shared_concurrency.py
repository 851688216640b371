"""Many clones at work on one shared remote at once: numbers without gaps, one story, every edit in the last version."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support.building import START
from support.rules import check_rules
from support.sharing import Team

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
        assert clone.agent.draft().changes == ()
    check_rules(clones[0].path)
    assert team.git("fsck", "--strict", "--no-dangling", "--no-progress") == ""
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("people", "operations"),
    [(4, 3), pytest.param(16, 5, marks=[pytest.mark.scale, pytest.mark.timeout(1800)])],
)
def test_every_edit_of_everybody_is_in_the_last_version(tmp_path: Path, people: int, operations: int) -> None:
    team = Team(tmp_path)
    attempts = _at_work(team, "publish", people, operations)
    assert [len(each) for each in attempts] == [operations] * people
    versions = people * operations + 1
    assert team.git("tag", "--sort=version:refname").split() == [f"v{number}" for number in range(1, versions + 1)]
    assert sorted(set(team.ledger())) == sorted(team.ledger())
    wanted = {f"file-{number}-{edit}.md" for number in range(people) for edit in range(operations)}
    assert set(team.git("ls-tree", "--name-only", f"v{versions}").split()) == wanted | {"notes.md"}


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
