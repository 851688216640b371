"""A server that dies while it takes a push: what it leaves is whole, or is made whole by the next command."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.building import START, Built, git
from support.copying import TeamCopy
from support.dying import How, Server
from support.refusing import Refusal, refusal
from support.rules import check_rules
from support.serving import over_http, over_ssh
from support.sharing import Member, Team

from gitagent import Agent
from gitagent.errors import GitagentError
from gitagent.git import remote as remotes
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MOVES = ("refs/heads/gitagent/ledger", "refs/heads/main", "refs/heads/sandbox", "refs/tags/v4")
"""What a publication moves, in git's order: each is locked and written in three writes; then all are renamed."""
LOCKED = 3 * len(MOVES)
ACTS: dict[str, Callable[[Built], object]] = {
    "publish": lambda member: member.publish("four\n"),
    "save": lambda member: member.save("four\n"),
    "promote": lambda member: member.promote("pre-release"),
}


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remotes, "MOST_LOCKED", 1)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ada's agent on a remote, sandbox serving v3 and the others v2; Grace has a clone of it over a real transport."""
    folder = tmp_path_factory.mktemp("team")
    team = Team(folder)
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n")
    Agent.clone(f"file://{team.remote}", folder / "grace")
    return folder


class Stricken(NamedTuple):
    """A team whose server died, or had no room, while Ada did something; what she was told."""

    team: TeamCopy
    told: GitagentError | None
    notices: tuple[str, ...]


@pytest.fixture
def strike(original: Path, library: Path, tmp_path: Path) -> Callable[..., Stricken]:
    """Let something come of write number `at` below a folder of the remote, while Ada does something."""

    def struck(
        at: int, act: str = "publish", *, how: How = How.DEATH, below: str = "refs", guarded: bool = False
    ) -> Stricken:
        team = TeamCopy(original, tmp_path / f"{act}-{below.replace('/', '-')}-{at}-{how.name}")
        if guarded:
            install(team.remote, server=True)
        server = Server(library, team.remote / below, team.folder)
        told = None
        with server.failing(team.ada.path, at, how):
            try:
                ACTS[act](team.ada)
            except GitagentError as error:
                told = error
        notices = team.ada.agent.notices
        team.ada = team.member("ada")
        return Stricken(team, told, notices)

    return struck


def _left(team: Team) -> list[str]:
    return sorted(str(each.relative_to(team.remote)) for each in team.remote.rglob("*.lock"))


def _mend_server(team: Team) -> None:
    """What somebody does on the server, a while later."""
    for lock in team.remote.rglob("*.lock"):
        os.utime(lock, (0, 0))
    found = Agent.plan_repairs(team.remote)
    assert all(each.automatic for each in found), found
    assert Agent.repair(found, team.remote, at=START).failed == ()
    assert Agent.plan_repairs(team.remote) == ()


def _agree(team: TeamCopy) -> None:
    """Everybody's next command carries on, and all come to the same."""
    for name in ("ada", "grace"):
        member = team.member(name)
        member.agent.sync(actor=member.actor, at=START)
        check_rules(member.path)
        assert team.member(name).agent.notices == ()
    assert git(team.remote, "fsck", "--strict", "--no-dangling", "--no-progress") == ""
    check_rules(team.remote)


@pytest.mark.parametrize(
    "guarded", [False, pytest.param(True, marks=pytest.mark.scale)], ids=["without hooks", "with hooks"]
)
def test_a_push_that_died_with_its_locks_has_moved_nothing_and_names_what_it_left(
    strike: Callable[..., Stricken], guarded: bool
) -> None:
    team, told, _ = strike(LOCKED + 1, guarded=guarded)
    assert told is not None
    assert (told.code, told.message.startswith(f"{team.remote} did not take it: ")) == ("remote-refused", True)
    assert _left(team) == ["HEAD.lock", *(f"{ref}.lock" for ref in MOVES)]
    assert team.ledger()[-1] == "publish sandbox v2 -> v3"
    assert refusal(lambda: team.ada.publish()) == Refusal(
        "RemoteRefused",
        "remote-locked",
        f"{team.remote} did not take it: git's lock {team.remote}/{MOVES[0]}.lock is in the way there",
        f"Try again; where no git is at work there, one that died left it. There: gitagent -C {team.remote} doctor",
    )
    assert team.ada.agent.sync(actor=team.ada.actor, at=START).events == 0
    _mend_server(team)
    team.member("ada").publish()
    _agree(team)
    assert team.git("tag").split() == ["v1", "v2", "v3", "v4"]


