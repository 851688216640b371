"""Recents: to what the calls that began on this machine lately are pinned, for while the store cannot be asked.

All processes add to one file, a new one each minute, and whoever needs to know reads those of the last minutes. Nothing
in them says who called. They are not synced: after a power cut no call goes on.
"""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from hashlib import sha256
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from gitagent.git.disk import make_folder
from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber
from gitagent.runtime.records import Direction, micros, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitagent.runtime.records import Call

MINUTES = 15
"""For so long pins are kept."""
LARGEST = 4 * 1024 * 1024
"""How large the file of a minute may become, in bytes: that of some 20,000 calls."""
MOST_KNOWN = 100_000
"""So many pins, the newest, are kept in memory once they were asked for."""
_MINUTE = 60
_SUFFIX = ".pins"


class Recents:
    """A folder that is made when it is first needed. Many threads and processes can use it."""

    def __init__(self, folder: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._clock = clock
        self._lock = Lock()
        self._file: int | None = None
        self._minute = 0
        self._offsets: dict[Path, int] = {}
        self._pins: dict[str, list[Any]] = {}

    def __del__(self) -> None:
        self.close()

    def add(self, calls: Sequence[Call]) -> None:
        """Keep to what calls are pinned. Where no disk takes it, nothing is kept, and nobody is told."""
        # The first line ends what somebody before could not write to its end.
        lines = "".join(["\n", *(f"{json.dumps(_pin(call))}\n" for call in calls)]).encode()
        with self._lock, suppress(OSError):
            file = self._current()
            if os.fstat(file).st_size < LARGEST:
                os.write(file, lines)

    def find(self, wanted: Call) -> Call | None:
        """A call that is to begin, as it began before on this machine; None where it is not known to have done so."""
        with self._lock:
            for path in self._files():
                with suppress(OSError):
                    self._read_on(path)
            pin = self._pins.get(_digest(wanted.call_id))
        return None if pin is None else _pinned(wanted, pin)

    def close(self) -> None:
        """Let go of the file; the next call that is added opens it again."""
        if self._file is not None:
            os.close(self._file)
        self._file = None

    def _current(self) -> int:
        """The file of this minute. With a new one, those that are too old are removed."""
        minute = int(self._clock() // _MINUTE)
        if self._file is not None and minute == self._minute:
            return self._file
        self.close()
        make_folder(self._folder, mode=0o700)
        kept = {str(each) for each in range(minute - MINUTES, minute + MINUTES)}  # the clock may have been set back
        for path in self._files():
            if path.stem not in kept:
                path.unlink(missing_ok=True)
        path = self._folder / f"{minute}{_SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._minute = minute
        return self._file

    def _files(self) -> list[Path]:
        try:
            return sorted(path for path in self._folder.iterdir() if path.suffix == _SUFFIX)
        except OSError:
            return []

    def _read_on(self, path: Path) -> None:
        """Read what was added to a file since; a line that is not at its end yet is read the next time."""
        start = self._offsets.get(path, 0)
        if path.stat().st_size <= start:
            return
        with path.open("rb") as file:
            file.seek(start)
            lines = file.read().rpartition(b"\n")[0]
        self._offsets[path] = start + len(lines) + bool(lines)
        for line in lines.splitlines():
            with suppress(ValueError, TypeError):  # half a line of a process that died, or of another gitagent
                digest, *pin = json.loads(line)
                self._pins[digest] = pin
        for oldest in list(islice(self._pins, max(len(self._pins) - MOST_KNOWN, 0))):
            del self._pins[oldest]


def _pin(call: Call) -> list[Any]:
    return [
        _digest(call.call_id),
        call.agent,
        call.version.number,
        call.commit,
        micros(call.began_at),
        None if call.environment is None else str(call.environment),
        None if call.number is None else str(call.number),
        str(call.direction),
    ]


def _pinned(wanted: Call, pin: list[Any]) -> Call | None:
    try:
        agent, version, commit, began_at, environment, number, direction = pin
        return wanted._replace(
            agent=agent,
            version=VersionNumber(version),
            commit=commit,
            began_at=moment(began_at),
            environment=None if environment is None else EnvironmentName(environment),
            number=None if number is None else PhoneNumber(number),
            direction=Direction(direction),
        )
    except (ValueError, TypeError):  # of another gitagent
        return None


def _digest(call_id: str) -> str:
    return sha256(call_id.encode()).hexdigest()[:32]
