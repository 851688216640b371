"""Witnessing: whether what a server answered was true at that moment, from the times of all moves."""

from __future__ import annotations

from collections import defaultdict
from math import inf
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.moving import Move


class Span(NamedTuple):
    """A place had something at no time before `earliest` and at none after `latest`."""

    has: str
    earliest: float
    latest: float


class Witness:
    """Knows from all moves, in the order in which they were made, what each environment served, and when."""

    def __init__(self, moves: Iterable[Move]) -> None:
        chains: dict[tuple[str, str], list[Move]] = defaultdict(list)
        for move in moves:
            chains[move.agent, move.place].append(move)
        self._spans = {place: _spans(chain) for place, chain in chains.items()}

    def lateness(self, agent: str, place: str, has: str, asked_at: float, answered_at: float) -> float:
        """By how many seconds an answer came too late to be true; 0 where it was true while it was asked for.

        Infinite where it was never true until then.
        """
        until = (span.latest for span in self._spans[agent, place] if span.has == has and span.earliest <= answered_at)
        return max(0.0, asked_at - max(until, default=-inf))


def _spans(chain: Sequence[Move]) -> list[Span]:
    ends = [move.after for move in chain[1:]] + [inf]
    return [Span(move.has, move.before, end) for move, end in zip(chain, ends, strict=True)]
