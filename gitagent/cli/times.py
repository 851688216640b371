"""Times: how people write them, and how they read."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_UNITS = {
    "s": "seconds", "sec": "seconds", "second": "seconds",
    "m": "minutes", "min": "minutes", "minute": "minutes",
    "h": "hours", "hr": "hours", "hour": "hours",
    "d": "days", "day": "days",
    "w": "weeks", "wk": "weeks", "week": "weeks",
    "mo": "months", "month": "months",
    "y": "years", "yr": "years", "year": "years",
}  # fmt: skip
_NUMBER = r"[0-9]{1,6}|an?\b"
_PART = re.compile(rf"({_NUMBER})\s*([a-z]+?)s?(?:\s+|(?=[0-9])|$)")
_AGO = re.compile(rf"(?:(?:{_NUMBER})\s*[a-z]+\s*)+")
_DAY = re.compile(r"(now|today|yesterday)?(?:\s*(?:at\s+)?([0-9]{1,2}):([0-9]{2}))?")
_UNIX = re.compile(r"@([0-9]{1,11})")
_STEPS = ((60, "second"), (60, "minute"), (24, "hour"), (7, "day"), (5, "week"))
EXAMPLES = "2026-03-01, 2026-03-01T14:30, yesterday, '2 hours ago' or 3d"


class UnreadableTimeError(ValueError):
    """A text that says no time, or one outside the calendar."""


def parse_time(text: str, *, now: datetime) -> datetime:
    """The moment that somebody means by `text`, with its zone; UnreadableTimeError when there is none.

    A date alone is its first moment; a time without a zone is local.
    """
    words = " ".join(text.lower().split())
    try:
        moment = _day(words, now) or _ago(words, now) or _iso(text.strip())
        return moment.astimezone()
    except (ValueError, OverflowError) as error:
        raise UnreadableTimeError(f"'{text}' is not a time") from error


def _day(words: str, now: datetime) -> datetime | None:
    match = _DAY.fullmatch(words)
    if match is None or not words:
        return None
    day, hour, minute = match.groups()
    if day == "now" and hour is None:
        return now
    date = now.astimezone().date() - timedelta(days=day == "yesterday")
    return datetime(date.year, date.month, date.day, int(hour or 0), int(minute or 0)).astimezone()


def _ago(words: str, now: datetime) -> datetime | None:
    words = words.removesuffix(" ago")
    if _AGO.fullmatch(words) is None:
        return None
    moment = now.astimezone()
    for count, unit in _PART.findall(words):
        moment = _back(moment, 1 if count.startswith("a") else int(count), unit)
    return moment


def _back(moment: datetime, count: int, unit: str) -> datetime:
    name = _UNITS.get(unit)
    if name is None:
        raise ValueError(unit)
    if name in {"months", "years"}:
        return _months_back(moment, count * (12 if name == "years" else 1))
    # In UTC, so that an hour is an hour on the day when clocks change.
    return (moment.astimezone(UTC) - timedelta(**{name: count})).astimezone()


def _months_back(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    last = (datetime(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _iso(text: str) -> datetime:
    if match := _UNIX.fullmatch(text):
        return datetime.fromtimestamp(int(match[1]), UTC)
    return datetime.fromisoformat(text)


def local(moment: datetime) -> str:
    """The moment in the local zone, to the minute: "2026-03-01 14:30"."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def local_with_zone(moment: datetime) -> str:
    """The moment in the local zone, to the second, and the zone: "2026-03-01 14:30:00 +0100"."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")


def relative(moment: datetime, *, now: datetime) -> str:
    """How long ago, in the largest unit that fits: "just now", "2 hours ago", "3 weeks ago"."""
    count = int((now - moment).total_seconds())
    if count < 0:
        return "in the future"
    if count < 10:
        return "just now"
    for size, unit in _STEPS:
        if count < size:
            return _some(count, unit)
        count //= size
    days = (now - moment).days
    return _some(days // 30, "month") if days < 365 else _some(days // 365, "year")


def _some(count: int, unit: str) -> str:
    return f"{count} {unit}{'s' * (count != 1)} ago"


def iso(moment: datetime) -> str:
    """The moment as programs read it: ISO 8601 in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
