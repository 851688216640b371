"""Comparing trees: which files differ and how, without reading more than that takes."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from compare.trees import TREES, Tree, UnreadFile, between, change_of, edited_trees, file
from gitagent.agent.compare import ChangeKind, Comparison, Counts, Note, NoteKind, compare
from gitagent.config.files import FileKind, MemoryFile

PARKING = "name: parking\nenabled: true\ncontent: |\n  Behind the house.\n  Free for guests.\n"


def kinds(comparison: Comparison) -> list[tuple[ChangeKind, str | None, str | None]]:
    return [(change.kind, change.old_path, change.new_path) for change in comparison.files]


def notes(old: str | bytes | MemoryFile, new: str | bytes | MemoryFile, *, path: str = "a.md") -> list[str]:
    return [note.text for note in change_of(old, new, path=path).notes]


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(TREES)
def test_a_tree_does_not_differ_from_itself(tree: Tree) -> None:
    same = compare(tree, dict(tree), old_label="v1", new_label="draft")

    assert not same
    assert same.files == ()
    assert same.counts == Counts(0, 0, 0, 0, 0, 0)
    assert same.summary == "no differences"


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_every_file_that_differs_is_told_once(pair: tuple[Tree, Tree]) -> None:
    old, new = pair
    changes = compare(old, new, old_label="v1", new_label="v2").files

    untouched = {
        path for path in old if path in new and (old[path].id, old[path].kind) == (new[path].id, new[path].kind)
    }
    assert sorted(change.old_path for change in changes if change.old_path) == sorted(set(old) - untouched)
    assert sorted(change.new_path for change in changes if change.new_path) == sorted(set(new) - untouched)
    assert [change.path for change in changes] == sorted(change.path for change in changes)
    for change in changes:
        assert change.notes or change.kind is not ChangeKind.MODIFIED or (change.lines and change.lines.hunks())


def test_files_are_added_deleted_and_modified() -> None:
    comparison = between({"a": "1\n", "b": "2\n", "same": "3\n"}, {"a": "1\n1\n", "c": "4\n5\n", "same": "3\n"})

    assert kinds(comparison) == [
        (ChangeKind.MODIFIED, "a", "a"),
        (ChangeKind.DELETED, "b", None),
        (ChangeKind.ADDED, None, "c"),
    ]
    assert comparison.counts == Counts(added=1, deleted=1, modified=1, renamed=0, lines_added=3, lines_removed=1)
    assert comparison.counts.files == 3


def test_files_with_the_same_id_are_never_read() -> None:
    old = {"same": UnreadFile(b"x" * 9), "mode": UnreadFile(b"y" * 9), "moved": UnreadFile(b"z" * 9)}
    new = {"same": old["same"], "mode": UnreadFile(b"y" * 9, FileKind.EXECUTABLE), "to": old["moved"]}

    comparison = compare(old, new, old_label="v1", new_label="v2")

    assert kinds(comparison) == [(ChangeKind.MODIFIED, "mode", "mode"), (ChangeKind.RENAMED, "moved", "to")]
    assert comparison.summary == "2 files: mode (now executable), moved → to"
    assert [change.keys for change in comparison.files] == [None, None]


def test_a_comparison_is_not_read_before_it_is_asked() -> None:
    comparison = compare(
        {"a": UnreadFile(b"1")}, {"a": UnreadFile(b"2"), "b": UnreadFile(b"3")}, old_label="", new_label=""
    )

    assert len(comparison.files) == 2


def test_a_file_with_the_same_content_is_renamed_to_where_its_name_is_the_same() -> None:
    old = {"a/x.md": "one\n", "b/y.md": "one\n"}
    new = {"c/y.md": "one\n", "d/z.md": "one\n", "e/more.md": "one\n"}

    assert kinds(between(old, new)) == [
        (ChangeKind.RENAMED, "b/y.md", "c/y.md"),
        (ChangeKind.RENAMED, "a/x.md", "d/z.md"),
        (ChangeKind.ADDED, None, "e/more.md"),
    ]


def test_a_very_similar_file_is_renamed_with_its_changes() -> None:
    (change,) = between({"parking.yaml": PARKING}, {"topics/park.yaml": PARKING + "extra: 1\n"}).files

    assert (change.kind, change.old_path, change.new_path) == (ChangeKind.RENAMED, "parking.yaml", "topics/park.yaml")
    assert change.notes == (Note(NoteKind.RENAMED, "renamed from parking.yaml"),)
    assert change.lines is not None
    assert (change.lines.added, change.lines.removed) == (1, 0)


def test_the_most_similar_files_are_paired_and_each_only_once() -> None:
    old = {"a": PARKING, "b": PARKING.replace("Free", "Dear")}
    new = {"c": PARKING + "x: 1\n", "d": PARKING.replace("Free", "Dear") + "y: 1\n", "e": PARKING + "z: 12345\n"}

    assert kinds(between(old, new)) == [
        (ChangeKind.RENAMED, "a", "c"),
        (ChangeKind.RENAMED, "b", "d"),
        (ChangeKind.ADDED, None, "e"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(file(""), file(""), id="empty files"),
        pytest.param(file("a\n"), file("b\n"), id="nothing alike"),
        pytest.param(file(" \n \n"), file(" \n \n \n"), id="blank lines alone"),
        pytest.param(file("a" * 300_000), file("a" * 300_001), id="too large to read for it"),
        pytest.param(file("target"), file("target", FileKind.LINK), id="a link and a file"),
        pytest.param(file("", FileKind.SUBMODULE), file("", FileKind.SUBMODULE), id="submodules"),
    ],
)
def test_unlike_files_are_not_renamed(old: MemoryFile, new: MemoryFile) -> None:
    assert kinds(between({"a": old}, {"b": new})) == [(ChangeKind.DELETED, "a", None), (ChangeKind.ADDED, None, "b")]


def test_very_many_files_are_only_renamed_by_their_ids() -> None:
    old = {f"a/{number}": UnreadFile(b"%d" % number) for number in range(40)}
    new = {f"b/{number}": UnreadFile(b"%d" % (number + 50)) for number in range(40)}

    comparison = compare(old, new, old_label="v1", new_label="v2")

    assert {change.kind for change in comparison.files} == {ChangeKind.ADDED, ChangeKind.DELETED}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"a\nb\n", b"a\r\nb\r\n", ["line endings LF → CRLF"]),
        (b"a\r\nb\n", b"a\r\nb\r\n", ["line endings mixed → CRLF"]),
        (b"a\nb", b"a\nb\n", ["line break at the end of the file added"]),
        (b"a\nb\n", b"a\nb", ["line break at the end of the file removed"]),
        (b"", b"a", []),
        (b"a\0", b"bb\0", ["binary, 2 → 3 bytes"]),
        (b"caf\xe9\n", b"cafe\n", ["not UTF-8; the bytes that are not are shown as \\xNN"]),
        (file("a"), file("a", FileKind.EXECUTABLE), ["now executable"]),
        (file("a", FileKind.EXECUTABLE), file("a"), ["no longer executable"]),
        (file("a\n"), file("b", FileKind.LINK), ["file → symbolic link"]),
        (file("a", FileKind.LINK), file("b", FileKind.LINK), []),
        (file("", FileKind.SUBMODULE), file("a\n"), ["submodule → file"]),
    ],
)
def test_notes_say_what_lines_do_not(old: bytes | MemoryFile, new: bytes | MemoryFile, expected: list[str]) -> None:
    assert notes(old, new) == expected


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (file("a\n"), []),
        (file("a", FileKind.LINK), ["symbolic link"]),
        (file("a", FileKind.EXECUTABLE), ["executable file"]),
        (file("", FileKind.SUBMODULE), ["submodule"]),
        (file(b"\0" * 2000), ["binary, 2,000 bytes"]),
    ],
)
def test_notes_say_what_a_new_file_is(new: MemoryFile, expected: list[str]) -> None:
    (added,) = between({}, {"a": new}).files
    (deleted,) = between({"a": new}, {}).files

    assert [note.text for note in added.notes] == expected
    assert [note.text for note in deleted.notes] == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a: 1 # one\n", "# top\na: 1\n", ["only comments and layout changed"]),
        ("a: 1\nb: 2\n", "b: 2\na: 1\n", ["only comments and layout changed"]),
        ("a: 1\n", "a: 1\r\n", ["line endings LF → CRLF"]),
        ("a: 1\n", "a: 2\n", []),
        ("a: [\n", "a: 2\n", ["compared by lines alone: "]),
        ("a: 1\n", file("b", FileKind.LINK), ["file → symbolic link", "compared by lines alone: a.yaml is not"]),
        ("a: 1\n", "a: \0\n", ["binary, 5 → 5 bytes", "compared by lines alone: a.yaml is binary"]),
    ],
)
def test_notes_say_how_a_configuration_changed(old: str, new: str | MemoryFile, expected: list[str]) -> None:
    found = notes(old, new, path="a.yaml")

    assert len(found) == len(expected)
    assert all(note.startswith(start) for note, start in zip(found, expected, strict=True))


def test_a_submodule_is_compared_by_its_commit() -> None:
    class Submodule(MemoryFile):
        id = "5" * 40

    change = change_of(Submodule(b"", FileKind.SUBMODULE), file("", FileKind.SUBMODULE))

    assert change.old_content == b"Subproject commit " + b"5" * 40 + b"\n"
