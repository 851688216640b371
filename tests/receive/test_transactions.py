"""The reference-transaction hook: what was approved moves together, and nothing else moves in the shared repository."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support.attacking import WHOLE, Attack
from support.building import git

from gitagent.receive.approvals import approve
from gitagent.receive.judging import Approval
from gitagent.receive.pushes import RefUpdate

if TYPE_CHECKING:
    from pathlib import Path

BY_HAND = [
    "update-ref refs/heads/live v3^{}",
    "update-ref -d refs/heads/sandbox",
    "update-ref -d refs/heads/gitagent/ledger",
    "branch -f pre-release v1",
    "branch -D pre-release",
    "branch -m live dead",
    "tag -f v2 v3",
    "tag -d v1",
    "tag v4 main",
    "update-ref refs/heads/main main~1",
    "fetch --force ../mallory main:refs/heads/live",
]


@pytest.mark.parametrize("arguments", BY_HAND)
def test_nothing_moves_by_hand_on_the_server(standing: Attack, arguments: str) -> None:
    before = standing.refs()
    command = ["git", "-C", str(standing.remote), *arguments.split()]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "gitagent: refused: rule-unrecorded: refs/" in done.stderr
    assert "By hand: GITAGENT_ADMIN=1 git ..." in done.stderr
    assert standing.refs() == before


@pytest.mark.scale
@pytest.mark.parametrize("arguments", BY_HAND)
def test_an_administrator_may_say_that_it_is_meant(
    attack: Attack, arguments: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = attack.refs()
    monkeypatch.setenv("GITAGENT_ADMIN", "1")
    git(attack.remote, *arguments.split())
    assert attack.refs() != before


def test_other_branches_and_upkeep_are_free_on_the_server(attack: Attack) -> None:
    before = attack.refs()
    for arguments in ("branch mine main", "branch -M mine yours", "tag v1.0 main", "update-ref refs/notes/x main"):
        git(attack.remote, *arguments.split())
    for arguments in ("pack-refs --all", "gc -q", "branch -D yours", "tag -d v1.0", "update-ref -d refs/notes/x"):
        git(attack.remote, *arguments.split())
    assert attack.refs() == before
    attack.mallory.publish("four\n")
    assert attack.push("--atomic", "origin", *WHOLE).taken


def test_a_branch_that_is_another_name_of_an_environment_moves_nothing(attack: Attack) -> None:
    git(attack.remote, "symbolic-ref", "refs/heads/alias", "refs/heads/live")
    before = attack.refs()
    for extra in ([], ["main:refs/tags/more"], ["v1"]):
        pushed = attack.push("-f", "--atomic", "origin", "v3^{}:refs/heads/alias", *extra)
        assert (pushed.taken, "rule-unrecorded" in pushed.said) == (False, True)
        assert attack.refs() == before


def _meanwhile(attack: Attack, command: str) -> None:
    """Let something happen on the server between the approval of a push and its move."""
    before = attack.remote / "hooks/reference-transaction.before-gitagent"
    before.write_text(f'#!/bin/sh\n[ "$1" = prepared ] || exit 0\nrm "$0"\nGITAGENT_ADMIN=1 {command} >&2\n')
    before.chmod(0o755)


def test_a_push_that_was_judged_by_an_older_ledger_is_refused(attack: Attack) -> None:
    attack.git("fetch", "-q")
    _meanwhile(attack, "git update-ref refs/heads/gitagent/ledger refs/heads/gitagent/ledger~1")
    attack.mallory.edit("x\n", "x.md").git("add", ".")
    attack.git("commit", "-qm", "plain")
    main = git(attack.remote, "rev-parse", "main")
    pushed = attack.push("origin", "main")
    assert (pushed.taken, "rule-ledger-forward: somebody else was faster" in pushed.said) == (False, True)
    assert git(attack.remote, "rev-parse", "main") == main


def test_foreign_hooks_on_the_server_are_asked_first(attack: Attack) -> None:
    log = attack.folder / "log"
    for name in ("pre-receive", "reference-transaction"):
        hook = attack.remote / f"hooks/{name}.before-gitagent"
        hook.write_text(f'#!/bin/sh\n{{ echo "{name} $*"; cat; }} >>"{log}"\n')
        hook.chmod(0o755)
    assert attack.push("origin", "main:feature").taken
    line = f"{'0' * 40} {attack.git('rev-parse', 'main')} refs/heads/feature"
    assert log.read_text().splitlines() == [
        "pre-receive ", line, "reference-transaction prepared", line, "reference-transaction committed", line,
    ]  # fmt: skip
    for name in ("pre-receive", "reference-transaction"):
        (attack.remote / f"hooks/{name}.before-gitagent").write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
        pushed = attack.push("origin", "main:other")
        assert (pushed.taken, "not today" in pushed.said) == (False, True)
        (attack.remote / f"hooks/{name}.before-gitagent").unlink()


def test_without_its_python_the_server_takes_nothing(attack: Attack) -> None:
    before, hook = attack.refs(), attack.remote / "hooks/pre-receive"
    hook.write_text(hook.read_text().replace(sys.executable, "/nowhere/python"))
    pushed = attack.push("origin", "main:feature")
    assert (pushed.taken, "gitagent: refused: this hook cannot run" in pushed.said) == (False, True)
    hook.write_text(hook.read_text().replace("python=/nowhere/python", "python="))
    pushed = attack.push("origin", "main:feature", PATH="/usr/bin:/bin")
    assert (pushed.taken, "gitagent: refused: this hook cannot run" in pushed.said) == (False, True)
    assert attack.refs() == before


def test_a_server_that_cannot_write_down_what_it_approves_takes_nothing(attack: Attack) -> None:
    before = attack.refs()
    (attack.remote / "gitagent").mkdir()
    (attack.remote / "gitagent/receive").write_text("in the way")
    attack.mallory.publish("four\n")
    pushed = attack.push("--atomic", "origin", *WHOLE)
    assert (pushed.taken, "gitagent: refused: storage-failed: " in pushed.said) == (False, True)
    assert attack.refs() == before


def test_approvals_of_processes_that_are_gone_are_removed(tmp_path: Path) -> None:
    (tmp_path / "objects").mkdir(mode=0o770)
    ended = subprocess.Popen(["true"])
    ended.wait()
    approval = Approval(None, ("refs/heads/live",), (RefUpdate("refs/heads/main", None, "1" * 40),), ())
    approve(tmp_path / "gitagent", ended.pid, approval)
    written = tmp_path / f"gitagent/receive/{ended.pid}"
    assert written.read_text().splitlines() == [
        f"ledger {'0' * 40} -",
        "guarded refs/heads/gitagent/ledger",
        "guarded refs/heads/main",
        "guarded refs/heads/live",
        f"together {'0' * 40} {'1' * 40} refs/heads/main",
    ]
    assert (tmp_path / "gitagent/receive").stat().st_mode & 0o777 == (tmp_path / "objects").stat().st_mode & 0o777
    (tmp_path / "gitagent/receive/1").write_text("of a process that is not ours, and runs")
    (tmp_path / "gitagent/receive/notes").write_text("not an approval")
    (tmp_path / f"gitagent/receive/{10**30}").write_text("no process has such an id")
    approve(tmp_path / "gitagent", 1, Approval(None, (), (), ()))
    assert sorted(each.name for each in written.parent.iterdir()) == [str(10**30), "notes"]
