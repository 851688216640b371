"""Exactness: tree ids as git makes them, differences, missing objects, and plain commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.building import git

from gitagent.errors import ObjectMissing
from gitagent.git.exact import Trees, is_plain, tree_id
from gitagent.git.repository import Repository

FILES = {"state.yaml": b"1\n", "versions/0/v1.yaml": b"v1\n", "versions/0/v10.yaml": b"", "versions-old": b"x"}


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    return Trees(Repository.create(tmp_path))


def written(trees: Trees, files: dict[str, bytes]) -> str:
    """The tree as libgit2 writes it."""
    repository = trees.repository
    return repository.write_tree(None, repository.changed_blobs(None, files))


def plumbing(folder: Path, *arguments: str, given: bytes = b"") -> str:
    done = subprocess.run(["git", "-C", folder, *arguments], input=given, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_the_id_of_a_new_tree_is_gits(trees: Trees) -> None:
    changed = trees.with_files(None, FILES)
    assert not trees.repository.has(changed.id), "nothing is written"
    assert changed.id == written(trees, FILES)
    assert all(trees.repository.has(id_) for id_ in changed.new)
    assert len(changed.new) == len(FILES) + 2


def test_the_id_of_the_tree_of_some_files_is_gits_whatever_they_are(trees: Trees, tmp_path: Path) -> None:
    blob = trees.repository.write_blob(b"x")
    paths = ["a", "a-b", "a/b", "a.c", "ab/c/d", "é/ü", "\udcff/\udcfe"]
    entries = {path: (0o100644, blob) for path in paths if path != "a"}
    entries |= {"run": (0o100755, blob), "link": (0o120000, blob)}
    for path, (mode, id_) in entries.items():
        name = path.encode(errors="surrogateescape")
        plumbing(tmp_path, "update-index", "-z", "--index-info", given=b"%o %b\t%b\0" % (mode, id_.encode(), name))
    assert tree_id(entries) == plumbing(tmp_path, "write-tree")
    assert tree_id({}) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


@pytest.mark.parametrize(
    "more",
    [
        {"state.yaml": b"2\n"},
        {"versions/1/v100.yaml": b"v100\n"},
        {"versions/0/v1.yaml": b"again\n", "access.yaml": b"{}\n"},
        {"versions": b"a file where a folder was"},
        {"versions-old/is": b"a folder where a file was"},
        {"état.yaml": b"unicode"},
    ],
)
def test_the_id_of_a_changed_tree_is_gits(trees: Trees, more: dict[str, bytes]) -> None:
    base = written(trees, FILES)
    kept = {path: content for path, content in FILES.items() if not any(_clash(path, new) for new in more)}
    fresh = Trees(trees.repository)
    assert fresh.with_files(base, more).id == trees.with_files(base, more).id == written(trees, {**kept, **more})


def _clash(one: str, other: str) -> bool:
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")


def test_only_what_is_new_is_told_to_be_new(trees: Trees) -> None:
    base = written(trees, FILES)
    assert trees.with_files(base, FILES) == (base, ())
    assert len(trees.with_files(base, {"versions/0/v1.yaml": b"other"}).new) == 3, "the blob and two folders"


def test_a_tree_of_its_own_making_can_be_changed_further_without_being_written(trees: Trees) -> None:
    first = trees.with_files(None, {"a/b": b"1"})
    assert trees.with_files(first.id, {"a/c": b"2"}).id == written(trees, {"a/b": b"1", "a/c": b"2"})


def test_many_trees_are_not_all_kept(trees: Trees) -> None:
    tree = written(trees, {"a": b"0"})
    for number in range(1100):
        trees.with_files(tree, {"a": b"%d" % number})
    assert trees.with_files(tree, {"b": b"1"}).id == written(trees, {"a": b"0", "b": b"1"})


def test_the_paths_that_differ_are_found_whatever_differs(trees: Trees, tmp_path: Path) -> None:
    base = written(trees, FILES)
    blob = trees.repository.write_blob(b"1\n")
    executable = plumbing(tmp_path, "mktree", given=f"100755 blob {blob}\tstate.yaml\n".encode())
    other = written(trees, {**FILES, "versions/0/v10.yaml": b"more", "versions/1/v100.yaml": b"", "versions-old": b""})
    assert list(trees.differing(base, base)) == []
    assert list(trees.differing(base, other)) == ["versions-old", "versions/0/v10.yaml", "versions/1/v100.yaml"]
    assert list(trees.differing(None, base)) == sorted(FILES)
    assert list(trees.differing(written(trees, {"state.yaml": b"1\n"}), executable)) == ["state.yaml"]


def test_objects_that_are_missing_are_found_once(trees: Trees, tmp_path: Path) -> None:
    files = {"a/one": b"one", "a/two": b"two", "b/three": b"three", "same": b"one"}
    tree = written(trees, files)
    seen: set[str] = set()
    assert list(trees.missing(tree, seen)) == []
    assert list(trees.missing(tree, seen)) == []
    gone = [trees.repository.entry(tree, path) or "" for path in ("a/one", "b")]
    for id_ in gone:
        (tmp_path / ".git/objects" / id_[:2] / id_[2:]).unlink()
    fresh = Trees(Repository.discover(tmp_path))
    assert sorted(fresh.missing(tree, set())) == sorted(gone)


def test_a_submodules_commit_is_not_missing(trees: Trees, tmp_path: Path) -> None:
    tree = plumbing(tmp_path, "mktree", "--missing", given=f"160000 commit {'1' * 40}\tmodule\n".encode())
    assert list(trees.missing(tree, set())) == []


def test_what_is_no_tree_cannot_be_changed(trees: Trees, tmp_path: Path) -> None:
    blob = trees.repository.write_blob(b"no tree")
    broken = plumbing(tmp_path, "hash-object", "-t", "tree", "--literally", "-w", "--stdin", given=b"100644 cut")
    for id_, message in (
        (blob, f"object {blob} is not a tree"),
        ("1" * 40, f"object {'1' * 40} is missing from the repository"),
        (broken, f"object {broken} is not a tree"),
    ):
        with pytest.raises(ObjectMissing) as caught:
            trees.with_files(id_, {"a": b""})
        assert caught.value.message == message


HEAD = "tree {tree}\nauthor A <a@b> 1772442120 +0000\ncommitter A <a@b> 1772442120 +0000\n"
SIGNATURE = "gpgsig -----BEGIN SSH SIGNATURE-----\n U1NIU0lH\n -----END SSH SIGNATURE-----\n"


@pytest.mark.parametrize(
    ("head", "plain"),
    [
        (HEAD, True),
        (HEAD + SIGNATURE, True),
        (HEAD.replace("author A", "author B"), False),
        (HEAD.replace("author A <a@b> 17", "author A <a@b> 16"), False),
        (HEAD + "encoding latin-1\n", False),
        (HEAD + "note to myself\n", False),
        (HEAD + SIGNATURE + "note to myself\n", False),
        (HEAD + SIGNATURE + SIGNATURE, False),
        (HEAD + "gpgsig me\n", False),
        (HEAD + SIGNATURE.replace("gpgsig", "gpgsig-sha256"), False),
        (HEAD.replace("author", "parent {tree}\nauthor"), None),
    ],
)
def test_a_plain_commit_says_who_made_it_and_no_more(
    trees: Trees, tmp_path: Path, head: str, plain: bool | None
) -> None:
    content = head.format(tree=written(trees, FILES)) + "\nsubject\n\nauthor X <x@y> 1 +0000\n"
    id_ = plumbing(tmp_path, "hash-object", "-t", "commit", "--literally", "-w", "--stdin", given=content.encode())
    found = trees.repository.commit(id_)
    assert is_plain(trees.repository, found) is (True if plain is None else plain)
    assert not is_plain(trees.repository, found._replace(parents=("1" * 40,)))


def test_commits_that_git_makes_are_plain(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "one")
    git(tmp_path, "commit", "-q", "--allow-empty", "-m", "two")
    repository = Repository.discover(tmp_path)
    assert is_plain(repository, repository.commit(git(tmp_path, "rev-parse", "HEAD").strip()))
