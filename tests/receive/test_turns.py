"""Turns: operations that were too late once go on in the order in which they asked, and nobody else meanwhile."""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from support.building import START, git
from support.refusing import refusal
from support.sharing import Team

from gitagent.agent.store import REMOTE, Store
from gitagent.agent.turns import Turns
from gitagent.errors import LineGrown, RemoteRefused, StorageFailed
from gitagent.git.remote import TURNS, TURNS_GIVEN
from gitagent.git.repository import Repository
from gitagent.names import new_ulid
from gitagent.receive import __main__ as entry
from gitagent.receive import turns
from gitagent.receive.approvals import approve, under_way, withdraw
from gitagent.receive.installing import install, uninstall
from gitagent.receive.judging import Approval
from gitagent.receive.pushes import RefUpdate

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent.git.remote import Remote

FIRST, SECOND, THIRD = (new_ulid() for _ in range(3))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """gitagent's own folder of a shared repository."""
    (tmp_path / "objects").mkdir()
    return tmp_path / "gitagent"


def _take(folder: Path, operation: str, *, is_wanted: bool = True) -> bool:
    return turns.take(folder, operation, is_wanted=lambda: is_wanted)


def _tickets(folder: Path) -> set[str]:
    return {each.name for each in (folder / "turns").glob("ticket-*")}


def _until_waiting(folder: Path, number: int) -> None:
    while len(_tickets(folder)) < number:
        os.sched_yield()


