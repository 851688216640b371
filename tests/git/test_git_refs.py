"""Refs, configuration, remotes and trees of a repository, where it is found, and what dead processes left in it."""

from __future__ import annotations

import fcntl
import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from pygit2.enums import ObjectType
from support.building import ADA, START, git
from support.refusing import Refusal, refusal

from gitagent.git import leftovers
from gitagent.git import refs as git_refs
from gitagent.git.hooked import hooked_repository
from gitagent.git.locks import abandoned, locked
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

X, Y = "refs/heads/x", "refs/heads/y"
NOTHING = "1" * 40
UNWRITABLE = "Check that the disk is neither full nor read-only; nothing was changed."


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    return Repository.create(tmp_path / "r")


def commit(repository: Repository, *parents: str, message: str = "a commit\n") -> str:
    tree = repository.write_tree(None, {})
    return repository.write_commit(tree=tree, parents=parents, message=message, actor=ADA, at=START)


def put(repository: Repository, name: str, to: str) -> str:
    repository.move_ref(name, to=to, expected=repository.ref(name), why="test")
    return to


def waiting(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """A clock that does not wait: what happens meanwhile is `then`."""
    now = iter(range(1000))
    clock = SimpleNamespace(sleep=lambda _: then(), monotonic=lambda: float(next(now)))
    monkeypatch.setattr(git_refs, "time", clock)


# Refs


def test_loose_and_packed_refs_are_listed_once_each_and_sorted(repository: Repository) -> None:
    first = commit(repository)
    for name in ("refs/heads/b", "refs/heads/a/z", "refs/tags/v1", "refs/heads/b-2"):
        put(repository, name, first)
    git(repository.top, "pack-refs", "--all")
    put(repository, "refs/heads/b", commit(repository, first))
    put(repository, "refs/heads/a/c", first)
    assert repository.refs("refs/heads/") == ["refs/heads/a/c", "refs/heads/a/z", "refs/heads/b", "refs/heads/b-2"]
    assert repository.refs("refs/heads/b") == ["refs/heads/b", "refs/heads/b-2"]
    assert repository.refs("refs/tags/v") == ["refs/tags/v1"]


def test_a_lock_or_a_peeled_tag_is_no_ref(repository: Repository) -> None:
    put(repository, X, commit(repository))
    git(repository.top, "tag", "-a", "-m", "one", "v1", X)
    git(repository.top, "pack-refs", "--all")
    (repository.git_directory / "refs/heads/y.lock").touch()
    assert repository.refs("refs/") == [X, "refs/tags/v1"]
    assert repository.refs("refs/notes/") == []


def test_what_is_first_done_is_done_only_where_the_ref_stands_as_expected(repository: Repository) -> None:
    one = commit(repository)
    done: list[str | None] = []

    def note() -> None:
        done.append(repository.ref(X))

    repository.move_ref(X, to=one, expected=None, why="test", first=note)
    moved = refusal(lambda: repository.move_ref(X, to=one, expected=NOTHING, why="test", first=note))
    assert (done, moved.code) == ([None], "ledger-moved")


def test_a_first_step_that_fails_leaves_the_ref_where_it_was_and_unlocked(repository: Repository) -> None:
    one = commit(repository)

    def fail() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        repository.move_ref(X, to=one, expected=None, why="test", first=fail)
    assert (repository.ref(X), repository.refs("refs/")) == (None, [])
    assert put(repository, X, one) == repository.ref(X)


def test_a_ref_that_git_lets_go_of_is_moved_then(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    one = commit(repository)
    lock = repository.git_directory / f"{X}.lock"
    lock.touch()
    waiting(monkeypatch, lock.unlink)
    assert put(repository, X, one) == repository.ref(X)


@pytest.mark.parametrize("name", ["refs/heads/a..b", "refs/heads/", "refs/heads/a b"])
def test_what_git_takes_for_no_name_cannot_be_a_ref(repository: Repository, name: str) -> None:
    one = commit(repository)
    failed = refusal(lambda: repository.move_ref(name, to=one, expected=None, why="test"))
    assert failed.code in {"storage-failed", "repository-unreadable"}


def test_folders_of_a_ref_that_cannot_be_made_durable_are_told(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = commit(repository)
    asked: list[Path] = []

    def fail(path: Path) -> None:
        asked.append(path)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(git_refs, "sync_directory", fail)
    failed = refusal(lambda: put(repository, "refs/new/a/b", one))
    assert failed.message == "cannot make refs/new/a/b durable: Input/output error"
    assert asked == [repository.git_directory / "refs/new"]
    assert put(repository, X, one) == one, "whose folder was there already"


def test_head_can_stand_on_a_commit_or_on_a_branch_that_is_not_there_yet(repository: Repository) -> None:
    one = commit(repository)
    repository.set_head(one)
    assert (repository.head_name(), repository.ref("HEAD")) == (None, one)
    repository.set_head(Y)
    assert (repository.head_name(), repository.ref("HEAD")) == (Y, None)


def test_a_locked_head_is_told_from_one_that_cannot_be_put_there(repository: Repository) -> None:
    failed = refusal(lambda: repository.set_head(NOTHING))
    assert failed.message.startswith(f"cannot put HEAD on {NOTHING}: ")
    lock = repository.git_directory / "HEAD.lock"
    lock.touch()
    assert refusal(lambda: repository.set_head(Y)) == Refusal(
        "AgentBusy",
        "agent-busy",
        "HEAD is locked by another git process",
        f"If none is running, remove {lock} and try again.",
    )


def test_a_head_that_cannot_be_read_is_told(repository: Repository) -> None:
    (repository.git_directory / "HEAD").write_text("garbage\n")
    failed = refusal(repository.head_name)
    assert failed.message.startswith("cannot read HEAD: ")
    assert failed.hint == "See: git symbolic-ref HEAD; git's own main is refs/heads/main."


# Configuration and remotes


def test_configuration_is_set_and_read(repository: Repository) -> None:
    assert repository.config("gitagent.x") is None
    repository.set_config("gitagent.x", "a = b # c")
    assert repository.config("gitagent.x") == "a = b # c"
    assert git(repository.top, "config", "gitagent.x") == "a = b # c\n"
    assert repository.config("user.name") == ADA.name


def test_configuration_that_cannot_be_written_is_told(repository: Repository) -> None:
    (repository.git_directory / "config.lock").touch()
    failed = refusal(lambda: repository.set_config("gitagent.x", "1"))
    assert failed.kind == "StorageFailed"
    assert failed.message.startswith("cannot write git's configuration: ")


def test_a_yes_or_no_of_gits_configuration_is_read_as_git_reads_it(repository: Repository) -> None:
    assert not repository.is_on("gitagent.sure")
    for value, is_on in (("yes", True), ("2", True), ("off", False), ("", False)):
        repository.set_config("gitagent.sure", value)
        assert repository.is_on("gitagent.sure") is is_on
    repository.set_config("gitagent.sure", "perhaps")
    assert refusal(lambda: repository.is_on("gitagent.sure")).message == "git's gitagent.sure is neither true nor false"


def test_remotes_come_and_go_with_what_was_seen_of_them(repository: Repository) -> None:
    repository.add_remote("origin", "/a.git")
    repository.add_remote("other", "/b.git")
    put(repository, "refs/remotes/origin/main", commit(repository))
    assert sorted(repository.remotes()) == ["origin", "other"]
    assert repository.config("remote.origin.fetch") == "+refs/heads/*:refs/remotes/origin/*"
    repository.remove_remote("origin")
    assert (repository.remotes(), repository.refs("refs/remotes/")) == (["other"], [])


def test_remotes_that_cannot_be_added_or_removed_are_told(repository: Repository) -> None:
    repository.add_remote("origin", "/a.git")
    again = refusal(lambda: repository.add_remote("origin", "/b.git"))
    assert again.message.startswith("cannot add the remote origin: ")
    assert repository.config("remote.origin.url") == "/a.git"
    (repository.git_directory / "config.lock").touch()
    failed = refusal(lambda: repository.remove_remote("origin"))
    assert failed.message.startswith("cannot remove the remote origin: ")


# Trees


def test_exactly_those_files_are_in_the_tree(repository: Repository) -> None:
    blob = repository.write_blob(b"x")
    entries = {"a/b": (0o100644, blob), "a.b": (0o100755, blob), "l": (0o120000, blob)}
    tree = repository.write_entries(entries)
    assert repository.entries(tree) == entries
    assert list(repository.entries(tree)) == sorted(entries)
    assert repository.write_entries({}) == repository.write_tree(None, {})


def test_a_submodule_is_in_no_version(repository: Repository) -> None:
    blob = repository.write_blob(b"x")
    tree = repository.write_entries({"a": (0o100644, blob), "sub": (0o160000, NOTHING)})
    assert repository.entries(tree) == {"a": (0o100644, blob)}


def test_a_tree_cannot_hold_what_is_not_there(repository: Repository) -> None:
    failed = refusal(lambda: repository.write_entries({"a": (0o100644, NOTHING)}))
    assert (failed.kind, failed.hint) == ("StorageFailed", UNWRITABLE)
    assert refusal(lambda: repository.write_tree(None, {"a": NOTHING})).kind == "StorageFailed"


def test_a_tree_without_changes_is_the_same_tree(repository: Repository) -> None:
    tree = repository.write_tree(None, {"a/b": repository.write_blob(b"x")})
    assert repository.write_tree(tree, {}) == tree


def test_a_folder_that_is_missing_on_the_way_is_told(repository: Repository) -> None:
    tree = repository.write_tree(None, {"a/b": repository.write_blob(b"x")})
    folder = repository.entry(tree, "a")
    assert folder is not None
    (repository.git_directory / "objects" / folder[:2] / folder[2:]).unlink()
    again = Repository.at(repository.top)
    assert again is not None
    failed = refusal(lambda: again.entry(tree, "a/b"))
    assert failed.code == "object-missing"
    assert failed.message.startswith("a folder on the way to a/b is missing from the repository: ")


def test_names_that_are_not_utf_8_survive(repository: Repository) -> None:
    (repository.top / os.fsdecode(b"caf\xe9")).write_text("x")
    git(repository.top, "add", ".")
    tree = git(repository.top, "write-tree").strip()
    assert [os.fsencode(path) for path in repository.entries(tree)] == [b"caf\xe9"]


def test_a_tag_leads_to_its_commit_and_a_blob_to_none(repository: Repository) -> None:
    one = commit(repository)
    tag = repository.write_tag(target=one, name="v1", message="one\n", actor=ADA, at=START)
    found = [repository.peeled(id_) for id_ in (tag, one, repository.write_blob(b"x"), NOTHING, "no id")]
    assert found == [one, one, None, None, None]


@pytest.mark.parametrize(("encoding", "shown"), [("ISO-8859-1", "é\n"), ("no-such", "\N{REPLACEMENT CHARACTER}\n")])
def test_a_message_is_read_as_it_says_it_is_written(repository: Repository, encoding: str, shown: str) -> None:
    tree = repository.write_tree(None, {})
    who = "Ada <a@example.com> 1 +0000"
    raw = f"tree {tree}\nauthor {who}\ncommitter {who}\nencoding {encoding}\n\né\n".encode("latin-1")
    id_ = str(repository.raw.write(ObjectType.COMMIT, raw))
    assert repository.commit(id_).message == shown


# Where a repository is


def test_a_bare_repository_is_its_own_top(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    found = Repository.at(tmp_path / "bare.git")
    assert found is not None
    assert (found.is_bare, found.top, found.git_directory) == (True, tmp_path / "bare.git", tmp_path / "bare.git")
    assert Repository.discover(tmp_path / "bare.git/refs").top == tmp_path / "bare.git"


def test_a_folder_that_only_looks_like_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "HEAD").write_text("ref: refs/heads/main\n")
    (tmp_path / "objects").mkdir()
    assert Repository.at(tmp_path) is None
    (tmp_path / "refs").write_text("no folder")
    assert Repository.at(tmp_path) is None


def test_one_that_was_never_made_to_its_end_is_none_and_is_begun_anew(tmp_path: Path) -> None:
    head = Repository.create(tmp_path).git_directory / "HEAD"
    lock = head.with_name("HEAD.lock")
    lock.hardlink_to(head)
    assert Repository.at(tmp_path) is None
    head.unlink()
    assert Repository.at(tmp_path) is None
    assert Repository.create(tmp_path).head_name() == "refs/heads/main"
    assert not lock.exists()
    assert Repository.at(tmp_path) is not None


def test_a_file_that_says_where_the_repository_is_is_followed(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--separate-git-dir", str(tmp_path / "kept"), "work")
    (tmp_path / "work/a/b").mkdir(parents=True)
    for found in (Repository.at(tmp_path / "work"), Repository.discover(tmp_path / "work/a/b")):
        assert found is not None
        assert (found.top, found.git_directory) == (tmp_path / "work", tmp_path / "kept")
    found = Repository.discover(tmp_path / "work")
    assert put(found, X, commit(found)) == git(tmp_path / "work", "rev-parse", X).strip()


def test_a_file_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert refusal(lambda: Repository.at(tmp_path)).code == "repository-unreadable"
    assert refusal(lambda: Repository.discover(tmp_path)).code in {"agent-not-found", "repository-unreadable"}


def test_a_clone_that_was_cut_off_says_so(repository: Repository, tmp_path: Path) -> None:
    put(repository, "refs/heads/main", commit(repository, commit(repository)))
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository.top}", "shallow")
    assert (repository.is_shallow, Repository.discover(tmp_path / "shallow").is_shallow) == (False, True)


def test_only_the_history_of_head_and_the_tags_asked_for_are_taken(repository: Repository, tmp_path: Path) -> None:
    source = Repository.create(tmp_path / "source")
    one = put(source, "refs/heads/trunk", commit(source))
    source.set_head("refs/heads/trunk")
    put(source, X, commit(source, one, message="aside\n"))
    for name in ("v1", "v2"):
        put(source, f"refs/tags/{name}", one)
    repository.take_history(source, tags=["refs/tags/v1"])
    assert repository.refs("refs/") == ["refs/heads/main", "refs/tags/v1"]
    assert repository.ref("refs/heads/main") == one
    assert repository.remotes() == []


def test_a_hooks_repository_is_that_of_its_folder_with_the_objects_of_the_push(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed = Repository.create(tmp_path / "pushed")
    brought = pushed.write_blob(b"brought by the push")
    monkeypatch.chdir(repository.git_directory)
    assert not hooked_repository().has(brought)
    monkeypatch.setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", str(repository.git_directory / "objects"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(pushed.git_directory / "objects"))
    found = hooked_repository()
    assert (found.has(brought), repository.has(brought)) == (True, False)


def test_a_hook_outside_a_repository_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    failed = refusal(hooked_repository)
    assert failed.message.startswith("the repository of this hook cannot be opened: ")


# What dead processes left


def test_a_lock_that_another_takes_meanwhile_is_left_alone(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = (repository.git_directory / f"{name}.lock" for name in (X, "index"))
    half = repository.git_directory / "objects/tmp_object_git2_abc"
    for path in (ours, theirs, half):
        path.touch()

    def another() -> None:
        new = theirs.with_name("new")
        new.touch()
        new.replace(theirs)

    waiting(monkeypatch, another)
    repository.clear_stale_locks(iter([X]))
    assert [path.exists() for path in (ours, theirs, half)] == [False, True, False]


def test_where_nothing_was_left_nothing_is_waited_for(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting(monkeypatch, lambda: pytest.fail("waited"))
    repository.clear_stale_locks(iter([X, Y]))


def aged(path: Path, seconds: float) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    then = path.stat().st_mtime - seconds
    os.utime(path, (then, then))
    return path


def test_every_lock_of_gits_is_found_with_its_age(repository: Repository) -> None:
    folder = repository.git_directory
    locks = [aged(folder / f"{name}.lock", 100) for name in ("HEAD", "config", "refs/heads/a/b", "packed-refs")]
    aged(folder / "objects/x.lock", 100)
    found = leftovers.lock_files(repository)
    assert [each.path for each in found] == sorted(locks)
    assert all(each.age >= 100 for each in found)


def test_a_leftover_is_removed_unless_another_has_taken_its_place(repository: Repository) -> None:
    path = aged(repository.git_directory / "HEAD.lock", 100)
    (found,) = leftovers.lock_files(repository)
    other = aged(repository.git_directory / "other", 0)
    other.replace(path)
    assert (found.remove(), path.exists()) == (False, True)
    (again,) = leftovers.lock_files(repository)
    assert (again.remove(), path.exists(), again.remove()) == (True, False, True)


def test_only_what_nobody_writes_to_any_more_is_left_over(repository: Repository) -> None:
    objects, own = repository.git_directory / "objects", repository.git_directory / "gitagent"
    old = [aged(objects / name, 700) for name in ("aa/tmp_obj_1", "pack/tmp_pack_1", "tmp_object_git2_1")]
    new = aged(objects / "aa/tmp_obj_2", 300)
    old_note, new_note = aged(own / "a.new", 20), aged(own / "b.new", 0)
    assert [each.path for each in leftovers.temporary_files(repository)] == [*old, old_note]
    everything = {each.path for each in leftovers.temporary_files(repository, died=True)}
    assert everything == {*old, new, old_note, new_note}


def test_refs_that_cannot_be_read_or_lead_nowhere_are_broken(repository: Repository) -> None:
    put(repository, X, commit(repository))
    heads = repository.git_directory / "refs/heads"
    (heads / "cut").write_text("1234\n")
    (heads / "empty").write_text("")
    (heads / "gone").write_text(NOTHING + "\n")
    (heads / "symbolic").write_text(f"ref: {X}\n")
    (heads / "x.lock").write_text("")
    assert leftovers.broken_refs(repository) == [f"refs/heads/{name}" for name in ("cut", "empty", "gone")]


def test_where_a_ref_was_is_told_newest_first(repository: Repository) -> None:
    one = put(repository, X, commit(repository))
    two = put(repository, X, commit(repository, one))
    put(repository, X, one)
    assert leftovers.reflog(repository, X) == [one, two]
    (repository.git_directory / "logs" / X).write_bytes(b"cut\n\xff" * 3 + b"0" * 40 + b" " + b"0" * 40 + b" x\n")
    assert leftovers.reflog(repository, X) == []
    assert leftovers.reflog(repository, Y) == []


def test_a_broken_head_is_put_on_what_was_checked_out_last(repository: Repository) -> None:
    for name in ("refs/heads/main", X, Y):
        put(repository, name, repository.ref("refs/heads/main") or commit(repository))
    assert leftovers.checked_out(repository) == "refs/heads/main", "nothing was checked out yet"
    git(repository.top, "checkout", "-q", "x")
    git(repository.top, "checkout", "-q", "y")
    assert not leftovers.has_broken_head(repository)
    (repository.git_directory / "HEAD").write_bytes(b"\0\0")
    assert leftovers.has_broken_head(repository)
    leftovers.write_head(repository, leftovers.checked_out(repository))
    assert git(repository.top, "symbolic-ref", "HEAD").strip() == Y
    git(repository.top, "update-ref", "-d", Y)
    assert leftovers.checked_out(repository) == "refs/heads/main", "what is gone cannot be checked out"


def test_what_git_writes_to_is_not_written_to_meanwhile(repository: Repository) -> None:
    (repository.git_directory / "HEAD.lock").touch()
    with pytest.raises(FileExistsError):
        leftovers.write_head(repository, X)
    assert repository.head_name() == "refs/heads/main"


def packed(repository: Repository) -> Path:
    """A file of packed refs: a branch, and three annotated tags with what each leads to."""
    put(repository, X, commit(repository))
    for name in ("v1", "v12", "v2"):
        git(repository.top, "tag", "-a", "-m", name, name, X)
    git(repository.top, "pack-refs", "--all")
    return repository.git_directory / "packed-refs"


def test_packed_refs_that_are_whole_need_no_mending(repository: Repository) -> None:
    assert leftovers.readable_packed_refs(repository) is None, "there are none"
    packed(repository)
    assert leftovers.readable_packed_refs(repository) is None
    (repository.git_directory / "packed-refs").write_bytes(b"")
    assert leftovers.readable_packed_refs(repository) is None


@pytest.mark.parametrize("garbage", [b"\0\0\0\n", b"\n", b"1234 refs/heads/y\n", b"1" * 40 + b" refs/heads/y"])
def test_of_damaged_packed_refs_what_can_be_read_stays(repository: Repository, garbage: bytes) -> None:
    path = packed(repository)
    whole, seen = path.read_bytes(), git(repository.top, "show-ref", "--dereference")
    path.write_bytes(whole + garbage)
    readable = leftovers.readable_packed_refs(repository)
    assert readable == whole
    leftovers.write_packed_refs(repository, readable)
    assert git(repository.top, "show-ref", "--dereference") == seen


@pytest.mark.parametrize("lost", ["v1", "v12", "v2"])
def test_what_a_lost_tag_led_to_is_not_taken_for_anothers(repository: Repository, lost: str) -> None:
    path = packed(repository)
    seen = git(repository.top, "show-ref", "--dereference").splitlines()
    lines = path.read_bytes().split(b"\n")
    path.write_bytes(b"\n".join(b"\0" if line.endswith(f"/{lost}".encode()) else line for line in lines))
    leftovers.write_packed_refs(repository, leftovers.readable_packed_refs(repository) or b"")
    left = [line for line in seen if not line.endswith((f"/{lost}", f"/{lost}^{{}}"))]
    assert git(repository.top, "show-ref", "--dereference").splitlines() == left


def test_packed_refs_that_end_within_a_name_do_not_make_another_ref_of_it(repository: Repository) -> None:
    path = packed(repository)
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"/v12") + 3])
    readable = leftovers.readable_packed_refs(repository)
    assert readable is not None
    assert (readable.count(b"/v1"), readable.count(b"\n^")) == (1, 1)


def test_a_git_process_that_works_here_is_found(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    proc = repository.top.parent / "proc"
    for number, (name, folder) in enumerate(
        [("vim", repository.top), ("git", proc), ("git-gc", repository.git_directory / "refs"), ("gitk", proc)]
    ):
        (proc / str(number)).mkdir(parents=True)
        (proc / str(number) / "comm").write_text(f"{name}\n")
        (proc / str(number) / "cwd").symlink_to(folder)
    (proc / "7").mkdir()
    monkeypatch.setattr(leftovers, "Path", lambda path: proc if path == "/proc" else Path(path))
    assert leftovers.running_git(repository) == 2
    shutil.rmtree(proc / "2")
    assert leftovers.running_git(repository) is None


# The lock


@contextmanager
def held(path: Path) -> Iterator[None]:
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_a_lock_is_abandoned_only_when_its_holder_died_and_nobody_has_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not abandoned(path), "there is none"
    with locked(path, after_crash=lambda: pytest.fail("nobody died")):
        assert not abandoned(path), "its holder lives"
    assert not abandoned(path), "its holder ended in order"
    path.write_bytes(b"!")
    assert abandoned(path)
    with held(path):
        assert not abandoned(path)


def test_whether_a_lock_is_held_is_told_without_taking_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    assert not leftovers.is_held(path)
    with locked(path, after_crash=lambda: None):
        assert leftovers.is_held(path)
    assert not leftovers.is_held(path)
