"""Turns: how an operation that others were faster than comes to be the next."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from gitagent.agent.queue import Queue
from gitagent.errors import RemoteRefused, StorageFailed
from gitagent.git.remote import LONGEST_TURN
from gitagent.names import new_ulid

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from gitagent.agent.store import Store
    from gitagent.git.remote import Remote

SPREAD = 4
"""How many times as long as a lost attempt took an operation pauses at most before its second one."""
LONGEST_PAUSE = 20.0
"""Seconds."""
LONGEST_CROWD = 30.0
"""Seconds for which others are taken to be at work, too, after they were faster."""


class Turns:
    """The attempts of one operation. The first is made at once, the others when it is time for them.

    Where the remote gives turns, the second attempt is in the operation's own, and nobody comes between. Else those
    who were too late wait for one another in a queue of refs; where the remote takes none, they pause, the shorter the
    more attempts were lost, so that the oldest tend to go first. Who was too late a moment ago waits right away.
    """

    def __init__(self, store: Store, remote: Remote) -> None:
        self._store, self._remote = store, remote
        self._queue = Queue(remote)
        self._lost = 0
        self._began = time.monotonic()

    def __enter__(self) -> Self:
        if (took := self._crowded()) is not None:
            try:
                self._wait(took)
            except BaseException:
                self._queue.leave()  # who is interrupted here keeps nobody else waiting
                raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if (unused := self._store.turn) is not None:
            self._store.turn = None
            # Asked for when it has passed already, it would be another turn, which nobody uses.
            if time.monotonic() - self._began < LONGEST_TURN / 2:
                with suppress(RemoteRefused, StorageFailed):  # it passes by itself, only later
                    self._ask(unused)
        self._queue.leave()

    def wait(self) -> None:
        """After an attempt that was lost: wait until the next is due."""
        self._lost += 1
        took = time.monotonic() - self._began
        self._crowd.write_text(f"{took}\n")
        self._wait(took / self._lost)

    @property
    def _crowd(self) -> Path:
        """How many seconds the last attempt took that was lost here, in a file as old as that."""
        return self._store.folder / "crowd"

    def _crowded(self) -> float | None:
        """How long an attempt takes in the crowd that there was a moment ago; None where there was none."""
        try:
            is_new = 0 <= time.time() - self._crowd.stat().st_mtime < LONGEST_CROWD
            return float(self._crowd.read_text()) if is_new else None
        except (FileNotFoundError, ValueError):
            return None

    def _wait(self, seconds: float) -> None:
        """Wait for a turn, else in the queue, else for about so long as is due after an attempt of `seconds`."""
        self._store.turn = self._given()
        if self._store.turn is None and not self._queue.wait(self._store.ledger.tip()):
            time.sleep(min(SPREAD * seconds, LONGEST_PAUSE) * os.urandom(1)[0] / 256)
        self._began = time.monotonic()

    def _given(self) -> str | None:
        """The id of the operation whose turn it is now, for the next event to have; None where there are no turns."""
        operation = new_ulid()
        if not self._remote.gives_turns():
            return None
        try:
            self._ask(operation)
        except (RemoteRefused, StorageFailed):  # where it is out of reach, too, what comes next says so
            return None
        return operation

    def _ask(self, operation: str) -> None:
        self._remote.ask_for_turn(operation, self._store.ledger.tip())
