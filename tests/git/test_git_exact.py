"""Exactness held against git itself: differences as git finds them, and histories drawn at random."""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path

import pytest
from pygit2.enums import ObjectType
from support.building import ADA, START, git
from support.refusing import refusal

from gitagent.git.exact import Trees, is_plain
from gitagent.git.merging import merge_text
from gitagent.git.repository import Repository

PATHS = ["a", "a-b", "a.b", "b/a", "b/c/d", "b-c", "b.c/d", "é", "z/y/x/w", "0"]


@pytest.fixture
def trees(tmp_path: Path) -> Trees:
    return Trees(Repository.create(tmp_path))


def written(trees: Trees, files: dict[str, bytes]) -> str:
    repository = trees.repository
    return repository.write_tree(None, repository.changed_blobs(None, files))


def made(trees: Trees, *entries: tuple[str, bytes, str]) -> str:
    """A tree of any entries, whether git would make such a one or not: mode, name and id."""
    content = b"".join(b"%b %b\0%b" % (mode.encode(), name, bytes.fromhex(id_)) for mode, name, id_ in entries)
    return str(trees.repository.raw.write(ObjectType.TREE, content))


def differing_by_git(trees: Trees, old: str, new: str) -> list[str]:
    command = ["git", "-C", os.fspath(trees.repository.top), "diff-tree", "-r", "-z", "--name-only", old, new]
    done = subprocess.run(command, capture_output=True, check=True)
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]


@pytest.mark.parametrize("seed", range(8))
def test_trees_drawn_at_random_differ_where_git_says_so(trees: Trees, seed: int) -> None:
    draw = random.Random(seed)
    one, other = ({path: b"%d" % draw.randrange(3) for path in draw.sample(PATHS, 6)} for _ in range(2))
    old, new = written(trees, one), written(trees, other)
    assert sorted(trees.differing(old, new)) == sorted(differing_by_git(trees, old, new))
    assert sorted(trees.differing(new, old)) == sorted(trees.differing(old, new))


def objects(trees: Trees, tree: str) -> set[str]:
    """The files and folders of a tree, as git lists them."""
    return set(git(trees.repository.top, "ls-tree", "-r", "-t", "--format=%(objectname)", tree).split())


@pytest.mark.parametrize("seed", range(8))
def test_a_history_drawn_at_random_has_the_ids_that_writing_it_has(trees: Trees, seed: int) -> None:
    draw = random.Random(seed)
    files: dict[str, bytes] = {}
    tree = written(trees, files)
    for _ in range(4):
        more = {path: b"%d" % draw.randrange(3) for path in draw.sample(PATHS, 3)}
        before, changed = objects(trees, tree), trees.with_files(tree, more)
        files |= more
        tree = written(trees, files)
        after = objects(trees, tree)
        assert changed.id == tree
        assert after - before <= set(changed.new) <= after, "all that is new is told, and nothing that is not there"


def test_a_file_where_a_folder_was_differs_in_both(trees: Trees) -> None:
    file, folder = written(trees, {"a": b"x", "b": b""}), written(trees, {"a/x": b"x", "a/y/z": b"", "b": b""})
    assert list(trees.differing(file, folder)) == ["a", "a/x", "a/y/z"]
    assert list(trees.differing(folder, file)) == ["a", "a/x", "a/y/z"]
    assert list(trees.differing(folder, None)) == ["a/x", "a/y/z", "b"]
    assert list(trees.differing(None, None)) == []


def test_what_kind_of_thing_stands_at_a_path_is_part_of_it(trees: Trees) -> None:
    blob = trees.repository.write_blob(b"x")
    kinds = [made(trees, (mode, b"a", blob)) for mode in ("100644", "100755", "120000", "160000", "100664")]
    for other in kinds[1:]:
        assert list(trees.differing(kinds[0], other)) == ["a"]


def test_setting_a_file_makes_an_ordinary_one_of_it(trees: Trees) -> None:
    blob = trees.repository.write_blob(b"x")
    executable = made(trees, ("100755", b"a", blob))
    assert trees.with_files(executable, {"a": b"x"}) == (written(trees, {"a": b"x"}), (blob,))
    assert trees.with_files(written(trees, {"a": b"x"}), {"a": b"x"}).new == ()


def test_names_that_are_not_utf_8_are_told_as_the_file_system_tells_them(trees: Trees) -> None:
    blob = trees.repository.write_blob(b"x")
    inner = made(trees, ("100644", b"caf\xe9", blob))
    outer = made(trees, ("40000", b"\xff", inner))
    assert [os.fsencode(path) for path in trees.differing(None, outer)] == [b"\xff/caf\xe9"]
    assert list(trees.differing(None, outer)) == differing_by_git(trees, written(trees, {}), outer)


