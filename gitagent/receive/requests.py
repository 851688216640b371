"""Requests: pushes to the refs that ask for a turn, answered as git asks its proc-receive hook.

The protocol is that of githooks(5): lines of four hexadecimal digits of length and the content, "0000" between parts.
"""

from __future__ import annotations

import os
import select
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.errors import StorageFailed
from gitagent.git.remote import TURNS
from gitagent.names import is_ulid
from gitagent.receive import turns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

VERSION = b"version=1"
_LENGTH = 4


def answer_requests(folder: Path) -> None:
    """Answer what git asks on the standard input, in turn."""
    asked, told = sys.stdin.buffer, sys.stdout.buffer
    if not next(_lines(asked), b"").startswith(VERSION):
        raise StorageFailed("git speaks of requests in a way that this hook does not know", code="hook-input")
    _drain(asked)
    _tell(told, VERSION)
    refs = [line.rstrip(b"\n").decode(errors="surrogateescape").split(" ", 2)[2] for line in _lines(asked)]
    _tell(told, *(_answer(folder, ref).encode(errors="surrogateescape") for ref in refs))


def _answer(folder: Path, ref: str) -> str:
    operation = ref.removeprefix(TURNS)
    if not is_ulid(operation):
        return f"ng {ref} not an operation's id"
    return f"ok {ref}" if turns.take(folder, operation, is_wanted=_is_asked) else f"ng {ref} nobody waits any more"


def _is_asked() -> bool:
    """Whether git is still there to be answered, and somebody who waits for it.

    Git itself does not notice that the other end of its connection is gone before it has something to tell.
    """
    connection = Path(f"/proc/{os.getppid()}/fd/1")
    with suppress(OSError):
        if connection.is_fifo() and _has_hung_up(os.open(connection, os.O_WRONLY | os.O_NONBLOCK)):
            return False
    return not _has_hung_up(os.dup(sys.stdout.fileno()))


def _has_hung_up(writing: int) -> bool:
    """Whether nobody reads what would be written there."""
    with open(writing, "wb"):  # a descriptor
        poll = select.poll()
        poll.register(writing, 0)
        return bool(poll.poll(0))


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """The lines up to the end of a part."""
    while length := int(file.read(_LENGTH) or b"0", 16):
        yield file.read(length - _LENGTH)


def _drain(file: BinaryIO) -> None:
    for _ in _lines(file):
        pass


def _tell(file: BinaryIO, *lines: bytes) -> None:
    for line in lines:
        file.write(f"{len(line) + _LENGTH:04x}".encode() + line)
    file.write(b"0000")
    file.flush()
