"""Tables: rows of text in aligned columns, as wide as the screen allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
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
    """The rows as lines. Nothing is ever left out: see `blocks`."""
    for block in blocks(rows, screen, gives=gives):
        yield from block


def blocks(rows: Iterable[Sequence[Cell | str]], screen: Screen, *, gives: int | None = None) -> Iterator[list[str]]:
    """The lines of each row.

    On a terminal too narrow for them, column `gives` and the last one are wrapped; where that is not enough, the
    cells of a row follow each other over several lines. In a pipe every row is one line.
    """
    cells = [[cell if isinstance(cell, Cell) else Cell(cell) for cell in row] for row in rows]
    if not cells:
        return
    cells = [[Cell(plain(cell.text), cell.style) for cell in row] for row in cells]
    widths: list[int] | None = [max(width(row[i].text) for row in cells) for i in range(len(cells[0]))]
    if screen.terminal and widths is not None:
        widths = _fitted(widths, screen.width, gives)
    for row in cells:
        yield _stacked(row, screen) if widths is None else _aligned(row, widths, screen)


def _fitted(widths: list[int], room: int, gives: int | None) -> list[int] | None:
    """The columns' widths in that room, column `gives` and the last one narrower; None where that is too little."""
    if _total(widths) <= room:
        return widths
    shrinking = [i for i in dict.fromkeys((gives, len(widths) - 1)) if i]
    least = [min(cells, NARROWEST) if i in shrinking else cells for i, cells in enumerate(widths)]
    if _total(least) > room:
        return None
    waiting = sorted(shrinking, key=widths.__getitem__)
    while waiting:  # what one does not need of its share is for the next
        share = (room - _total(least)) // len(waiting)
        i = waiting.pop(0)
        least[i] += min(widths[i] - least[i], share)
    return least


def _total(widths: list[int]) -> int:
    shown = [cells for cells in widths if cells]
    return sum(shown) + GAP * (len(shown) - 1)


def _aligned(row: list[Cell], widths: list[int], screen: Screen) -> list[str]:
    columns = [_lines(cell.text, room, screen) for cell, room in zip(row, widths, strict=True) if room]
    styles = [cell.style for cell, room in zip(row, widths, strict=True) if room]
    rooms = [room for room in widths if room]
    lines = []
    for parts in zip_longest(*columns, fillvalue=""):
        line = ""
        for text, style, room in zip(parts, styles, rooms, strict=True):
            line += _painted(text, style, screen) + " " * (room - width(text) + GAP)
        lines.append(line.rstrip())
    return lines or [""]


def _lines(text: str, room: int, screen: Screen) -> list[str]:
    return wrap(text, room) if screen.terminal and width(text) > room else [text]


def _stacked(row: list[Cell], screen: Screen) -> list[str]:
    """The cells one after the other, those that do not fit in a line of their own, indented."""
    lines, used = [""], 0
    for text, style in row:
        if used and text and used + GAP + width(text) <= screen.width:
            lines[-1] += " " * GAP + _painted(text, style, screen)
            used += GAP + width(text)
        elif text:
            indent = GAP if lines[0] else 0
            wrapped = wrap(text, screen.width - indent)
            pieces = [" " * indent + _painted(piece, style, screen) for piece in wrapped]
            lines = [*lines, *pieces] if lines[0] else pieces
            used = indent + width(wrapped[-1])
    return lines


def _painted(text: str, style: str | None, screen: Screen) -> str:
    return screen.paint(text, style) if style else text


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
