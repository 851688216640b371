"""What a power cut leaves: nothing may point at what is not yet on the disk."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pytest
from support.crashing import Drive, Write

from durability.scenarios import LEDGER, NOTE, RESTORE, SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterable

MOVES_LEDGER = sorted(set(SCENARIOS) - {"restore", "restore-unedited", "discard", "drop-draft"})


class Disk:
    """A disk as a power cut would leave it: content and names that were not synced are at risk."""

    def __init__(self) -> None:
        self.contents: set[str] = set()
        self.names: set[str] = set()

    def see(self, write: Write) -> None:
        """Take one write into account."""
        call, path, other = write
        if call in {"open", "create", "write", "truncate"}:
            self.contents.add(path)
        if call in {"open", "create", "mkdir", "symlink"}:
            self.names.add(path)
        if call in {"rename", "link"}:
            self.names.add(other)
            if path in self.contents:
                self.contents.add(other)
        if call in {"rename", "unlink", "rmdir"}:
            self.contents.discard(path)
            self.names.discard(path)
        if call == "sync":
            self.contents.discard(path)
            self.names = {name for name in self.names if str(PurePosixPath(name).parent) != path}

    def at_risk(self, part: str) -> list[str]:
        """The files and folders below `/part/` that a power cut could take, or leave empty."""
        return sorted(path for path in self.contents | self.names if f"/{part}/" in f"{path}/")


def disk_after(writes: Iterable[Write], *, until: str = "") -> Disk:
    """The disk just before the file `until` is put in its place, or after everything."""
    disk = Disk()
    for write in writes:
        if until and write.other.endswith(until):
            return disk
        disk.see(write)
    assert not until, f"{until} was never put in its place"
    return disk


def logged(drive: Drive, scenario: str) -> list[Write]:
    return [Write(*each) for each in drive("log", scenario)]


@pytest.mark.parametrize("name", MOVES_LEDGER)
def test_every_object_is_on_the_disk_before_the_ledger_names_it(name: str, drive: Drive) -> None:
    writes = logged(drive, name)
    assert disk_after(writes, until=LEDGER).at_risk(".git/objects") == []
    assert any("/.git/objects/" in write.other for write in writes)


@pytest.mark.parametrize("name", ["init", "save", "promote", "restore"])
def test_every_ref_is_on_the_disk_when_the_command_ends(name: str, drive: Drive) -> None:
    disk = disk_after(logged(drive, name))
    assert disk.at_risk(".git/refs") == []
    assert disk.at_risk(".git/index") == []


def test_the_kept_draft_is_on_the_disk_before_the_draft_is_overwritten(drive: Drive) -> None:
    writes = logged(drive, RESTORE.name)
    assert disk_after(writes, until=NOTE).at_risk(".git/objects") == []
    assert disk_after(writes, until=NOTE).at_risk(".git/refs") == []


def test_a_restored_draft_is_on_the_disk_before_its_note_is_removed(drive: Drive) -> None:
    writes = logged(drive, RESTORE.name)
    end = next(number for number, (call, path, _) in enumerate(writes) if call == "unlink" and path.endswith(NOTE))
    disk = disk_after(writes[:end])
    # That a command is at work need not outlast the machine.
    assert disk.at_risk("start") == disk.at_risk(".git/gitagent/lock")


def test_the_model_finds_an_object_that_was_not_synced() -> None:
    new = [Write("create", "/r/.git/objects/tmp", ""), Write("write", "/r/.git/objects/tmp", "")]
    placed = [*new, Write("link", "/r/.git/objects/tmp", "/r/.git/objects/ab/c"), Write("unlink", new[0].path, "")]
    assert disk_after(placed).at_risk(".git/objects") == ["/r/.git/objects/ab/c"]
    synced = [*new, Write("sync", new[0].path, ""), *placed[2:], Write("sync", "/r/.git/objects/ab", "")]
    assert disk_after(synced).at_risk(".git/objects") == []
