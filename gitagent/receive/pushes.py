"""Pushes: the refs that one push wants to move, as pre-receive is told them, and where each stands after it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.git.repository import Repository

NOTHING = "0" * 40
_LINE = re.compile(r"([0-9a-f]{40}) ([0-9a-f]{40}) (refs/[^\n]+)")


class RefUpdate(NamedTuple):
    """One ref that a push moves: from None where it is made, to None where it is deleted."""

    ref: str
    old: str | None
    new: str | None


class Push:
    """All refs that one push moves, on top of those that stay."""

    def __init__(self, repository: Repository, updates: Iterable[RefUpdate]) -> None:
        self.repository = repository
        self.updates = {update.ref: update for update in updates}

    def before(self, ref: str) -> str | None:
        """Where a ref stands now."""
        update = self.updates.get(ref)
        return self.repository.ref(ref) if update is None else update.old

    def after(self, ref: str) -> str | None:
        """Where a ref would stand once the push is taken."""
        update = self.updates.get(ref)
        return self.repository.ref(ref) if update is None else update.new


def read_updates(lines: Iterable[str]) -> list[RefUpdate]:
    """What git says of a push to pre-receive, a line for each ref: the old object, the new one, the ref."""
    return [_read(line) for line in lines]


def _read(line: str) -> RefUpdate:
    if (match := _LINE.fullmatch(line)) is None:
        raise StorageFailed(f"git told this hook {line!r}, which is not about a ref", code="hook-input")
    old, new, ref = match.groups()
    return RefUpdate(ref, None if old == NOTHING else old, None if new == NOTHING else new)
