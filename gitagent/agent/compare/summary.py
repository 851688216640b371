"""Summary: a comparison in a few words, to stand in a question or a message."""

from __future__ import annotations

import json

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange, NoteKind
from gitagent.agent.compare.keys import KeyChange, KeyChangeKind
from gitagent.agent.compare.visible import visible

_MOST_FILES = 8
_MOST_KEYS = 4
_LONGEST_VALUE = 30
_SAID_ELSEWHERE = frozenset({NoteKind.RENAMED, NoteKind.UNPARSED})


def summary(comparison: Comparison) -> str:
    """All on one line, safe to print: `2 files: agent.yaml (voice.speed 1.0 → 1.2), topics/a.yaml added`."""
    total = len(comparison.files)
    if not total:
        return "no differences"
    named = [_brief(change) for change in comparison.files[:_MOST_FILES]]
    if total > _MOST_FILES:
        named.append(f"and {total - _MOST_FILES} more")
    return f"{total} file{'s' if total > 1 else ''}: {', '.join(named)}"


def summary_lines(comparison: Comparison) -> tuple[str, ...]:
    """A line for each file, safe to print: `agent.yaml: voice.speed 1.0 → 1.2, greeting`."""
    total = len(comparison.files)
    lines = [_line(change) for change in comparison.files[:_MOST_FILES]]
    if total > _MOST_FILES:
        lines.append(f"… and {total - _MOST_FILES} more files")
    return tuple(lines)


def shown(value: object) -> str:
    """A configuration value on one line, safe to print; a text stands in quotes."""
    return visible(json.dumps(value, ensure_ascii=False, default=str))


def _brief(change: FileChange) -> str:
    details = ", ".join(details_of(change))
    return f"{_head(change)} ({details})" if details else _head(change)


def _line(change: FileChange) -> str:
    details = ", ".join(details_of(change))
    return f"{_head(change)}: {details}" if details else _head(change)


def _head(change: FileChange) -> str:
    path = visible(change.path)
    if change.kind is ChangeKind.RENAMED:
        return f"{visible(change.old_path or '')} → {path}"
    return path if change.kind is ChangeKind.MODIFIED else f"{path} {change.kind}"


def details_of(change: FileChange) -> list[str]:
    """What changed in a file that was there before, in words; the first keys, then how many more."""
    if change.kind in (ChangeKind.ADDED, ChangeKind.DELETED):
        return []
    details = [note.text for note in change.notes if note.kind not in _SAID_ELSEWHERE]
    if change.keys is not None and change.keys.changes:
        keys = change.keys.changes
        details += [key_in_short(key) for key in keys[:_MOST_KEYS]]
        details += [f"and {len(keys) - _MOST_KEYS} more"] if len(keys) > _MOST_KEYS else []
    elif not details or change.keys is None or change.keys.unparsed is not None:
        details += _lines(change)
    return details


def _lines(change: FileChange) -> list[str]:
    if change.lines is None or not (change.lines.added or change.lines.removed):
        return []
    return [f"+{change.lines.added:,} -{change.lines.removed:,} lines"]


def key_in_short(key: KeyChange) -> str:
    """`voice.speed 1.0 → 1.2`; a value too long to stand there is left out: `greeting`."""
    if key.kind is not KeyChangeKind.CHANGED:
        return f"{visible(key.path)} {key.kind}"
    old, new = shown(key.old), shown(key.new)
    if len(old) > _LONGEST_VALUE or len(new) > _LONGEST_VALUE:
        return visible(key.path)
    return f"{visible(key.path)} {old} → {new}"
