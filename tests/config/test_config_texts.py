"""Texts: bytes as UTF-8, or the place where they are something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.checking import lines

from gitagent.config.texts import LARGEST, conflict, decode, too_large


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_utf_8_is_read(text: str) -> None:
    assert decode(text.encode(), "a") == (text.removeprefix("\ufeff"), None)


def test_one_byte_order_mark_is_left_out() -> None:
    assert decode(b"\xef\xbb\xbf\xef\xbb\xbfa", "a") == ("\ufeffa", None)
    assert decode(b"\xef\xbb\xbf", "a") == ("", None)


@pytest.mark.parametrize(
    ("data", "place", "byte"),
    [
        (b"\xff", "1:1", "ff"),
        (b"abc\x80", "1:4", "80"),
        (b"a\nb\r\nc\xe9d", "3:2", "e9"),
        ("é€".encode() + b"\xc3", "1:3", "c3"),
        (b"\xef\xbb\xbfa\xff", "1:2", "ff"),
        (b"\xed\xa0\x80", "1:1", "ed"),
        (b"\xc0\x80", "1:1", "c0"),
    ],
)
def test_the_first_byte_that_is_not_utf_8_is_told(data: bytes, place: str, byte: str) -> None:
    text, problem = decode(data, "a.md")

    assert text == ""
    assert problem is not None
    assert lines([problem]) == [f"a.md:{place}: not-utf-8: the byte 0x{byte} is not UTF-8 -> Save the file in UTF-8."]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_name(encoding: str) -> None:
    data = "name: A\n".encode(encoding)
    marks = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}

    _, problem = decode(marks.get(encoding, b"") + data, "a.yaml")

    assert problem is not None
    assert lines([problem]) == ["a.yaml:1:1: not-utf-8: the file is in UTF-16 -> Save it in UTF-8."]


@given(st.binary(max_size=60))
def test_any_bytes_have_a_text_or_a_problem(data: bytes) -> None:
    text, problem = decode(data, "a")

    assert (problem is None) or text == ""
    assert problem is None or (problem.line >= 1 and problem.column >= 1)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("<<<<<<< HEAD\na\n=======\nb\n>>>>>>> other\n", (1, 1)),
        ("a\n\n<<<<<<< Updated upstream\n", (3, 1)),
    ],
)
def test_an_unfinished_merge_is_told(text: str, place: tuple[int, int]) -> None:
    problem = conflict(text, "a")

    assert problem is not None
    assert (problem.code, problem.line, problem.column) == ("merge-conflict", *place)


@pytest.mark.parametrize("text", ["", "a <<<<<<< b", " <<<<<<< b", "<<<<<<<", "<<<<<<<< b", "======="])
def test_what_only_looks_like_a_merge_is_let_be(text: str) -> None:
    assert conflict(text, "a") is None


def test_the_size_of_what_is_too_large_is_told() -> None:
    assert LARGEST == 1_048_576
    assert lines([too_large("a.yaml", 50 * LARGEST)]) == [
        "a.yaml: too-large: 50.0 MiB; a configuration file has at most 1 MiB"
        " -> Move data that the agent does not need out of its configuration."
    ]
