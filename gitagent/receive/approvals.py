"""Approvals: what pre-receive lets a push move, told to the reference-transaction hook of the same push."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from stat import S_IWGRP
from typing import TYPE_CHECKING

from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.receive.pushes import NOTHING, RefUpdate

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gitagent.receive.judging import Approval

FOLDER = "receive"
LONGEST_MOVE = 60.0
"""Seconds after which nobody waits for what an approved push moves."""


def approve(folder: Path, pusher: int, approval: Approval) -> None:
    """Write down what the push of the process `pusher`, git's receive-pack, may move.

    Both hooks are started by that process, and nothing else tells one push from another: git gives the second hook
    neither the quarantine's name nor the push's options.
    """
    place = folder / FOLDER
    make_folder(place)
    for left in _left_by_the_dead(place):
        left.unlink(missing_ok=True)
    here = place / str(pusher)
    if not approval.together and not approval.alone:
        here.unlink(missing_ok=True)
        return
    lines = [f"ledger {approval.ledger or NOTHING} {approval.operation or '-'}", f"guarded {LEDGER}", f"guarded {MAIN}"]
    lines += [f"guarded {ref}" for ref in approval.guarded]
    lines += [*_lines("together", approval.together), *_lines("alone", approval.alone)]
    new = place / f"{pusher}.new"
    new.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", errors="surrogateescape")
    new.replace(here)


def _lines(how: str, updates: Iterable[RefUpdate]) -> list[str]:
    return [f"{how} {each.old or NOTHING} {each.new or NOTHING} {each.ref}" for each in updates]


def withdraw(folder: Path, pusher: int) -> None:
    """Let the push of that process move nothing after all."""
    (folder / FOLDER / str(pusher)).unlink(missing_ok=True)


def under_way(folder: Path) -> bool:
    """Whether a push that was approved may still be moving something."""
    place = folder / FOLDER
    return place.exists() and not {each for each in place.iterdir() if _is_new(each)} <= set(_left_by_the_dead(place))


def _is_new(approval: Path) -> bool:
    """Whether it is not so old that another process, since a restart of the machine, may have its number."""
    try:
        return abs(time.time() - approval.stat().st_mtime) < LONGEST_MOVE
    except FileNotFoundError:
        return False


def write_for_all(repository: Path) -> None:
    """Where a group shares the repository, let all of it read and write what this process leaves there."""
    if (repository / "objects").stat().st_mode & S_IWGRP:
        os.umask(os.umask(0o077) & ~0o070)


def make_folder(folder: Path) -> None:
    """Make a folder of gitagent's in the shared repository, and the one that it is in."""
    for each in (folder.parent, folder):
        if not each.exists():
            each.mkdir(exist_ok=True)
            # Where a group shares the repository, git has made this one so that all of it can write.
            with suppress(PermissionError):  # somebody else of the group has made it meanwhile
                each.chmod((folder.parent.parent / "objects").stat().st_mode & 0o7777)


def _left_by_the_dead(place: Path) -> list[Path]:
    """What pushes left whose process is gone: those that were refused later, or cut off."""
    named = ((each, each.name.partition(".")[0]) for each in place.iterdir())
    return [each for each, pusher in named if pusher.isdecimal() and not _is_running(int(pusher))]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
