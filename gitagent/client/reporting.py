"""Reporting: a thread that tells the server what waits, for as long as something does."""

from __future__ import annotations

import os
import random
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

from gitagent.client import reports
from gitagent.errors import GitagentError

if TYPE_CHECKING:
    from gitagent.client.asking import Around
    from gitagent.client.sending import Sender

EVERY = 2.0
"""Seconds between two attempts, half of that at least: many machines do not come all at once."""
_LONGEST_END = 5.0


class Reporter:
    """What tells the server later. `trouble` is why it could not, the last time."""

    def __init__(self, around: Around, sender: Sender, *, every: float = EVERY) -> None:
        self.trouble: GitagentError | None = None
        self._around = around
        self._sender = sender
        self._every = every
        self._lock = Lock()
        self._thread: Thread | None = None
        self._process = os.getpid()
        self._end = Event()

    def look(self) -> None:
        """Begin where something waits."""
        if self._around.waiting:
            self._begin()

    def wake(self) -> None:
        """Begin where something waits that did not a moment ago."""
        if self._around.waiting.news:
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            is_at_it = self._thread is not None and self._thread.is_alive() and self._process == os.getpid()
            if not is_at_it and not self._end.is_set():
                self._thread = Thread(target=self._run, name="gitagent-reporter", daemon=True)
                self._process = os.getpid()
                self._thread.start()

    def close(self) -> None:
        """End; what waits on disk is told by whoever uses that folder next."""
        self._end.set()
        if self._thread is not None and self._process == os.getpid():
            self._thread.join(_LONGEST_END)

    def _run(self) -> None:
        while not self._end.wait(self._every * random.uniform(0.5, 1)):  # noqa: S311  # no secret
            try:
                self._sender.run(reports.report(self._around), self._end.wait)
            except GitagentError as error:
                self.trouble = error
            else:
                self.trouble = None
            with self._lock:
                self._around.waiting.news = False  # before it is looked: what comes now begins this anew
                if not self._around.waiting:
                    self._thread = None
                    return
