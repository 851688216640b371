"""Cells: what a line of a file takes up on a screen, and how it is wrapped."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitagent.agent.compare.spans import Span
from gitagent.cli.compare_views.cells import Cell, cells_of, fit, width_of, wrap


def text(cells: list[Cell]) -> str:
    return "".join(cell.text for cell in cells)


def wrapped(line: str, width: int) -> list[str]:
    return [text(row) for row in wrap(cells_of(line), width)]


@pytest.mark.parametrize(
    ("line", "shown", "width"),
    [
        ("plain", "plain", 5),
        ("漢字", "漢字", 4),
        ("e\u0301", "e\u0301", 1),
        ("👩‍🍳", "👩‍🍳", 2),
        ("\ta\tb", "→   a→  b", 9),
        ("\x1b[0m", "␛[0m", 4),
        ("\u202ex", "<U+202E>x", 9),
        ("caf\udce9", "caf\\xe9", 7),
    ],
)
def test_a_line_is_shown_harmless_and_measured(line: str, shown: str, width: int) -> None:
    cells = cells_of(line)

    assert text(cells) == shown
    assert sum(cell.width for cell in cells) == width == width_of(shown)


def test_changed_cells_are_marked_and_changed_space_is_dotted() -> None:
    cells = cells_of("a b  ", (Span(2, 3), Span(3, 5)))

    assert [(cell.text, cell.marked) for cell in cells] == [
        *[("a", False), (" ", False), ("b", True), ("·", True), ("·", True)],
    ]


def test_a_space_between_changed_words_stays_a_space() -> None:
    assert text(cells_of("a b", (Span(0, 3),))) == "a b"


def test_of_a_very_long_line_the_part_around_its_first_change_is_shown() -> None:
    line = "x" * 10_000

    assert text(cells_of(line)) == "x" * 2_000 + "… 8,000 more characters"
    cells = cells_of(line, (Span(5_000, 5_001),))
    assert text(cells) == "… 4,800 characters …" + "x" * 2_000 + "… 3,200 more characters"
    assert [index for index, cell in enumerate(cells) if cell.marked] == [201]
    assert text(cells_of(line, (Span(9_999, 10_000),))) == "… 8,000 characters …" + "x" * 2_000


def test_a_change_out_of_sight_is_not_marked() -> None:
    cells = cells_of("x" * 10_000, (Span(0, 1), Span(9_000, 9_001)))

    assert [index for index, cell in enumerate(cells) if cell.marked] == [0]


@pytest.mark.parametrize(
    ("line", "width", "rows"),
    [
        ("short", 10, ["short"]),
        ("", 10, [""]),
        ("one two three", 8, ["one two ", "three"]),
        ("onetwothree", 4, ["onet", "woth", "ree"]),
        ("a verylongword", 8, ["a verylo", "ngword"]),
        ("  key: one two", 11, ["  key: one ", "  two"]),
        ("          deep one", 12, ["          de", "    ep one"]),
        ("漢字漢字", 5, ["漢字", "漢字"]),
        ("   ", 2, ["   "]),
    ],
)
def test_long_lines_are_wrapped_at_spaces_and_keep_their_indent(line: str, width: int, rows: list[str]) -> None:
    assert wrapped(line, width) == rows


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(12, 40))
def test_no_row_is_too_wide_and_nothing_is_lost(line: str, width: int) -> None:
    line = line.strip() + "x"
    cells = cells_of(line)
    rows = wrap(cells, width)

    assert all(sum(cell.width for cell in row) <= width for row in rows)
    assert "".join(text(row) for row in rows) == text(cells)


@pytest.mark.parametrize(
    ("name", "width", "shown"),
    [("short", 5, "short"), ("too long", 5, "too …"), ("漢字漢字", 5, "漢字…"), ("漢字漢字", 6, "漢字…")],
)
def test_a_name_is_cut_to_fit(name: str, width: int, shown: str) -> None:
    assert fit(name, width) == shown
