"""The index file: the files that git was told not to look at, in every version of it, and what is staged."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from support.building import git
from support.refusing import refusal

from gitagent.git.hidden import hidden_paths
from gitagent.git.repository import Repository
from gitagent.git.staging import staged_entries

VERSIONS = [2, 3, 4]
ASSUMED, SKIPPED = "assume-unchanged", "skip-worktree"
DEEP = "/".join(["d" * 200] * 22)
"""Longer than the 4095 bytes that the flags of an entry can tell of a name."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


def index(folder: Path) -> Path:
    return folder / ".git/index"


def stage(folder: Path, *paths: str | bytes, version: int = 2) -> str:
    """An index of empty files at those paths, none of which is in the working tree; the id of their blob."""
    blob = git(folder, "hash-object", "-w", "-t", "blob", "/dev/null").strip()
    lines = b"".join(b"100644 %b\t%b\0" % (blob.encode(), os.fsencode(path)) for path in paths)
    command = ["git", "-C", os.fspath(folder), "update-index", "--index-version", str(version), "-z", "--index-info"]
    subprocess.run(command, input=lines, check=True, capture_output=True)
    return blob


def mark(folder: Path, kind: str, *paths: str | bytes) -> None:
    command: list[str | bytes] = ["git", "-C", os.fspath(folder), "update-index", f"--{kind}", "--", *paths]
    subprocess.run(command, check=True, capture_output=True)


def version_of(folder: Path) -> int:
    return int.from_bytes(index(folder).read_bytes()[4:8], "big")


@pytest.mark.parametrize("version", VERSIONS)
def test_nothing_is_hidden_that_was_not_marked(folder: Path, version: int) -> None:
    stage(folder, "a", "b/c", "b/cd", "e", version=version)
    assert hidden_paths(index(folder)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_each_hidden_file_has_its_mark(folder: Path, version: int) -> None:
    stage(folder, "a", "b/c", "b/cd", "b/e", "f", version=version)
    mark(folder, ASSUMED, "a", "b/cd")
    mark(folder, SKIPPED, "b/c", "f")
    assert version_of(folder) == (4 if version == 4 else 3), "extended flags need version 3"
    assert hidden_paths(index(folder)) == [("a", ASSUMED), ("b/c", SKIPPED), ("b/cd", ASSUMED), ("f", SKIPPED)]


@pytest.mark.parametrize("version", [2, 4])
def test_a_file_assumed_unchanged_alone_needs_no_extended_flags(folder: Path, version: int) -> None:
    stage(folder, "a", "b", version=version)
    mark(folder, ASSUMED, "b")
    assert (version_of(folder), hidden_paths(index(folder))) == (version, [("b", ASSUMED)])


@pytest.mark.parametrize("version", VERSIONS)
def test_a_file_with_both_marks_is_skipped(folder: Path, version: int) -> None:
    stage(folder, "a", "b", version=version)
    mark(folder, ASSUMED, "a")
    mark(folder, SKIPPED, "a")
    assert hidden_paths(index(folder)) == [("a", SKIPPED)]


@pytest.mark.parametrize("version", [2, 4])
def test_a_file_that_is_only_meant_to_be_added_is_not_hidden(folder: Path, version: int) -> None:
    stage(folder, "a", "z", version=version)
    (folder / "b").write_text("new\n")
    git(folder, "add", "--intent-to-add", "b")
    mark(folder, SKIPPED, "z")
    assert version_of(folder) in {3, 4}
    assert hidden_paths(index(folder)) == [("z", SKIPPED)]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_mark_that_was_taken_back_hides_nothing(folder: Path, version: int) -> None:
    stage(folder, "a", "b", version=version)
    mark(folder, SKIPPED, "a")
    mark(folder, ASSUMED, "b")
    mark(folder, "no-skip-worktree", "a")
    mark(folder, "no-assume-unchanged", "b")
    assert hidden_paths(index(folder)) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_names_of_every_length_are_followed(folder: Path, version: int) -> None:
    names = [f"{length:02d}{'x' * length}" for length in range(17)]
    stage(folder, *names, version=version)
    mark(folder, SKIPPED, *names[::3])
    mark(folder, ASSUMED, *names[1::3])
    expected = dict.fromkeys(names[::3], SKIPPED) | dict.fromkeys(names[1::3], ASSUMED)
    assert hidden_paths(index(folder)) == sorted(expected.items())


@pytest.mark.parametrize("version", [2, 4])
@pytest.mark.parametrize("length", [127, 128, 129, 4094, 4095, 4096, 4200])
def test_a_name_after_a_very_long_one_is_read_right(folder: Path, version: int, length: int) -> None:
    stage(folder, DEEP[:length].rstrip("/") + "y", "e", version=version)
    mark(folder, SKIPPED, "e")
    assert hidden_paths(index(folder)) == [("e", SKIPPED)]


@pytest.mark.parametrize("version", [2, 4])
def test_a_name_that_is_not_utf_8_is_told_as_the_file_system_tells_it(folder: Path, version: int) -> None:
    stage(folder, b"caf\xe9", "é", version=version)
    mark(folder, SKIPPED, b"caf\xe9", "é")
    assert [os.fsencode(path) for path, _ in hidden_paths(index(folder))] == [b"caf\xe9", "é".encode()]


def test_no_index_hides_nothing(tmp_path: Path) -> None:
    assert hidden_paths(tmp_path / "index") == []
    assert hidden_paths(tmp_path) == []


@pytest.mark.parametrize("content", [b"", b"DIRC", b"DIRC\0\0\0\2\0\0\0", b"NOPE\0\0\0\2\0\0\0\1" + b"\xff" * 80])
def test_what_is_no_index_hides_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "index").write_bytes(content)
    assert hidden_paths(tmp_path / "index") == []


