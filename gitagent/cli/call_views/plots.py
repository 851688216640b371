"""Plots: success rates and durations as bars of characters, one below the other on one scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

from gitagent.cli.call_views.figures import interval, share, spent
from gitagent.cli.cells import pad

if TYPE_CHECKING:
    from gitagent.runtime.statistics import VersionStatistics

NARROWEST, WIDEST = 10, 50


class Span(NamedTuple):
    """A bar: what it is of, where it begins and ends, and what is written after it."""

    label: str
    begin: float
    end: float
    text: str


def rates(versions: Sequence[VersionStatistics]) -> list[Span]:
    """The interval of each success rate, from 0 to 1."""
    return [
        Span(str(each.version), each.rate.low, each.rate.high, f"{share(each.rate.value)}  ({interval(each.rate)})")
        for each in versions
        if each.rate is not None
    ]


def durations(versions: Sequence[VersionStatistics]) -> list[Span]:
    """For each version, how long the calls took between their median and the longest tenth, in seconds."""
    return [
        Span(str(each.version), found[50], found[90], f"{spent(found[50])} to {spent(found[90])}")
        for each in versions
        if each.durations is not None and (found := each.durations.percentiles)
    ]


def plot(spans: Sequence[Span], *, scale: float, width: int, encoding: str) -> Iterator[str]:
    """A line for each span, from 0 to `scale`."""
    labels, texts = max(len(each.label) for each in spans), max(len(each.text) for each in spans)
    room = max(NARROWEST, min(WIDEST, width - labels - texts - 6))
    for span in spans:
        yield f"  {pad(span.label, labels)}  {pad(_bar(span, scale, room, encoding), room)}  {span.text}".rstrip()


def _bar(span: Span, scale: float, room: int, encoding: str) -> str:
    if not encoding.lower().startswith("utf"):
        start, end = (round(each / scale * room) for each in (span.begin, span.end))
        start = min(start, room - 1)
        return " " * start + "#" * max(end - start, 1)
    from rich.bar import Bar
    from rich.console import Console

    console = Console(file=StringIO(), width=room, color_system=None, legacy_windows=False)
    least = scale / room / 2  # a bar that nobody would see is as wide as half a character
    begin = min(span.begin, scale - least)
    bar = Bar(scale, begin, max(span.end, begin + least), width=room)
    return "".join(segment.text for segment in console.render(bar)).rstrip()
