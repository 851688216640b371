"""Versions: immutable numbered snapshots, and the words written into their commits and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import ObjectMissing
from gitagent.names import Actor, VersionNumber

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.agent.ledger import Ledger
    from gitagent.git.repository import Repository


_TRAILER = "Gitagent-Version: "


class Version(NamedTuple):
    """One version. `commit` is 40 hexadecimal digits; empty in a plan, where the version is still to be made.

    `signed` says that its tag carries a signature, not whose.
    """

    number: VersionNumber
    commit: str
    name: str | None
    message: str | None
    actor: Actor
    at: datetime
    signed: bool = False


def tag_ref(number: VersionNumber) -> str:
    """The ref of a version."""
    return f"refs/tags/{number}"


def tag_message(number: VersionNumber, name: str | None, message: str | None) -> str:
    """What the tag says: the version's name, or its number where it has none, then the message."""
    return f"{name or _unnamed(number)}\n" + (f"\n{message}\n" if message else "")


def commit_message(number: VersionNumber, name: str | None, message: str | None) -> str:
    """What the version's commit says."""
    subject = f"{number} {name}" if name else str(number)
    return f"{subject}\n\n" + (f"{message}\n\n" if message else "") + f"{_TRAILER}{number}\n"


def version_made_by(message: str) -> VersionNumber | None:
    """The version that a commit with this message was made for; None when it is a plain one."""
    last = message.rstrip("\n").rpartition("\n")[2]
    text = last.removeprefix(_TRAILER)
    if text == last or not VersionNumber.matches(text):
        return None
    number = VersionNumber.parse(text)
    return number if str(number) == text else None


def read_version(repository: Repository, ledger: Ledger, number: VersionNumber) -> Version:
    """The version of that number, from the tag object that the ledger names.

    VersionNotFound when it was never made; ObjectMissing when its tag object is gone.
    """
    record = ledger.record(number)
    tag = repository.tag(record.tag) if repository.has(record.tag) else None
    if tag is None:
        raise ObjectMissing(f"the tag object of {number} is missing", hint="Fetch the tags from a clone that has them.")
    first, _, rest = tag.message.partition("\n")
    if (name := first if first != _unnamed(number) else None) is None:
        # Somebody may have named v2 "Version 2": only the commit tells.
        subject = repository.commit(record.commit).message.partition("\n")[0]
        name = subject.partition(" ")[2] or None
    who = Actor(tag.tagger_name, tag.tagger_email)
    return Version(number, record.commit, name, rest.strip("\n") or None, who, tag.at, tag.is_signed)


def _unnamed(number: VersionNumber) -> str:
    return f"Version {number.number}"