@pytest.mark.parametrize("version", [2, 4])
def test_an_index_that_was_cut_off_anywhere_is_no_crash(folder: Path, version: int) -> None:
    stage(folder, "a", DEEP[:150], version=version)
    mark(folder, SKIPPED, "a", DEEP[:150])
    content = index(folder).read_bytes()
    whole = hidden_paths(index(folder))
    assert len(whole) == 2
    found = set[int]()
    for length in range(0, len(content), 3):
        index(folder).write_bytes(content[:length])
        found.add(len(hidden_paths(index(folder))))
    assert found == {0, 2}, "all of what is marked, or nothing: never half"


def test_more_entries_than_there_are_is_no_crash(folder: Path) -> None:
    stage(folder, "a")
    mark(folder, ASSUMED, "a")
    content = index(folder).read_bytes()
    index(folder).write_bytes(content[:8] + b"\xff\xff\xff\xff" + content[12:])
    assert hidden_paths(index(folder)) == []


# What is staged


def test_what_is_staged_is_sorted_with_its_modes_whatever_stands_in_the_folder(folder: Path) -> None:
    (folder / "run").write_text("x")
    (folder / "run").chmod(0o755)
    (folder / "link").symlink_to("run")
    (folder / "a").mkdir()
    (folder / "a/b").write_text("")
    git(folder, "add", ".")
    (folder / "run").write_text("edited after it was staged")
    (folder / "new").write_text("never staged")
    repository = Repository.discover(folder)
    assert list(staged_entries(repository, {}).items()) == [
        ("a/b", (0o100644, repository.write_blob(b""))),
        ("link", (0o120000, repository.write_blob(b"run"))),
        ("run", (0o100755, repository.write_blob(b"x"))),
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_what_is_staged_is_read_in_every_version_of_the_index(folder: Path, version: int) -> None:
    blob = stage(folder, "a", "ab", "c", version=version)
    mark(folder, SKIPPED, "c")
    found = staged_entries(Repository.discover(folder), {})
    assert found == dict.fromkeys(("a", "ab", "c"), (0o100644, blob))


def test_git_tells_a_hook_which_index_it_commits(folder: Path) -> None:
    stage(folder, "usual")
    other = folder / "other-index"
    other.write_bytes(index(folder).read_bytes())
    stage(folder, "more")
    repository = Repository.discover(folder)
    assert list(staged_entries(repository, {"GIT_INDEX_FILE": str(other)})) == ["usual"]
    assert list(staged_entries(repository, {"GIT_INDEX_FILE": ""})) == ["more", "usual"]


def test_with_no_index_nothing_is_staged(folder: Path) -> None:
    assert staged_entries(Repository.discover(folder), {}) == {}


@pytest.mark.parametrize("content", [b"garbage" * 20, b"DIRC\0\0\0\2\0\0\0\1"])
def test_an_index_that_cannot_be_read_is_named(folder: Path, content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    index(folder).write_bytes(content)
    failed = refusal(lambda: staged_entries(Repository.discover(folder), {}))
    assert failed.code == "storage-failed"
    assert failed.message.startswith(f"cannot read git's index {index(folder)}: ")
    assert capfd.readouterr().err == ""


def test_a_linked_working_tree_has_an_index_of_its_own(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    linked = tmp_path_factory.mktemp("linked") / "tree"
    git(folder, "worktree", "add", "-q", "-b", "other", str(linked))
    stage(folder, "here")
    stage(linked, "there")
    assert list(staged_entries(Repository.discover(folder), {})) == ["here"]
    assert list(staged_entries(Repository.discover(linked), {})) == ["there"]


def test_a_split_index_hides_no_file_without_a_name(folder: Path) -> None:
    stage(folder, "a", "b")
    git(folder, "update-index", "--split-index")
    mark(folder, SKIPPED, "b")
    assert all(path for path, _ in hidden_paths(index(folder)))
