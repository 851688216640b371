"""Painting: the cells of a line in colour, with what changed in it set apart."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from gitagent.cli.compare_views.cells import Cell
from gitagent.cli.compare_views.styles import Style, paint

_STYLES = {
    " ": (Style.PLAIN, Style.PLAIN),
    "-": (Style.OLD, Style.OLD_MARKED),
    "+": (Style.NEW, Style.NEW_MARKED),
}


def painted(sign: str, cells: Iterable[Cell], *, lead: str, color: bool) -> str:
    """A line after its lead, in the colour that its sign has; what changed in it stands in reverse."""
    plain, marked = _STYLES[sign]
    runs = groupby(cells, key=lambda cell: cell.marked)
    text = "".join(
        paint("".join(cell.text for cell in run), marked if is_marked else plain, color=color)
        for is_marked, run in runs
    )
    return paint(lead, plain, color=color) + text


def carets(cells: Iterable[Cell]) -> str:
    """What stands under a line without colour: a caret under everything that changed."""
    return "".join(("^" if cell.marked else " ") * cell.width for cell in cells).rstrip()
