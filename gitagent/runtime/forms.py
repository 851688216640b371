"""Forms: how calls, what answers them and what became of them look in JSON."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.runtime.records import Call
    from gitagent.runtime.resolutions import Resolution
    from gitagent.runtime.statistics import Difference, Durations, Rate, Statistics, VersionStatistics

Form = dict[str, Any]


def call_form(call: Call) -> Form:
    """A call, all that is known of it."""
    return {
        "call_id": call.call_id,
        "agent": call.agent,
        "environment": None if call.environment is None else str(call.environment),
        "version": str(call.version),
        "commit": call.commit,
        "direction": str(call.direction),
        "number": None if call.number is None else str(call.number),
        "caller": call.caller,
        "sip_headers": dict(call.sip_headers),
        "began_at": time_form(call.began_at),
        "ended_at": None if call.ended_at is None else time_form(call.ended_at),
        "outcome": call.outcome,
        "success": call.success,
        "duration": call.duration,
        "score": call.score,
        "attributes": dict(call.attributes),
    }


def resolution_form(found: Resolution) -> Form:
    """What answers, but for the configuration itself."""
    return {
        "agent": found.agent,
        "environment": None if found.environment is None else str(found.environment),
        "version": str(found.version),
        "commit": found.commit,
        "number": None if found.number is None else str(found.number),
        "sip_headers": dict(found.sip_headers),
    }


def statistics_form(found: Statistics) -> Form:
    """A version's statistics, and those of the one before."""
    return {
        "agent": found.agent,
        "environment": None if found.environment is None else str(found.environment),
        **version_form(found.version),
        "before": None if found.before is None else version_form(found.before),
        "difference": None if found.difference is None else _difference(found.difference),
    }


def version_form(found: VersionStatistics) -> Form:
    """One version's statistics."""
    return {
        "version": str(found.version),
        "calls": found.calls,
        "open": found.open,
        "outcomes": dict(found.outcomes),
        "success": None if found.rate is None else _rate(found.rate),
        "duration": None if found.durations is None else _durations(found.durations),
        "score": None if found.score is None else {"calls": found.scored, "mean": found.score},
    }


def time_form(at: datetime) -> str:
    """A time in UTC, to the millisecond."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _rate(rate: Rate) -> Form:
    return {"successes": rate.successes, "calls": rate.calls, "rate": rate.value, "low": rate.low, "high": rate.high}


def _durations(durations: Durations) -> Form:
    percentiles = {f"p{percent}": seconds for percent, seconds in durations.percentiles.items()}
    return {"calls": durations.calls, "mean": durations.mean, **percentiles}


def _difference(found: Difference) -> Form:
    return {"value": found.value, "low": found.low, "high": found.high, "verdict": found.verdict}