@pytest.mark.parametrize("moved", [1, *(pytest.param(each, marks=pytest.mark.scale) for each in (2, 3))])
def test_a_push_that_died_between_its_moves_is_done_and_the_next_sync_brings_the_rest(
    strike: Callable[..., Stricken], moved: int
) -> None:
    team, told, notices = strike(LOCKED + 1 + moved)
    missing = ", ".join(ref.rpartition("/")[2] for ref in MOVES[moved:])
    assert told is None
    assert notices == (
        f"It is done, and the ledger of {team.remote} says so, but {missing} did not come there: "
        f"{team.remote} did not take it: git's lock {team.remote}/{MOVES[moved]}.lock is in the way there. "
        "Try again; where no git is at work there, one that died left it. "
        f"There: gitagent -C {team.remote} doctor",
    )
    assert _left(team) == ["HEAD.lock", *(f"{ref}.lock" for ref in MOVES[moved:])]
    for lock in team.remote.rglob("*.lock"):
        lock.unlink()
    team.ada.agent.sync(actor=team.ada.actor, at=START)
    brought = ", ".join(sorted((ref.rpartition("/")[2] for ref in MOVES[moved:]), key=["sandbox", "main", "v4"].index))
    assert team.ada.agent.notices == (
        f"{brought} had not come to {team.remote}; the ledger's word was restored there.",
    )
    _agree(team)
    assert team.ledger()[-1] == "publish sandbox v3 -> v4"


def test_others_bring_a_version_that_only_the_ledger_leads_to_and_mend_the_remote(
    strike: Callable[..., Stricken],
) -> None:
    team, _, _ = strike(LOCKED + 2)
    assert team.refs()["refs/heads/main"] == team.git("rev-parse", "v3^{}").strip()
    for lock in team.remote.rglob("*.lock"):
        lock.unlink()
    newcomer = Member(Agent.clone(f"file://{team.remote}", team.folder / "newcomer"))
    assert newcomer.serving()["sandbox"] == "v4"
    grace = team.member("grace")
    grace.agent.sync(actor=grace.actor, at=START)
    assert (grace.path / "notes.md").read_text() == "four\n"
    assert set(MOVES) <= set(team.refs())
    check_rules(team.remote)
    _agree(team)


def test_where_the_version_cannot_be_brought_it_is_said_who_has_it(strike: Callable[..., Stricken]) -> None:
    team, _, _ = strike(LOCKED + 2)
    grace = team.member("grace")
    grace.git("config", "protocol.version", "0")  # which gives out only what a ref leads to
    before = grace.git("for-each-ref")
    assert refusal(lambda: grace.agent.sync(actor=grace.actor, at=START)) == Refusal(
        "ObjectMissing",
        "remote-cut-off",
        f"a push to file://{team.remote} was cut off: v4 is in its ledger, and did not come there itself",
        "Ada Lovelace made it, and brings the rest by: gitagent sync",
    )
    assert grace.git("for-each-ref", "refs/heads", "refs/tags") == "".join(
        line for line in before.splitlines(keepends=True) if "refs/remotes/" not in line
    )


def test_doctor_makes_whole_what_a_push_that_died_left_on_the_server(strike: Callable[..., Stricken]) -> None:
    team, _, _ = strike(LOCKED + 2)
    _mend_server(team)
    check_rules(team.remote)
    _agree(team)


@pytest.mark.scale
@pytest.mark.parametrize("guarded", [False, True], ids=["without hooks", "with hooks"])
def test_an_environment_that_moved_before_the_ledger_did_goes_back(
    library: Path, tmp_path: Path, guarded: bool
) -> None:
    team = Team(tmp_path, pipeline="alpha,live")  # git moves what comes first in the alphabet
    if guarded:
        install(team.remote, server=True)
    v1 = team.ada.publish(selector="v1").git("rev-parse", "v1^{}").strip()
    with Server(library, team.remote / "refs", tmp_path).failing(team.ada.path, LOCKED + 2):
        assert refusal(lambda: team.ada.publish("two\n")).code == "remote-locked"
    for lock in team.remote.rglob("*.lock"):
        lock.unlink()
    team.ada.agent.sync(actor=team.ada.actor, at=START)
    assert (team.refs()["refs/heads/alpha"], team.ledger()[-1]) == (v1, "publish alpha v1")
    team.ada.publish()
    assert team.git("tag").split() == ["v1", "v2"]
    check_rules(team.remote)


