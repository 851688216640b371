"""Rows in aligned columns."""

from __future__ import annotations

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


def test_the_column_that_gives_way_is_cut() -> None:
    assert lines(52) == [
        "v12  live  Autumn menu wi…  Ada           2026-03-02",
        "v9         Menü             Grace Hopper  2026-03-01",
    ]


def test_the_last_column_is_cut_too() -> None:
    rows = [("v1", "Autumn menu", "Augusta Ada King, Countess of Lovelace")]
    assert list(table(rows, Screen(width=30, terminal=True), gives=1)) == ["v1  Autumn menu  Augusta Ada…"]
    assert list(table(rows, Screen(width=26, terminal=True), gives=1)) == ["v1  Autumn me…  Augusta A…"]


def test_the_last_columns_go_when_cutting_is_not_enough() -> None:
    assert lines(40) == [
        "v12  live  Autumn menu wi…  Ada",
        "v9         Menü             Grace Hopper",
    ]
    assert lines(30) == ["v12  live  Autumn menu with p…", "v9         Menü"]


def test_the_column_that_gives_way_goes_too_in_the_end() -> None:
    assert lines(20) == ["v12  live", "v9"]


def test_a_single_column_is_cut_to_the_screen() -> None:
    assert list(table([["a long line of text"]], Screen(width=10, terminal=True))) == ["a long li…"]


def test_without_a_column_that_gives_way_the_last_ones_go() -> None:
    assert lines(50, gives=None) == [
        "v12  live  Autumn menu with pumpkin  Ada",
        "v9         Menü                      Grace Hopper",
    ]


def test_no_rows_are_no_lines() -> None:
    assert list(table([], PIPE)) == []


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
