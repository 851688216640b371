"""Queue: the operations that were too late on a shared remote that gives no turns, in the order in which they came.

Each puts a ref of its own there, named by a ULID, and goes on once no earlier one stands there. Nothing but the order
depends on that: who does not wait is only more likely to be too late.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gitagent.agent.ledger import LEDGER
from gitagent.errors import RemoteRefused, StorageFailed
from gitagent.git.remote import RefChange
from gitagent.names import is_ulid, new_ulid

if TYPE_CHECKING:
    from gitagent.git.remote import Remote

WAITING = "refs/gitagent/waiting/"
LONGEST_STAY = 20.0
"""Seconds for which the first may stand there while the ledger stays the same; then it is taken to have died."""
PAUSE = 0.1
"""Seconds between two looks, times the number of those who stand before."""
LONGEST_PAUSE = 2.0


class Queue:
    """One operation's place."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._place: str | None = None
        self._known = ""
        self._gone: set[str] = set()
        self._looked: tuple[str, str | None] | None = None
        self._since = 0.0

    def wait(self, known: str) -> bool:
        """Wait until it is the first; False where the remote takes no such ref. `known` is any commit of the remote's.

        Who was the first and was too late all the same stays it.
        """
        if self._place is None:
            # Known before it is there, so that who is interrupted meanwhile can take it away.
            place = self._place = new_ulid()
            self._known = known
            try:
                self._remote.push([RefChange(WAITING + place, known, None)], operation=place)
            except RemoteRefused:
                self._place = None
                return False
        while before := self._before(self._place):
            time.sleep(min(PAUSE * before, LONGEST_PAUSE) * (0.5 + os.urandom(1)[0] / 256))
        return True

    def leave(self) -> None:
        """Let the next one go on."""
        if self._place is not None:
            self._take_away(self._place, self._known)
            self._place = None

    def _before(self, mine: str) -> int:
        """How many stand before that place, those left out that seem to have died."""
        refs = self._remote.refs(f"{WAITING}*", LEDGER)
        names = {ref.removeprefix(WAITING) for ref in refs if ref.startswith(WAITING)} - self._gone
        before = sorted(name for name in names if is_ulid(name) and name < mine)
        if not before:
            return 0
        first = before[0]
        looked = (first, refs.get(LEDGER))
        if looked != self._looked:
            self._looked, self._since = looked, time.monotonic()
        elif time.monotonic() - self._since > LONGEST_STAY:
            self._gone.add(first)
            self._take_away(first, refs[WAITING + first])
        return len(before)

    def _take_away(self, place: str, points_at: str) -> None:
        with suppress(RemoteRefused, StorageFailed):  # others take it for dead after a while
            self._remote.push([RefChange(WAITING + place, None, points_at)], operation=place)
