"""Records: a comparison as dictionaries, lists, texts and numbers, for `--json`."""

from __future__ import annotations

from math import isfinite

from gitagent.agent.compare.comparison import Comparison, FileChange
from gitagent.agent.compare.keys import KeyChange, KeyChangeKind
from gitagent.agent.compare.lines import Hunk, Line, LineChanges, Row
from gitagent.config.files import File

Plain = dict[str, object]


def record(comparison: Comparison) -> Plain:
    """Everything that differs, as plain data. Line numbers count from 1; a byte that is no UTF-8 is `\\xNN`."""
    counts = comparison.counts
    return {
        "old": comparison.old_label,
        "new": comparison.new_label,
        "differs": bool(comparison),
        "summary": comparison.summary,
        "counts": {
            "files": counts.files,
            "added": counts.added,
            "deleted": counts.deleted,
            "modified": counts.modified,
            "renamed": counts.renamed,
            "lines_added": counts.lines_added,
            "lines_removed": counts.lines_removed,
        },
        "files": [_file(change) for change in comparison.files],
    }


def _file(change: FileChange) -> Plain:
    lines = change.lines
    return {
        "path": _text(change.path),
        "kind": str(change.kind),
        "binary": change.is_binary,
        "old": _side(change.old_path, change.old),
        "new": _side(change.new_path, change.new),
        "notes": [{"kind": str(note.kind), "text": note.text} for note in change.notes],
        "keys": None if change.keys is None else [_key(key) for key in change.keys.changes],
        "lines_added": 0 if lines is None else lines.added,
        "lines_removed": 0 if lines is None else lines.removed,
        "hunks": [] if lines is None else [_hunk(lines, hunk) for hunk in lines.hunks()],
    }


def _side(path: str | None, file: File | None) -> Plain | None:
    if path is None or file is None:
        return None
    return {"path": _text(path), "type": str(file.kind), "id": file.id, "size": file.size}


def _key(key: KeyChange) -> Plain:
    plain: Plain = {"path": _text(key.path), "kind": str(key.kind)}
    if key.kind is not KeyChangeKind.ADDED:
        plain["old"] = _value(key.old)
    if key.kind is not KeyChangeKind.REMOVED:
        plain["new"] = _value(key.new)
    return plain


def _hunk(lines: LineChanges, hunk: Hunk) -> Plain:
    return {
        "old_start": hunk.old_start + 1,
        "old_lines": hunk.old_end - hunk.old_start,
        "new_start": hunk.new_start + 1,
        "new_lines": hunk.new_end - hunk.new_start,
        "rows": [_row(row) for row in lines.rows(hunk.blocks)],
    }


def _row(row: Row) -> Plain:
    return {"kind": str(row.kind), "old": _line(row.old), "new": _line(row.new)}


def _line(line: Line | None) -> Plain | None:
    if line is None:
        return None
    return {"number": line.number, "text": _text(line.text), "spans": [list(span) for span in line.spans]}


def _value(value: object) -> object:
    """A configuration value as JSON can hold it: numbers without end become texts, like all that JSON lacks."""
    match value:
        case dict():
            return {_text(str(key)): _value(item) for key, item in value.items()}
        case list():
            return [_value(item) for item in value]
        case str():
            return _text(value)
        case None | bool() | int():
            return value
        case float() if isfinite(value):
            return value
        case _:
            return str(value)


def _text(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
