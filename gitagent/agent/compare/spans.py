"""Spans: which words of a changed line changed."""

from __future__ import annotations

import re
from collections import Counter
from typing import NamedTuple

from gitagent.agent.compare.matching import Block, blocks

_LONGEST = 4_000
_SIMILAR = 0.4

# Marks, selectors, skin tones and joined characters stay with the character before them, so that no span
# ever cuts in two what is read as one.
_MARKS = (
    "(?:[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0900-\u0903\u093a-\u094f"
    "\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f"
    "\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]|[\u200c\u200d].?)*"
)
_FLAG = "[\U0001f1e6-\U0001f1ff]{2}"
_CLUSTER = rf"(?:{_FLAG}|.){_MARKS}"
# Scripts that are written without spaces go character by character.
_LETTER = "[^\\W\u0e00-\u0eff\u1000-\u109f\u2e80-\uffff\U00010000-\U0010ffff]"
_TOKENS = re.compile(rf"\d[\d.,:]*\d|(?:{_LETTER}{_MARKS})+|\s+|{_CLUSTER}", re.DOTALL)
_CLUSTERS = re.compile(_CLUSTER, re.DOTALL)


class Span(NamedTuple):
    """A part of a line, in characters: from `start` up to, not including, `end`."""

    start: int
    end: int


Spans = tuple[Span, ...]


def clusters(text: str) -> list[str]:
    """The characters of `text` as they are read: a letter with its marks, a flag, a joined emoji is one."""
    return _CLUSTERS.findall(text)


def weigh(line: str) -> Counter[str]:
    """The words of a line, each with the characters it takes up in all; spaces do not count."""
    weights: Counter[str] = Counter()
    for token in _TOKENS.findall(line[:_LONGEST]):
        if not token.isspace():
            weights[token] += len(token)
    return weights


def similarity(old: Counter[str], new: Counter[str]) -> float:
    """How much of two weighed lines is the same, 0 to 1."""
    total = old.total() + new.total()
    return 2 * _common(old, new) / total if total else 0.0


def changed_spans(old: str, new: str) -> tuple[Spans, Spans]:
    """The parts of `old` and of `new` that the other lacks. None at all when they have little in common."""
    if len(old) > _LONGEST or len(new) > _LONGEST:
        return _middles(old, new)
    here, there = weigh(old), weigh(new)
    smaller, larger = sorted((here.total(), there.total()))
    if larger and _common(here, there) < max(_SIMILAR * smaller, 1):
        return (), ()
    left, right = _TOKENS.findall(old), _TOKENS.findall(new)
    changed = _without_crumbs(blocks(left, right), left)
    return (
        _places(left, [(block.old_start, block.old_end) for block in changed]),
        _places(right, [(block.new_start, block.new_end) for block in changed]),
    )


def _common(old: Counter[str], new: Counter[str]) -> int:
    smaller, larger = (old, new) if len(old) < len(new) else (new, old)
    return sum(min(weight, larger[word]) for word, weight in smaller.items())


def _without_crumbs(found: tuple[Block, ...], left: list[str]) -> list[Block]:
    """The blocks that differ; two with no more than one sign or some space between them are one."""
    changed: list[Block] = []
    for block in found:
        if block.same:
            continue
        last = changed[-1] if changed else None
        if last is not None and len("".join(left[last.old_end : block.old_start]).strip()) <= 1:
            changed[-1] = Block(False, last.old_start, block.old_end, last.new_start, block.new_end)
        else:
            changed.append(block)
    return changed


def _places(words: list[str], ranges: list[tuple[int, int]]) -> Spans:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return tuple(Span(starts[start], starts[end]) for start, end in ranges if start < end)


def _middles(old: str, new: str) -> tuple[Spans, Spans]:
    """For lines too long to compare by words: what lies between the equal beginning and the equal end."""
    shorter = min(len(old), len(new))
    start = _equal_length(old, new, shorter)
    end = _equal_length(
        old[: start - 1 if start else None : -1], new[: start - 1 if start else None : -1], shorter - start
    )
    return _span(start, len(old) - end), _span(start, len(new) - end)


def _span(start: int, end: int) -> Spans:
    return (Span(start, end),) if start < end else ()


def _equal_length(old: str, new: str, limit: int) -> int:
    """How many characters at the beginning are equal, by halving: slices compare at C speed."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low
