"""Crashing: processes that die at a chosen write to the disk, and the log of what a process writes."""

from __future__ import annotations

import ctypes
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any, NamedTuple

import pytest

from gitagent.errors import GitagentError

SOURCE = Path(__file__).parents[1] / "durability" / "kill_at_write.c"
Drive = Callable[[str, str], Any]
"""How tests let the driver do something with a scenario: `drive("all", "save")`."""
_HALF = "write"
_FULL, _READ_ONLY = 2, 3
_REFUSED = 9


class Write(NamedTuple):
    """One call that changed the disk; `other` is where a rename or a link leads."""

    call: str
    path: str
    other: str


class UnkilledError(AssertionError):
    """The process failed where it was to die, or to end in order."""


def compiled(folder: Path) -> Path:
    """The library that kills, made with the machine's C compiler.

    Where there is none, or no LD_PRELOAD, the test is skipped on a laptop and fails in CI.
    """
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None or not sys.platform.startswith("linux"):
        message = "killing at every write takes Linux and a C compiler: apt-get install gcc libc6-dev"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    library = folder / "kill_at_write.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o", str(library), str(SOURCE)]
    subprocess.run([*command, "-ldl"], check=True, capture_output=True)
    return library


def killed_at(act: Callable[[Path], object], path: Path, at: int, *, half: bool = False, seed: int = 1) -> bool:
    """Let a process of its own act on `path`, and die just before its write number `at` (or half-way through it).

    Whether it died so; what ends in order before, having fewer writes this time, did not. UnkilledError otherwise.
    """
    status = _run(partial(act, path), path, seed, (at, half), -1)
    if status != 0 and (not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL):
        raise UnkilledError(f"{path.name}: the process ended with {status} before write {at}")
    return status != 0


def filled_at(act: Callable[[Path], object], path: Path, at: int, *, read_only: bool = False, seed: int = 1) -> bool:
    """Let a process of its own act on `path`, where the disk is full (or takes no writes) from write `at` on.

    Whether it was refused in order; where it was not, it went on to its end. UnkilledError otherwise.
    """

    def refused() -> None:
        try:
            act(path)
        except GitagentError:
            os._exit(_REFUSED)

    status = os.waitstatus_to_exitcode(_run(refused, path, seed, (at, _READ_ONLY if read_only else _FULL), -1))
    if status not in (0, _REFUSED):
        raise UnkilledError(f"{path.name}: the process ended with {status}, no room being left from write {at} on")
    return status == _REFUSED


def traced(act: Callable[[Path], object], path: Path, *, seed: int = 1) -> list[Write]:
    """Let a process of its own act on `path` undisturbed; what it wrote, in order."""
    with tempfile.TemporaryFile("w+") as log:
        status = _run(partial(act, path), path, seed, (0, False), log.fileno())
        if status != 0:
            raise UnkilledError(f"{path.name}: the process ended with {status}")
        log.seek(0)
        return [Write(*line.rstrip("\n").split("\t")) for line in log]


def halves(writes: list[Write]) -> list[int]:
    """The numbers of those writes that put bytes into a file, and so can be left half done."""
    return [number for number, write in enumerate(writes, 1) if write.call == _HALF]


def side_by_side(acts: Sequence[Callable[[], object]]) -> list[Any]:
    """What each of several forked processes, running at once, makes of its act, as JSON carries it."""
    reading = [_forked(act) for act in acts]
    return [_answer(file) for file in reading]


def _forked(act: Callable[[], object]) -> IO[str]:
    reading, writing = os.pipe()
    if os.fork() == 0:
        code = 1
        try:
            with os.fdopen(writing, "w") as file:
                json.dump(act(), file)
            code = 0
        except BaseException:  # noqa: BLE001 - told on stderr, and the parent misses the answer
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    return os.fdopen(reading)


def _answer(file: IO[str]) -> Any:
    with file:
        text = file.read()
    os.wait()
    assert text, "a process ended without an answer; its traceback is on stderr"
    return json.loads(text)


def _repeat(seed: int) -> None:
    """Make the same ids each time: which folders of objects are new, and so the number of writes, hangs on them."""
    chance = random.Random(seed)
    os.urandom = chance.randbytes
    time.time_ns = lambda: seed * 10**18


def _run(act: Callable[[], object], path: Path, seed: int, what: tuple[int, int], log: int) -> int:
    library = ctypes.CDLL(os.environ["LD_PRELOAD"])
    child = os.fork()
    if child == 0:
        code = 1
        try:
            _repeat(seed)
            library.arm(os.fsencode(path), ctypes.c_long(what[0]), int(what[1]), log)
            act()
            library.disarm()
            code = 0
        except BaseException:  # noqa: BLE001 - an exit code is all that leaves this process
            library.disarm()
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]
