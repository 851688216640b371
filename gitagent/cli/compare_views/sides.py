"""Side by side: both versions of every changed file in two columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange
from gitagent.agent.compare.lines import Line, LineChanges, Row, RowKind
from gitagent.agent.compare.visible import visible
from gitagent.cli.compare_views.cells import cells_of, fit, width_of, wrap
from gitagent.cli.compare_views.headings import MOST_ROWS, count, limited, name, notes, nothing, sides, tally, totals
from gitagent.cli.compare_views.painting import carets, painted
from gitagent.cli.compare_views.styles import Style, paint
from gitagent.cli.compare_views.unified import unified

NARROWEST = 80
_WIDEST = 240
_BETWEEN = " │ "


class _Look(NamedTuple):
    """How wide one column is, how wide its line numbers are, and whether there is colour."""

    width: int
    digits: int
    color: bool

    @property
    def room(self) -> int:
        """The columns left for the text: after the number, a space, the sign and a space."""
        return self.width - self.digits - 3


def side_by_side(comparison: Comparison, *, width: int, color: bool) -> str:
    """The changes in two columns, old and new, in `width` columns; below 80, as `unified` shows them.

    Added and deleted files have the whole width. Without colour, carets under a line point to what changed in it.
    """
    if not comparison:
        return f"{nothing(comparison)}\n"
    title = paint(sides(comparison), Style.FILE, color=color) + f"  {totals(comparison)}"
    if width < NARROWEST:
        return f"{title}\n\n{unified(comparison, color=color, width=width)}"
    lines = [title]
    for change in comparison.files:
        lines += ["", *_file(comparison, change, min(width, _WIDEST), color=color)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _file(comparison: Comparison, change: FileChange, width: int, *, color: bool) -> Iterator[str]:
    yield _rule(change, width, color=color)
    for note in notes(change):
        yield paint(f"  ! {note}", Style.NOTE, color=color)
    lines = change.lines
    if lines is None or not any(not block.same for block in lines.blocks):
        return
    digits = max(len(str(max(len(lines.old), len(lines.new)))), 3)
    if change.kind in (ChangeKind.ADDED, ChangeKind.DELETED):
        yield from limited(_single(lines, _Look(width, digits, color)), MOST_ROWS)
        return
    look = _Look((width - len(_BETWEEN)) // 2, digits, color)
    yield _labels(comparison, look)
    yield from limited(_double(lines, look), MOST_ROWS)


def _rule(change: FileChange, width: int, *, color: bool) -> str:
    """`── agent.yaml ── modified +2 -1 ────────`."""
    said = tally(change)
    title = fit(name(change), width - len(said) - 10)
    rest = "─" * max(width - width_of(title) - len(said) - 8, 0)
    faint = [paint(text, Style.FAINT, color=color) for text in ("── ", " ── ", f" {rest}")]
    return f"{faint[0]}{paint(title, Style.FILE, color=color)}{faint[1]}{said}{faint[2]}"


def _labels(comparison: Comparison, look: _Look) -> str:
    indent = " " * (look.digits + 3)
    left, right = (fit(visible(label), look.room) for label in (comparison.old_label, comparison.new_label))
    text = f"{indent}{left}{' ' * (look.room - width_of(left))}{_BETWEEN}{indent}{right}"
    return paint(text.rstrip(), Style.FAINT, color=look.color)


def _double(lines: LineChanges, look: _Look) -> Iterator[str]:
    for text, row in _folded(lines):
        if row is None:
            yield paint(f"{' ' * (look.digits + 1)}{text}", Style.FAINT, color=look.color)
        else:
            yield from _row(row, look)


def _single(lines: LineChanges, look: _Look) -> Iterator[str]:
    for hunk in lines.hunks():
        for row in lines.rows(hunk.blocks):
            line = row.new or row.old
            if line is not None:
                yield from (text for text, _ in _half(line, "+" if row.old is None else "-", look))


def _folded(lines: LineChanges) -> Iterator[tuple[str, Row | None]]:
    """Every row to show; between them, without a row, how many unchanged lines are left out."""
    for part in lines.parts():
        if part.is_shown:
            yield from (("", row) for row in lines.rows(part.blocks))
        else:
            yield f"… {count(part.length, 'unchanged line')}", None


def _row(row: Row, look: _Look) -> Iterator[str]:
    same = row.kind is RowKind.SAME
    left = _half(row.old, " " if same else "-", look) if row.old else iter(())
    right = _half(row.new, " " if same else "+", look) if row.new else iter(())
    nothing_there = (" " * look.width, "")
    between = paint(_BETWEEN, Style.FAINT, color=look.color)
    for (old, old_carets), (new, new_carets) in zip_longest(left, right, fillvalue=nothing_there):
        yield f"{old}{between}{new}"
        if old_carets or new_carets:
            yield f"{old_carets.ljust(look.width)}{_BETWEEN}{new_carets}"


def _half(line: Line, sign: str, look: _Look) -> Iterator[tuple[str, str]]:
    """One side of a row, on as many screen lines as it takes, each as wide as the column; and the carets below."""
    number = paint(f"{line.number:>{look.digits}} ", Style.FAINT, color=look.color)
    for index, cells in enumerate(wrap(cells_of(line.text, line.spans), look.room)):
        gutter = " " * (look.digits + 1) if index else number
        space = " " * (look.room - sum(cell.width for cell in cells))
        pointers = "" if look.color else carets(cells)
        yield (
            f"{gutter}{painted(sign, cells, lead=f'{sign} ', color=look.color)}{space}",
            f"{' ' * (look.digits + 3)}{pointers}" if pointers else "",
        )
