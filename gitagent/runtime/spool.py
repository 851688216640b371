"""The spool: calls that the store could not take, on the local disk until it can.

One file for each call, named by its id's digest, so that whoever asks for the call again finds it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from gitagent.git.disk import sync_directory
from gitagent.names import new_ulid
from gitagent.runtime.records import Call, Write, from_values, to_values
from gitagent.runtime.transitions import Addition, Ending, added, begun, ended

Change = Ending | Addition


class Entry(NamedTuple):
    """What waits of one call: its beginning, unless the store has that, and what came after."""

    call_id: str
    beginning: Call | None
    changes: tuple[Change, ...]

    def writes(self) -> list[Write]:
        """What brings a store up to date, in order."""
        beginning = [] if self.beginning is None else [begin_write(self.beginning)]
        return [*beginning, *(change_write(self.call_id, change) for change in self.changes)]

    def call(self) -> Call | None:
        """The call as it is after all that; None where its beginning is only in the store."""
        call = self.beginning
        if call is not None:
            for write in self.writes()[1:]:
                call = write.apply(call)
        return call


def begin_write(call: Call) -> Write:
    """The write that begins a call."""
    return Write(call.call_id, lambda known: begun(known, call))


def change_write(call_id: str, change: Change) -> Write:
    """The write that ends a call or adds to it."""
    if isinstance(change, Ending):
        return Write(call_id, lambda known: ended(known, change, call_id=call_id))
    return Write(call_id, lambda known: added(known, change, call_id=call_id))


class Spool:
    """A folder that is made when it is first needed. Every process of the machine can use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, call_id: str) -> Entry | None:
        """What waits of a call; None where nothing does."""
        return _read(self._path(call_id))

    def begin(self, call: Call) -> Call:
        """Keep a call that begins; the one that began before where there is one. CallIdTaken where that is another."""

        def put(old: Entry | None) -> Entry:
            if old is None:
                return Entry(call.call_id, call, ())
            return old._replace(beginning=begun(old.beginning, call))

        return self._changed(call.call_id, put).beginning or call

    def change(self, call_id: str, change: Change) -> None:
        """Keep what came after."""
        self._changed(call_id, lambda old: _appended(old, call_id, change))

    def waiting(self) -> list[Path]:
        """The files of all calls that wait."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == ".json")
        except OSError:
            return []

    def deliver(self, take: Callable[[Entry], None], *, most: int) -> int:
        """Let `take` have what waits, and forget it where that did not raise; how many calls. One at a time does so."""
        if not (waiting := self.waiting()):
            return 0
        with _held(self.folder / "delivery.lock", wait=False) as is_mine:
            if not is_mine:
                return 0
            return sum(self._deliver(path, take) for path in waiting[:most])

    def set_aside(self, call_id: str) -> None:
        """Keep what the store refuses apart, for people to look at."""
        with suppress(FileNotFoundError):
            self._path(call_id).rename(self._path(call_id).with_suffix(".refused"))

    def _deliver(self, path: Path, take: Callable[[Entry], None]) -> int:
        if (entry := _read(path)) is None:
            return 0
        take(entry)
        with _held(self.folder / "lock"):
            if _read(path) != entry:
                return 0  # something was added meanwhile; the next time it goes again, and changes nothing twice
            path.unlink(missing_ok=True)
        return 1

    def _changed(self, call_id: str, change: Callable[[Entry | None], Entry]) -> Entry:
        self.folder.mkdir(parents=True, exist_ok=True)
        with _held(self.folder / "lock"):
            path = self._path(call_id)
            old = _read(path)
            entry = change(old)
            if entry != old:
                _write(path, entry)
            return entry

    def _path(self, call_id: str) -> Path:
        return self.folder / f"{sha256(call_id.encode()).hexdigest()}.json"


def _appended(old: Entry | None, call_id: str, change: Change) -> Entry:
    entry = old or Entry(call_id, None, ())
    return entry if change in entry.changes else entry._replace(changes=(*entry.changes, change))


def _read(path: Path) -> Entry | None:
    try:
        values = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    beginning = values["begin"]
    return Entry(
        values["call_id"],
        None if beginning is None else from_values(beginning),
        tuple(_change(each) for each in values["changes"]),
    )


def _change(values: dict[str, Any]) -> Change:
    return Ending.from_values(values["end"]) if "end" in values else Addition(**values["add"])


def _write(path: Path, entry: Entry) -> None:
    values = {
        "call_id": entry.call_id,
        "begin": None if entry.beginning is None else to_values(entry.beginning),
        "changes": [
            {"end": each.to_values()} if isinstance(each, Ending) else {"add": each.to_values()}
            for each in entry.changes
        ],
    }
    new = path.with_name(f".{new_ulid()}")
    try:
        with new.open("xb") as file:
            file.write(json.dumps(values).encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


@contextmanager
def _held(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold a lock that ends with its process; without `wait`, False where somebody else holds it."""
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)
