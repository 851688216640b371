"""How people write times, and how they read."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gitagent.cli.times import UnreadableTimeError, iso, local, local_with_zone, parse_time, relative

NOW = datetime(2026, 3, 31, 15, 30, 10, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The local zone of a place that changes its clocks on 29 March 2026."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01", "2026-03-01T00:00:00+00:00"),
        ("2026-03-01T14:30", "2026-03-01T14:30:00+00:00"),
        ("2026-03-01 14:30:05", "2026-03-01T14:30:05+00:00"),
        ("2026-03-01T14:30Z", "2026-03-01T14:30:00+00:00"),
        ("2026-03-01T14:30+02:00", "2026-03-01T12:30:00+00:00"),
        ("20260301", "2026-03-01T00:00:00+00:00"),
        ("@1767225600", "2026-01-01T00:00:00+00:00"),
        ("now", "2026-03-31T15:30:10+00:00"),
        ("today", "2026-03-31T00:00:00+00:00"),
        ("Yesterday", "2026-03-30T00:00:00+00:00"),
        ("yesterday 9:15", "2026-03-30T09:15:00+00:00"),
        ("yesterday at 09:15", "2026-03-30T09:15:00+00:00"),
        ("14:30", "2026-03-31T14:30:00+00:00"),
        ("45 seconds ago", "2026-03-31T15:29:25+00:00"),
        ("10 minutes ago", "2026-03-31T15:20:10+00:00"),
        ("10m", "2026-03-31T15:20:10+00:00"),
        ("2 hours ago", "2026-03-31T13:30:10+00:00"),
        ("2h", "2026-03-31T13:30:10+00:00"),
        ("1h30m", "2026-03-31T14:00:10+00:00"),
        ("1 hour 30 minutes ago", "2026-03-31T14:00:10+00:00"),
        ("3d", "2026-03-28T15:30:10+00:00"),
        ("an hour ago", "2026-03-31T14:30:10+00:00"),
        ("a day ago", "2026-03-30T15:30:10+00:00"),
        ("2 weeks ago", "2026-03-17T15:30:10+00:00"),
        ("1 month ago", "2026-02-28T15:30:10+00:00"),
        ("3mo", "2025-12-31T15:30:10+00:00"),
        ("13 months ago", "2025-02-28T15:30:10+00:00"),
        ("a year ago", "2025-03-31T15:30:10+00:00"),
        ("  2   HOURS   ago ", "2026-03-31T13:30:10+00:00"),
    ],
)
def test_times_are_read_as_people_write_them(text: str, expected: str) -> None:
    assert iso(parse_time(text, now=NOW)) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", "soon", "2 fortnights ago", "2026-13-01", "25:00", "yesterday 12:99", "99 parsecs", "3", "ago",
     "now 12:00 x", "999999y", "-3d", "@", "@99999999999999999", "2026-03-01T14:30+99:00", "\x00", "²h", "3d!",
     "99999 years ago"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UnreadableTimeError, match="is not a time"):
        parse_time(text, now=NOW)


def test_every_time_has_a_zone() -> None:
    for text in ("2026-03-01", "now", "3d", "yesterday", "14:30"):
        assert parse_time(text, now=NOW).utcoffset() is not None


@pytest.mark.usefixtures("berlin")
def test_times_without_a_zone_are_local() -> None:
    assert iso(parse_time("2026-03-01T14:30", now=NOW)) == "2026-03-01T13:30:00+00:00"
    assert iso(parse_time("2026-06-01", now=NOW)) == "2026-05-31T22:00:00+00:00"
    assert iso(parse_time("yesterday", now=NOW)) == "2026-03-29T22:00:00+00:00"


@pytest.mark.usefixtures("berlin")
def test_hours_are_hours_when_the_clocks_change() -> None:
    noon_after_change = datetime(2026, 3, 29, 10, 0, tzinfo=UTC)
    assert iso(parse_time("24 hours ago", now=noon_after_change)) == "2026-03-28T10:00:00+00:00"


@pytest.mark.usefixtures("berlin")
def test_times_are_shown_in_the_local_zone() -> None:
    assert local(NOW) == "2026-03-31 17:30"
    assert local_with_zone(NOW) == "2026-03-31 17:30:10 +0200"
    assert iso(NOW) == "2026-03-31T15:30:10+00:00"


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=-90), "in the future"),
        (timedelta(0), "just now"),
        (timedelta(seconds=9), "just now"),
        (timedelta(seconds=10), "10 seconds ago"),
        (timedelta(seconds=60), "1 minute ago"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=7), "1 week ago"),
        (timedelta(days=34), "4 weeks ago"),
        (timedelta(days=35), "1 month ago"),
        (timedelta(days=364), "12 months ago"),
        (timedelta(days=365), "1 year ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_how_long_ago_is_told_in_the_largest_unit(ago: timedelta, words: str) -> None:
    assert relative(NOW - ago, now=NOW) == words
