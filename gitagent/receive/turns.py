"""Turns: whose operation may move the ledger next where several want to, in the order in which they asked."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager, suppress
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import RuleBroken
from gitagent.git.remote import LONGEST_TURN
from gitagent.receive.approvals import make_folder, under_way

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER = "turns"
LONGEST_PUSH = 5.0
"""Seconds for which a turn waits for pushes that were allowed before it began."""
PAUSE = 0.01
_LOCK, _HOLDER, _TICKET = "lock", "holder", "ticket-"


class Turn(NamedTuple):
    """The operation whose turn it is, by its id, and until when, in seconds since the epoch."""

    operation: str
    until: float


def holder(folder: Path) -> Turn | None:
    """Whose turn it is; None where nobody has asked for one, or has let it pass."""
    try:
        operation, until = (folder / FOLDER / _HOLDER).read_text().split()
    except (FileNotFoundError, ValueError):  # a machine that lost its power leaves an empty file
        return None
    turn = Turn(operation, float(until))
    # A clock that was set back since must not make the turn longer than any is.
    return turn if 0 < turn.until - time.time() < 2 * LONGEST_TURN else None


def refuse_out_of_turn(folder: Path, operation: str | None) -> None:
    """Refuse to let an operation move the ledger while it is another one's turn."""
    turn = holder(folder)
    if turn is not None and turn.operation != operation:
        raise RuleBroken(
            f"it is the turn of operation {turn.operation}, which asked before", code="rule-turn", hint="Try again."
        )


def take(folder: Path, operation: str, *, is_wanted: Callable[[], bool]) -> bool:
    """Wait until it is that operation's turn. False where, being the next, it `is_wanted` no more.

    Who asks twice gives the turn back.
    """
    place = folder / FOLDER
    make_folder(place)
    if give_back(folder, operation):
        return True
    with _ticket(place) as number:
        while (before := _last_before(place, number)) is not None:
            with suppress(FileNotFoundError), before.open() as ticket:
                flock(ticket, LOCK_SH)
        while not _begin(place, operation):
            if not is_wanted():
                return False
            time.sleep(PAUSE)
    give_up = time.monotonic() + LONGEST_PUSH
    while under_way(folder) and time.monotonic() < give_up:
        time.sleep(PAUSE)
    return True


def give_back(folder: Path, operation: str) -> bool:
    """End that operation's turn, if it is its turn."""
    place = folder / FOLDER
    with _locked(place):
        turn = holder(folder)
        if turn is None or turn.operation != operation:
            return False
        (place / _HOLDER).unlink()
        return True


@contextmanager
def _ticket(place: Path) -> Iterator[int]:
    """A place in the queue, held for as long as this process lives and no longer."""
    with _locked(place):
        number = max(_tickets(place), default=0) + 1
        file = _path(place, number).open("w")
        flock(file, LOCK_EX)
    with file:
        try:
            yield number
        finally:
            _path(place, number).unlink(missing_ok=True)


def _last_before(place: Path, number: int) -> Path | None:
    """The ticket of whoever came last before that one, and still waits."""
    with _locked(place):
        for before in sorted((each for each in _tickets(place) if each < number), reverse=True):
            path = _path(place, before)
            if _is_held(path):
                return path
            path.unlink(missing_ok=True)
    return None


def _begin(place: Path, operation: str) -> bool:
    with _locked(place):
        if holder(place.parent) is not None:
            return False
        new = place / f"{_HOLDER}.new"
        new.write_text(f"{operation} {time.time() + LONGEST_TURN}\n")
        new.replace(place / _HOLDER)
    return True


def _tickets(place: Path) -> list[int]:
    return [int(each.name.removeprefix(_TICKET)) for each in place.glob(f"{_TICKET}*")]


def _path(place: Path, number: int) -> Path:
    return place / f"{_TICKET}{number}"


def _is_held(ticket: Path) -> bool:
    with suppress(FileNotFoundError), ticket.open() as file:
        try:
            flock(file, LOCK_SH | LOCK_NB)
        except BlockingIOError:
            return True
    return False


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    descriptor = os.open(place / _LOCK, os.O_RDONLY | os.O_CREAT, 0o666)
    try:
        flock(descriptor, LOCK_EX)
        yield
    finally:
        os.close(descriptor)
