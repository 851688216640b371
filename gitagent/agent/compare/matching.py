"""Matching: which items of two sequences stay the same, in time that is bounded for any input."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_GAP_COST = 200_000
_TOTAL_COST = 2_000_000


@dataclass(frozen=True, slots=True)
class Block:
    """A run of items: the same on both sides, or the old ones replaced by the new ones."""

    same: bool
    old_start: int
    old_end: int
    new_start: int
    new_end: int


@dataclass(frozen=True, slots=True)
class _Range:
    old_start: int
    old_end: int
    new_start: int
    new_end: int


def blocks(old: Sequence[Hashable], new: Sequence[Hashable]) -> tuple[Block, ...]:
    """All of both sequences, in order, as blocks that are the same and blocks that differ, in turn.

    What would take too long to match item by item is one block that differs: right, if not the smallest.
    """
    numbers: dict[Hashable, int] = {}
    left = [numbers.setdefault(item, len(numbers)) for item in old]
    right = [numbers.setdefault(item, len(numbers)) for item in new]
    return tuple(_between(_Matcher(left, right).matches(), len(left), len(right)))


def _between(matches: list[tuple[int, int, int]], old_length: int, new_length: int) -> list[Block]:
    """The blocks that `matches` (where in old, where in new, how many) leave."""
    found: list[Block] = []
    old_at = new_at = 0
    for old_start, new_start, size in [*matches, (old_length, new_length, 0)]:
        if old_at < old_start or new_at < new_start:
            found.append(Block(False, old_at, old_start, new_at, new_start))
        old_at, new_at = old_start + size, new_start + size
        if size and found and found[-1].same:
            last = found.pop()
            found.append(Block(True, last.old_start, old_at, last.new_start, new_at))
        elif size:
            found.append(Block(True, old_start, old_at, new_start, new_at))
    return found


class _Matcher:
    """Matches lines the way people read them: equal ends first, then lines that occur once on each side."""

    def __init__(self, old: list[int], new: list[int]) -> None:
        self._old = old
        self._new = new
        self._budget = _TOTAL_COST
        self._found: list[tuple[int, int, int]] = []

    def matches(self) -> list[tuple[int, int, int]]:
        waiting = [_Range(0, len(self._old), 0, len(self._new))]
        while waiting:
            inner = self._trim(waiting.pop())
            if inner.old_start == inner.old_end or inner.new_start == inner.new_end:
                continue
            if self._affordable(inner):
                self._match_all(inner)
            else:
                waiting.extend(self._gaps(inner))
        return sorted(self._found)

    def _trim(self, within: _Range) -> _Range:
        """Take the equal items at both ends; return what is left between them."""
        old, new = self._old, self._new
        a, b, c, d = within.old_start, within.old_end, within.new_start, within.new_end
        while a < b and c < d and old[a] == new[c]:
            a, c = a + 1, c + 1
        while a < b and c < d and old[b - 1] == new[d - 1]:
            b, d = b - 1, d - 1
        self._keep(within.old_start, within.new_start, a - within.old_start)
        self._keep(b, d, within.old_end - b)
        return _Range(a, b, c, d)

    def _keep(self, old_start: int, new_start: int, size: int) -> None:
        if size:
            self._found.append((old_start, new_start, size))

    def _affordable(self, within: _Range) -> bool:
        """Whether difflib, quadratic in repeated items, may have this range; what it costs is taken off."""
        there = Counter(self._new[within.new_start : within.new_end])
        here = Counter(self._old[within.old_start : within.old_end])
        cost = len(here) + len(there) + sum(count * there[item] for item, count in here.items())
        if cost > min(_GAP_COST, self._budget):
            return False
        self._budget -= cost
        return True

    def _match_all(self, within: _Range) -> None:
        old = self._old[within.old_start : within.old_end]
        new = self._new[within.new_start : within.new_end]
        for match in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            self._keep(within.old_start + match.a, within.new_start + match.b, match.size)

    def _gaps(self, within: _Range) -> list[_Range]:
        """Match the items that occur once on each side and in the same order; return what lies between."""
        anchors = self._anchors(within)
        if not anchors:
            return []
        gaps = []
        old_at, new_at = within.old_start, within.new_start
        for old_index, new_index in anchors:
            gaps.append(_Range(old_at, old_index, new_at, new_index))
            self._keep(old_index, new_index, 1)
            old_at, new_at = old_index + 1, new_index + 1
        gaps.append(_Range(old_at, within.old_end, new_at, within.new_end))
        return gaps

    def _anchors(self, within: _Range) -> list[tuple[int, int]]:
        old_at = _once(self._old, within.old_start, within.old_end)
        new_at = _once(self._new, within.new_start, within.new_end)
        pairs = [(index, new_at[item]) for item, index in old_at.items() if item in new_at]
        return longest_rising(pairs)


def _once(items: list[int], start: int, end: int) -> dict[int, int]:
    """Where the items stand that occur once in a range, in order."""
    counts = Counter(items[start:end])
    return {items[index]: index for index in range(start, end) if counts[items[index]] == 1}


def longest_rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of `pairs` (rising in the first) that rises in the second too: patience sorting."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        before.append(ends[pile - 1] if pile else -1)
        if pile == len(tops):
            tops.append(value)
            ends.append(index)
        else:
            tops[pile] = value
            ends[pile] = index
    run = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(pairs[at])
        at = before[at]
    return run[::-1]
