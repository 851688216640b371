"""Joining an agent on a shared remote: what stands in the folder then, and that nothing does when it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import START, git
from support.refusing import Refusal, refusal
from support.sharing import Team

from gitagent import Agent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.building import Built


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A repository that holds commits, and no agent."""
    git(tmp_path, "init", "-q", "-b", "main", "plain")
    git(tmp_path / "plain", "commit", "-q", "--allow-empty", "-m", "mine")
    return tmp_path / "plain"


def test_what_is_no_agent_leaves_no_folder_behind(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    assert refusal(lambda: Agent.clone(str(plain), folder)) == Refusal(
        "AgentNotFound",
        "agent-not-found",
        f"{plain} holds no agent",
        "Put an agent on a remote with gitagent share, in the agent's own folder.",
    )
    assert not folder.exists()


def test_a_folder_that_was_there_stays_and_is_empty_again(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    folder.mkdir()
    assert refusal(lambda: Agent.clone(str(plain), folder)).kind == "AgentNotFound"
    assert list(folder.iterdir()) == []


def test_what_cannot_be_reached_leaves_no_folder_behind(tmp_path: Path) -> None:
    refused = refusal(lambda: Agent.clone(str(tmp_path / "nowhere.git"), tmp_path / "a/b/clone"))
    assert (refused.kind, refused.code) == ("RemoteUnreachable", "remote-unreachable")
    assert not (tmp_path / "a/b/clone").exists()


def test_what_is_interrupted_while_it_joins_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = Team(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gitagent.agent.sharing.join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        team.clone("grace")
    assert not (tmp_path / "grace").exists()


def test_a_clone_is_at_once_as_the_remote_has_it(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.publish("two\n").promote("pre-release")
    grace = team.clone("grace")
    assert grace.agent.notices == ()
    assert grace.serving() == {"sandbox": "v2", "pre-release": "v2", "live": None}
    assert grace.git("status", "--porcelain") == ""


@pytest.mark.parametrize("main", ["v1^{commit}", "foreign"])
def test_a_clone_is_on_the_newest_version_wherever_main_was_moved(tmp_path: Path, main: str) -> None:
    team = Team(tmp_path)
    team.ada.edit("new\n", "new.md").publish("two\n")
    newest = team.git("rev-parse", "main")
    moved = team.git("commit-tree", "-m", "foreign", "v1^{tree}").strip() if main == "foreign" else main
    team.git("update-ref", "refs/heads/main", moved)
    grace = team.clone("grace")
    assert grace.agent.notices == (
        "main of the shared remote had been moved away from v2, where this clone is. To put it right: gitagent sync",
    )
    assert (grace.git("rev-parse", "main"), grace.git("status", "--porcelain")) == (newest, "")
    assert (grace.path / "new.md").read_text() == "new\n"
    grace.agent.sync(actor=grace.actor, at=START)
    assert team.git("rev-parse", "main") == newest
    assert grace.reopen().notices == ()


def test_a_share_that_was_refused_leaves_gits_configuration_as_it_was_to_the_byte(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build()
    config = built.path / ".git/config"
    before = config.read_bytes()
    assert refusal(lambda: built.agent.share(str(tmp_path / "nowhere.git"))).kind == "RemoteUnreachable"
    assert config.read_bytes() == before


def test_an_agent_is_not_shared_where_git_pushes_elsewhere_than_it_fetches_from(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build()
    for name in ("one.git", "two.git"):
        git(tmp_path, "init", "-q", "--bare", name)
    built.git("remote", "add", "origin", str(tmp_path / "one.git"))
    built.git("config", "remote.origin.pushurl", str(tmp_path / "two.git"))
    assert refusal(lambda: built.agent.share("origin")) == Refusal(
        "RuleBroken",
        "pushed-elsewhere",
        f"git pushes to {tmp_path}/two.git, and fetches from {tmp_path}/one.git, which did not get the agent",
        "Let both be one repository: git config --unset-all remote.origin.pushurl",
    )
    assert built.reopen().shared is None
    built.git("config", "remote.origin.url", f"file://{tmp_path}/two.git")
    assert built.agent.share("origin").url == f"file://{tmp_path}/two.git"
    built.publish("two\n")
    assert git(tmp_path / "two.git", "tag").split() == ["v1", "v2"]


def test_a_push_address_that_came_later_is_named_where_the_two_differ(tmp_path: Path) -> None:
    team = Team(tmp_path)
    git(tmp_path, "clone", "-q", "--mirror", str(team.remote), "mirror.git")
    team.ada.git("config", "remote.origin.pushurl", str(tmp_path / "mirror.git"))
    team.ada.publish("two\n")
    refused = refusal(lambda: team.ada.publish("three\n"))
    assert (refused.code, refused.message) == (
        "remote-ledger-behind",
        f"the ledger of {team.remote} is older than the one here",
    )
    assert refused.hint == (
        f"git pushes to {tmp_path}/mirror.git: let both be one repository. Nothing was changed here; "
        "compare them: git log gitagent/ledger refs/remotes/origin/gitagent/ledger"
    )
