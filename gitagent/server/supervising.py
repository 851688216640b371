"""Supervising: many workers on one socket; one that dies is started again, and all of them end in order."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import socket
import time
from contextlib import contextmanager, suppress
from multiprocessing.connection import wait
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.errors import StorageFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.context import SpawnProcess

STARTUP_FAILED = 3
"""The code by which uvicorn says that it never came to serve: another try would come to the same."""
LIVED = 5.0
"""Seconds; a worker that dies sooner is not started again at once, so that a machine in trouble is left some time."""
PAUSE = 1.0
LONGEST_CLEANING = 5.0
"""Seconds that workers have, after those for requests in flight, to end what else they do."""
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_LOG = logging.getLogger("gitagent.server")


class _Worker(NamedTuple):
    process: SpawnProcess
    began: float


class _Stopping(NamedTuple):
    """Whether a signal asked for the end; `awake` can be read from when one did."""

    asked: list[int]
    awake: socket.socket


def supervise(work: Callable[..., None], arguments: tuple[Any, ...], *, workers: int, grace: float) -> None:
    """Have so many processes do `work` until a signal ends them. Those that are cut off in it are killed at the end.

    StorageFailed where a worker cannot even start.
    """
    with _signals() as stopping:
        running: list[_Worker] = []
        try:
            for _ in range(workers):
                running.append(_begun(work, arguments))
            while not stopping.asked:
                wait([*(each.process.sentinel for each in running), stopping.awake])
                for number, each in enumerate(running):
                    running[number] = _kept(each, work, arguments, stopping)
        finally:
            _end(running, grace)


def _kept(worker: _Worker, work: Callable[..., None], arguments: tuple[Any, ...], stopping: _Stopping) -> _Worker:
    """The worker; where it has died, another one."""
    if worker.process.is_alive() or stopping.asked:
        return worker
    code = worker.process.exitcode
    if code == STARTUP_FAILED:
        raise StorageFailed(
            "the server's workers cannot start", hint="What they said above is why.", code="workers-failed"
        )
    pid, why = worker.process.pid, _why(code)
    if time.monotonic() - worker.began < LIVED:
        wait([stopping.awake], PAUSE)
    try:
        another = _started(work, arguments)
    except OSError as error:  # the machine takes no other process now, and the other workers serve on
        _LOG.warning("worker %d ended (%s), and no other can be started now: %s", pid, why, error.strerror)
        wait([stopping.awake], PAUSE)
        return worker
    _LOG.warning("worker %d ended (%s), another one takes its place", pid, why)
    worker.process.close()
    return another


def _begun(work: Callable[..., None], arguments: tuple[Any, ...]) -> _Worker:
    """One of the first workers, all of which there have to be."""
    try:
        return _started(work, arguments)
    except OSError as error:
        raise StorageFailed(
            f"the server's workers cannot start: {error.strerror}",
            hint="Let the machine have more processes, or start fewer with --workers.",
            code="workers-failed",
        ) from error


def _started(work: Callable[..., None], arguments: tuple[Any, ...]) -> _Worker:
    process = multiprocessing.get_context("spawn").Process(target=work, args=arguments)
    # Ctrl-C reaches all processes of a terminal. A worker takes it once it knows what to do then: see `receptive`.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return _Worker(process, time.monotonic())


def receptive(stop: Callable[[int, Any], None]) -> None:
    """In a worker: from now on it is stopped by signals in this way."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, stop)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # the parent tells
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


def _end(running: list[_Worker], grace: float) -> None:
    for each in running:
        if each.process.is_alive():
            each.process.terminate()
    give_up = time.monotonic() + grace + LONGEST_CLEANING
    for each in running:
        each.process.join(max(give_up - time.monotonic(), 0))
        if each.process.is_alive():
            _LOG.warning("worker %d did not end, and is killed", each.process.pid)
            each.process.kill()
        each.process.join()
        each.process.close()


@contextmanager
def _signals() -> Iterator[_Stopping]:
    """Note signals that ask for the end, and wake whoever waits."""
    asked: list[int] = []
    awake, waker = socket.socketpair()
    awake.setblocking(False)
    waker.setblocking(False)
    known = [each for each in ENDING if signal.getsignal(each) is not signal.SIG_IGN]
    before = {each: signal.signal(each, lambda number, _: asked.append(number)) for each in known}
    fd = signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    try:
        yield _Stopping(asked, awake)
    finally:
        signal.set_wakeup_fd(fd)
        for number, handler in before.items():
            signal.signal(number, handler)
        awake.close()
        waker.close()


def end_with_parent() -> None:
    """End in order when the parent is gone: nobody else would end a worker of one that was killed."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        with suppress(ProcessLookupError):
            os.kill(os.getpid(), signal.SIGTERM)


def _why(code: int | None) -> str:
    if code is None or code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
