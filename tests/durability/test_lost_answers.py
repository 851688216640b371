"""A connection that is cut: after the server has committed and before the answer, and in the middle of the upload."""

from __future__ import annotations

import os
from contextlib import ExitStack
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

import pytest
from support.building import ADA, START, git
from support.cutting import Passing, Proxy, cutting
from support.refusing import refusal
from support.rules import check_rules
from support.serving import over_git, over_http, over_ssh
from support.sharing import Member, Team

from gitagent import Agent
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built

LARGE = 300_000
"""Bytes of a file that only an upload brings over a connection."""
ACTS: dict[str, Callable[[Built], object]] = {
    "save": lambda member: member.save("four\n"),
    "publish": lambda member: member.publish("four\n"),
    "promote": lambda member: member.promote("pre-release"),
}
DONE = {"save": "save v4", "publish": "publish sandbox v3 -> v4", "promote": "promote pre-release v2 -> v3"}


class Far(NamedTuple):
    """A team whose remote is behind a real server, and the proxy before that."""

    team: Team
    proxy: Proxy

    def committed(self, passing: Passing) -> bool:
        """Whether the server has done it, and is about to say so."""
        return not passing.up and self.team.ledger()[-1] in DONE.values()

    def told(self) -> tuple[str, ...]:
        """What the agent says now, opened by another process."""
        return self.ada().agent.notices

    def ada(self) -> Member:
        return Member(Agent.open(self.team.ada.path), ADA)


@pytest.fixture(
    params=[
        "http",
        pytest.param("http with hooks", marks=pytest.mark.scale),
        pytest.param("ssh", marks=pytest.mark.scale),
    ]
)
def far(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    """Sandbox serves v3, pre-release and live v2."""
    with ExitStack() as stack:
        is_ssh = request.param == "ssh"
        address = stack.enter_context(over_ssh(tmp_path, monkeypatch) if is_ssh else over_http(tmp_path))
        proxy, url = stack.enter_context(cutting(f"{address}/remote.git"))
        team = Team(tmp_path, url=url)
        if request.param == "http with hooks":
            install(team.remote, server=True)
        team.ada.publish("two\n").promote("pre-release", "live").publish("three\n")
        yield Far(team, proxy)


def _agree(far: Far, subject: str) -> None:
    """It happened exactly once, whoever asks."""
    assert far.team.ledger().count(subject) == 1
    ada = far.ada()
    synced = ada.agent.sync(actor=ADA, at=START)
    assert (synced.events, synced.changes, synced.kept) == (0, (), None)
    grace = far.team.clone("grace")
    for member in (ada, grace):
        check_rules(member.path)
        assert member.reopen().notices == ()
    assert ada.git("status", "--porcelain") == ""
    assert git(far.team.remote, "fsck", "--strict", "--no-dangling", "--no-progress") == ""


@pytest.mark.parametrize(
    "act", ["publish", *(pytest.param(each, marks=pytest.mark.scale) for each in ("save", "promote"))]
)
def test_an_answer_that_never_comes_is_looked_up(far: Far, act: str) -> None:
    far.proxy.cut = far.committed
    ACTS[act](far.team.ada)
    assert far.proxy.cuts == 1
    assert far.team.ada.agent.notices == ()
    _agree(far, DONE[act])


@pytest.mark.parametrize(
    "act", ["publish", *(pytest.param(each, marks=pytest.mark.scale) for each in ("save", "promote"))]
)
def test_where_nobody_can_be_asked_the_next_command_knows(far: Far, act: str) -> None:
    far.proxy.cut, far.proxy.stays_down = far.committed, True
    refused = refusal(lambda: ACTS[act](far.team.ada))
    assert refused.kind == "RemoteUnreachable"
    far.proxy.up()
    ada = far.ada()
    ada.agent.sync(actor=ADA, at=START)
    assert (
        ada.serving()
        == {
            "save": {"sandbox": "v3", "pre-release": "v2", "live": "v2"},
            "publish": {"sandbox": "v4", "pre-release": "v2", "live": "v2"},
            "promote": {"sandbox": "v3", "pre-release": "v3", "live": "v2"},
        }[act]
    )
    assert (
        refusal(lambda: ACTS[act](ada)).code
        == {
            "save": "nothing-to-save",
            "publish": "already-served",
            "promote": "already-served",
        }[act]
    )
    _agree(far, DONE[act])


def test_a_save_that_waits_because_nobody_could_be_asked_is_not_numbered_twice(far: Far) -> None:
    far.proxy.cut, far.proxy.stays_down = far.committed, True
    assert refusal(lambda: far.team.ada.save("four\n")).kind == "RemoteUnreachable"
    far.ada().agent.save_pending(actor=ADA, at=START)  # as the command does then
    far.proxy.up()
    ada = far.ada()
    assert ada.agent.sync(actor=ADA, at=START).numbered == ()
    assert ada.agent.status().pending == 0
    _agree(far, DONE["save"])


def test_an_upload_that_is_cut_in_the_middle_changes_nothing_and_can_be_done_again(far: Far) -> None:
    (far.team.ada.path / "large.md").write_text(os.urandom(LARGE // 2).hex() + "\n")
    before = far.team.refs()
    # It stays down, because a connection that served before and breaks is made anew by git's http, which is not told.
    far.proxy.cut, far.proxy.stays_down = lambda passing: passing.up and passing.total > LARGE // 3, True
    assert refusal(lambda: far.team.ada.publish("four\n")).kind == "RemoteUnreachable"
    far.proxy.up()
    assert far.proxy.cuts == 1
    assert far.team.refs() == before
    assert far.told() == ()
    far.ada().publish()
    _agree(far, DONE["publish"])


def test_what_the_server_does_after_the_client_gave_up_is_known_to_the_next_command(tmp_path: Path) -> None:
    begun, go_on, done = (tmp_path / name for name in ("begun", "go-on", "done"))
    for each in (begun, go_on, done):
        os.mkfifo(each)
    with over_git(tmp_path) as address, cutting(f"{address}/remote.git") as (proxy, url):
        far = Far(Team(tmp_path, url=url), proxy)
        far.team.ada.publish("two\n").promote("pre-release", "live").publish("three\n")
        hooks = {
            "pre-receive": f": >{begun}; read _ <{go_on}",
            "reference-transaction": f'[ "$1" != committed ] || : >{done}',
        }
        for hook, line in hooks.items():
            (far.team.remote / "hooks").mkdir(exist_ok=True)
            (far.team.remote / "hooks" / hook).write_text(f"#!/bin/sh\n{line}\n")
            (far.team.remote / "hooks" / hook).chmod(0o755)

        def cut_off() -> None:
            begun.read_bytes()
            proxy.cut_now()

        cut = Thread(target=cut_off)
        cut.start()
        refused = refusal(lambda: far.team.ada.publish("four\n"))
        cut.join()
        assert refused.hint == (
            "Nothing moved there. Where the connection broke, it may have been taken since: gitagent sync"
        )
        go_on.write_text("\n")
        done.read_bytes()
        assert far.team.ledger()[-1] == DONE["publish"]
        ada = far.ada()
        assert refusal(lambda: ada.publish()).code == "already-served"
        assert str(ada.agent.draft().base) == "v4"
        _agree(far, DONE["publish"])
