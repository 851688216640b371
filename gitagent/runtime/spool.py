"""The spool: calls that the store could not take, on the local disk until it can.

One file for each call, named by its id's digest, so that whoever asks for the call again finds it.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from gitagent.git.disk import held, sync_directory
from gitagent.names import new_ulid
from gitagent.runtime.entries import Entry

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from gitagent.runtime.entries import Change
    from gitagent.runtime.records import Call

TOGETHER = 100
"""How many calls are delivered at once."""
_WAITING, _REFUSED, _UNREADABLE = ".json", ".refused", ".unreadable"
_OWNER_ONLY = 0o700  # who called whom is nobody else's business


class Spool:
    """A folder that is made when it is first needed. Every process of the machine can use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, call_id: str) -> Entry | None:
        """What waits of a call; None where nothing does, or it cannot be read."""
        try:
            return _read(self._path(call_id))
        except OSError:
            return None

    def begin(self, call: Call) -> Call:
        """Keep a call that begins; the one that began before where there is one. CallIdTaken where that is another."""
        return self._changed(call.call_id, lambda entry: entry.begun(call)).beginning or call

    def change(self, call_id: str, change: Change, known: Call | None = None) -> Call:
        """Keep what came after, and return the call as it is then.

        `known` is the call as it was without what waits here, where its beginning does not. What refuses the change is
        raised.
        """
        found: list[Call] = []

        def put(entry: Entry) -> Entry:
            becomes, call = entry.changed(change, known)
            found.append(call)
            return becomes

        self._changed(call_id, put)
        return found[0]

    def waiting(self) -> list[Path]:
        """The files of all calls that wait."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix == _WAITING)
        except OSError:
            return []

    def set_aside(self) -> list[Path]:
        """The files of what waited and was refused, or cannot be read, for people to look at."""
        try:
            return sorted(path for path in self.folder.iterdir() if path.suffix in (_REFUSED, _UNREADABLE))
        except OSError:
            return []

    def is_empty(self) -> bool:
        """Whether nothing waits at all, which is quickly known."""
        try:
            with os.scandir(self.folder) as found:
                return not any(each.name.endswith(_WAITING) for each in found)
        except OSError:  # not made yet, or not to be read by anybody
            return True

    def deliver(self, take: Callable[[Sequence[Entry]], Sequence[bool]], *, most: int) -> int:
        """Let `take` have what waits; how many calls it took. One process at a time does so.

        Of what it took it says whether all of it was as it should be; what was not is kept apart, for people to look
        at. What it raises leaves all that it was given where it is.
        """
        if not (waiting := self.waiting()[:most]):
            return 0
        with held(self.folder / "delivery.lock", wait=False) as is_mine:
            if not is_mine:
                return 0
            self._sweep()
            return sum(self._deliver(waiting[at : at + TOGETHER], take) for at in range(0, len(waiting), TOGETHER))

    def _deliver(self, paths: Sequence[Path], take: Callable[[Sequence[Entry]], Sequence[bool]]) -> int:
        entries = {path: entry for path in paths if (entry := _read(path)) is not None}
        taken = take(list(entries.values())) if entries else []
        with held(self.folder / "lock"):
            return sum(
                _forgotten(path, entry, is_whole=is_whole)
                for (path, entry), is_whole in zip(entries.items(), taken, strict=True)
            )

    def _sweep(self) -> None:
        """Remove what processes left that died while they wrote."""
        with held(self.folder / "lock"):
            for path in self.folder.glob(".*"):
                path.unlink(missing_ok=True)

    def _changed(self, call_id: str, change: Callable[[Entry], Entry]) -> Entry:
        self._make_folder()
        with held(self.folder / "lock"):
            path = self._path(call_id)
            old = _read(path) or Entry(call_id, None, ())
            entry = change(old)
            if entry != old:
                _write(path, entry)
            return entry

    def _make_folder(self) -> None:
        missing = [each for each in (self.folder, *self.folder.parents) if not each.exists()]
        for each in reversed(missing):
            each.mkdir(mode=_OWNER_ONLY, exist_ok=True)
            sync_directory(each.parent)

    def _path(self, call_id: str) -> Path:
        return self.folder / f"{sha256(call_id.encode()).hexdigest()}{_WAITING}"


def _forgotten(path: Path, entry: Entry, *, is_whole: bool) -> bool:
    """Whether what was delivered is done with. Where something was added meanwhile, all of it goes once more."""
    if _read(path) != entry:
        return False
    if not is_whole:
        path.rename(path.with_suffix(_REFUSED))
        return False
    path.unlink(missing_ok=True)
    return True


def _read(path: Path) -> Entry | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        return Entry.from_values(json.loads(content))
    except (ValueError, KeyError, TypeError, AttributeError):
        # Of a newer gitagent, or damaged: kept for people to look at, and in nobody's way.
        with suppress(FileNotFoundError):
            path.rename(path.with_suffix(_UNREADABLE))
        return None


def _write(path: Path, entry: Entry) -> None:
    new = path.with_name(f".{new_ulid()}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(json.dumps(entry.to_values()).encode())
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)
