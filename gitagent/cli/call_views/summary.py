"""Summary: the statistics of a version's calls as text, beside those of the version before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gitagent.cli.call_views.figures import NONE, compared, interval, share, spent
from gitagent.cli.call_views.plots import Span, durations, plot, rates
from gitagent.cli.cells import plain
from gitagent.cli.tables import Cell, table

if TYPE_CHECKING:
    from gitagent import Statistics
    from gitagent.cli.screen import Screen
    from gitagent.runtime.statistics import VersionStatistics

MOST_OUTCOMES = 12


def heading(found: Statistics) -> str:
    """Which versions, and where: `v3 against v2, in live`."""
    before = f" against {found.before.version}" if found.before else ""
    return f"{found.version.version}{before}{f', in {found.environment}' if found.environment else ''}"


def sides(found: Statistics) -> list[VersionStatistics]:
    """The version, and the one before."""
    return [found.version] if found.before is None else [found.version, found.before]


def figures(found: Statistics) -> Iterator[tuple[str, ...]]:
    """What is known of each side, a row for each figure."""
    both = sides(found)
    yield ("", *(str(each.version) for each in both))
    yield ("calls", *(f"{each.calls:,}{f' ({each.open:,} open)' if each.open else ''}" for each in both))
    for outcome in _outcomes(both):
        yield (outcome or "no outcome", *(f"{each.outcomes.get(outcome, 0):,}" for each in both))
    yield ("success", *(NONE if each.rate is None else share(each.rate.value) for each in both))
    yield ("  95 % sure", *(NONE if each.rate is None else interval(each.rate) for each in both))
    yield ("mean duration", *(spent(each.durations and each.durations.mean) for each in both))
    for percent, name in ((50, "median"), (90, "90 % within"), (95, "95 % within"), (99, "99 % within")):
        yield (name, *(spent(each.durations and each.durations.percentiles[percent]) for each in both))
    if any(each.scored for each in both):
        yield ("mean score", *(NONE if each.score is None else f"{each.score:.3g}" for each in both))


def text(found: Statistics, screen: Screen, encoding: str) -> Iterator[str]:
    """The figures, what the difference shows, and the plots."""
    yield screen.paint(heading(found), "title")
    yield ""
    yield from table([_painted(row) for row in figures(found)], screen)
    if found.difference is not None:
        yield ""
        yield f"Success rate: {compared(found.difference)}."
    for title, spans, scale in charts(sides(found)):
        yield ""
        yield title
        yield from plot(spans, scale=scale, width=screen.width, encoding=encoding)


def charts(versions: Sequence[VersionStatistics]) -> Iterator[tuple[str, list[Span], float]]:
    """The plots that there is something for: title, spans, and the end of the scale."""
    if spans := rates(versions):
        yield "Success rate, with its 95 % interval, from 0 to 100 %", spans, 1.0
    if spans := durations(versions):
        longest = max(span.end for span in spans)
        yield f"Durations, from the median to the longest tenth, from 0 to {spent(longest)}", spans, longest or 1.0


def _painted(row: Sequence[str]) -> list[Cell]:
    name, *values = row
    return [Cell(plain(name), "dim"), *(Cell(value, "version" if not name else None) for value in values)]


def _outcomes(both: Sequence[VersionStatistics]) -> list[str]:
    """The outcomes of both, the most frequent first."""
    total: dict[str, int] = {}
    for each in both:
        for outcome, calls in each.outcomes.items():
            total[outcome] = total.get(outcome, 0) + calls
    return sorted(total, key=lambda outcome: (-total[outcome], outcome))[:MOST_OUTCOMES]