def test_a_share_that_died_between_its_moves_is_completed_by_sharing_again(
    original: Path, library: Path, tmp_path: Path
) -> None:
    team = TeamCopy(original, tmp_path)
    git(tmp_path, "init", "-q", "--bare", "other.git")
    team.ada.git("config", "--unset", "gitagent.remote")
    team.ada.git("remote", "set-url", "origin", str(tmp_path / "other.git"))
    with Server(library, tmp_path / "other.git/refs", tmp_path).failing(team.ada.path, 3 * 8 + 4):
        refused = refusal(lambda: team.member("ada").agent.share("origin"))
    assert refused.code == "remote-locked"
    assert git(tmp_path / "other.git", "for-each-ref", "--format=%(refname)").split() == list(MOVES[:2])
    for lock in (tmp_path / "other.git").rglob("*.lock"):
        lock.unlink()
    ada = team.member("ada")
    ada.agent.share("origin")
    here = ada.git("for-each-ref", "refs/heads", "refs/tags")
    assert git(tmp_path / "other.git", "for-each-ref") == here
    check_rules(tmp_path / "other.git")


@pytest.mark.parametrize(
    ("below", "how", "reason"),
    [
        ("refs", How.FULL, "No space left on device"),
        pytest.param("objects", How.FULL, "unable to create temporary object directory", marks=pytest.mark.scale),
        pytest.param("refs", How.READ_ONLY, "Read-only file system", marks=pytest.mark.scale),
    ],
)
def test_a_remote_that_has_no_room_or_takes_no_writes_refuses_and_stays_as_it_was(
    strike: Callable[..., Stricken], below: str, how: How, reason: str
) -> None:
    team, told, _ = strike(1, how=how, below=below)
    assert told is not None
    assert (told.code, told.message if reason in told.message else reason) == ("remote-refused", told.message)
    assert _left(team) == []
    assert team.ledger()[-1] == "publish sandbox v2 -> v3"
    team.ada.publish()
    _agree(team)


@pytest.mark.scale
@pytest.mark.parametrize("guarded", [False, True], ids=["without hooks", "with hooks"])
@pytest.mark.parametrize("how", How)
@pytest.mark.parametrize("act", ACTS)
def test_a_server_stricken_at_any_write_of_a_ref_leaves_what_is_made_whole(
    strike: Callable[..., Stricken], act: str, how: How, guarded: bool
) -> None:
    at, struck = 0, 0
    while struck == at:
        at += 1
        team, told, notices = strike(at, act, how=how, guarded=guarded)
        struck += bool(told or notices or _left(team))
        _mend_server(team)
        member = team.member("ada")
        member.agent.sync(actor=member.actor, at=START)
        if told is not None:
            ACTS[act](member)
        _agree(team)
        assert team.git("tag").split() == [f"v{number}" for number in range(1, 4 + (act != "promote"))]
    assert struck >= {"publish": 12, "save": 9, "promote": 6}[act]


@pytest.mark.scale
@pytest.mark.parametrize("how", [How.DEATH, How.FULL])
def test_a_server_stricken_while_it_takes_objects_has_moved_nothing(strike: Callable[..., Stricken], how: How) -> None:
    for at in range(1, 100, 7):
        team, told, _ = strike(at, how=how, below="objects")
        if told is not None:
            assert team.ledger()[-1] == "publish sandbox v2 -> v3"
            partial(team.ada.publish)()
        _agree(team)


@pytest.mark.scale
@pytest.mark.parametrize("transport", ["http", "ssh"])
@pytest.mark.parametrize("state", ["prepared", "committed"])
def test_a_receive_pack_killed_behind_a_real_server_is_told_of_or_looked_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: str, state: str
) -> None:
    with over_http(tmp_path) if transport == "http" else over_ssh(tmp_path, monkeypatch) as address:
        team = Team(tmp_path, url=f"{address}/remote.git")
        team.ada.publish("two\n")
        hook = team.remote / "hooks/reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f'#!/bin/sh\n[ "$1" != {state} ] || kill -KILL $PPID\n')
        hook.chmod(0o755)
        if state == "committed":
            team.ada.publish("three\n")
            hook.unlink()
        else:
            assert refusal(lambda: team.ada.publish("three\n")).code == "remote-refused"
            hook.unlink()
            locked = refusal(lambda: team.ada.publish())
            assert (locked.code, f"{team.remote}/refs/heads/gitagent/ledger.lock" in locked.message) == (
                "remote-locked",
                True,
            )
            _mend_server(team)
            team.ada.publish()
        assert team.ledger().count("publish sandbox v2 -> v3") == 1
        grace = team.clone("grace")
        for member in (team.ada, grace):
            member.agent.sync(actor=member.actor, at=START)
            check_rules(member.path)
        check_rules(team.remote)