def test_the_same_folders_need_not_be_there_to_be_the_same(trees: Trees) -> None:
    gone = "1" * 40
    blob = trees.repository.write_blob(b"x")
    one, two = made(trees, ("40000", b"a", gone)), made(trees, ("40000", b"a", gone), ("100644", b"b", blob))
    assert list(trees.differing(one, two)) == ["b"]
    assert trees.with_files(one, {"b": b"x"}).id == two
    assert refusal(lambda: trees.with_files(one, {"a/c": b""})).code == "object-missing"
    assert list(trees.missing(two, set())) == [gone]


def test_what_was_looked_at_before_is_not_missed_again(trees: Trees) -> None:
    gone = ["1" * 40, "2" * 40]
    tree = made(trees, ("100644", b"a", gone[0]), ("100644", b"b", gone[0]), ("100644", b"c", gone[1]))
    assert list(trees.missing(tree, set())) == gone
    seen = {gone[0]}
    assert list(trees.missing(tree, seen)) == [gone[1]]
    assert seen == {tree, *gone}
    assert list(trees.missing("3" * 40, set())) == ["3" * 40]


@pytest.mark.parametrize("length", [1, 6, 7, 9, 10, 28])
def test_a_tree_that_was_cut_off_anywhere_is_no_tree(trees: Trees, length: int) -> None:
    whole = b"100644 a\0" + b"\1" * 20
    assert 0 < length < len(whole)
    id_ = str(trees.repository.raw.write(ObjectType.TREE, whole + whole[:length].replace(b" a", b" b")))
    failed = refusal(lambda: trees.with_files(id_, {"c": b""}))
    assert failed.message == f"object {id_} is not a tree"
    assert list(trees.missing(id_, set())) == [id_]


def test_an_id_that_is_none_is_missing(trees: Trees) -> None:
    failed = refusal(lambda: trees.with_files("no id", {"a": b""}))
    assert failed.message == "object no id is missing from the repository"


def test_a_merge_of_one_person_is_plain_and_its_parents_count_in_their_order(trees: Trees) -> None:
    repository = trees.repository
    tree = written(trees, {"a": b""})

    def commit(*parents: str, message: str) -> str:
        return repository.write_commit(tree=tree, parents=parents, message=message, actor=ADA, at=START)

    one, two = commit(message="one\n"), commit(message="two\n")
    merge = repository.commit(commit(one, two, message="gpgsig in the message\n"))
    assert is_plain(repository, merge)
    for parents in [(two, one), (one,), (one, two, one)]:
        assert not is_plain(repository, merge._replace(parents=parents))
    assert not is_plain(repository, merge._replace(tree="1" * 40))
    assert refusal(lambda: is_plain(repository, merge._replace(id=tree))).message == f"object {tree} is not a commit"


def test_what_somebody_else_committed_is_not_plain(trees: Trees, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = trees.repository
    monkeypatch.setenv("GIT_COMMITTER_NAME", "Grace Hopper")
    git(repository.top, "commit", "-q", "--allow-empty", "-m", "hers")
    assert not is_plain(repository, repository.commit(repository.ref("HEAD") or ""))


@pytest.mark.parametrize(
    ("base", "ours", "theirs", "merged"),
    [
        (b"", b"", b"", b""),
        (b"a\n", b"a\n", b"", b""),
        (b"", b"a\n", b"a\n", b"a\n"),
        (b"a\r\nb\r\nc\r\n", b"1\r\nb\r\nc\r\n", b"a\r\nb\r\n3\r\n", b"1\r\nb\r\n3\r\n"),
        (b"a\nb\nc", b"a\nb\nc\n", b"1\nb\nc", b"1\nb\nc\n"),
        (b"\xe9\nb\nc\n", b"\xe9\nb\n3\n", b"\xe8\nb\nc\n", b"\xe8\nb\n3\n"),
    ],
)
def test_line_ends_and_bytes_come_through_a_merge(base: bytes, ours: bytes, theirs: bytes, merged: bytes) -> None:
    assert merge_text(base, ours, theirs, ("ours", "theirs")) == (merged, True)


def test_labels_that_look_like_options_are_labels() -> None:
    content, is_clean = merge_text(b"a\n", b"b\n", b"c\n", ("--theirs", "-q"))
    assert (content, is_clean) == (b"<<<<<<< --theirs\nb\n=======\nc\n>>>>>>> -q\n", False)
