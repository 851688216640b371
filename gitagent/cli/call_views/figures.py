"""Figures: how shares, durations and counts of calls are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitagent.runtime.statistics import Difference, Rate

NONE = "–"


def share(value: float) -> str:
    """A share: 93.8 %."""
    return f"{value * 100:.1f} %"


def interval(rate: Rate) -> str:
    """The interval of a share: 80.3 to 98.2 %."""
    return f"{rate.low * 100:.1f} to {rate.high * 100:.1f} %"


def points(value: float) -> str:
    """A difference of shares: +12.5."""
    return f"{value * 100:+.1f}"


def compared(found: Difference) -> str:
    """A difference, its interval, and what it shows."""
    return f"{points(found.value)} points, {points(found.low)} to {points(found.high)}: {found.verdict}"


def spent(seconds: float | None) -> str:
    """A duration: 4.3 s, 1:30 or 1:02:00."""
    if seconds is None:
        return NONE
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