class TestQueue:
    """One queue, in a folder, without git."""

    def test_it_is_nobodys_turn_where_nobody_asked(self, folder: Path) -> None:
        assert turns.holder(folder) is None
        turns.refuse_out_of_turn(folder, FIRST)

    def test_who_asks_first_has_the_turn_and_others_are_refused(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        turns.refuse_out_of_turn(folder, FIRST)
        found = refusal(lambda: turns.refuse_out_of_turn(folder, SECOND))
        assert (found.code, found.message) == (
            "rule-turn",
            f"it is the turn of operation {FIRST}, which asked before",
        )
        assert _tickets(folder) == set()

    def test_who_asks_again_gives_it_back(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        assert _take(folder, FIRST)
        assert turns.holder(folder) is None
        assert not turns.give_back(folder, FIRST)

    def test_a_turn_that_nobody_came_for_passes(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(turns, "LONGEST_TURN", -1.0)
        assert _take(folder, FIRST)
        assert turns.holder(folder) is None
        turns.refuse_out_of_turn(folder, SECOND)
        assert _take(folder, SECOND)

    def test_a_turn_does_not_last_longer_where_the_clock_was_set_back(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        (folder / "turns" / "holder").write_text(f"{FIRST} {time.time() + 3600}\n")
        assert turns.holder(folder) is None

    def test_a_note_that_a_power_cut_left_empty_is_nobodys_turn(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        (folder / "turns" / "holder").write_text("")
        assert turns.holder(folder) is None

    def test_those_who_wait_go_in_the_order_in_which_they_asked(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        went: list[str] = []

        def wait(operation: str) -> None:
            assert _take(folder, operation)
            went.append(operation)

        with ThreadPoolExecutor(3) as pool:
            waiting: list[Future[None]] = []
            for operation in (SECOND, THIRD):
                waiting.append(pool.submit(wait, operation))
                _until_waiting(folder, len(waiting))
            for operation, its in zip((FIRST, SECOND), waiting, strict=True):
                assert turns.give_back(folder, operation)
                its.result()
        assert went == [SECOND, THIRD]

    def test_who_is_gone_before_its_turn_loses_its_place(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        assert not _take(folder, SECOND, is_wanted=False)
        assert turns.give_back(folder, FIRST)
        assert _take(folder, THIRD)

    def test_a_place_of_a_process_that_was_killed_is_nobodys(self, folder: Path) -> None:
        assert _take(folder, FIRST)
        if (waiting := os.fork()) == 0:
            _take(folder, SECOND)
            os._exit(0)
        _until_waiting(folder, 1)
        os.kill(waiting, signal.SIGKILL)
        os.waitpid(waiting, 0)
        assert _tickets(folder) == {"ticket-1"}
        assert turns.give_back(folder, FIRST)
        assert _take(folder, THIRD)
        assert _tickets(folder) == set()

    def test_an_approval_of_long_ago_is_not_waited_for_though_another_process_has_its_number(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        approve(folder, os.getpid(), Approval(None, (), (RefUpdate("refs/heads/main", None, "1" * 40),), (), SECOND))
        assert under_way(folder)
        os.utime(folder / "receive" / str(os.getpid()), (0, 0))
        assert not under_way(folder)

    def test_a_turn_waits_for_a_push_that_was_approved_before_it(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        approve(folder, os.getpid(), Approval(None, (), (RefUpdate("refs/heads/main", None, "1" * 40),), (), SECOND))
        paused: list[float] = []

        def pause(seconds: float) -> None:
            paused.append(seconds)
            withdraw(folder, os.getpid())

        monkeypatch.setattr("time.sleep", pause)
        assert _take(folder, FIRST)
        assert paused == [turns.PAUSE]


@pytest.fixture
def team(tmp_path: Path) -> Team:
    team = Team(tmp_path)
    install(team.remote, server=True)
    return team


@pytest.fixture
def remote(team: Team) -> Remote:
    """The shared remote as a clone reaches it, with a turn that somebody has there."""
    remote = _remote(team)
    remote.ask_for_turn(FIRST, team.git("rev-parse", "gitagent/ledger").strip())
    return remote


def _remote(team: Team) -> Remote:
    remote = Store(Repository.discover(team.ada.path)).remote
    assert remote is not None
    return remote


def _holder(team: Team) -> str | None:
    turn = turns.holder(team.remote / "gitagent")
    return turn and turn.operation


class TestOverARemote:
    """Turns as git's own pushes ask for them."""

    def test_a_turn_is_asked_for_by_a_push_that_moves_nothing(self, team: Team, remote: Remote) -> None:
        assert remote.gives_turns()
        assert _holder(team) == FIRST
        assert not any(ref.startswith(TURNS) for ref in team.refs())

    def test_nobody_gets_a_turn_whom_a_server_that_asks_for_users_does_not_know(self, team: Team) -> None:
        with (team.remote / "config").open("a") as config:
            config.write("[gitagent]\n\trequireUser\n")  # which git reads as true
        known = team.git("rev-parse", "gitagent/ledger").strip()
        refused = refusal(lambda: _remote(team).ask_for_turn(FIRST, known))
        assert refused.kind == "RemoteRefused"
        assert "rule-user-unknown: the server does not know who you are" in refused.message
        assert _holder(team) is None
        assert "rule-user-unknown" in refusal(lambda: team.ada.publish("two\n")).message

    def test_an_operation_that_is_too_late_waits_for_its_turn(
        self, team: Team, remote: Remote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait = Turns.wait

        def end_the_other_turn(mine: Turns) -> None:
            assert turns.give_back(team.remote / "gitagent", FIRST)
            wait(mine)

        monkeypatch.setattr(Turns, "wait", end_the_other_turn)
        team.ada.publish("two\n")
        assert team.ledger()[-1] == "publish sandbox v2"
        assert _holder(team) is None

    def test_an_operation_that_is_refused_in_its_turn_gives_it_back(
        self, team: Team, remote: Remote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wait, edited, grace = Turns.wait, team.ada.path / "mine.md", team.clone("grace")

        def let_grace_save(mine: Turns) -> None:
            assert turns.give_back(team.remote / "gitagent", FIRST)
            monkeypatch.setattr(Turns, "wait", wait)
            grace.save("two\n")
            wait(mine)

        monkeypatch.setattr(Turns, "wait", let_grace_save)
        edited.write_text("mine\n")
        with pytest.raises(LineGrown, match="Grace saved v2"):
            team.ada.agent.save(actor=team.ada.actor, at=START)
        assert _holder(team) is None
        assert edited.read_text() == "mine\n"

    def test_plain_git_is_refused_out_of_turn_and_taken_after_it(self, team: Team, remote: Remote) -> None:
        grace = team.clone("grace")
        grace.git("config", "--unset", REMOTE)
        grace.reopen()
        grace.save("two\n")
        push = ("push", "-q", "--atomic", "origin", "gitagent/ledger", "main", "v2")
        with pytest.raises(AssertionError, match=f"rule-turn: it is the turn of operation {FIRST}"):
            grace.git(*push)
        assert len(team.ledger()) == 1
        assert turns.give_back(team.remote / "gitagent", FIRST)
        grace.git(*push)
        assert team.ledger()[-1] == "save v2"

    def test_a_turn_of_something_else_than_an_operation_is_refused(self, team: Team) -> None:
        remote, ledger = _remote(team), team.git("rev-parse", "gitagent/ledger").strip()
        with pytest.raises(RemoteRefused, match="not an operation's id"):
            remote.ask_for_turn("01J-NOT-A-ULID", ledger)
        with pytest.raises(AssertionError, match="rule-closed"):
            team.ada.git("push", "-q", "origin", f"HEAD:{TURNS}{FIRST}", "HEAD:refs/heads/topic")
        assert _holder(team) is None

    def test_a_remote_without_the_hook_gives_no_turns(self, tmp_path: Path) -> None:
        assert not _remote(Team(tmp_path)).gives_turns()

    def test_a_copy_of_a_remote_that_gives_turns_is_found_to_give_none(self, team: Team) -> None:
        copy = team.folder / "copy.git"
        git(team.folder, "clone", "-q", "--mirror", str(team.remote), str(copy))
        team.ada.git("remote", "set-url", "origin", str(copy))
        remote, ledger = _remote(team), team.git("rev-parse", "gitagent/ledger").strip()
        assert remote.gives_turns()
        remote.ask_for_turn(FIRST, ledger)
        assert not remote.gives_turns()
        assert git(copy, "for-each-ref", "refs/gitagent") == ""

    def test_what_was_left_by_those_who_waited_before_the_hooks_came_keeps_nobody_from_turns(
        self, tmp_path: Path
    ) -> None:
        team = Team(tmp_path)
        team.git("update-ref", f"{TURNS}{FIRST}", "gitagent/ledger")
        install(team.remote, server=True)
        assert _remote(team).gives_turns()

    @pytest.mark.usefixtures("private_umask")
    def test_a_group_that_shares_the_repository_shares_the_turns_whatever_somebodys_umask(self, team: Team) -> None:
        (team.remote / "objects").chmod(0o2770)
        _remote(team).ask_for_turn(FIRST, team.git("rev-parse", "gitagent/ledger").strip())
        modes = {each.name: each.stat().st_mode & 0o777 for each in (team.remote / "gitagent/turns").iterdir()}
        assert modes == {"lock": 0o660, "holder": 0o660}


class TestInstalling:
    """What the hook of the turns needs besides its script."""

    def test_uninstalling_takes_the_setting_and_the_sign_along(self, team: Team) -> None:
        assert team.git("config", "--get-all", "receive.procReceiveRefs") == "refs/gitagent/turns\n"
        install(team.remote, server=True)
        assert team.git("config", "--get-all", "receive.procReceiveRefs") == "refs/gitagent/turns\n"
        uninstall(team.remote)
        assert git(team.remote, "config", "--default", "", "--get", "receive.procReceiveRefs") == "\n"
        assert TURNS_GIVEN not in team.refs()
        assert not (team.remote / "hooks" / "proc-receive").exists()

    def test_a_git_that_has_nobody_answer_for_refs_gives_no_turns(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        team, old = Team(tmp_path), tmp_path / "bin/git"
        old.parent.mkdir()
        old.write_text(
            f'#!/bin/sh\n[ "$1" != version ] || exec echo git version 2.28.1\nexec {shutil.which("git")} "$@"\n'
        )
        old.chmod(0o755)
        monkeypatch.setenv("PATH", f"{old.parent}:{os.environ['PATH']}")
        install(team.remote, server=True)
        assert not _remote(team).gives_turns()
        assert git(team.remote, "config", "--default", "", "--get", "receive.procReceiveRefs") == "\n"

    def test_where_the_setting_was_lost_operations_go_on_without_turns(
        self, team: Team, remote: Remote, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        turns.give_back(team.remote / "gitagent", FIRST)
        team.git("config", "--unset-all", "receive.procReceiveRefs")
        monkeypatch.setattr("time.sleep", lambda _: None)
        (team.ada.path / ".git/gitagent/crowd").write_text("0.1")
        team.ada.publish("two\n")
        assert team.ledger()[-1] == "publish sandbox v2"
        with pytest.raises(RemoteRefused, match="rule-closed"):
            remote.ask_for_turn(SECOND, team.git("rev-parse", "gitagent/ledger").strip())

    def test_a_hook_that_answers_for_refs_of_its_own_stays_and_there_are_no_turns(self, tmp_path: Path) -> None:
        team = Team(tmp_path)
        foreign = team.remote / "hooks" / "proc-receive"
        foreign.write_text("#!/bin/sh\nexit 1\n")
        foreign.chmod(0o755)
        assert "proc-receive" not in {hook.name for hook in install(team.remote, server=True)}
        assert foreign.read_text() == "#!/bin/sh\nexit 1\n"
        assert not _remote(team).gives_turns()
        team.ada.publish("two\n")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, folder: Path) -> io.BytesIO:
    """What git says to the hook, where no process listens; the answer goes nowhere."""
    said = io.BytesIO()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(said))
    monkeypatch.setenv("GIT_DIR", str(folder.parent))
    return said


def test_a_git_that_speaks_another_protocol_is_refused(asked: io.BytesIO, capsys: pytest.CaptureFixture[str]) -> None:
    asked.write(b"000eversion=9\n0000")
    asked.seek(0)
    with pytest.raises(StorageFailed, match="does not know"):
        entry.proc_receive(os.environ)


def test_a_push_that_was_killed_while_it_waited_does_not_get_its_turn(team: Team, remote: Remote) -> None:
    team.ada.git("fetch", "-q", "origin")
    command = ["git", "push", "-q", "origin", f"gitagent/ledger:{TURNS}{SECOND}"]
    with subprocess.Popen(command, cwd=team.ada.path, stderr=subprocess.PIPE) as waiting:
        _until_waiting(team.remote / "gitagent", 1)
        waiting.kill()
    while _tickets(team.remote / "gitagent"):
        os.sched_yield()
    assert _holder(team) == FIRST


@pytest.mark.parametrize(("before", "after"), [("nowhere", "main"), ("sandbox", "sandbox"), ("main", "main")])
def test_the_hooks_let_a_plain_clone_begin_on_main_where_head_leads_nowhere(
    team: Team, before: str, after: str
) -> None:
    team.ada.publish()
    team.git("symbolic-ref", "HEAD", f"refs/heads/{before}")
    for _ in range(2):
        install(team.remote, server=True)
        assert team.git("symbolic-ref", "HEAD").strip() == f"refs/heads/{after}"
