"""Marks: both sides of a conflict, written into a file and found in it again."""

from __future__ import annotations

import pytest

from gitagent.config.merging.marks import Marked, has_conflict_markers, marked, marked_conflicts
from gitagent.config.merging.pieces import Fork, side, with_marks

LABELS = ("your draft", "v8")


def test_both_sides_stand_between_marks_in_whole_lines() -> None:
    assert marked("a: 1", "a: 2\n", LABELS) == "<<<<<<< your draft\na: 1\n=======\na: 2\n>>>>>>> v8\n"


def test_marks_are_found_with_their_lines() -> None:
    content = "one\n" + marked("a\n", "", LABELS) + "two\r\n" + marked("c\n", "d\n", LABELS).replace("\n", "\r\n")
    assert marked_conflicts(content.encode()) == (Marked(2, 4, 5), Marked(7, 9, 11))
    assert has_conflict_markers(content.encode())


def test_marks_with_the_base_between_are_found() -> None:
    assert marked_conflicts(b"<<<<<<< a\n1\n||||||| base\n0\n=======\n2\n>>>>>>> b\n") == (Marked(1, 5, 7),)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"a: 1\n",
        b"Title\n=======\ntext\n",
        b"<<<<<<< a\n=======\n",
        b"=======\n>>>>>>> b\n",
        b"<<<<<<< a\n>>>>>>> b\n=======\n",
        b" <<<<<<< a\n =======\n >>>>>>> b\n",
        b"<<<<<<<< a\n========\n>>>>>>>> b\n",
        b"\xff\xfe\x00<<<<<<<",
    ],
)
def test_anything_else_is_no_mark(content: bytes) -> None:
    assert not has_conflict_markers(content)


def test_a_side_is_the_text_with_every_conflict_decided() -> None:
    pieces = ("a\n", Fork("b\n", "c\n"), "d\n")
    assert (side(pieces, ours=True), side(pieces, ours=False)) == ("a\nb\nd\n", "a\nc\nd\n")


def test_a_conflict_inside_a_line_marks_the_line() -> None:
    pieces = ('{\n  "a": ', Fork("1", "2"), ',\n  "b": 3\n}\n')
    assert with_marks(pieces, LABELS) == "{\n" + marked('  "a": 1,\n', '  "a": 2,\n', LABELS) + '  "b": 3\n}\n'


def test_two_conflicts_in_a_line_are_one() -> None:
    pieces = ("x: [", Fork("1", "2"), ", ", Fork("3", "4"), "]\ny: 1\n")
    assert with_marks(pieces, LABELS) == marked("x: [1, 3]\n", "x: [2, 4]\n", LABELS) + "y: 1\n"


def test_two_conflicts_in_neighbouring_lines_stay_two() -> None:
    pieces = (Fork("a\n", "b\n"), Fork("c\n", "d\n"), "e\n")
    assert with_marks(pieces, LABELS) == marked("a\n", "b\n", LABELS) + marked("c\n", "d\n", LABELS) + "e\n"


def test_what_one_side_deleted_is_an_empty_side() -> None:
    assert with_marks(("a\n", Fork("", "b\n")), LABELS) == "a\n" + marked("", "b\n", LABELS)


def test_a_conflict_at_the_end_of_a_text_without_a_line_end_has_whole_lines() -> None:
    assert with_marks(("a: ", Fork("1", "2")), LABELS) == marked("a: 1", "a: 2", LABELS)


def test_sides_that_say_the_same_are_no_conflict() -> None:
    assert with_marks(("a: ", Fork("1", "1"), "\n"), LABELS) == "a: 1\n"


def test_a_line_that_only_one_side_ends_is_marked_to_its_end() -> None:
    pieces = (Fork("a\n", "b"), "c", "d\ne\n")
    assert with_marks(pieces, LABELS) == marked("a\ncd\n", "bcd\n", LABELS) + "e\n"
