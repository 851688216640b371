"""Headings: the words that every view puts above a comparison and above each of its files."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange
from gitagent.agent.compare.visible import visible

MOST_ROWS = 2_000
LEFT_OUT = "… the rest is left out here; the patch has it all: --view unified > changes.patch"


def count(number: int, noun: str) -> str:
    """`1 line`, `2 lines`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def nothing(comparison: Comparison) -> str:
    """What to say when the two sides are the same."""
    return f"No differences between {visible(comparison.old_label)} and {visible(comparison.new_label)}."


def sides(comparison: Comparison) -> str:
    """`v3 → v7`."""
    return f"{visible(comparison.old_label)} → {visible(comparison.new_label)}"


def totals(comparison: Comparison) -> str:
    """`3 files changed, 4 lines added, 2 removed`."""
    counts = comparison.counts
    text = f"{count(counts.files, 'file')} changed"
    if counts.lines_added:
        text += f", {count(counts.lines_added, 'line')} added"
    if counts.lines_removed:
        removed = "removed" if counts.lines_added else "lines removed" if counts.lines_removed > 1 else "line removed"
        text += f", {counts.lines_removed:,} {removed}"
    return text


def name(change: FileChange) -> str:
    """The file's path, harmless; both paths of one that was renamed."""
    if change.kind is ChangeKind.RENAMED:
        return f"{visible(change.old_path or '')} → {visible(change.path)}"
    return visible(change.path)


def tally(change: FileChange) -> str:
    """`modified +2 -1`: what became of the file, and how many lines came and went."""
    lines = change.lines
    if lines is None or not (lines.added or lines.removed):
        return str(change.kind)
    signs = [f"+{lines.added:,}"] if lines.added else []
    signs += [f"-{lines.removed:,}"] if lines.removed else []
    return f"{change.kind} {' '.join(signs)}"


def notes(change: FileChange) -> list[str]:
    """What is to be said of the file besides its lines and its new path."""
    return [note.text for note in change.notes if note.kind != "renamed"]


def limited(lines: Iterator[str], most: int) -> Iterator[str]:
    """The first `most` lines; where there are more, what to do to see them, without computing them."""
    yield from islice(lines, most)
    if next(lines, None) is not None:
        yield LEFT_OUT
