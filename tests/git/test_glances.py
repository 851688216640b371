"""Glances: what is read without opening a repository is what the opened one says, or nothing."""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING

import pytest
from support.building import Built, git

from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.git.glances import Glance, UnclearError
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PATHS = ("state.yaml", "environments/sandbox.yaml", "environments/live.yaml", "versions/0/v1.yaml")


def seen(top: Path) -> list[bytes]:
    """The tip of the ledger and some of its files, at a glance."""
    glance = Glance(top)
    tip = glance.ref(LEDGER)
    return [tip.encode(), *(glance.file(tip, path) for path in PATHS)]


def opened(top: Path) -> list[bytes]:
    """The same from the opened repository."""
    repository = Repository.discover(top)
    tip = Ledger(repository).tip()
    tree = repository.commit(tip).tree
    entries = [repository.entry(tree, path) for path in PATHS]
    return [tip.encode(), *(repository.blob(each) for each in entries if each is not None)]


def unclear(top: Path) -> bool:
    try:
        seen(top)
    except UnclearError:
        return True
    return False


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    return build().publish()


def loose(built: Built, object_: str) -> Path:
    """The file of an object."""
    id_ = built.git("rev-parse", object_).strip()
    path = built.path / ".git/objects" / id_[:2] / id_[2:]
    path.chmod(0o644)
    return path


def test_what_git_keeps_loose_is_seen(built: Built) -> None:
    assert seen(built.path) == opened(built.path)


@pytest.mark.parametrize("arguments", [["pack-refs", "--all", "--prune"], ["repack", "-adq"], ["gc", "-q"]])
def test_what_git_packed_is_seen(built: Built, arguments: list[str]) -> None:
    built.git(*arguments)
    assert seen(built.path) == opened(built.path)
    built.publish("two\n")  # loose again, on top of what is packed
    assert seen(built.path) == opened(built.path)


def test_a_bare_repository_and_one_with_alternates_are_seen(built: Built, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(built.path), "bare.git")
    git(tmp_path, "clone", "-q", "--mirror", "--shared", str(built.path), "sharing.git")
    assert seen(tmp_path / "bare.git") == seen(tmp_path / "sharing.git") == opened(built.path)


def test_a_file_that_is_not_there_is_said_so(built: Built) -> None:
    glance = Glance(built.path)
    for path in ("access.yaml", "environments/none.yaml", "none/state.yaml"):
        with pytest.raises(KeyError):
            glance.file(glance.ref(LEDGER), path)


def test_a_repository_of_somebody_else_is_left_to_git(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: own + 1)
    assert unclear(built.path)


@pytest.mark.parametrize(
    "config", ["", "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tnoop = true\n", "[core]\n\tbare = true\n"]
)
def test_a_repository_of_another_format_is_left_to_git(built: Built, config: str) -> None:
    (built.path / ".git/config").write_text(config)
    assert unclear(built.path)


def test_what_links_lead_to_is_left_to_git(built: Built) -> None:
    built.git("worktree", "add", "-q", "../linked", "v1")
    assert unclear(built.path.parent / "linked")
    ledger = built.path / ".git" / LEDGER
    ledger.rename(ledger.with_name("real"))
    ledger.write_text("ref: refs/heads/gitagent/real\n")
    assert unclear(built.path)


def test_where_there_is_no_repository_and_no_branch_nothing_is_seen(built: Built, tmp_path: Path) -> None:
    assert unclear(tmp_path)
    assert unclear(tmp_path / "none")
    built.git("branch", "-D", "gitagent/ledger")
    assert unclear(built.path)
    built.git("pack-refs", "--all")
    assert unclear(built.path)


@pytest.mark.parametrize("content", [b"", b"0" * 40, b"0" * 39 + b"\n", b"\xff" * 40 + b"\n", b"0" * 64 + b"\n"])
def test_a_branch_that_is_no_commits_id_is_left_to_git(built: Built, content: bytes) -> None:
    (built.path / ".git" / LEDGER).write_bytes(content)
    assert unclear(built.path)


@pytest.mark.parametrize("object_", ["", "^{tree}", ":environments", ":state.yaml"])
def test_an_object_that_is_damaged_or_missing_is_left_to_git(built: Built, object_: str) -> None:
    path = loose(built, f"gitagent/ledger{object_}")
    sound = path.read_bytes()
    text = zlib.decompress(sound)
    for broken in (b"", sound[:-5], zlib.compress(text + b"\n"), zlib.compress(text.replace(b"1", b"2"))):
        path.write_bytes(broken)
        assert unclear(built.path)
    path.unlink()
    assert unclear(built.path)
    path.write_bytes(sound)
    assert seen(built.path) == opened(built.path)


def test_a_branch_that_points_at_something_else_is_left_to_git(built: Built) -> None:
    (built.path / ".git" / LEDGER).write_text(built.git("rev-parse", "gitagent/ledger:state.yaml"))
    assert unclear(built.path)
    built.git("gc", "-q", "--prune=now")
    assert unclear(built.path)
