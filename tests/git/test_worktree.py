"""The working tree, compared with what the plain git program says of the same folder."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.building import git
from support.refusing import Refusal, refusal

from gitagent.git.repository import Repository
from gitagent.git.worktree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.git.worktree import Entries

ODD = [
    "!a",
    "#a",
    "a b",
    "a*",
    "[a]",
    "-a",
    "tab\there",
    'quo"te',
    "back\\slash",
    "new\nline",
    "日本",
    ":(top)a",
    "é/ü",
]


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A folder with a repository that holds one commit of two files."""
    path = tmp_path / "r"
    Repository.create(path)
    _put(path, {"a.txt": "a\n", "folder/b.txt": "b\n"})
    git(path, "add", "-A")
    git(path, "commit", "-q", "-m", "first")
    return path


def _put(top: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(text.encode())


def _tree(top: Path) -> WorkingTree:
    return WorkingTree(Repository.discover(top))


def _of_git(top: Path) -> Entries:
    """What git would commit, taken through an index of its own."""
    index = top.parent / "other-index"
    index.unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_INDEX_FILE", str(index))
        git(top, "read-tree", "HEAD")
        git(top, "add", "-A")
        listed = git(top, "ls-files", "-s", "-z")
    found: Entries = {}
    for line in filter(None, listed.split("\0")):
        head, path = line.split("\t", 1)
        mode, id_, _ = head.split()
        found[path] = (int(mode, 8), id_)
    return dict(sorted(found.items()))


def _file_to_folder(top: Path) -> None:
    (top / "a.txt").unlink()
    _put(top, {"a.txt/deep/c": "c\n"})


def _folder_to_file(top: Path) -> None:
    (top / "folder/b.txt").unlink()
    (top / "folder").rmdir()
    _put(top, {"folder": "now a file\n"})


def _folder_to_link(top: Path) -> None:
    (top / "folder").rename(top / "moved")
    (top / "folder").symlink_to("moved")


CHANGES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda top: None,
    "edited": lambda top: _put(top, {"a.txt": "other\n"}),
    "added": lambda top: _put(top, {"new/deep/c": "c\n"}),
    "deleted": lambda top: (top / "a.txt").unlink(),
    "executable": lambda top: (top / "a.txt").chmod(0o755),
    "executable by others alone": lambda top: (top / "a.txt").chmod(0o655),
    "link": lambda top: (top / "link").symlink_to("a.txt"),
    "dangling link": lambda top: (top / "link").symlink_to("nowhere/é"),
    "link to a folder": lambda top: (top / "link").symlink_to("folder"),
    "empty folder": lambda top: (top / "empty").mkdir(),
    "empty file": lambda top: _put(top, {"empty": ""}),
    "pipe": lambda top: os.mkfifo(top / "pipe"),
    "ignored": lambda top: _put(top, {".gitignore": "*.log\n", "x.log": "x", "folder/y.log": "y"}),
    "ignored again not": lambda top: _put(top, {".gitignore": "*.log\n!x.log\n", "x.log": "x", "y.log": "y"}),
    "known and ignored": lambda top: _put(top, {".gitignore": "a.txt\n", "a.txt": "edited\n"}),
    "file to folder": _file_to_folder,
    "folder to file": _folder_to_file,
    "folder to link": _folder_to_link,
    "lines end in CRLF": lambda top: _put(top, {".gitattributes": "*.txt text eol=crlf\n", "c.txt": "c\r\nd\r\n"}),
    "binary with CRLF": lambda top: _put(top, {".gitattributes": "*.txt -text\n", "c.txt": "c\r\n"}),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_entries_are_what_git_would_commit(top: Path, change: Callable[[Path], object]) -> None:
    change(top)
    index = (top / ".git/index").read_bytes()
    expected = _of_git(top)
    assert _tree(top).entries() == expected
    assert {path: _tree(top).entry(path) for path in expected} == expected
    assert (top / ".git/index").read_bytes() == index


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_tree_that_is_written_is_the_one_git_writes(top: Path, change: Callable[[Path], object]) -> None:
    change(top)
    tree, index = _tree(top).write_tree()
    assert Repository.discover(top).entries(tree) == _of_git(top)
    _tree(top).write_index(index)
    assert git(top, "write-tree").strip() == tree
    assert git(top, "diff", "--name-only") == ""


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_replacing_brings_every_file_back(top: Path, change: Callable[[Path], object]) -> None:
    before = _tree(top).entries()
    change(top)
    ignored = git(top, "ls-files", "-oi", "--exclude-standard").split()
    now = _tree(top).entries()
    _tree(top).replace(now=now, wanted=before)
    after = _tree(top).entries()
    assert {path: entry for path, entry in after.items() if path not in ignored} == before
    assert sorted(after.keys() - before.keys()) == sorted(ignored)
    assert git(top, "diff", "HEAD", "--name-only") == ""


@pytest.mark.parametrize("name", ODD)
def test_a_file_of_any_name_is_seen_as_by_git_and_comes_back(top: Path, name: str) -> None:
    _put(top, {name: "odd\n"})
    wanted = _tree(top).entries()
    assert wanted == _of_git(top)
    assert set(wanted) == {"a.txt", "folder/b.txt", name}
    _tree(top).write_tree()
    (top / name).unlink()
    _tree(top).replace(now=_tree(top).entries(), wanted=wanted)
    assert (top / name).read_bytes() == b"odd\n"


@pytest.mark.parametrize("path", ["nothing", "a.txt/below", "folder", "link/b.txt", "pipe"])
def test_there_is_no_entry_where_git_sees_no_file(top: Path, path: str) -> None:
    (top / "link").symlink_to("folder")
    os.mkfifo(top / "pipe")
    assert _tree(top).entry(path) is None
    assert path not in _of_git(top)


def test_line_ends_are_written_as_gits_checkout_writes_them(top: Path) -> None:
    _put(top, {".gitattributes": "*.txt text eol=crlf\n*.bin -text\n", "c.txt": "c\nd\n", "c.bin": "c\nd\n"})
    wanted = _tree(top).entries()
    _, index = _tree(top).write_tree()
    _tree(top).write_index(index)
    for name in ("c.txt", "c.bin", ".gitattributes"):
        (top / name).unlink()
    _tree(top).replace(now=_tree(top).entries(), wanted=wanted)
    written = {name: (top / name).read_bytes() for name in ("c.txt", "c.bin")}
    git(top, "checkout-index", "-f", "-a")
    assert written == {"c.txt": b"c\r\nd\r\n", "c.bin": b"c\nd\n"}
    assert {name: (top / name).read_bytes() for name in written} == written


def test_ignored_are_the_paths_that_git_ignores_and_that_are_there(top: Path) -> None:
    _put(top, {".gitignore": "*.log\nout/\n", "x.log": "x", "out/y": "y", "z": "z"})
    asked = ["a.txt", "x.log", "out/y", "z", "missing.log"]
    assert _tree(top).ignored(asked) == ["x.log", "out/y"]
    assert git(top, "check-ignore", "x.log", "out/y").split() == ["x.log", "out/y"]


def test_ignored_files_are_taken_along_when_they_are_named(top: Path) -> None:
    _put(top, {".gitignore": "*.log\n", "x.log": "x", "y.log": "y"})
    tree, _ = _tree(top).write_tree(["x.log"])
    assert git(top, "ls-tree", "-r", "--name-only", tree).split() == [".gitignore", "a.txt", "folder/b.txt", "x.log"]


def test_what_is_unknown_and_would_be_lost_is_in_the_way(top: Path) -> None:
    wanted = _tree(top).entries()
    _put(top, {".gitignore": "x\nfolder\n"})
    (top / "a.txt").unlink()
    _put(top, {"a.txt/x": "x"})
    (top / "folder/b.txt").unlink()
    (top / "folder").rmdir()
    os.mkfifo(top / "folder")
    assert _tree(top).in_the_way(now=_tree(top).entries(), wanted=wanted) == ["a.txt/x", "folder"]
    assert _tree(top).in_the_way(now=wanted, wanted=wanted) == []


def test_the_index_is_reset_without_touching_a_file(top: Path) -> None:
    _put(top, {"a.txt": "edited\n", "new": "new\n"})
    git(top, "add", "-A")
    _tree(top).reset_index(git(top, "rev-parse", "HEAD^{tree}").strip())
    assert git(top, "diff", "--cached", "--name-only") == ""
    assert git(top, "status", "--porcelain") == " M a.txt\n?? new\n"
    assert (top / "a.txt").read_text() == "edited\n"


def test_an_index_that_git_has_locked_is_not_written(top: Path) -> None:
    _, index = _tree(top).write_tree()
    (top / ".git/index.lock").touch()
    assert refusal(lambda: _tree(top).write_index(index)) == Refusal(
        "AgentBusy",
        "agent-busy",
        "git's index is locked by another git process",
        f"If none is running, remove {top}/.git/index.lock and try again.",
    )


@pytest.mark.parametrize(
    ("file", "state"),
    [("MERGE_HEAD", "merge"), ("REVERT_HEAD", "revert"), ("CHERRY_PICK_HEAD", "cherrypick"), ("BISECT_LOG", "bisect")],
)
def test_the_state_that_git_left_half_done_is_named(top: Path, file: str, state: str) -> None:
    (top / ".git" / file).write_text(git(top, "rev-parse", "HEAD"))
    assert refusal(_tree(top).refuse_half_done) == Refusal(
        "RuleBroken",
        "git-unfinished",
        f"git is in the middle of a {state}",
        "Finish it or abort it with git first; git status says how.",
    )
    (top / ".git" / file).unlink()
    _tree(top).refuse_half_done()


def test_another_branch_is_nothing_half_done_but_is_not_the_draft(top: Path) -> None:
    git(top, "switch", "-q", "-c", "side")
    _tree(top).refuse_half_done()
    assert refusal(_tree(top).refuse_unfinished) == Refusal(
        "RuleBroken",
        "head-not-on-main",
        "the working tree is on side; the draft is what stands on main",
        "Go back to it with: git switch main",
    )
