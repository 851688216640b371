"""Keys: the changes by configuration path, with the values before and after."""

from __future__ import annotations

from collections.abc import Iterator

from gitagent.agent.compare.comparison import Comparison, FileChange
from gitagent.agent.compare.keys import KeyChange, KeyChangeKind
from gitagent.agent.compare.lines import LineChanges
from gitagent.agent.compare.visible import visible
from gitagent.cli.compare_views.cells import cells_of, width_of, wrap
from gitagent.cli.compare_views.headings import limited, name, notes, nothing, sides, tally, totals
from gitagent.cli.compare_views.painting import painted
from gitagent.cli.compare_views.styles import Style, paint
from gitagent.cli.compare_views.valuetext import is_nested, sides_of, text_changes

_ARROW = " → "
_INDENT = "  "
_DEEP = "      "
_MOST_LINES = 1_000
_NARROWEST = 40
_SIGNS = {
    KeyChangeKind.ADDED: ("+", Style.NEW),
    KeyChangeKind.REMOVED: ("-", Style.OLD),
    KeyChangeKind.CHANGED: ("~", Style.NOTE),
    KeyChangeKind.MOVED: (">", Style.NOTE),
}


def keys(comparison: Comparison, *, width: int, color: bool) -> str:
    """The changes by configuration path: `~ voice.speed  1.0 → 1.2`; long values below their key, in full.

    `+` was added, `-` removed, `~` changed, `>` moved in its list. Of files without keys, the lines that differ.
    """
    if not comparison:
        return f"{nothing(comparison)}\n"
    lines = [paint(sides(comparison), Style.FILE, color=color) + f"  {totals(comparison)}"]
    for change in comparison.files:
        lines += ["", *_file(change, max(width, _NARROWEST), color=color)]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _file(change: FileChange, width: int, *, color: bool) -> Iterator[str]:
    yield f"{paint(name(change), Style.FILE, color=color)}  {tally(change)}"
    for note in notes(change):
        yield paint(f"{_INDENT}! {note}", Style.NOTE, color=color)
    if change.keys is not None and change.keys.unparsed is None:
        lines = (line for key in change.keys.changes for line in _key(key, width, color=color))
        yield from limited(lines, _MOST_LINES)
    elif change.old is not None and change.new is not None and change.lines is not None:
        yield from limited(_lines(change.lines, _INDENT, width, color=color), _MOST_LINES)


def _key(key: KeyChange, width: int, *, color: bool) -> Iterator[str]:
    sign, style = _SIGNS[key.kind]
    path = visible(key.path)
    head = f"{_INDENT}{paint(sign, style, color=color)} {paint(path, Style.KEY, color=color)}"
    room = width - width_of(f"{_INDENT}{sign} {path}  ")
    values = [
        (text, side) for text, side in zip(sides_of(key), (Style.OLD, Style.NEW), strict=True) if text is not None
    ]
    needed = sum(width_of(text) for text, _ in values) + len(_ARROW) * (len(values) - 1)
    is_long = needed > room or any("\n" in text for text, _ in values)
    if not is_long and not any(map(is_nested, (key.old, key.new))):
        yield f"{head}  {_ARROW.join(paint(text, side, color=color) for text, side in values)}"
        return
    yield head
    yield from _below(key, width, color=color)


def _below(key: KeyChange, width: int, *, color: bool) -> Iterator[str]:
    """Both values as lines, with what is the same in them left out."""
    old, new = (text or "" for text in sides_of(key))
    changes = text_changes(old, new)
    yield from _lines(changes, _DEEP, width, color=color)
    if old.splitlines() == new.splitlines():
        yield f"{_DEEP}the line break at its end was {'added' if new.endswith(chr(10)) else 'removed'}"


def _lines(changes: LineChanges, indent: str, width: int, *, color: bool) -> Iterator[str]:
    for hunk in changes.hunks(context=0):
        rows = list(changes.rows(hunk.blocks))
        for sign, line in [("-", row.old) for row in rows] + [("+", row.new) for row in rows]:
            if line is None:
                continue
            for cells in wrap(cells_of(line.text, line.spans if color else ()), width - len(indent) - 2):
                yield painted(sign, cells, lead=f"{indent}{sign} ", color=color)
