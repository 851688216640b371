"""Tables: rows of text in aligned columns, as wide as the screen allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gitagent.cli.cells import pad, plain, width, wrap
from gitagent.cli.screen import Screen

GAP = 2
NARROWEST = 10


class Cell(NamedTuple):
    """One cell: its text and the style in which it is painted."""

    text: str
    style: str | None = None


def table(rows: Iterable[Sequence[Cell | str]], screen: Screen, *, gives: int | None = None) -> Iterator[str]:
    """The rows as lines. On a terminal too narrow for them column `gives` and the last one are cut.

    In a pipe nothing is cut.
    """
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    cells = [[Cell(plain(cell.text), cell.style) for cell in row] for row in cells]
    widths = [max((width(row[i].text) for row in cells), default=0) for i in range(len(cells[0]) if cells else 0)]
    if screen.terminal:
        widths = _fitted(widths, screen.width, gives)
    shown = [i for i, room in enumerate(widths) if room]
    for row in cells:
        yield "".join(_painted(row[i], widths[i], screen, last=i == shown[-1]) for i in shown).rstrip()


def _fitted(widths: list[int], room: int, gives: int | None) -> list[int]:
    """The columns' widths in that room. Column `gives` and the last one shrink; then the last ones go."""
    shrinking = [i for i in (gives, len(widths) - 1) if i]
    least = [min(cells, NARROWEST) if i in shrinking else cells for i, cells in enumerate(widths)]
    while _total(least) > room and (last := max(i for i, cells in enumerate(least) if cells)):
        least[last] = 0
    for i in [i for i in shrinking if least[i]] or [0]:
        least[i] += min(widths[i] - least[i], room - _total(least))
    return least


def _total(widths: list[int]) -> int:
    shown = [cells for cells in widths if cells]
    return sum(shown) + GAP * (len(shown) - 1)


def _painted(cell: Cell, room: int, screen: Screen, *, last: bool) -> str:
    text = screen.clip(cell.text, room)
    painted = screen.paint(text, cell.style) if cell.style else text
    return painted if last else painted + " " * (room - width(text) + GAP)


def pairs(rows: Sequence[tuple[str, str]], screen: Screen, *, indent: int = 2) -> Iterator[str]:
    """Term and meaning on a line each, indented, the meanings aligned."""
    longest = max((width(term) for term, _ in rows), default=0)
    for term, meaning in rows:
        lead = f"{'':{indent}}{pad(term, longest)}  "
        room = screen.width - len(lead)
        lines = wrap(meaning, room) if screen.terminal and room >= NARROWEST else [meaning]
        for line in lines:
            yield f"{lead}{screen.paint(line, 'dim')}".rstrip()
            lead = " " * len(lead)
