"""Running the command line on a pseudo-terminal, as a person has it."""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import sys
import termios
from fcntl import ioctl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

LONGEST = 30  # seconds to wait for output
CONTROL_C = "\x03"
PRESSED_AGAIN = 2  # seconds after which a person presses Control-C again


def on_a_terminal(
    folder: Path,
    *arguments: str,
    answers: Mapping[str, str | Callable[[], object]] | None = None,
    columns: int = 80,
    environ: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run on a pseudo-terminal, typing each answer when its question appears. Returns exit code and screen.

    An answer that is a function is called instead.
    """
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        os.chdir(folder)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it runs in the background ignore it
        # The environment as Python has it: GNU readline, where it is loaded, puts COLUMNS into the process's own.
        given = {**os.environ, **(environ or {})}
        os.execve(sys.executable, [sys.executable, "-m", "gitagent", *arguments], given)  # noqa: S606 - no shell
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    screen, waiting, presses = b"", dict(answers or {}), 0
    while True:
        if not select.select([terminal], [], [], PRESSED_AGAIN if presses else LONGEST)[0]:
            if not presses:
                break
            # A signal that comes between Python's look for signals and its read is seen when the read returns.
            os.write(terminal, CONTROL_C.encode())
            presses -= 1
            continue
        try:
            read = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not read:
            break
        screen += read
        for question in [question for question in waiting if question.encode() in screen]:
            answer = waiting.pop(question)
            if not isinstance(answer, str):
                answer()
                continue
            os.write(terminal, answer.encode())
            if answer == CONTROL_C:
                presses = 5
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen.decode().replace("\r\n", "\n")
