"""Styles: the few ways in which a terminal sets a part of a comparison apart.

Only the sixteen colours that every terminal has and its owner has chosen, so that light and dark both work.
"""

from __future__ import annotations

from enum import StrEnum

_RESET = "\x1b[0m"


class Style(StrEnum):
    """What a part of a line is; its value is the terminal's code for it."""

    PLAIN = ""
    FILE = "1"
    FAINT = "2"
    HUNK = "36"
    KEY = "1"
    NOTE = "33"
    OLD = "31"
    NEW = "32"
    OLD_MARKED = "31;7"
    NEW_MARKED = "32;7"


def paint(text: str, style: Style, *, color: bool) -> str:
    """`text` in a style; as it is without colour."""
    return f"\x1b[{style.value}m{text}{_RESET}" if color and style.value and text else text
