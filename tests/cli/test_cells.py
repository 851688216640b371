"""How much room text takes on a terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gitagent.cli.cells import clip, pad, plain, width, wrap


@pytest.mark.parametrize(
    ("text", "cells"),
    [("", 0), ("live", 4), ("Menü", 4), ("菜单", 4), ("한국", 4), ("e\u0301", 1), ("👍", 2), ("→", 1)],
)
def test_width_counts_cells_and_not_characters(text: str, cells: int) -> None:
    assert width(text) == cells


def test_ascii_text_is_measured_without_importing_rich() -> None:
    code = "import sys; from gitagent.cli.cells import width, clip; width('│ a → b… │'); clip('abc', 2); "
    done = subprocess.run([sys.executable, "-c", f"{code}print('rich' in sys.modules)"], capture_output=True, text=True)
    assert done.stdout == "False\n"


def test_pad_fills_up_to_the_cells_and_leaves_longer_text() -> None:
    assert pad("菜", 4) + "|" == "菜  |"
    assert pad("longer", 3) == "longer"


@pytest.mark.parametrize(
    ("text", "cells", "clipped"),
    [
        ("Autumn menu", 11, "Autumn menu"),
        ("Autumn menu", 10, "Autumn me…"),
        ("Autumn menu", 8, "Autumn…"),
        ("菜单菜单", 5, "菜单…"),
        ("菜单菜单", 4, "菜…"),
        ("abc", 1, "…"),
    ],
)
def test_clip_leaves_the_beginning_and_an_ellipsis(text: str, cells: int, clipped: str) -> None:
    assert clip(text, cells) == clipped
    assert width(clip(text, cells)) <= cells


@pytest.mark.parametrize(
    ("text", "cells", "lines"),
    [
        ("", 5, [""]),
        ("one two three", 20, ["one two three"]),
        ("one two three", 8, ["one two", "three"]),
        ("a reallylongword b", 6, ["a", "really", "longwo", "rd b"]),
        ("reallylong", 4, ["real", "lylo", "ng"]),
        ("菜单 菜单", 5, ["菜单", "菜单"]),
        ("菜单菜单", 3, ["菜", "单", "菜", "单"]),
        ("  spaces   between  ", 20, ["spaces between"]),
    ],
)
def test_wrap_breaks_at_spaces_and_within_words_that_are_too_long(text: str, cells: int, lines: list[str]) -> None:
    assert wrap(text, cells) == lines


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        ("Autumn menu", "Autumn menu"),
        ("Menü 菜单", "Menü 菜单"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two\\x0alines"),
        ("a\tb", "a b"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202edef", "abc\\u202edef"),
        ("\udcff", "\\xff"),
        ("bell\x07", "bell\\x07"),
    ],
)
def test_plain_makes_what_steers_a_terminal_visible(text: str, harmless: str) -> None:
    assert plain(text) == harmless
