"""Patience: how long the git program may take at a remote, and a way to end it at once."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from threading import Event, Lock

TO_CLEAN_UP = 2.0
"""Seconds that git has to remove its locks when it is ended."""


class Patience:
    """So many seconds for each run of git. Many threads can use it; `stop` ends what runs, and all that comes."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._over = Event()
        self._running: set[subprocess.Popen[str]] = set()
        self._lock = Lock()

    def at_most(self, seconds: float) -> Patience:
        """The same with less time, which ends with this one."""
        shorter = Patience(min(seconds, self.seconds))
        shorter._over, shorter._running, shorter._lock = self._over, self._running, self._lock
        return shorter

    @property
    def is_over(self) -> bool:
        """Whether it was told to stop."""
        return self._over.is_set()

    def outcome(self, git: subprocess.Popen[str]) -> tuple[str, str]:
        """What git says on stdout and stderr; where it takes too long it is ended, and that is said."""
        with self._lock:
            self._running.add(git)
        try:
            if self.is_over:
                _end(git)
            return git.communicate(timeout=self.seconds)
        except subprocess.TimeoutExpired:
            is_late = git.poll() is None
            _end(git)
            stdout, stderr = _said(git)
            return stdout, f"{stderr}no answer within {self.seconds:g} seconds\n" if is_late else stderr
        finally:
            with self._lock:
                self._running.discard(git)

    def stop(self) -> None:
        """End what runs now; what begins later is ended at once."""
        self._over.set()
        with self._lock:
            for git in self._running:
                _signal(git, signal.SIGTERM)


def _end(git: subprocess.Popen[str]) -> None:
    """End git, and what it started: ssh and others would go on waiting."""
    _signal(git, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        git.wait(TO_CLEAN_UP)
    _signal(git, signal.SIGKILL)


def _said(git: subprocess.Popen[str]) -> tuple[str, str]:
    """What it said. A program that it started in a session of its own may hold its pipes open for as long as it likes.

    So do the connections that ssh keeps for later.
    """
    try:
        return git.communicate(timeout=TO_CLEAN_UP)
    except subprocess.TimeoutExpired as still_open:
        stdout, stderr = (part or b"" for part in (still_open.stdout, still_open.stderr))
        return stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")


def _signal(git: subprocess.Popen[str], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(git.pid, number)
