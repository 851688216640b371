"""Rows in aligned columns."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitagent.cli.screen import Screen
from gitagent.cli.tables import Cell, pairs, table

PIPE = Screen()
ROWS = [
    ("v12", "live", "Autumn menu with pumpkin", "Ada", "2026-03-02"),
    ("v9", "", "Menü", "Grace Hopper", "2026-03-01"),
]


def lines(width: int, *, gives: int | None = 2) -> list[str]:
    return list(table(ROWS, Screen(width=width, terminal=True), gives=gives))


def test_columns_are_aligned_and_lines_end_without_spaces() -> None:
    assert list(table(ROWS, PIPE)) == [
        "v12  live  Autumn menu with pumpkin  Ada           2026-03-02",
        "v9         Menü                      Grace Hopper  2026-03-01",
    ]


def test_a_pipe_cuts_nothing_however_narrow() -> None:
    assert list(table(ROWS, Screen(width=20))) == list(table(ROWS, PIPE))


def test_the_column_that_gives_way_is_wrapped_at_words() -> None:
    assert lines(52) == [
        "v12  live  Autumn menu      Ada           2026-03-02",
        "           with pumpkin",
        "v9         Menü             Grace Hopper  2026-03-01",
    ]


def test_the_last_column_is_wrapped_too() -> None:
    rows = [("v1", "Autumn menu", "Augusta Ada King, Countess of Lovelace")]
    assert list(table(rows, Screen(width=30, terminal=True), gives=1)) == [
        "v1  Autumn menu  Augusta Ada",
        "                 King,",
        "                 Countess of",
        "                 Lovelace",
    ]


@pytest.mark.parametrize("gives", [2, None])
def test_rows_are_stacked_when_wrapping_is_not_enough(gives: int | None) -> None:
    assert lines(40, gives=gives) == [
        "v12  live  Autumn menu with pumpkin  Ada",
        "  2026-03-02",
        "v9  Menü  Grace Hopper  2026-03-01",
    ]


def test_nothing_is_left_out_however_narrow() -> None:
    assert lines(20) == [
        "v12  live",
        "  Autumn menu with",
        "  pumpkin  Ada",
        "  2026-03-02",
        "v9  Menü",
        "  Grace Hopper",
        "  2026-03-01",
    ]


def test_a_single_column_is_wrapped_to_the_screen() -> None:
    assert list(table([["a long line of text"]], Screen(width=10, terminal=True))) == ["a long", "line of", "text"]


def test_a_row_of_empty_cells_is_an_empty_line() -> None:
    assert list(table([("", "")], Screen(width=20, terminal=True), gives=1)) == [""]


@given(st.lists(st.lists(st.text("ab ", max_size=10), min_size=3, max_size=3), max_size=4), st.integers(20, 70))
def test_every_word_is_shown_in_the_width_there_is(rows: list[list[str]], width: int) -> None:
    shown = list(table(rows, Screen(width=width, terminal=True), gives=1))
    assert all(len(line) <= width for line in shown)
    assert sorted(" ".join(shown).split()) == sorted(word for row in rows for cell in row for word in cell.split())


@pytest.mark.parametrize("gives", [None, 0, 1, 7])
@pytest.mark.parametrize("terminal", [True, False])
def test_no_rows_are_no_lines(gives: int | None, terminal: bool) -> None:
    assert list(table([], Screen(terminal=terminal), gives=gives)) == []


def test_wide_characters_are_measured_in_cells() -> None:
    assert list(table([("菜单", "a"), ("abc", "b")], PIPE)) == ["菜单  a", "abc   b"]


def test_colour_does_not_move_the_columns() -> None:
    rows = [(Cell("v1", "version"), Cell("a")), (Cell("v10", "version"), Cell("b"))]
    assert list(table(rows, Screen(colour=True))) == [
        "\x1b[36m\x1b[1mv1\x1b[0m   a",
        "\x1b[36m\x1b[1mv10\x1b[0m  b",
    ]


def test_control_characters_in_cells_are_made_visible() -> None:
    assert list(table([("a\x1bb",)], PIPE)) == ["a\\x1bb"]


def test_pairs_align_their_meanings() -> None:
    rows = [("gitagent save", "make a version"), ("cd x", "")]
    narrow = Screen(width=30, terminal=True)
    assert list(pairs(rows, narrow)) == ["  gitagent save  make a", "                 version", "  cd x"]
    assert list(pairs(rows, PIPE)) == ["  gitagent save  make a version", "  cd x"]
