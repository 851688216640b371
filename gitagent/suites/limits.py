"""Limits: how long something may take before it is interrupted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import NoReturn

_LEAST = 0.001  # a timer of nothing would be none
_AGAIN = 0.5  # an event loop goes on after whatever a callback raises


class TooLong(BaseException):  # the outcome of a case, which nothing that the case uses may take for its own trouble
    """Something took longer than it may."""


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Raise TooLong inside the block once it has lasted so long, also in the midst of a regular expression.

    Somebody else's timer, such as pytest-timeout's, goes on as if nothing had been. Only a main thread can be
    interrupted; elsewhere it is found out at the end.
    """
    began = monotonic()
    if threading.current_thread() is threading.main_thread():
        with _alarm(began, seconds):
            yield
    else:
        yield
    if monotonic() - began > seconds:
        raise TooLong


@contextmanager
def _alarm(began: float, seconds: float) -> Iterator[None]:
    before = signal.signal(signal.SIGALRM, _interrupt)
    left, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, _LEAST), _AGAIN)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if left:
            signal.setitimer(signal.ITIMER_REAL, max(left - (monotonic() - began), _LEAST), interval)


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise TooLong
