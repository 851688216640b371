"""Commits and tags as values, and the exact bytes of a tag."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gitagent.names import Actor


MINUTES_PER_DAY = 24 * 60
LATEST = 60 * 10**9
"""Seconds: the year 3871, on the other side the year 68."""


class Commit(NamedTuple):
    """A commit: object ids are 40 hexadecimal digits; `at` is the committer's time."""

    id: str
    tree: str
    parents: tuple[str, ...]
    message: str
    name: str
    email: str
    at: datetime


class Tag(NamedTuple):
    """An annotated tag, with the name that stands inside it. Its message is without the signature."""

    id: str
    target: str
    name: str
    message: str
    tagger_name: str
    tagger_email: str
    at: datetime
    is_signed: bool = False


def moment(seconds: int, offset: int) -> datetime:
    """The time that git keeps as Unix `seconds` and an `offset` from UTC in minutes."""
    zone = UTC if abs(offset) >= MINUTES_PER_DAY or offset == 0 else timezone(timedelta(minutes=offset))
    # git takes any number for a time; nobody's clock shows one that Python cannot tell.
    return datetime.fromtimestamp(min(max(seconds, -LATEST), LATEST), zone)


def offset_minutes(at: datetime) -> int:
    """The offset of `at` from UTC in minutes."""
    offset = at.utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60


def tag_content(*, target: str, name: str, message: str, actor: Actor, at: datetime) -> bytes:
    """The bytes of an annotated tag object on a commit.

    Written out here because pygit2 only makes a tag object together with its ref, and a version's tag object has
    to exist before the ledger names it.
    """
    minutes = offset_minutes(at)
    zone = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}{abs(minutes) % 60:02d}"
    head = f"object {target}\ntype commit\ntag {name}\ntagger {actor} {int(at.timestamp())} {zone}\n"
    return f"{head}\n{message}\n".encode()
