"""A shared remote through real servers: over a path, over ssh, and over http with basic authentication."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START
from support.refusing import refusal
from support.rules import check_rules
from support.serving import over_http, over_ssh
from support.sharing import Member, Team

from gitagent import Actor, Agent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built


@pytest.fixture(params=["path", "http", pytest.param("ssh", marks=pytest.mark.scale)])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of `remote.git` in the test's folder, over each transport."""
    if request.param == "path":
        yield f"{tmp_path}/remote.git"
    elif request.param == "ssh":
        with over_ssh(tmp_path, monkeypatch) as address:
            yield f"{address}/remote.git"
    else:
        with over_http(tmp_path) as address:
            yield f"{address}/remote.git"


def test_two_people_work_on_one_agent(tmp_path: Path, url: str) -> None:
    team = Team(tmp_path, url=url)
    grace = Member(Agent.clone(url, tmp_path / "grace"), Actor("Grace", "grace@example.com"))
    grace.publish("two\n").promote("pre-release", "live")
    assert refusal(lambda: team.ada.save("mine\n")).code == "line-grown"
    team.ada.edit("one\n").edit("mine\n", "mine.md")
    team.ada.agent.sync(actor=ADA, at=START)
    team.ada.publish().promote("pre-release", "live").rollback("live")
    grace.agent.sync(actor=grace.actor, at=START)
    assert grace.serving() == {"sandbox": "v3", "pre-release": "v3", "live": "v2"}
    for each in (team.ada, grace):
        check_rules(each.path)
        assert each.reopen().notices == ()
    assert team.ledger()[-1] == "rollback live v3 -> v2"


def test_a_password_in_the_address_is_never_shown(tmp_path: Path) -> None:
    with over_http(tmp_path) as address:
        team = Team(tmp_path, url=f"{address}/remote.git")
        shown = f"{address}/remote.git".replace("ada:a%20secret@", "")
        sharing = team.ada.agent.shared
        assert sharing is not None
        assert sharing.url == shown
        assert team.ada.agent.sync(actor=ADA, at=START).url == shown
    refused = refusal(lambda: team.ada.agent.sync(actor=ADA, at=START))
    assert shown in refused.message
    assert "secret" not in refused.message


def test_wrong_credentials_are_refused_at_once_and_nobody_is_asked(build: Callable[..., Built], tmp_path: Path) -> None:
    built = build()
    with over_http(tmp_path) as address:
        wrong = address.replace(":a%20secret@", ":wrong@")
        nobody = address.replace("ada:a%20secret@", "")
        for url in (wrong, nobody):
            assert refusal(partial(built.agent.share, f"{url}/remote.git")).kind == "RemoteUnreachable"
            assert built.git("remote") == ""
