"""Merging one file: texts by line, and what is no text at all."""

from __future__ import annotations

import pytest

from gitagent.config.merging import Conflict, ConflictKind, MergedFile, merge
from gitagent.config.merging.marks import marked
from gitagent.git.merging import merge_text

LABELS = ("your draft", "v8")
PROMPT = b"# Rules\n\nBe kind.\nBe brief.\nBe exact.\n\nNever guess.\n"


def merged(base: bytes | None, ours: bytes | None, theirs: bytes | None, path: str = "prompt.md") -> MergedFile:
    return merge(base, ours, theirs, path=path, labels=LABELS, merge_text=merge_text)


def both(ours: str, theirs: str) -> bytes:
    return marked(ours, theirs, LABELS).encode()


@pytest.mark.parametrize("path", ["prompt.md", "agent.yaml", "data.json", "logo.png"])
@pytest.mark.parametrize("base", [b"a: 1\n", b"", b"\x00\xff", b"\xff\r\n", None])
@pytest.mark.parametrize("other", [b"a: 2", b"", b"\x00", b"[\xfe", None])
def test_against_an_unchanged_side_the_other_one_wins(path: str, base: bytes | None, other: bytes | None) -> None:
    assert merged(base, other, base, path) == MergedFile(other)
    assert merged(base, base, other, path) == MergedFile(other)
    assert merged(base, other, other, path) == MergedFile(other)


def test_a_text_is_merged_by_line() -> None:
    ours, theirs = PROMPT.replace(b"Rules", b"Our rules"), PROMPT.replace(b"guess", b"lie")
    assert merged(PROMPT, ours, theirs) == MergedFile(ours.replace(b"guess", b"lie"))


def test_changes_of_neighbouring_lines_are_both_taken() -> None:
    ours, theirs = PROMPT.replace(b"kind", b"nice"), PROMPT.replace(b"brief", b"short")
    assert merged(PROMPT, ours, theirs) == MergedFile(ours.replace(b"brief", b"short"))


def test_lines_that_both_changed_are_marked() -> None:
    ours = PROMPT.replace(b"brief", b"short")
    theirs = PROMPT.replace(b"brief", b"quick").replace(b"guess", b"lie")
    said = (each.decode() for each in (PROMPT, ours, theirs))
    content = PROMPT.replace(b"Be brief.\n", both("Be short.\n", "Be quick.\n")).replace(b"guess", b"lie")
    assert merged(PROMPT, ours, theirs) == MergedFile(
        content, (Conflict("prompt.md", ConflictKind.LINES, None, *said),)
    )


def test_line_ends_of_windows_are_kept() -> None:
    ours, theirs = PROMPT.replace(b"kind", b"nice"), PROMPT.replace(b"guess", b"lie")
    expected = ours.replace(b"guess", b"lie").replace(b"\n", b"\r\n")
    windows = [each.replace(b"\n", b"\r\n") for each in (PROMPT, ours, theirs)]
    assert merged(windows[0], windows[1], windows[2]) == MergedFile(expected)
    assert merged(windows[0], windows[1], theirs) == MergedFile(expected.replace(b"\r\n", b"\n"))
    assert merged(PROMPT, windows[1], theirs) == MergedFile(expected)
    conflict = merged(windows[0], windows[0].replace(b"kind", b"1"), windows[0].replace(b"kind", b"2")).content
    assert conflict is not None
    assert conflict.count(b"\r\n") == conflict.count(b"\n")


def test_mixed_line_ends_are_left_alone() -> None:
    base = b"a\r\nb\nc\nd\ne\nf\n"
    assert merged(base, base.replace(b"a", b"A"), base.replace(b"f", b"F")) == MergedFile(b"A\r\nb\nc\nd\ne\nF\n")


def test_a_text_that_is_not_utf_8_is_merged_by_line_byte_for_byte() -> None:
    base = b"caf\xe9\n1\n2\n3\n4\nna\xefve\n"
    ours, theirs = base.replace(b"caf", b"Caf"), base.replace(b"ve\n", b"f\n")
    assert merged(base, ours, theirs) == MergedFile(ours.replace(b"ve\n", b"f\n"))
    assert merged(base, base.replace(b"1", b"x\xe9"), base.replace(b"2", b"y\xe9"), "a.yaml") == MergedFile(
        base.replace(b"1", b"x\xe9").replace(b"2", b"y\xe9")
    )


def test_a_large_file_of_data_is_merged_by_line() -> None:
    base = b"".join(b"key_%d: %d\n" % (number, number) for number in range(120_000))
    ours, theirs = base.replace(b"key_7:", b"ours:"), base.replace(b"key_99999:", b"theirs:")
    assert merged(base, ours, theirs, "data.yaml") == MergedFile(ours.replace(b"key_99999:", b"theirs:"))


@pytest.mark.parametrize("path", ["prompt.md", "topics/hours.yaml", "data.json"])
def test_a_text_deleted_here_and_edited_there_is_marked_as_a_whole(path: str) -> None:
    assert merged(b"a\n", None, b"b\xe9\n", path) == MergedFile(
        b"<<<<<<< your draft\n=======\nb\xe9\n>>>>>>> v8\n",
        (Conflict(path, ConflictKind.DELETED, None, "a\n", None, "b\ufffd\n"),),
    )
    assert merged(b"a\n", b"c", None, path) == MergedFile(
        both("c\n", ""), (Conflict(path, ConflictKind.DELETED, None, "a\n", "c", None),)
    )


def test_texts_that_both_added_are_marked_where_they_differ() -> None:
    result = merged(None, b"one\ntwo\n", b"one\n2\n")
    assert result.content == b"one\n" + both("two\n", "2\n")
    assert [each.kind for each in result.conflicts] == [ConflictKind.LINES]


def test_of_two_binary_files_ours_stays_and_theirs_goes_beside_it() -> None:
    conflict = Conflict("logo.png", ConflictKind.BINARY)
    assert merged(b"\0a", b"\0b", b"\0c", "logo.png") == MergedFile(b"\0b", (conflict,), b"\0c")
    assert merged(None, b"text", b"\0c", "logo.png") == MergedFile(b"text", (conflict,), b"\0c")


def test_a_binary_file_deleted_on_one_side_is_lost_on_none() -> None:
    conflict = Conflict("logo.png", ConflictKind.DELETED)
    assert merged(b"\0a", None, b"\0c", "logo.png") == MergedFile(None, (conflict,), b"\0c")
    assert merged(b"\0a", b"\0b", None, "logo.png") == MergedFile(b"\0b", (conflict,), b"logo.png is not in v8.\n")


def test_lines_that_merge_into_what_cannot_be_read_are_a_conflict_of_the_whole_file() -> None:
    base = "a: &a 1\nb: 1\nc: 1\nd: 1\ne: 1\n"
    ours, theirs = base.replace("a: &a 1\n", ""), base.replace("e: 1", "e: *a")
    assert merged(base.encode(), ours.encode(), theirs.encode(), "a.yaml") == MergedFile(
        both(ours, theirs), (Conflict("a.yaml", ConflictKind.LINES, None, base, ours, theirs),)
    )


def test_lines_of_what_could_not_be_read_before_need_not_be_read_after() -> None:
    base = b"a: [\n1\n2\n3\n4\n5\n"
    assert merged(base, base.replace(b"1", b"x"), base.replace(b"5", b"y"), "a.yaml").is_clean
