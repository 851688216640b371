"""The store taken away from a server in the middle of its work: calls are answered all the same, and recorded once.

Meanwhile versions are promoted and rolled back; each call keeps the one that it was told first.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import struct
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from support import postgres as postgresql
from support.crashing import compiled
from support.dying import How
from support.hosting import NUMBERS, Host, fleet, hosting, token, wait_until
from support.moving import assign_wandering, moving
from support.soaking import Soak, Target

from gitagent.runtime.places import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from support.postgres import Postgres

AGENT, VERSIONS, PAUSE = "bistro", 5, 0.1
CONNECTIONS, SOME = 12, 40
TARGETS = (Target(AGENT, {"to": NUMBERS[0]}), Target(AGENT, {"agent": AGENT, "environment": "live"}))


class Outage(Protocol):
    """What happens to a store at `address`; `environ` is what the server has to be started with for that."""

    address: str
    environ: Mapping[str, str]

    def begin(self) -> None: ...
    def end(self) -> None: ...


class Killed:
    """A PostgreSQL that dies, with whatever it was doing, and is started again."""

    environ: Mapping[str, str] = {}

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self.address = server.address()

    def begin(self) -> None:
        self._server.kill()

    def end(self) -> None:
        self._server.start()


class Hung:
    """A PostgreSQL that stops answering: all its processes stand still, as when its machine is cut off."""

    environ: Mapping[str, str] = {}

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._stopped: list[int] = []
        self.address = server.address()

    def begin(self) -> None:
        self._stopped = self._server.processes()
        for process in self._stopped:
            os.kill(process, signal.SIGSTOP)

    def end(self) -> None:
        for process in self._stopped:
            os.kill(process, signal.SIGCONT)


class Locked:
    """A file that another program writes, and does not let go."""

    environ: Mapping[str, str] = {}

    def __init__(self, folder: Path) -> None:
        self.address = str(folder / "calls.db")
        self._other = sqlite3.connect(self.address, isolation_level=None, check_same_thread=False)

    def begin(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.close()


class Full:
    """A disk that has no room any more: that of the store, or with `everywhere` that of the spool as well."""

    def __init__(self, library: Path, folder: Path, *, everywhere: bool) -> None:
        disk = folder / "agents" / ".gitagent" if everywhere else folder / "disk"
        disk.mkdir(parents=True)
        self.address = str(disk / "calls.db")
        self._count = folder / "count"
        self._write(0)
        self.environ: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "WRITES_BELOW": str(disk),
            "WRITES_AT": str(2**60),
            "WRITES_HOW": str(int(How.FULL)),
            "WRITES_COUNT": str(self._count),
        }

    def begin(self) -> None:
        self._write(2**60)

    def end(self) -> None:
        self._write(0)

    def _write(self, count: int) -> None:
        """Set how many writes there were, which all processes of the server count in this file together."""
        if not self._count.exists():
            self._count.write_bytes(bytes(8))
        with self._count.open("r+b") as file:
            file.write(struct.pack("q", count))


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL."""
    yield from postgresql.server()


@pytest.fixture
def outage(request: pytest.FixtureRequest, tmp_path: Path) -> Outage:
    """A way in which a store can be away."""
    kind: str = request.param
    if kind.startswith("postgres"):
        server: Postgres = request.getfixturevalue("postgres")
        return Killed(server) if kind == "postgres killed" else Hung(server)
    if kind == "file locked":
        return Locked(tmp_path)
    return Full(compiled(tmp_path), tmp_path, everywhere=kind == "every disk full")


@pytest.mark.parametrize(
    ("outage", "workers", "deaths"),
    [
        ("postgres killed", 2, False),
        pytest.param("disk full", 2, False, marks=pytest.mark.scale),
        ("every disk full", 1, False),  # what no disk takes is in the memory of one process, and lost with it
        pytest.param("file locked", 2, False, marks=pytest.mark.scale),
        pytest.param("postgres hung", 2, False, marks=pytest.mark.scale),
        pytest.param("postgres killed", 2, True, marks=pytest.mark.scale),
        pytest.param("disk full", 2, True, marks=pytest.mark.scale),
        pytest.param("file locked", 2, True, marks=pytest.mark.scale),
    ],
    indirect=["outage"],
)
def test_every_call_is_answered_while_the_store_is_away_and_recorded_once_when_it_is_back(
    outage: Outage, workers: int, deaths: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "agents"
    fleet(folder, AGENT, versions=VERSIONS)
    assign_wandering(folder / AGENT)
    bearer = token(folder, "call", "read")
    with hosting(folder, tmp_path / "log", workers=workers, store=outage.address, environ=outage.environ) as host:
        soak = Soak(host.port, bearer, TARGETS, may_be_away=True)
        with moving([folder / AGENT], pause=PAUSE):
            asyncio.run(soak.run(connections=CONNECTIONS, during=interrupted(soak, outage, host, deaths=deaths)))
        kept = caught_up(soak, host)
        host.wait_until_ready()
        asyncio.run(soak.begin_all_again(connections=4))
        print(figures(soak))  # noqa: T201  # shown with -s, or where it fails
    assert soak.wrong == []
    assert_kept_once(soak, kept, folder, outage.address)


async def interrupted(soak: Soak, outage: Outage, host: Host, *, deaths: bool) -> None:
    """While calls come in, take the store away, and bring it back."""
    await soak.hear(SOME)
    await asyncio.to_thread(outage.begin)
    try:
        await soak.hear(SOME, unrecorded=True)
        await asyncio.to_thread(host.wait_until_degraded)
        if deaths:
            host.kill(min(host.workers()))
            await soak.hear(SOME, unrecorded=True)
    finally:
        await asyncio.to_thread(outage.end)
    await soak.hear(SOME)


def caught_up(soak: Soak, host: Host) -> dict[str, Any]:
    """All calls, once what was said of them is in the store."""
    kept: dict[str, Any] = {}

    def is_caught_up() -> bool:
        kept.update(asyncio.run(soak.read_all()))
        return soak.told.keys() <= kept.keys() and soak.ended <= ended_of(kept)

    wait_until(is_caught_up, host, longest=240)  # after a lock that took long, the store is let alone for 30 s
    return kept


def ended_of(kept: Mapping[str, Any]) -> set[str]:
    return {id_ for id_, call in kept.items() if call["ended_at"] is not None}


def assert_kept_once(soak: Soak, kept: Mapping[str, Any], folder: Path, store: str) -> None:
    """Every call that was answered is recorded as it was answered, with its end, and counted once."""
    assert {id_: (call["version"], call["commit"]) for id_, call in kept.items()} == {
        id_: (told.version, told.commit) for id_, told in soak.told.items()
    }
    assert soak.ended <= ended_of(kept) <= soak.ended | soak.refused
    with closing(open_folder(folder, store)) as calls:
        counted = {str(each): calls.stats(each, agent=AGENT).version.calls for each in calls.versions(agent=AGENT)}
    assert counted == Counter(told.version for told in soak.told.values())


def figures(soak: Soak) -> str:
    """What the run was worth."""
    waited = [told.answered_at - told.asked_at for told in soak.told.values() if not told.recorded]
    return (
        f"{len(soak.told)} calls, {len(waited)} of them recorded later, answered within {max(waited):.2f} s at most; "
        f"{dict(Counter(soak.statuses))}, {soak.retries} retries"
    )
