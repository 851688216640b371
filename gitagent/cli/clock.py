"""The clock: what time it is for everything that this run writes."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone

from gitagent.errors import InvalidName

VARIABLE = "GIT_COMMITTER_DATE"
_RAW = re.compile(r"@?([0-9]{1,11}) ([+-])([0-9]{2})([0-9]{2})|@([0-9]{1,11})")


def now() -> datetime:
    """The time now, to the second as git keeps it; GIT_COMMITTER_DATE instead, where it is set."""
    text = os.environ.get(VARIABLE, "")
    return _parse(text.strip()) if text.strip() else datetime.now(UTC).replace(microsecond=0)


def _parse(text: str) -> datetime:
    try:
        if match := _RAW.fullmatch(text):
            return _raw(match)
        if text[:1].isalpha():
            from email.utils import parsedate_to_datetime  # RFC 2822, git's other form; rarely used

            return parsedate_to_datetime(text).astimezone(UTC)
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.astimezone()).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        raise InvalidName(
            f"{VARIABLE} is '{text}', which is not a time",
            hint=f"Write it as @1767225600 +0000 or 2026-01-01T00:00:00+00:00, or unset {VARIABLE}.",
            code="invalid-time",
        ) from error


def _raw(match: re.Match[str]) -> datetime:
    seconds, sign, hours, minutes, bare = match.groups()
    if bare:
        return datetime.fromtimestamp(int(bare), UTC)
    offset = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
    return datetime.fromtimestamp(int(seconds), timezone(offset))
