"""A repository's refs and objects, and the errors of repositories that cannot be used."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, START, Built, git
from support.refusing import Refusal, refusal

from gitagent import Agent
from gitagent.git import refs as git_refs
from gitagent.git.objects import Commit, Tag, moment, offset_minutes
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable

NOTHING = "1" * 40
KABUL = timezone(timedelta(hours=4, minutes=30))
CARACAS = timezone(-timedelta(hours=4, minutes=30))


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository.create(tmp_path / "r")


def _commit(repository: Repository, *parents: str, message: str = "a commit\n") -> str:
    tree = repository.write_tree(None, {})
    return repository.write_commit(tree=tree, parents=parents, message=message, actor=ADA, at=START)


# Refs


def test_a_ref_is_made_moved_and_deleted_when_it_stands_where_it_is_expected(repository: Repository) -> None:
    first = _commit(repository)
    second = _commit(repository, first)
    seen = [repository.ref("refs/heads/x")]
    for expected, to in [(None, first), (first, second), (second, None)]:
        repository.move_ref("refs/heads/x", to=to, expected=expected, why="test")
        seen.append(repository.ref("refs/heads/x"))
    assert seen == [None, first, second, None]


@pytest.mark.parametrize("expected", [None, NOTHING])
def test_a_ref_that_stands_elsewhere_is_not_moved(repository: Repository, expected: str | None) -> None:
    first = _commit(repository)
    repository.move_ref("refs/heads/x", to=first, expected=None, why="test")
    moved = refusal(lambda: repository.move_ref("refs/heads/x", to=None, expected=expected, why="test"))
    assert moved == Refusal(
        "LedgerMoved", "ledger-moved", "refs/heads/x was moved by somebody else meanwhile", "Try again."
    )
    assert repository.ref("refs/heads/x") == first


def test_a_packed_ref_is_moved_and_deleted_too(repository: Repository, tmp_path: Path) -> None:
    first = _commit(repository)
    second = _commit(repository, first)
    repository.move_ref("refs/heads/x", to=first, expected=None, why="test")
    git(tmp_path / "r", "pack-refs", "--all", "--prune")
    repository.move_ref("refs/heads/x", to=second, expected=first, why="test")
    git(tmp_path / "r", "pack-refs", "--all", "--prune")
    repository.move_ref("refs/heads/x", to=None, expected=second, why="test")
    assert git(tmp_path / "r", "for-each-ref") == ""


def test_a_ref_locked_by_git_is_waited_for_and_then_given_up(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_refs, "LONGEST_WAIT_FOR_GIT", 0.03)
    commit = _commit(repository)
    lock = repository.git_directory / "refs/heads/x.lock"
    lock.touch()
    assert refusal(lambda: repository.move_ref("refs/heads/x", to=commit, expected=None, why="test")) == Refusal(
        "AgentBusy",
        "agent-busy",
        "refs/heads/x is locked by another git process",
        f"If none is running, remove {lock} and try again.",
    )


def test_a_branch_below_the_ref_is_no_lock_to_wait_for(repository: Repository) -> None:
    commit = _commit(repository)
    repository.move_ref("refs/heads/x/y", to=commit, expected=None, why="test")
    assert refusal(lambda: repository.move_ref("refs/heads/x", to=commit, expected=None, why="test")) == Refusal(
        "StorageFailed",
        "storage-failed",
        "cannot write refs/heads/x: cannot lock ref 'refs/heads/x', there are refs beneath that folder",
        "See: git for-each-ref refs/heads/x",
    )


def test_a_moved_ref_says_why_in_its_reflog(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").promote("pre-release")
    assert built.git("reflog", "--format=%gs", "pre-release").splitlines() == ["gitagent: promote pre-release v2"]


def test_symbolic_refs_are_followed_and_listed(repository: Repository, tmp_path: Path) -> None:
    commit = _commit(repository)
    repository.move_ref("refs/heads/x", to=commit, expected=None, why="test")
    git(tmp_path / "r", "symbolic-ref", "refs/heads/y", "refs/heads/x")
    assert repository.ref("refs/heads/y") == commit
    assert sorted(repository.refs("refs/heads/")) == ["refs/heads/x", "refs/heads/y"]
    assert list(repository.refs("refs/tags/")) == []


def test_head_is_named_unless_it_is_detached(repository: Repository, tmp_path: Path) -> None:
    commit = _commit(repository)
    assert repository.head_name() == "refs/heads/main"
    repository.set_head("refs/heads/other")
    assert repository.head_name() == "refs/heads/other"
    (tmp_path / "r/.git/HEAD").write_text(commit + "\n")
    assert repository.head_name() is None


def test_a_ref_file_full_of_garbage_is_reported(repository: Repository) -> None:
    (repository.git_directory / "refs/heads/x").write_text("garbage\n")
    assert refusal(lambda: repository.ref("refs/heads/x")) == Refusal(
        "RepositoryUnreadable",
        "repository-unreadable",
        "cannot read refs/heads/x: refs/heads/x: corrupted loose reference file: refs/heads/x",
        None,
    )


# Objects


def test_a_commit_comes_back_as_it_was_written(repository: Repository) -> None:
    blob = repository.write_blob(b"content")
    tree = repository.write_tree(None, {"a/b.md": blob})
    parent = _commit(repository)
    at = datetime(2026, 3, 2, 9, 0, tzinfo=KABUL)
    id_ = repository.write_commit(tree=tree, parents=(parent,), message="é\n\nbody\n", actor=ADA, at=at)
    assert repository.commit(id_) == Commit(id_, tree, (parent,), "é\n\nbody\n", ADA.name, ADA.email, at)
    assert repository.commit(id_).at.utcoffset() == timedelta(hours=4, minutes=30)


@pytest.mark.parametrize("at", [START, START.astimezone(KABUL), START.astimezone(CARACAS)])
def test_a_tag_is_what_git_itself_would_write(repository: Repository, tmp_path: Path, at: datetime) -> None:
    commit = _commit(repository)
    id_ = repository.write_tag(target=commit, name="v1", message="# name\n\nwhy\n", actor=ADA, at=at)
    assert repository.tag(id_) == Tag(id_, commit, "v1", "# name\n\nwhy\n\n", ADA.name, ADA.email, at)
    content = git(tmp_path / "r", "cat-file", "tag", id_)
    made = subprocess.run(
        ["git", "-C", tmp_path / "r", "mktag"], input=content, capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == id_


def test_what_is_no_annotated_tag_is_none(repository: Repository, tmp_path: Path) -> None:
    commit = _commit(repository)
    raw = f"object {commit}\ntype commit\ntag v1\n\nno tagger\n"
    made = subprocess.run(
        ["git", "-C", tmp_path / "r", "hash-object", "-w", "-t", "tag", "--stdin", "--literally"],
        input=raw,
        capture_output=True,
        text=True,
        check=True,
    )
    assert [repository.tag(each) for each in (commit, NOTHING, made.stdout.strip())] == [None, None, None]


def test_a_missing_object_is_named_with_what_to_do(repository: Repository) -> None:
    expected = Refusal(
        "ObjectMissing",
        "object-missing",
        f"object {NOTHING} is missing from the repository",
        "Fetch it from a clone that has it; git fsck lists what else is missing.",
    )
    assert refusal(lambda: repository.commit(NOTHING)) == expected
    assert refusal(lambda: repository.blob(NOTHING)) == expected
    assert refusal(lambda: repository.size("no id")).message == "object no id is missing from the repository"


def test_an_object_of_another_kind_is_told_apart(repository: Repository) -> None:
    blob = repository.write_blob(b"content")
    assert refusal(lambda: repository.commit(blob)) == Refusal(
        "ObjectMissing", "object-missing", f"object {blob} is not a commit", "See: git fsck --strict"
    )
    assert (repository.blob(blob), repository.size(blob), repository.has(blob)) == (b"content", 7, True)
    assert not repository.has(NOTHING)


def test_a_corrupted_object_is_reported_as_missing(repository: Repository) -> None:
    blob = repository.write_blob(b"content" * 100)
    file = repository.git_directory / "objects" / blob[:2] / blob[2:]
    file.chmod(0o644)
    file.write_bytes(b"garbage")
    assert refusal(lambda: repository.blob(blob)).code == "object-missing"


def test_trees_are_changed_by_path(repository: Repository) -> None:
    one, two = repository.write_blob(b"1"), repository.write_blob(b"2")
    first = repository.write_tree(None, {"a": one, "b/c": one, "b/d/e": one})
    second = repository.write_tree(first, {"b/d/e": two, "f": two})
    assert repository.entries(second) == {
        "a": (0o100644, one),
        "b/c": (0o100644, one),
        "b/d/e": (0o100644, two),
        "f": (0o100644, two),
    }
    assert repository.entry(second, "b/d/e") == two
    assert [repository.entry(second, path) for path in ("c", "b/x", "x/y")] == [None, None, None]


def test_entries_are_sorted_as_paths_whatever_stands_at_them(repository: Repository, tmp_path: Path) -> None:
    top = tmp_path / "r"
    (top / "a").mkdir()
    for path in ("a/b", "a.b", "a-b"):
        (top / path).write_text("x")
    (top / "run").write_text("x")
    (top / "run").chmod(0o755)
    (top / "link").symlink_to("run")
    git(top, "add", ".")
    tree = git(top, "write-tree").strip()
    blob = repository.write_blob(b"x")
    assert list(repository.entries(tree).items()) == [
        ("a-b", (0o100644, blob)),
        ("a.b", (0o100644, blob)),
        ("a/b", (0o100644, blob)),
        ("link", (0o120000, repository.write_blob(b"run"))),
        ("run", (0o100755, blob)),
    ]


def test_only_blobs_that_differ_are_written(repository: Repository) -> None:
    base = repository.write_tree(None, {"a": repository.write_blob(b"1"), "b": repository.write_blob(b"2")})
    new = repository.changed_blobs(base, {"a": b"1", "b": b"3", "c": b"4"})
    assert new == {"b": repository.write_blob(b"3"), "c": repository.write_blob(b"4")}
    assert repository.changed_blobs(None, {"a": b"1"}) == {"a": repository.write_blob(b"1")}


def test_ancestors_are_followed(repository: Repository) -> None:
    first = _commit(repository)
    side = _commit(repository, first, message="side\n")
    last = _commit(repository, _commit(repository, first), side)
    assert [each.id for each in repository.first_parents(last)][-1] == first
    assert side not in [each.id for each in repository.first_parents(last)]
    assert [repository.is_ancestor(*pair) for pair in [(first, last), (side, last), (last, first), (last, last)]] == [
        True,
        True,
        False,
        True,
    ]


def test_an_ancestry_with_a_missing_commit_is_reported(repository: Repository) -> None:
    commit = _commit(repository)
    assert refusal(lambda: repository.is_ancestor(NOTHING, commit)) == Refusal(
        "ObjectMissing",
        "object-missing",
        f"the history between {NOTHING} and {commit} is incomplete: object not found - no match for id ({NOTHING})",
        "See what is missing: git fsck",
    )


def test_a_repository_that_cannot_be_written_to_says_so(repository: Repository) -> None:
    shutil.rmtree(repository.git_directory / "objects")
    (repository.git_directory / "objects").write_text("no folder")
    failed = refusal(lambda: repository.write_blob(b"content"))
    assert failed.kind == "StorageFailed"
    assert failed.message.startswith("cannot write to the repository: ")
    assert failed.hint == "Check that the disk is neither full nor read-only; nothing was changed."


@pytest.mark.parametrize("minutes", [0, 60, -210, 840])
def test_a_moment_is_seconds_and_an_offset(minutes: int) -> None:
    at = moment(1_772_442_000, minutes)
    assert at == datetime.fromtimestamp(1_772_442_000, UTC)
    assert offset_minutes(at) == minutes
    assert offset_minutes(datetime(2026, 1, 1)) == 0


# Finding and opening


def test_a_repository_is_found_from_a_folder_below_it(build: Callable[..., Built]) -> None:
    built = build(files={"a/b/c.md": "x\n"})
    assert Repository.discover(built.path / "a/b").top == built.path
    assert Agent.open(built.path / "a/b").path == built.path


def test_no_repository_above_is_no_agent(tmp_path: Path) -> None:
    assert refusal(lambda: Repository.discover(tmp_path)) == Refusal(
        "AgentNotFound",
        "agent-not-found",
        f"no agent in {tmp_path} or above it",
        "Make one with: gitagent init, or name its folder with -C.",
    )


def test_a_folder_that_is_not_there_is_no_agent(tmp_path: Path) -> None:
    assert refusal(lambda: Agent.open(tmp_path / "nowhere")).code == "agent-not-found"
    assert refusal(lambda: Agent.open("a\0b")).code == "agent-not-found"


def test_a_sha256_repository_is_told_apart(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--object-format=sha256")
    assert refusal(lambda: Agent.open(tmp_path)) == Refusal(
        "RepositoryUnreadable",
        "repository-unreadable",
        f"cannot open the repository {tmp_path}/.git/: {tmp_path}/.git/: unknown object format 'sha256'",
        "gitagent opens repositories with SHA-1 objects and loose or packed refs only.",
    )


def test_a_reftable_repository_is_told_apart(build: Callable[..., Built]) -> None:
    built = build()
    built.git("config", "core.repositoryFormatVersion", "1")
    built.git("config", "extensions.refStorage", "reftable")
    failed = refusal(built.reopen)
    assert failed.message.endswith("unsupported extension name extensions.refstorage")
    assert failed.hint == "gitagent opens repositories with SHA-1 objects and loose or packed refs only."


def test_a_repository_with_an_unreadable_configuration_is_reported(build: Callable[..., Built]) -> None:
    built = build()
    (built.path / ".git/config").write_text("[core\n")
    assert refusal(built.reopen).kind in {"AgentNotFound", "RepositoryUnreadable"}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_repository_that_belongs_to_somebody_else_is_not_trusted(build: Callable[..., Built]) -> None:
    built = build()
    for path in (built.path, built.path / ".git"):
        os.chown(path, 1234, 1234)
    failed = refusal(built.reopen)
    assert failed.message.endswith(f"repository path '{built.path}' is not owned by current user")
    assert failed.hint == f"If you trust it: git config --global --add safe.directory {built.path}"


def test_a_repository_cannot_be_made_where_a_file_stands(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    failed = refusal(lambda: Repository.create(tmp_path / "file"))
    assert failed.kind == "StorageFailed"
    assert failed.message.startswith(f"cannot make a repository in {tmp_path}/file: ")


def test_only_a_repository_of_the_folder_itself_counts_as_being_at_it(build: Callable[..., Built]) -> None:
    built = build(files={"a/b.md": "x\n"})
    assert Repository.at(built.path / "a") is None
    found = Repository.at(built.path)
    assert found is not None
    assert found.top == built.path


def test_history_that_cannot_be_copied_is_reported(repository: Repository, tmp_path: Path) -> None:
    source = Repository.create(tmp_path / "source")
    shutil.rmtree(tmp_path / "source/.git/objects")
    failed = refusal(lambda: repository.take_history(source, tags=[]))
    assert failed.message.startswith(f"cannot copy the history of {tmp_path}/source: ")


def test_the_locks_of_a_dead_process_are_cleared_away(repository: Repository) -> None:
    left = [repository.git_directory / f"{name}.lock" for name in ("refs/heads/x", "HEAD", "index")]
    kept = repository.git_directory / "refs/heads/y.lock"
    for path in (*left, kept):
        path.touch()
    repository.clear_stale_locks(iter(["refs/heads/x", "refs/heads/z"]))
    assert [path.exists() for path in (*left, kept)] == [False, False, False, True]


def test_a_linked_working_tree_shares_refs_and_objects(build: Callable[..., Built], tmp_path: Path) -> None:
    built = build()
    built.git("worktree", "add", "-q", "-b", "other", "../linked")
    linked = Repository.discover(tmp_path / "linked")
    assert linked.git_directory == built.path / ".git"
    assert linked.top == tmp_path / "linked"
    assert (linked.head_name(), linked.is_bare) == ("refs/heads/other", False)
