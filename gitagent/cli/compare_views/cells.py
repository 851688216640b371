"""Cells: a line of a file as a terminal shows it: harmless, measured, and wrapped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

from gitagent.agent.compare.spans import Span, Spans, clusters
from gitagent.agent.compare.visible import visible

TAB_WIDTH = 4
LONGEST_LINE = 2_000
_LEAD = 200


class Cell(NamedTuple):
    """What stands in one place: its text, how many columns it takes, and whether it changed."""

    text: str
    width: int
    marked: bool = False


def width_of(text: str) -> int:
    """How many columns `text` takes in a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len  # only for what is not ASCII: rich takes 20 ms to import

    return cell_len(text)


def fit(text: str, width: int) -> str:
    """`text`, already harmless, cut to `width` columns, with an ellipsis where something is missing."""
    if width_of(text) <= width:
        return text
    kept = ""
    for cluster in clusters(text):
        if width_of(kept + cluster) > width - 1:
            break
        kept += cluster
    return kept + "…"


def cells_of(text: str, spans: Spans = ()) -> list[Cell]:
    """A line's cells: tabs as arrows, control characters as pictures, and changed spaces as dots.

    Of a very long line, only a part that begins shortly before its first change.
    """
    before, text, after, spans = window(text, spans)
    cells = [Cell(before, width_of(before))] if before else []
    if text.isascii() and text.isprintable() and not spans:
        cells += [Cell(character, 1) for character in text]
    else:
        column = at = 0
        for cluster in clusters(text):
            span = next((span for span in spans if span.start <= at < span.end), None)
            cell = _cell(cluster, column, marked=span is not None, dotted=span is not None and _is_blank(text, span))
            cells.append(cell)
            column, at = column + cell.width, at + len(cluster)
    return [*cells, Cell(after, width_of(after))] if after else cells


def _is_blank(text: str, span: Span) -> bool:
    return text[span.start : span.end].isspace()


def _cell(cluster: str, column: int, *, marked: bool, dotted: bool) -> Cell:
    if cluster == "\t":
        width = TAB_WIDTH - column % TAB_WIDTH
        return Cell("→".ljust(width), width, marked)
    shown = "·" if dotted and cluster == " " else visible(cluster)
    return Cell(shown, width_of(shown), marked)


def window(text: str, spans: Spans) -> tuple[str, str, str, Spans]:
    """Of a very long line: what to say comes before, the part to show, what comes after, and the spans in the part."""
    if len(text) <= LONGEST_LINE:
        return "", text, "", spans
    start = max(0, spans[0].start - _LEAD) if spans and spans[0].start > _LEAD else 0
    start = min(start, len(text) - LONGEST_LINE)
    end = start + LONGEST_LINE
    before = f"… {start:,} characters …" if start else ""
    after = f"… {len(text) - end:,} more characters" if end < len(text) else ""
    inside = (Span(max(span.start, start) - start, min(span.end, end) - start) for span in spans)
    return before, text[start:end], after, tuple(span for span in inside if span.start < span.end)


def wrap(cells: Sequence[Cell], width: int) -> list[list[Cell]]:
    """Break a line into rows of at most `width` columns, at spaces where possible.

    The rows after the first are indented as the line is, so that YAML keeps its shape.
    """
    if len(cells) <= width and sum(cell.width for cell in cells) <= width:
        return [list(cells)]
    indent = min(_indent(cells), width // 3)
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    used = 0
    for cell in cells:
        if used + cell.width > width and any(kept.text != " " for kept in row):
            row, rest = _break(row)
            rows.append(row)
            row = [Cell(" ", 1)] * indent + rest
            used = sum(kept.width for kept in row)
        row.append(cell)
        used += cell.width
    return [*rows, row]


def _indent(cells: Iterable[Cell]) -> int:
    return sum(1 for _ in takewhile(lambda cell: cell.text == " ", cells))


def _break(row: list[Cell]) -> tuple[list[Cell], list[Cell]]:
    """Where to end a full row: after its last space, unless that would leave it half empty, or but an indent."""
    for index in range(len(row) - 1, max(len(row) // 2, _indent(row) - 1), -1):
        if row[index].text == " ":
            return row[: index + 1], row[index + 1 :]
    return row, []
