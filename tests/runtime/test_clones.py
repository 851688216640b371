"""Clones: plain clones of agents are found by their refs, loose or packed; nothing else is taken for one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from support.building import git
from support.sharing import Team

from gitagent.runtime.clones import clones

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def team(tmp_path: Path) -> Team:
    (tmp_path / "team").mkdir()
    return Team(tmp_path / "team", pipeline="sandbox,live")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "agents").mkdir()
    return tmp_path / "agents"


def test_plain_clones_are_found_with_loose_and_with_packed_refs(team: Team, folder: Path) -> None:
    for name in ("packed", "loose", "deep/er"):
        git(folder, "clone", "-q", team.url, name)
    ledger = git(folder / "loose", "rev-parse", "origin/gitagent/ledger").strip()
    (folder / "loose/.git/packed-refs").unlink()
    git(folder / "loose", "update-ref", "refs/remotes/origin/gitagent/ledger", ledger)
    assert list(clones(folder)) == [folder / "deep/er", folder / "loose", folder / "packed"]
    assert list(clones(folder, {folder / "loose"})) == [folder / "deep/er", folder / "packed"]


def test_agents_other_repositories_and_what_lies_deeper_are_none(team: Team, folder: Path) -> None:
    (team.clone("grace").path).rename(folder / "agent")
    git(folder / "agent", "pack-refs", "--all")
    git(folder, "clone", "-q", "--mirror", team.url, "mirror.git")
    git(folder, "init", "-q", "other")
    (folder / "file").touch()
    (folder / "gone").symlink_to(folder / "nowhere")
    for name in ("agent/inside", "mirror.git/inside", ".hidden/clone", "a/b/c/too-deep"):
        git(folder, "clone", "-q", team.url, name)
    assert list(clones(folder)) == []


def test_a_folder_that_may_not_be_looked_into_hides_none_of_the_others(
    team: Team, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "closed").mkdir()
    git(folder, "clone", "-q", team.url, "open")
    look = os.stat

    def refused(path: Any, **more: Any) -> os.stat_result:  # as everybody but root is
        if "closed/" in str(path):
            raise PermissionError(13, "Permission denied")
        return look(path, **more)

    monkeypatch.setattr("os.stat", refused)
    assert list(clones(folder)) == [folder / "open"]


def test_a_folder_that_is_not_there_has_none(folder: Path) -> None:
    assert list(clones(folder / "nowhere")) == []
