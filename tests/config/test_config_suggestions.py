"""Suggestions: what was probably meant, and texts made fit for a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.config.suggestions import did_you_mean, shortened

KEYS = ["name", "description", "sip_headers", "Opening hours", "book_table"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("nmae", "name"),
        ("Name", "name"),
        ("NAME", "name"),
        ("desciption", "description"),
        ("sip_header", "sip_headers"),
        ("sipheaders", "sip_headers"),
        ("opening hour", "Opening hours"),
        ("hours", "Opening hours"),
        ("table", "book_table"),
    ],
)
def test_what_is_close_is_suggested_as_it_is_written(word: str, meant: str) -> None:
    assert did_you_mean(word, KEYS) == f"Did you mean '{meant}'?"


@pytest.mark.parametrize("word", ["", "x", "zzz", "qwertz", "no", "number", "n" * 61])
def test_nothing_is_suggested_where_nothing_is_close(word: str) -> None:
    assert did_you_mean(word, KEYS) is None


def test_nothing_is_suggested_from_nothing() -> None:
    assert did_you_mean("name", []) is None
    assert did_you_mean("name", ["name" * 20]) is None


def test_a_short_text_stays_as_it_is() -> None:
    assert shortened("a short text") == "a short text"
    assert shortened("x" * 60) == "x" * 60


def test_a_long_text_is_cut() -> None:
    assert shortened("x" * 61) == "x" * 59 + "…"
    assert shortened("abcdef", 4) == "abc…"


def test_what_would_break_a_line_or_a_terminal_is_replaced() -> None:
    assert (
        shortened("a\nb\x1b[31m\u202e")
        == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}[31m\N{REPLACEMENT CHARACTER}"
    )


@given(st.text())
def test_any_text_becomes_one_printable_line(text: str) -> None:
    short = shortened(text)

    assert short.isprintable()
    assert len(short) <= 60
