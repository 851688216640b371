"""Lines side by side: rows hold both texts whole, and line ends make no difference of their own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from compare.trees import texts
from gitagent.agent.compare.lines import Line, LineChanges, Row, RowKind, hunks, line_changes
from gitagent.agent.compare.matching import blocks
from gitagent.agent.compare.spans import Span
from gitagent.agent.compare.text import Endings, bare_lines, decode, is_binary, read_text


def changes(old: str, new: str) -> LineChanges:
    return line_changes(read_text(old.encode()), read_text(new.encode()))


def rows(old: str, new: str) -> list[Row]:
    found = changes(old, new)
    return [row for hunk in found.hunks() for row in found.rows(hunk.blocks)]


def pairs(old: str, new: str) -> list[tuple[str | None, str | None]]:
    return [(row.old.text if row.old else None, row.new.text if row.new else None) for row in rows(old, new)]


@settings(max_examples=150, deadline=None)
@given(texts(), texts())
def test_the_parts_hold_both_texts_whole(old: bytes, new: bytes) -> None:
    found = line_changes(read_text(old), read_text(new))

    every = [row for part in found.parts() for row in found.rows(part.blocks)]

    left = [row.old for row in every if row.old is not None]
    right = [row.new for row in every if row.new is not None]
    assert [line.text for line in left] == [decode(line) for line in found.old]
    assert [line.text for line in right] == [decode(line) for line in found.new]
    assert [line.number for line in left] == list(range(1, len(left) + 1))
    assert [line.number for line in right] == list(range(1, len(right) + 1))


@settings(max_examples=100, deadline=None)
@given(texts(), texts())
def test_rows_say_what_they_are(old: bytes, new: bytes) -> None:
    found = line_changes(read_text(old), read_text(new))
    for part in found.parts():
        for row in found.rows(part.blocks):
            if row.kind is RowKind.SAME:
                assert row.old is not None
                assert row.new is not None
                assert row.old.text == row.new.text
            assert (row.old is None) == (row.kind is RowKind.ADDED)
            assert (row.new is None) == (row.kind is RowKind.REMOVED)


@settings(max_examples=60, deadline=None)
@given(texts())
def test_a_text_does_not_differ_from_itself(text: bytes) -> None:
    found = line_changes(read_text(text), read_text(text))

    assert (found.added, found.removed, found.hunks()) == (0, 0, ())


def test_a_changed_line_stands_beside_what_it_became() -> None:
    assert rows("name: a\nspeed: 1.0\n", "name: a\nspeed: 1.2\n") == [
        Row(RowKind.SAME, Line(1, "name: a"), Line(1, "name: a")),
        Row(RowKind.CHANGED, Line(2, "speed: 1.0", (Span(7, 10),)), Line(2, "speed: 1.2", (Span(7, 10),))),
    ]


def test_lines_that_resemble_each_other_share_a_row_although_others_come_between() -> None:
    old = "voice speed is one\n"
    new = "something else\nvoice speed is two\nand more\n"

    assert pairs(old, new) == [
        (None, "something else"),
        ("voice speed is one", "voice speed is two"),
        (None, "and more"),
    ]


def test_lines_that_do_not_resemble_each_other_share_rows_in_order() -> None:
    assert pairs("aaaa\nbbbb\ncccc\n", "dddd\neeee\n") == [("aaaa", "dddd"), ("bbbb", "eeee"), ("cccc", None)]


def test_very_many_changed_lines_are_paired_in_order() -> None:
    old = "".join(f"old {number}\n" for number in range(60))
    new = "".join(f"new {number}\n" for number in range(60))

    assert pairs(old, new) == [(f"old {number}", f"new {number}") for number in range(60)]


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\r\nb\r\n", "a\nb\n"), ("a\nb", "a\nb\n"), ("a\r\nb", "a\nb\n"), ("a\r\n", "a")],
)
def test_line_ends_alone_are_no_change(old: str, new: str) -> None:
    assert changes(old, new).hunks() == ()


def test_where_line_ends_are_mixed_the_carriage_return_is_part_of_the_line() -> None:
    assert pairs("a\r\nb\r\n", "a\r\nb\n") == [("a\r", "a\r"), ("b\r", "b")]


def test_hunks_keep_three_lines_around_and_join_when_they_touch() -> None:
    old = "".join(f"{number}\n" for number in range(1, 41))
    new = old.replace("10\n", "ten\n").replace("17\n", "seventeen\n").replace("30\n", "")

    found = changes(old, new).hunks()

    assert [(hunk.old_start, hunk.old_end, hunk.new_start, hunk.new_end) for hunk in found] == [
        (6, 20, 6, 20),
        (26, 33, 26, 32),
    ]


def test_a_single_unchanged_line_is_shown_rather_than_folded() -> None:
    old = "".join(f"{number}\n" for number in range(1, 21))

    found = changes(old, old.replace("5\n", "five\n", 1)).parts()

    assert [(part.is_shown, part.length) for part in found] == [(True, 1), (True, 7), (False, 12)]


def test_no_context_leaves_the_changes_alone() -> None:
    (hunk,) = hunks(blocks("abc", "axc"), context=0)

    assert (hunk.old_start, hunk.old_end, [block.same for block in hunk.blocks]) == (1, 2, [False])


@pytest.mark.parametrize(
    ("content", "lines", "endings", "ended"),
    [
        (b"", (), Endings.NONE, True),
        (b"a", (b"a",), Endings.NONE, False),
        (b"a\n", (b"a\n",), Endings.LF, True),
        (b"a\r\nb", (b"a\r\n", b"b"), Endings.CRLF, False),
        (b"a\r\nb\n", (b"a\r\n", b"b\n"), Endings.MIXED, True),
        (b"a\rb\x0cc\n", (b"a\rb\x0cc\n",), Endings.LF, True),
    ],
)
def test_a_text_is_split_at_line_feeds_alone(
    content: bytes, lines: tuple[bytes, ...], endings: Endings, ended: bool
) -> None:
    text = read_text(content)

    assert (text.lines, text.endings, text.is_ended) == (lines, endings, ended)


def test_bare_lines_keep_what_is_no_line_end() -> None:
    text = read_text(b"a\r\nb\nc\r")

    assert bare_lines(text, keep_returns=True) == [b"a\r", b"b", b"c\r"]
    assert bare_lines(text, keep_returns=False) == [b"a", b"b", b"c\r"]


def test_a_nul_makes_a_content_binary_and_bad_utf_8_does_not() -> None:
    assert is_binary(b"a\0b")
    assert not is_binary(b"\xff\xfe")
    assert decode(b"\xff") == "\udcff"
    assert not read_text(b"ok\n\xff\n").is_utf8
