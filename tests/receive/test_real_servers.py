"""The server's hooks behind real servers: over http and ssh they know who pushes, and let nobody act for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START, git
from support.refusing import refusal
from support.rules import check_rules
from support.serving import over_http, over_ssh
from support.sharing import Member, Team

from gitagent import Agent
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(params=["http", pytest.param("ssh", marks=pytest.mark.scale)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of `remote.git`, to which the server lets Ada alone."""
    if request.param == "http":
        with over_http(tmp_path) as address:
            yield f"{address}/remote.git"
        return
    with over_ssh(tmp_path, monkeypatch) as address:
        keys = tmp_path / "ssh/authorized"
        keys.write_text(f'command="GITAGENT_USER=ada git-shell -c \\"$SSH_ORIGINAL_COMMAND\\"" {keys.read_text()}')
        yield f"{address}/remote.git"


def test_nobody_acts_in_anothers_name(tmp_path: Path, url: str) -> None:
    team = Team(tmp_path, url=url)
    install(team.remote, server=True)
    git(team.remote, "config", "gitagent.requireUser", "true")
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n").rollback("sandbox")
    before = team.refs()
    grace = Member(Agent.clone(url, tmp_path / "grace"), GRACE)
    refused = refusal(lambda: grace.publish("mine\n"))
    assert refused.kind == "RemoteRefused"
    assert "rule-user: event 7, publish sandbox v2 -> v4, is by Grace Hopper <grace@example.com>" in refused.message
    assert "the server knows you as ada" in refused.message
    assert team.refs() == before
    team.ada.promote("pre-release", version="v3")
    assert refusal(lambda: Member(Agent.clone(url, tmp_path / "x"), GRACE).rollback("live")).kind != "RemoteUnreachable"
    team.ada.agent.sync(actor=ADA, at=START)
    check_rules(team.ada.path)


@pytest.mark.scale
def test_plain_git_is_told_the_rule_and_the_way_out(tmp_path: Path, url: str) -> None:
    team = Team(tmp_path, url=url)
    install(team.remote, server=True)
    team.ada.publish("two\n")
    git(tmp_path, "clone", "-q", url, "plain")
    with pytest.raises(AssertionError) as caught:
        git(tmp_path / "plain", "push", "-q", "origin", "main:live")
    said = [line.removeprefix("remote: ").rstrip() for line in str(caught.value).splitlines() if "gitagent:" in line]
    commit = git(tmp_path / "plain", "rev-parse", "main")[:12]
    assert said == [
        f"gitagent: refused: rule-unrecorded: live serves nothing, and cannot be moved to {commit} without an event",
        "gitagent: Use: gitagent publish, gitagent promote live or gitagent rollback live",
    ]
    git(tmp_path / "plain", "push", "-q", "origin", "main:feature")
