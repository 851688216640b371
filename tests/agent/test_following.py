"""Following: what a server that only answers calls takes over from the shared remote, and what it leaves alone."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest
from support.building import git
from support.sharing import Team

from gitagent import Agent
from gitagent.agent.following import Followed, follow, is_clone
from gitagent.errors import AgentNotFound, GitagentError, LedgerInvalid, RemoteUnreachable
from gitagent.git.patience import Patience
from gitagent.git.repository import Repository
from gitagent.runtime.folders import Agents

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """An agent whose live serves v1, on a shared remote."""
    team = Team(tmp_path, pipeline="sandbox,live")
    team.ada.publish().promote("live")
    return team


def followed(path: Path, seconds: float = 30) -> Followed | None:
    return follow(path, Patience(seconds))


def live(path: Path) -> str:
    return str(Agents.only(path).get(Agents.only(path).names()[0]).environment("live").version)


def cloned(team: Team, *how: str) -> Path:
    path = team.folder / "served"
    git(team.folder, "clone", "-q", *how, team.url, str(path))
    return path


def test_a_clone_serves_what_another_promoted_and_keeps_its_draft(team: Team) -> None:
    grace = team.clone("grace").edit("not saved yet\n")
    main = grace.git("rev-parse", "main")
    team.ada.publish("two\n").promote("live")

    assert followed(grace.path) == Followed(team.url, is_new=True)

    assert live(grace.path) == "v2"
    assert (grace.path / "notes.md").read_text() == "not saved yet\n"
    assert grace.git("rev-parse", "main") == main
    assert grace.git("rev-parse", "live", "v2^{commit}").split()[0] == team.ada.git("rev-parse", "live").strip()


def test_where_nothing_is_new_nothing_is_written_and_the_look_is_remembered(team: Team) -> None:
    grace = team.clone("grace")
    (grace.path / ".git/gitagent/fetched").unlink()
    refs = grace.git("for-each-ref")

    assert followed(grace.path) == Followed(team.url, is_new=False)

    assert grace.git("for-each-ref") == refs
    assert (grace.path / ".git/gitagent/fetched").exists()


def test_a_rollback_is_followed(team: Team) -> None:
    grace = team.clone("grace")
    team.ada.publish("two\n").promote("live")
    followed(grace.path)
    team.ada.rollback("live")
    followed(grace.path)
    assert live(grace.path) == "v1"


def test_a_plain_clone_becomes_one_of_the_agent(team: Team) -> None:
    path = cloned(team)
    repository = Repository.at(path)
    assert repository is not None
    assert is_clone(repository)

    assert followed(path) == Followed(team.url, is_new=True)
    team.ada.publish("two\n").promote("live")
    followed(path)

    assert live(path) == "v2"
    assert not is_clone(repository)


def test_a_mirror_is_followed(team: Team) -> None:
    path = cloned(team, "--mirror")
    team.ada.publish("two\n").promote("live")
    assert followed(path) == Followed(team.url, is_new=True)
    assert live(path) == "v2"
    git(path, "fetch", "--quiet", "--prune")  # as somebody's cron does
    assert followed(path) == Followed(team.url, is_new=False)
    assert [str(each.version) for each in Agent.open(path).environments()] == ["v2", "v2"]


def test_a_mirror_does_not_follow_a_ledger_that_was_put_back(team: Team) -> None:
    path = cloned(team, "--mirror")
    team.ada.publish("two\n").promote("live")
    followed(path)
    team.git("update-ref", "refs/heads/gitagent/ledger", "gitagent/ledger~1")
    with pytest.raises(LedgerInvalid) as refused:
        followed(path)
    assert refused.value.code == "remote-ledger-behind"
    assert live(path) == "v2"


def test_a_bare_clone_follows_once_git_is_told_whom(team: Team) -> None:
    path = cloned(team, "--bare")
    assert followed(path) is None
    git(path, "config", "gitagent.remote", "origin")
    team.ada.publish("two\n").promote("live")
    assert followed(path) == Followed(team.url, is_new=True)
    assert live(path) == "v2"


def test_an_agent_of_its_own_follows_nobody(build: Callable[..., Built]) -> None:
    built = build()
    built.git("remote", "add", "origin", "/nowhere")
    assert followed(built.path) is None


def test_a_folder_without_an_agent_is_said(tmp_path: Path) -> None:
    with pytest.raises(AgentNotFound):
        followed(tmp_path)


def test_a_remote_that_moved_away_is_said_and_what_was_known_stays(team: Team) -> None:
    grace = team.clone("grace")
    team.remote.rename(team.folder / "moved.git")
    with pytest.raises(RemoteUnreachable, match="no git repository"):
        followed(grace.path)
    assert live(grace.path) == "v1"


def test_another_ledger_is_not_followed(team: Team, tmp_path: Path) -> None:
    grace = team.clone("grace")
    (tmp_path / "else").mkdir()
    other = Team(tmp_path / "else", pipeline="sandbox,live")
    git(grace.path, "remote", "set-url", "origin", other.url)
    with pytest.raises(LedgerInvalid) as refused:
        followed(grace.path)
    assert refused.value.code == "remote-ledger-forked"
    assert live(grace.path) == "v1"


@pytest.fixture
def silent() -> Iterator[str]:
    """The address of a remote that takes connections and never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"git://127.0.0.1:{server.getsockname()[1]}/desk.git"


def test_a_remote_that_never_answers_is_given_up(team: Team, silent: str) -> None:
    grace = team.clone("grace")
    git(grace.path, "remote", "set-url", "origin", silent)
    with pytest.raises(RemoteUnreachable, match=r"no answer within 0\.2 seconds"):
        followed(grace.path, seconds=0.2)


def test_what_waits_for_a_remote_ends_when_it_is_told_to(team: Team, silent: str) -> None:
    grace, patience, ended = team.clone("grace"), Patience(600), []
    git(grace.path, "remote", "set-url", "origin", silent)

    def wait() -> None:
        try:
            follow(grace.path, patience)
        except GitagentError as error:
            ended.append(type(error))

    thread = threading.Thread(target=wait)
    thread.start()
    patience.stop()  # before git runs, or while it does: either way it ends
    thread.join(30)
    assert ended == [RemoteUnreachable]


@pytest.mark.parametrize(("then", "says"), [("exit 0", ""), ("sleep 600", "no answer within 0.5 seconds\n")])
def test_nobody_waits_for_what_outlives_git_and_holds_its_pipes(
    then: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitagent.git.patience.TO_CLEAN_UP", 0.2)
    script = f"setsid sleep 600 & echo $!; {then}"
    with subprocess.Popen(["sh", "-c", script], stdout=-1, stderr=-1, text=True, process_group=0) as git:
        stdout, stderr = Patience(0.5).outcome(git)
    os.kill(int(stdout), signal.SIGKILL)  # it lives on
    assert stderr == says


def test_what_git_started_ends_with_it(team: Team, tmp_path: Path) -> None:
    grace, lock = team.clone("grace"), tmp_path / "lock"
    (tmp_path / "ssh").write_text(f"#!/bin/sh\ntrap '' TERM\nexec 9>{lock}\nflock 9\nsleep 600\n")
    (tmp_path / "ssh").chmod(0o755)
    git(grace.path, "config", "core.sshCommand", str(tmp_path / "ssh"))
    git(grace.path, "remote", "set-url", "origin", "host:desk.git")
    with pytest.raises(RemoteUnreachable):
        followed(grace.path, seconds=1)
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # which whoever held it lives no longer to deny
