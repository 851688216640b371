"""Lines: how two texts differ line by line, as hunks of rows that stand side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gitagent.agent.compare.matching import Block, blocks
from gitagent.agent.compare.spans import Spans, changed_spans, similarity, weigh
from gitagent.agent.compare.text import Endings, Text, bare_lines, decode

CONTEXT = 3
_ALIKE = 0.5
_MOST_PAIRS = 2_500


class RowKind(StrEnum):
    """What a row says: the same line, a line and what became of it, or a line that only one side has."""

    SAME = "same"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Line:
    """A line on one side: its number, from 1, its text without its end, and the parts of it that changed."""

    number: int
    text: str
    spans: Spans = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the old side beside a line of the new side; a side that has none is None."""

    kind: RowKind
    old: Line | None
    new: Line | None


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that changed, with up to three unchanged ones around them. `*_start` counts from 0."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A run of lines to show, or one of unchanged lines to leave out; a single one is shown."""

    is_shown: bool
    blocks: tuple[Block, ...]

    @property
    def length(self) -> int:
        """How many lines of the old text it spans."""
        return sum(block.old_end - block.old_start for block in self.blocks)


@dataclass(frozen=True, slots=True)
class LineChanges:
    """How two texts differ line by line, line ends aside where each text has but one kind of them."""

    old: Sequence[bytes]
    new: Sequence[bytes]
    blocks: tuple[Block, ...]

    @property
    def added(self) -> int:
        """How many lines of the new text are not in the old one."""
        return sum(block.new_end - block.new_start for block in self.blocks if not block.same)

    @property
    def removed(self) -> int:
        """How many lines of the old text are not in the new one."""
        return sum(block.old_end - block.old_start for block in self.blocks if not block.same)

    def hunks(self, *, context: int = CONTEXT) -> tuple[Hunk, ...]:
        """The changed lines in groups, each with `context` unchanged lines around it."""
        return hunks(self.blocks, context=context)

    def parts(self, *, context: int = CONTEXT) -> Iterator[Part]:
        """All of both texts, in order, as the hunks and the unchanged lines between them."""
        old_at = new_at = 0
        whole = (len(self.old), len(self.new))
        for hunk in (*self.hunks(context=context), Hunk(whole[0], whole[0], whole[1], whole[1], ())):
            if old_at < hunk.old_start:
                between = Block(True, old_at, hunk.old_start, new_at, hunk.new_start)
                yield Part(hunk.old_start - old_at == 1, (between,))
            if hunk.blocks:
                yield Part(True, hunk.blocks)
            old_at, new_at = hunk.old_end, hunk.new_end

    def rows(self, blocks: Sequence[Block]) -> Iterator[Row]:
        """The lines of these blocks side by side: lines that resemble each other share a row."""
        for block in blocks:
            yield from self._same_rows(block) if block.same else _changed_rows(self.old, self.new, block)

    def _same_rows(self, block: Block) -> Iterator[Row]:
        for offset in range(block.old_end - block.old_start):
            text = decode(self.new[block.new_start + offset])
            old = Line(block.old_start + offset + 1, text)
            yield Row(RowKind.SAME, old, Line(block.new_start + offset + 1, text))


def line_changes(old: Text, new: Text) -> LineChanges:
    """Compare two texts by their lines; between LF, CRLF and a missing last line break there is no change."""
    keep = Endings.MIXED in (old.endings, new.endings)
    left, right = bare_lines(old, keep_returns=keep), bare_lines(new, keep_returns=keep)
    return LineChanges(left, right, blocks(left, right))


def hunks(found: Sequence[Block], *, context: int = CONTEXT) -> tuple[Hunk, ...]:
    """Group blocks into hunks; changes with at most twice `context` lines between them share one."""
    groups: list[list[Block]] = []
    for index, block in enumerate(found):
        if block.same:
            continue
        before = found[index - 1] if index else Block(True, 0, 0, 0, 0)
        if groups and _length(before) <= 2 * context:
            groups[-1] += [before, block]
            continue
        if groups:
            groups[-1].append(_head(before, context))
        groups.append([_tail(before, context), block])
    if groups and found[-1].same:
        groups[-1].append(_head(found[-1], context))
    return tuple(_hunk(group) for group in groups)


def _length(same: Block) -> int:
    return same.old_end - same.old_start


def _head(same: Block, length: int) -> Block:
    size = min(length, _length(same))
    return Block(True, same.old_start, same.old_start + size, same.new_start, same.new_start + size)


def _tail(same: Block, length: int) -> Block:
    size = min(length, _length(same))
    return Block(True, same.old_end - size, same.old_end, same.new_end - size, same.new_end)


def _hunk(group: list[Block]) -> Hunk:
    first, last = group[0], group[-1]
    kept = tuple(block for block in group if not block.same or _length(block))
    return Hunk(first.old_start, last.old_end, first.new_start, last.new_end, kept)


def _changed_rows(old: Sequence[bytes], new: Sequence[bytes], block: Block) -> Iterator[Row]:
    left = [decode(line) for line in old[block.old_start : block.old_end]]
    right = [decode(line) for line in new[block.new_start : block.new_end]]
    old_at = new_at = 0
    for old_index, new_index in [*_alike(left, right), (len(left), len(right))]:
        while old_at < old_index or new_at < new_index:
            here = old_at if old_at < old_index else None
            there = new_at if new_at < new_index else None
            yield _row(left, right, here, there, block)
            old_at, new_at = min(old_at + 1, old_index), min(new_at + 1, new_index)
        if old_index < len(left) and new_index < len(right):
            yield _row(left, right, old_index, new_index, block)
        old_at, new_at = old_index + 1, new_index + 1


def _row(left: list[str], right: list[str], here: int | None, there: int | None, block: Block) -> Row:
    old_spans, new_spans = ((), ()) if here is None or there is None else changed_spans(left[here], right[there])
    old = None if here is None else Line(block.old_start + here + 1, left[here], old_spans)
    new = None if there is None else Line(block.new_start + there + 1, right[there], new_spans)
    if old is None:
        return Row(RowKind.ADDED, None, new)
    return Row(RowKind.REMOVED if new is None else RowKind.CHANGED, old, new)


def _alike(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Which lines of a replaced block belong together: the pairs, in order, that resemble each other most."""
    if not left or not right or len(left) * len(right) > _MOST_PAIRS:
        return []
    old, new = [weigh(line) for line in left], [weigh(line) for line in right]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    alike = [[similarity(one, other) for other in new] for one in old]
    for here in range(len(old) - 1, -1, -1):
        for there in range(len(new) - 1, -1, -1):
            skipped = max(best[here + 1][there], best[here][there + 1])
            score = alike[here][there]
            paired = best[here + 1][there + 1] + score if score >= _ALIKE else 0.0
            best[here][there] = max(skipped, paired)
    return _walk(best, alike)


def _walk(best: list[list[float]], alike: list[list[float]]) -> list[tuple[int, int]]:
    pairs = []
    here = there = 0
    while here < len(alike) and there < len(alike[0]):
        if best[here][there] == best[here + 1][there]:
            here += 1
        elif best[here][there] == best[here][there + 1]:
            there += 1
        else:
            pairs.append((here, there))
            here, there = here + 1, there + 1
    return pairs
