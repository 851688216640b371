"""Sequences: what two sides made of the same lines or items, brought together part by part."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from enum import Enum, auto
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item", bound=Hashable)

_MANY = 2000
"""From so many items on, items that repeat often are no longer tried as anchors: that would take quadratic time."""


class Taken(Enum):
    """Whose a part of the merged sequence is."""

    SAME = auto()
    OURS = auto()
    THEIRS = auto()
    BOTH = auto()
    CONFLICT = auto()


class Part(NamedTuple):
    """A part of the merged sequence, and where it stands in each of the three."""

    taken: Taken
    base: slice
    ours: slice
    theirs: slice


class _Change(NamedTuple):
    start: int
    end: int
    new_start: int
    new_end: int
    is_ours: bool


def merge_sequences(base: Sequence[_Item], ours: Sequence[_Item], theirs: Sequence[_Item]) -> list[Part]:
    """The parts of the merged sequence, in order.

    Changes side by side that do not overlap are both taken. Two insertions at one place are a conflict, and
    so are changes of the same items, unless they are the same change.
    """
    changes = sorted([*_changes(base, ours, is_ours=True), *_changes(base, theirs, is_ours=False)])
    parts: list[Part] = []
    at = (0, 0, 0)
    for group in _groups(changes):
        start, end = group[0].start, max(change.end for change in group)
        steady = start - at[0]
        here = (start, at[1] + steady, at[2] + steady)
        if steady:
            parts.append(_part(Taken.SAME, at, here))
        grown = [sum(_growth(change) for change in group if change.is_ours is side) for side in (True, False)]
        length = end - start
        at = (end, here[1] + length + grown[0], here[2] + length + grown[1])
        parts.append(_part(_taken(group, ours[here[1] : at[1]], theirs[here[2] : at[2]]), here, at))
    if at[0] < len(base):
        parts.append(_part(Taken.SAME, at, (len(base), len(ours), len(theirs))))
    return parts


def _part(taken: Taken, start: tuple[int, int, int], end: tuple[int, int, int]) -> Part:
    return Part(taken, slice(start[0], end[0]), slice(start[1], end[1]), slice(start[2], end[2]))


def _growth(change: _Change) -> int:
    return (change.new_end - change.new_start) - (change.end - change.start)


def _taken(group: list[_Change], ours: Sequence[_Item], theirs: Sequence[_Item]) -> Taken:
    sides = {change.is_ours for change in group}
    if len(sides) == 1:
        return Taken.OURS if True in sides else Taken.THEIRS
    return Taken.BOTH if ours == theirs else Taken.CONFLICT


def _groups(changes: list[_Change]) -> Iterator[list[_Change]]:
    """The changes, those that overlap together. An insertion overlaps with what it stands in the middle of."""
    group: list[_Change] = []
    end = 0
    for change in changes:
        if group and (change.start < end or change.start == change.end == group[-1].start == group[-1].end):
            group.append(change)
            end = max(end, change.end)
            continue
        if group:
            yield group
        group, end = [change], change.end
    if group:
        yield group


def _changes(base: Sequence[_Item], new: Sequence[_Item], *, is_ours: bool) -> Iterator[_Change]:
    shortest = min(len(base), len(new))
    start = next((at for at in range(shortest) if base[at] != new[at]), shortest)
    rest = shortest - start
    end = next((at for at in range(rest) if base[-1 - at] != new[-1 - at]), rest)
    old_middle, new_middle = base[start : len(base) - end], new[start : len(new) - end]
    matcher = SequenceMatcher(None, old_middle, new_middle, autojunk=len(new_middle) > _MANY)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        if tag != "equal":
            yield _Change(start + old_start, start + old_end, start + new_start, start + new_end, is_ours)
