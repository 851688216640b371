"""Unified: the changes as a patch, one column wide, made safe to look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitagent.agent.compare.comparison import Comparison, FileChange
from gitagent.agent.compare.lines import Line, LineChanges, Row, RowKind
from gitagent.agent.compare.patch import header, hunk_header, names, parts
from gitagent.agent.compare.visible import visible
from gitagent.cli.compare_views.cells import cells_of, wrap
from gitagent.cli.compare_views.headings import MOST_ROWS, limited, notes, nothing
from gitagent.cli.compare_views.painting import painted
from gitagent.cli.compare_views.styles import Style, paint

_MOST_LINES = 2 * MOST_ROWS
_ID_LENGTH = 7
_UNENDED = "\\ No newline at end of file"


def unified(comparison: Comparison, *, color: bool, width: int | None = None) -> str:
    """The changes as a patch to read: control characters are shown as pictures, and line ends are notes.

    Lines longer than `width` are wrapped; the rows after the first begin with a space. What goes to a file or a
    pipe is `gitagent.agent.compare.patch.patch`, exact to the byte.
    """
    if not comparison:
        return f"{nothing(comparison)}\n"
    files = ("".join(f"{line}\n" for line in _file(change, width, color=color)) for change in comparison.files)
    return "\n".join(files)


def _file(change: FileChange, width: int | None, *, color: bool) -> Iterator[str]:
    for note in notes(change):
        yield paint(f"# {note}", Style.NOTE, color=color)
    for part in parts(change):
        for line in header(part, id_length=_ID_LENGTH):
            yield paint(visible(line), Style.FILE, color=color)
        if part.lines is not None:
            yield from limited(_lines(part, part.lines, width, color=color), _MOST_LINES)


def _lines(change: FileChange, lines: LineChanges, width: int | None, *, color: bool) -> Iterator[str]:
    found = lines.hunks()
    for name in names(change) if found else ():
        yield paint(name.rstrip("\t"), Style.FILE, color=color) + "\t" * name.endswith("\t")
    unended = _unended(change)
    for hunk in found:
        yield paint(hunk_header(hunk), Style.HUNK, color=color)
        for sign, line, last in _signed(lines.rows(hunk.blocks), unended):
            yield from _line(sign, line, width, color=color)
            if last:
                yield _UNENDED


def _unended(change: FileChange) -> tuple[int, int]:
    """The number of the last line on each side, where no line break ends it; else 0."""
    old, new = (0 if text.is_ended else len(text.lines) for text in change.texts or ())
    return old, new


def _signed(rows: Iterable[Row], unended: tuple[int, int]) -> Iterator[tuple[str, Line, bool]]:
    """The rows one below the other, in each change the old lines first, and which lines no line break ends."""
    added: list[Line] = []
    for row in rows:
        if row.kind is RowKind.SAME:
            yield from (("+", line, line.number == unended[1]) for line in added)
            added = []
        if row.old is not None and row.new is not None and row.kind is RowKind.SAME:
            yield " ", row.new, (row.old.number, row.new.number) == unended
            continue
        if row.old is not None:
            yield "-", row.old, row.old.number == unended[0]
        if row.new is not None:
            added.append(row.new)
    yield from (("+", line, line.number == unended[1]) for line in added)


def _line(sign: str, line: Line, width: int | None, *, color: bool) -> Iterator[str]:
    cells = cells_of(line.text, line.spans if color else ())
    for index, row in enumerate([cells] if width is None else wrap(cells, width - 1)):
        yield painted(sign, row, lead=" " if index else sign, color=color)
