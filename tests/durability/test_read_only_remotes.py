"""A shared remote that may be read and not be written to: what is done there is refused, and reading goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, git
from support.refusing import refusal
from support.rules import check_rules
from support.serving import over_http, over_ssh
from support.sharing import Member, Team

from gitagent import Agent

if TYPE_CHECKING:
    from pathlib import Path

ONLY_READING = """#!/bin/sh
case "$SSH_ORIGINAL_COMMAND" in
git-upload-pack*) eval "$SSH_ORIGINAL_COMMAND" ;;
*) echo read only >&2; exit 1 ;;
esac
"""


def _refused_and_then_done(team: Team, told: str, url: str) -> None:
    """What one who may only read can do, and can not; `told` is what the server says of it."""
    before = team.refs()
    refused = refusal(lambda: team.ada.publish("three\n"))
    assert (refused.kind, refused.code, told in refused.message) == ("RemoteRefused", "remote-refused", True)
    assert (team.refs(), team.ada.serving()["sandbox"]) == (before, "v2")
    assert team.ada.agent.sync(actor=ADA, at=START).events == 0
    assert (team.ada.path / "notes.md").read_text() == "three\n"
    grace = Member(Agent.clone(url, team.folder / "grace"))
    assert refusal(lambda: grace.promote("pre-release")).kind == "RemoteRefused"
    assert grace.serving() == {"sandbox": "v2", "pre-release": None, "live": None}
    assert team.refs() == before


def test_over_http_without_the_right_to_push(tmp_path: Path) -> None:
    with over_http(tmp_path) as address:
        url = f"{address}/remote.git"
        team = Team(tmp_path, url=url)
        team.ada.publish("two\n")
        git(team.remote, "config", "http.receivepack", "false")
        _refused_and_then_done(team, "403", url)
        git(team.remote, "config", "http.receivepack", "true")
        team.ada.publish()
        check_rules(team.ada.path)


@pytest.mark.scale
def test_over_ssh_where_a_forced_command_only_lets_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with over_ssh(tmp_path, monkeypatch) as address:
        url = f"{address}/remote.git"
        team = Team(tmp_path, url=url)
        team.ada.publish("two\n")
        keys = tmp_path / "ssh/authorized"
        open_to_all = keys.read_text()
        (tmp_path / "only").write_text(ONLY_READING)
        (tmp_path / "only").chmod(0o755)
        keys.write_text(f'command="{tmp_path}/only" {open_to_all}')
        _refused_and_then_done(team, "read only", url)
        keys.write_text(open_to_all)
        team.ada.publish()
        check_rules(team.ada.path)
