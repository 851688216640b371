"""The agent's lock: one writer at a time among gitagent's own processes.

The operating system drops the lock when its holder dies, so it can never be left behind. What can be left behind
are git's own `*.lock` files; a byte in the lock file says that its holder did not finish, and so that they may be
cleared away.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from gitagent.errors import AgentBusy, RepositoryUnreadable, StorageFailed
from gitagent.git.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

WRITING = "GITAGENT_WRITING"
"""Where the hooks that git runs for us find the lock that we hold meanwhile."""
LONGEST_WAIT = 60.0
"""Seconds that a writer waits for its turn before it gives up."""


@contextmanager
def locked(path: Path, *, after_crash: Callable[[], None], longest_wait: float | None = None) -> Iterator[None]:
    """Hold the lock file at `path`, waiting up to `longest_wait` seconds (LONGEST_WAIT); AgentBusy after that.

    `after_crash` is called first, under the lock, when the holder before died in the middle.
    """
    try:
        _make_folder(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise RepositoryUnreadable(
            f"cannot write to {path.parent}: {error.strerror}",
            hint="Check that the repository belongs to you and that the disk is neither full nor read-only.",
        ) from error
    try:
        _wait_for(file, path, LONGEST_WAIT if longest_wait is None else longest_wait)
        if os.pread(file, 1, 0):
            after_crash()
        _mark(file, path)
        try:
            yield
        finally:
            # An exception left nothing half written that the next command would not finish: only a death does.
            # Where nothing can be written any more, it looks like one, and the next command looks after what is left.
            with contextlib.suppress(OSError):
                os.ftruncate(file, 0)
    finally:
        os.close(file)


def _make_folder(folder: Path) -> None:
    with contextlib.suppress(FileExistsError):
        folder.mkdir()
        sync_directory(folder.parent)


def abandoned(path: Path) -> bool:
    """Whether the lock's last holder died while it held it. False while a living one has it."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if os.fstat(file).st_size == 0:
            return False
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        # Its last holder may have ended in order between the two looks.
        return os.fstat(file).st_size > 0
    finally:
        os.close(file)


def _mark(file: int, path: Path) -> None:
    try:
        os.pwrite(file, b"!", 0)
    except OSError as error:
        raise StorageFailed(
            f"cannot write to {path}: {error.strerror}",
            hint="Check that the disk is neither full nor read-only; nothing was changed.",
        ) from error


def _wait_for(file: int, path: Path, longest_wait: float) -> None:
    give_up = time.monotonic() + longest_wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in {errno.EAGAIN, errno.EACCES}:
                raise RepositoryUnreadable(f"cannot lock {path}: {error.strerror}") from error
            if os.environ.get(WRITING) == str(path):
                raise AgentBusy(
                    "a command of gitagent is writing to this agent, and waits for the git hook that runs this one",
                    hint="In a hook, only read: gitagent status, gitagent validate, gitagent versions.",
                    code="agent-busy-here",
                ) from error
            if time.monotonic() >= give_up:
                raise AgentBusy(
                    f"another command has been writing to this agent for over {longest_wait:.0f} seconds",
                    hint="Wait for it to end, or end it, then try again.",
                ) from error
            # Jitter, so that many waiting processes do not wake in step.
            time.sleep(0.002 + os.urandom(1)[0] / 25_600)
        else:
            return
