"""Untold: how far a webhook was told of what the ledger holds, and which events it does not know yet."""

from __future__ import annotations

import json
import os
import re
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.ledger import LEDGER
from gitagent.errors import ObjectMissing

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository

_ID = re.compile(r"[0-9a-f]{40}")
MOST_EVENTS = 100
"""In one message."""


class Known(NamedTuple):
    """How far a webhook was told, None before the first event; how far the message that is under way goes; its tries.

    A message that is under way stays as it is, so that the webhook can tell it from the next one by its id.
    """

    told: str | None
    until: str | None = None
    tries: int = 0


class Untold:
    """What one webhook was not told of. The ledger is the queue; `file` keeps how far it was worked off."""

    def __init__(self, repository: Repository, file: Path) -> None:
        self._repository = repository
        self._file = file

    @property
    def is_begun(self) -> bool:
        """Whether it is known how far the webhook was told."""
        return self._read() is not None

    def begin(self, stood: Sequence[str]) -> None:
        """Begin after the oldest of the commits where the ledger stood before a push; with none, at the newest event.

        Of an agent that is new here, no more is told than fits into one message.
        """
        if (tip := self._repository.ref(LEDGER)) is not None:
            self.remember(Known(_beginning(self._repository, tip, stood)))

    def known(self) -> Known:
        """How far it was told. Where that cannot be known any more, up to the newest event."""
        known, tip = self._read(), self._repository.ref(LEDGER)
        if tip is None:
            return Known(None)
        if known is None or not _is_before(self._repository, known.told, tip):
            return Known(_beginning(self._repository, tip, ()))
        return known

    def remember(self, known: Known) -> None:
        """Keep how far it was told, whatever happens to this process or this machine."""
        new = self._file.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(known._asdict(), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._file)

    def events(self) -> list[Commit]:
        """Every event that it was not told of, oldest first."""
        told = self.known().told
        commits: list[Commit] = []
        if (tip := self._repository.ref(LEDGER)) is None:
            return commits
        for commit in self._repository.first_parents(tip):
            if commit.id == told:
                break
            commits.append(commit)
        return commits[::-1]

    def under_way(self) -> list[Commit]:
        """The events of the message that is under way, or of the next one from now on; none where all are told."""
        known, events = self.known(), self.events()
        ids = [each.id for each in events]
        if known.until in ids:
            return events[: ids.index(known.until) + 1]
        events = events[:MOST_EVENTS]
        if events:
            self.remember(Known(known.told, events[-1].id))
        return events

    def _read(self) -> Known | None:
        try:
            known = Known(**json.loads(self._file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return None
        return known if known.told is None or _ID.fullmatch(str(known.told)) else None


def _beginning(repository: Repository, tip: str, stood: Sequence[str]) -> str | None:
    line: list[str] = []
    for commit in repository.first_parents(tip):
        line.append(commit.id)
        if len(line) > MOST_EVENTS:
            break
    is_new = any(not each.strip("0") for each in stood)
    at = MOST_EVENTS if is_new else max((at for at, id_ in enumerate(line) if id_ in stood), default=1)
    return line[at] if at < len(line) else None


def _is_before(repository: Repository, told: str | None, tip: str) -> bool:
    try:
        return told is None or repository.is_ancestor(told, tip)
    except ObjectMissing:  # another ledger was put in the place of the one that was told of
        return False
