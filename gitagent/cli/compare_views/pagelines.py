"""Page lines: the lines of a file side by side, as HTML tables; unchanged ones fold away."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import islice

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange
from gitagent.agent.compare.lines import Line, LineChanges, Part, Row, RowKind
from gitagent.agent.compare.spans import Spans
from gitagent.agent.compare.visible import visible
from gitagent.cli.compare_views.cells import window
from gitagent.cli.compare_views.headings import LEFT_OUT, MOST_ROWS, count

_COLUMNS = '<colgroup><col class="number"><col><col class="number"><col></colgroup>\n'
_SAID = {"-": "removed", "+": "added"}


def lines_of(comparison: Comparison, change: FileChange) -> Iterator[str]:
    """The lines of one file: in two columns, or in one where it is only on one side."""
    lines = change.lines
    if lines is None or not any(not block.same for block in lines.blocks):
        return
    if change.kind in (ChangeKind.ADDED, ChangeKind.DELETED):
        yield from _single(comparison, change, lines)
    else:
        yield from _double(comparison, lines)


def _single(comparison: Comparison, change: FileChange, lines: LineChanges) -> Iterator[str]:
    label = comparison.old_label if change.new is None else comparison.new_label
    rows = (row for hunk in lines.hunks() for row in lines.rows(hunk.blocks))
    yield f'<div class="lines"><table>\n<caption>Lines in {escape(visible(label))}</caption>\n'
    yield '<colgroup><col class="number"><col></colgroup>\n<tbody>\n'
    for row in islice(rows, MOST_ROWS):
        sign, line = ("-", row.old) if row.new is None else ("+", row.new)
        yield f"<tr>{_cells(line, sign)}</tr>\n"
    yield "</tbody>\n</table>\n"
    yield _left_out(rows)
    yield "</div>\n"


def _double(comparison: Comparison, lines: LineChanges) -> Iterator[str]:
    left, right = escape(visible(comparison.old_label)), escape(visible(comparison.new_label))
    yield f'<div class="lines sides"><table>\n<caption>Lines</caption>\n{_COLUMNS}<thead><tr>'
    yield f'<th scope="colgroup" colspan="2">{left}</th><th scope="colgroup" colspan="2">{right}</th>'
    yield "</tr></thead>\n</table>\n"
    left_over = MOST_ROWS
    for part in lines.parts():
        if not part.is_shown:
            yield from _folded(lines, part)
            continue
        rows = lines.rows(part.blocks)
        yield from _table(islice(rows, left_over))
        left_over -= min(part.length, left_over)
        if rest := _left_out(rows):
            yield rest
            break
    yield "</div>\n"


def _folded(lines: LineChanges, part: Part) -> Iterator[str]:
    said = f"… {count(part.length, 'unchanged line')}"
    if part.length > MOST_ROWS:
        yield f'<p class="left-out">{said}</p>\n'
        return
    yield f"<details><summary>{said}</summary>\n"
    yield from _table(lines.rows(part.blocks))
    yield "</details>\n"


def _table(rows: Iterator[Row]) -> Iterator[str]:
    yield f"<table>\n{_COLUMNS}<tbody>\n"
    for row in rows:
        signs = (" ", " ") if row.kind is RowKind.SAME else ("-", "+")
        yield f'<tr class="{row.kind}">{_cells(row.old, signs[0])}{_cells(row.new, signs[1])}</tr>\n'
    yield "</tbody>\n</table>\n"


def _left_out(rows: Iterator[Row]) -> str:
    return "" if next(rows, None) is None else f'<p class="left-out">{escape(LEFT_OUT)}</p>\n'


def _cells(line: Line | None, sign: str) -> str:
    if line is None:
        return '<td class="number none"></td><td class="text none"></td>'
    side = {"-": " old", "+": " new"}.get(sign, "")
    said = f'<span class="hidden">{_SAID[sign]} </span>' if sign in _SAID else ""
    mark = f'<span class="sign" aria-hidden="true">{sign}</span>{said}'
    return f'<td class="number{side}">{line.number}</td><td class="text{side}">{mark}{_text(line, sign)}</td>'


def _text(line: Line, sign: str) -> str:
    before, text, after, spans = window(line.text, line.spans)
    return escape(before) + marked(text, spans, "del" if sign == "-" else "ins") + escape(after)


def marked(text: str, spans: Spans, tag: str) -> str:
    """A text as HTML, its spans inside `tag`; tabs are kept and shown, what could do harm becomes a picture."""
    parts = []
    at = 0
    for span in spans:
        parts += [_plain(text[at : span.start]), f"<{tag}>", _plain(text[span.start : span.end]), f"</{tag}>"]
        at = span.end
    return "".join([*parts, _plain(text[at:])])


def _plain(text: str) -> str:
    return '<span class="tab">\t</span>'.join(escape(visible(part)) for part in text.split("\t"))
