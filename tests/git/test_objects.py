"""Commits and tags as git itself reads them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START, git

from gitagent.git.objects import Commit, Tag, moment, offset_minutes, tag_content
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

ZONES = [(0, "+0000"), (60, "+0100"), (330, "+0530"), (840, "+1400"), (-30, "-0030"), (-210, "-0330"), (-720, "-1200")]
MESSAGES = ["Version 1\n", "Release\n\nWith a body.\n", "Grüße, 世界\n", "a\n\n\nb\n"]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository.create(tmp_path / "r")


def _zoned(minutes: int) -> datetime:
    return START.astimezone(timezone(timedelta(minutes=minutes)))


def _commit(repository: Repository, *parents: str, message: str = "a commit\n", at: datetime = START) -> str:
    tree = repository.write_tree(None, {})
    return repository.write_commit(tree=tree, parents=parents, message=message, actor=ADA, at=at)


def _mktag(repository: Repository, content: bytes) -> str:
    done = subprocess.run(["git", "-C", repository.top, "mktag"], input=content, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


@pytest.mark.parametrize(("minutes", "zone"), ZONES)
def test_a_tag_says_its_time_with_the_offset_as_git_writes_it(repository: Repository, minutes: int, zone: str) -> None:
    target = _commit(repository)
    content = tag_content(target=target, name="v1", message="Version 1", actor=ADA, at=_zoned(minutes))
    assert (
        content
        == (
            f"object {target}\ntype commit\ntag v1\n"
            f"tagger Ada Lovelace <ada@example.com> {int(START.timestamp())} {zone}\n\nVersion 1\n"
        ).encode()
    )


@pytest.mark.parametrize("minutes", [minutes for minutes, _ in ZONES])
@pytest.mark.parametrize("message", MESSAGES)
def test_git_makes_the_same_tag_of_the_same_bytes(repository: Repository, minutes: int, message: str) -> None:
    target = _commit(repository)
    content = tag_content(target=target, name="v1", message=message, actor=GRACE, at=_zoned(minutes))
    written = repository.write_tag(target=target, name="v1", message=message, actor=GRACE, at=_zoned(minutes))
    assert written == _mktag(repository, content)
    assert git(repository.top, "cat-file", "tag", written).encode() == content
    assert repository.tag(written) == Tag(
        written, target, "v1", f"{message}\n", GRACE.name, GRACE.email, _zoned(minutes)
    )


@pytest.mark.parametrize(("minutes", "zone"), ZONES)
def test_a_commit_comes_back_as_it_was_written(repository: Repository, minutes: int, zone: str) -> None:
    first = _commit(repository)
    at = _zoned(minutes)
    second = _commit(repository, first, message="Grüße\n\nbody\n", at=at)
    tree = repository.write_tree(None, {})
    assert repository.commit(second) == Commit(second, tree, (first,), "Grüße\n\nbody\n", ADA.name, ADA.email, at)
    assert repository.commit(second).at.utcoffset() == timedelta(minutes=minutes)
    who = f"Ada Lovelace <ada@example.com> {int(START.timestamp())} {zone}"
    assert git(repository.top, "cat-file", "commit", second) == (
        f"tree {tree}\nparent {first}\nauthor {who}\ncommitter {who}\n\nGrüße\n\nbody\n"
    )


def test_a_commit_may_have_no_parent_or_several(repository: Repository) -> None:
    one, two = _commit(repository, message="1\n"), _commit(repository, message="2\n")
    merged = _commit(repository, one, two)
    assert [repository.commit(each).parents for each in (one, two, merged)] == [(), (), (one, two)]
    assert git(repository.top, "rev-list", "--parents", "-1", merged) == f"{merged} {one} {two}\n"
    assert [each.id for each in repository.first_parents(merged)] == [merged, one]


def test_what_git_committed_is_read_with_the_committers_name_and_time(repository: Repository) -> None:
    tree = repository.write_tree(None, {})
    when = ["-c", "user.name=Grace Hopper", "-c", "user.email=grace@example.com"]
    made = git(repository.top, *when, "commit-tree", tree, "-m", "by git").strip()
    shown = git(repository.top, "show", "-s", "--format=%cn|%ce|%ct", made).strip().split("|")
    at = datetime.fromtimestamp(int(shown[2]), UTC)
    assert repository.commit(made) == Commit(made, tree, (), "by git\n", shown[0], shown[1], at)


@pytest.mark.parametrize("minutes", [minutes for minutes, _ in ZONES])
def test_a_moment_keeps_its_offset(minutes: int) -> None:
    at = moment(int(START.timestamp()), minutes)
    assert (at, at.utcoffset(), offset_minutes(at)) == (START, timedelta(minutes=minutes), minutes)


def test_a_time_of_no_zone_has_no_offset() -> None:
    assert offset_minutes(START.replace(tzinfo=None)) == 0
    assert moment(0, 0).tzinfo is UTC


def test_only_an_annotated_tag_is_a_tag(repository: Repository) -> None:
    commit = _commit(repository)
    blob = repository.write_blob(b"x")
    assert [repository.tag(id_) for id_ in (commit, blob, "1" * 40)] == [None, None, None]
    tag = repository.write_tag(target=commit, name="v1", message="x", actor=ADA, at=START)
    assert [repository.peeled(id_) for id_ in (tag, commit, blob, "1" * 40)] == [commit, commit, None, None]
