"""The shelf: a folder of small files, each whole or not there, that every process of the machine can use."""

from __future__ import annotations

import fcntl
import json
import os
import re
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gitagent.names import new_ulid

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Stamp = tuple[int, int, int]
FORMAT = b"gitagent.client/1"
"""What each file begins with. Whatever another release wrote there is as if it were not there."""
_ANY_FORMAT = re.compile(rb"gitagent\.client/[0-9]+")
_LONGEST_FORMAT = 64
_OWNER_ONLY = 0o700  # who called whom is nobody else's business


class Shelf:
    """Values as JSON, by key. Reading never fails; writing is OSError where the disk is full or may not be written.

    A file that was torn by a crash, or by anybody else, is told by its digest.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @staticmethod
    def name(key: str) -> str:
        """What the file of a key is called."""
        return f"{sha256(key.encode()).hexdigest()}.json"

    def path(self, key: str) -> Path:
        """Where the value of a key is."""
        return self.folder / self.name(key)

    def get(self, key: str) -> dict[str, Any] | None:
        """The value of a key; None where there is none that can be read."""
        return read(self.path(key))

    def put(self, key: str, value: dict[str, Any], *, durable: bool = False) -> None:
        """Keep a value in place of what was there. A `durable` one outlives the machine's sudden end."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        _write(self.path(key), value, durable=durable)

    def remove(self, key: str) -> None:
        """Forget a value."""
        with suppress(FileNotFoundError):
            self.path(key).unlink()

    def files(self) -> list[Path]:
        """The files of all values, those first that were written longest ago."""
        return [path for path, _ in self._found()]

    def stamp(self, key: str) -> Stamp | None:
        """What tells a value's file from the one before; None where there is none."""
        try:
            found = self.path(key).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def keep_below(self, *, most: int, room: int) -> None:
        """Remove the oldest values until the rest are no more than `most`, and no larger than `room` in bytes."""
        found = self._found()
        count, size = len(found), sum(size for _, size in found)
        for path, own in found:
            if count <= most and size <= room:
                return
            path.unlink(missing_ok=True)
            count, size = count - 1, size - own

    def _found(self) -> list[tuple[Path, int]]:
        """The files and their sizes, oldest first."""
        found = []
        try:
            for entry in os.scandir(self.folder):
                if entry.name.endswith(".json"):
                    with suppress(FileNotFoundError):
                        found.append((entry.stat().st_mtime_ns, entry.name, entry.stat().st_size))
        except OSError:
            return []
        return [(self.folder / name, size) for _, name, size in sorted(found)]

    @contextmanager
    def held(self, name: str, *, wait: bool = True) -> Iterator[bool]:
        """Hold a lock that ends with its process; without `wait`, False where somebody else holds it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=_OWNER_ONLY)
        handle = os.open(self.folder / name, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)


def read(path: Path) -> dict[str, Any] | None:
    """The value in a file; None where there is none, it is torn, or another release wrote it."""
    try:
        head, _, body = path.read_bytes().partition(b"\n")
    except OSError:
        return None
    if head != _head(body):
        return None
    value: dict[str, Any] = json.loads(body)
    return value


def is_foreign(path: Path) -> bool:
    """Whether a file is whole for all that is known, but written by another release."""
    try:
        with path.open("rb") as file:
            head = file.read(_LONGEST_FORMAT).partition(b" ")[0]
    except OSError:
        return False
    return _ANY_FORMAT.fullmatch(head) is not None and head != FORMAT


def _write(path: Path, value: dict[str, Any], *, durable: bool) -> None:
    body = json.dumps(value).encode()
    new = path.with_name(f".{new_ulid()}")
    try:
        handle = os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(_head(body) + b"\n" + body)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    if durable:
        _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _head(body: bytes) -> bytes:
    return FORMAT + b" " + sha256(body).hexdigest().encode()
