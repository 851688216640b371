"""Steps: what a client has to do, one after the other, as values. Whoever runs them sends, waits and reads the disk.

So everything but that is written once, for clients that block and for those that do not.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent.client.answers import Silence, is_worth_another, pause_of

if TYPE_CHECKING:
    from gitagent.client.answers import Outcome
    from gitagent.client.requests import Request


class Send(NamedTuple):
    """Send a request, and come back with what became of it: within so many seconds, whatever happens."""

    request: Request
    seconds: float


class Pause(NamedTuple):
    """Let so many seconds go by."""

    seconds: float


class Do(NamedTuple):
    """Do something that may have to wait for the disk, and come back with its result."""

    action: Callable[[], Any]


_Result = TypeVar("_Result")
Step = Send | Pause | Do
Steps = Generator[Step, Any, _Result]
FIRST_PAUSE = 0.05
"""Seconds before the second attempt; twice as long before each one after it."""


class Patience(NamedTuple):
    """How long somebody waits for an answer: at most `attempts` times, and so many seconds in all."""

    seconds: float
    attempts: int


def attempted(request: Request, patience: Patience, clock: Callable[[], float]) -> Steps[Outcome]:
    """Send a request, and again where that may help. What is asked for twice is the same, so nothing happens twice.

    Each attempt but the last gets half of the time that is left, so that one server of several may hang.
    """
    until = clock() + patience.seconds
    outcome: Outcome = Silence("there was no time to ask")
    for attempt in range(1, patience.attempts + 1):
        left, is_last = until - clock(), attempt == patience.attempts
        if left <= 0:
            break
        outcome = yield Send(request, left if is_last else left / 2)
        pause = max(pause_of(outcome), FIRST_PAUSE * 2 ** (attempt - 1) * random.uniform(0.5, 1))  # noqa: S311  # no secret
        if is_last or not is_worth_another(outcome) or clock() + pause >= until:
            break
        yield Pause(pause)
    return outcome


class Watch:
    """Whether it is worth asking the server. After a failure one asks now and then; nobody else waits for that."""

    def __init__(self, clock: Callable[[], float], *, pause: float) -> None:
        self._clock = clock
        self._pause = pause
        self._lock = Lock()
        self._failed_at: float | None = None

    @property
    def is_away(self) -> bool:
        """Whether it failed to answer the last time."""
        return self._failed_at is not None

    def may_ask(self, *, within: float) -> bool:
        """Whether the server answers, or it is one's turn to try, which may take that many seconds."""
        with self._lock:
            if self._failed_at is None:
                return True
            if self._clock() - self._failed_at < self._pause:
                return False
            self._failed_at = self._clock() + within
            return True

    def answered(self) -> None:
        """It answered."""
        self._failed_at = None

    def failed(self) -> None:
        """It did not."""
        with self._lock:
            self._failed_at = self._clock()
