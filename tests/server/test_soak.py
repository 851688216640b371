"""Many callers, while environments move and workers die: each call has one version, the one that it should have."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from support import postgres as postgresql
from support.hosting import NUMBERS, Host, fleet, hosting, token, wait_until
from support.moving import WANDERING, Move, assign_wandering, moving
from support.soaking import Soak, Target
from support.witnessing import Witness

from gitagent import Agent
from gitagent.agent.events import Operation
from gitagent.runtime.places import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

SOONEST = 1.0
"""Seconds within which a promotion on the same machine has to be served."""
AGENTS = ("bistro", "clinic")
PAUSE = 0.2


class Size(NamedTuple):
    """How many of everything a run has."""

    workers: int
    connections: int
    seconds: float
    versions: int
    pause_between_kills: float
    most_kills: int


SHORT = Size(workers=2, connections=16, seconds=2, versions=8, pause_between_kills=0.8, most_kills=1)
LONG = Size(workers=8, connections=64, seconds=60, versions=60, pause_between_kills=5, most_kills=100)
AT_LENGTH = [pytest.mark.scale, pytest.mark.timeout(900)]


class Run(NamedTuple):
    """A soak that is over: what the callers were told, what was moved, and which workers were killed.

    `newest` is what sandbox serves all the time.
    """

    soak: Soak
    moves: list[Move]
    kills: list[int]
    newest: str


def test_a_witness_knows_what_was_true_at_no_moment_of_an_answer() -> None:
    moves = [Move("a", "live", "v1", 0, 0), Move("a", "live", "v2", 10, 11), Move("a", "live", "v3", 20, 21)]
    witness = Witness(moves)
    asked = {"v1": (10.5, 10.6), "v2": (10.5, 10.6), "v3": (12, 13)}
    assert {each: witness.lateness("a", "live", each, *times) for each, times in asked.items()} == {
        "v1": 0,
        "v2": 0,
        "v3": float("inf"),
    }
    assert witness.lateness("a", "live", "v1", 13, 14) == 2
    assert witness.lateness("a", "live", "v2", 5, 9.9) == float("inf")


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where a new store of that kind is."""
    if request.param == "sqlite":
        yield str(tmp_path / "calls.db")
    else:
        with contextmanager(postgresql.server)() as server:
            yield server.address()


@pytest.mark.parametrize(
    ("store", "size", "kills"),
    [
        ("sqlite", SHORT, True),
        pytest.param("sqlite", LONG, False, marks=AT_LENGTH),
        pytest.param("sqlite", LONG, True, marks=AT_LENGTH),
        pytest.param("postgres", LONG, True, marks=AT_LENGTH),
    ],
    indirect=["store"],
)
def test_every_call_has_exactly_one_version_which_its_environment_served_at_that_moment(
    store: str, size: Size, kills: bool, tmp_path: Path
) -> None:
    folder = tmp_path / "agents"
    fleet(folder, *AGENTS, versions=size.versions)
    assign_wandering(folder / AGENTS[0])
    bearer = token(folder, "call", "read")
    with hosting(folder, tmp_path / "log", workers=size.workers, store=store) as host:
        run = soaked(host, bearer, folder, size, kills=kills)
        with open_folder(folder, store) as calls:
            wait_until(lambda: calls.waiting == 0, host)
        kept = asyncio.run(run.soak.read_all())
        asyncio.run(run.soak.begin_all_again(connections=4))
        host.wait_for_workers(size.workers)
        print(figures(run, size))  # noqa: T201  # shown with -s, or where it fails
    assert run.soak.wrong == []
    assert (bool(run.kills), bool(run.soak.retries and not kills)) == (kills, False)
    assert len(run.moves) * PAUSE >= size.seconds  # rounds of several moves, one each PAUSE or sooner
    assert_ledger_says_so(run.moves, folder)
    assert_was_served(run, kept)
    assert_kept_once(run.soak, kept, folder, store)


def soaked(host: Host, bearer: str, folder: Path, size: Size, *, kills: bool) -> Run:
    """Callers, moves and, if wanted, deaths, all at once."""
    soak = Soak(host.port, bearer, [target for each in AGENTS for target in targets(each)])
    killed: list[int] = []

    async def call() -> None:
        killer = asyncio.create_task(kill_now_and_then(host, size, killed)) if kills else None
        await soak.run(connections=size.connections, during=asyncio.sleep(size.seconds))
        if killer is not None:
            killer.cancel()

    with moving([folder / each for each in AGENTS], pause=PAUSE) as moves:
        asyncio.run(call())
    return Run(soak, moves, killed, f"v{size.versions}")


async def kill_now_and_then(host: Host, size: Size, killed: list[int]) -> None:
    """Kill a worker, the one that has lived for longest, again and again; but never the last that there is."""
    while len(killed) < size.most_kills:
        await asyncio.sleep(size.pause_between_kills)
        if len(workers := host.workers()) > 1:
            killed.append(min(workers))
            host.kill(killed[-1])


def targets(agent: str) -> list[Target]:
    """The ways to reach an agent: live, and in the first one the number that wanders."""
    number = NUMBERS[AGENTS.index(agent)]
    live = [Target(agent, {"to": number}), Target(agent, {"agent": agent, "environment": "live"})]
    return [*live, Target(agent, {"to": WANDERING})] if agent == AGENTS[0] else live


def assert_ledger_says_so(moves: Sequence[Move], folder: Path) -> None:
    """The ledger has the moves, all of them and nothing else, in that order, at these times (it keeps seconds)."""
    for name in AGENTS:
        events = list(Agent.open(folder / name).history(environment="live"))[::-1]
        events = [each for each in events if each.operation in {Operation.PROMOTE, Operation.ROLLBACK}]
        mine = [move for move in moves if (move.agent, move.place) == (name, "live")]
        assert [str(event.to_version) for event in events] == [move.has for move in mine]
        for event, move in list(zip(events, mine, strict=True))[1:]:
            assert move.before - 1 <= event.at.timestamp() <= move.after


def assert_was_served(run: Run, kept: Mapping[str, Any]) -> None:
    """Each call has a version that was served while it was asked for, or had been until a second before at most."""
    for call_id, late in lateness(run).items():
        told = run.soak.told[call_id]
        assert late <= SOONEST, (call_id, told)
        began_at = datetime.fromisoformat(kept[call_id]["began_at"]).timestamp()
        assert told.asked_at - 0.001 <= began_at <= told.answered_at, (call_id, told)


def lateness(run: Run) -> dict[str, float]:
    """By how many seconds what each call was told came too late, about its version and about its environment."""
    witness = Witness(run.moves)
    late: dict[str, float] = {}
    for call_id, told in run.soak.told.items():
        agent, times = told.target.agent, (told.asked_at, told.answered_at)
        late[call_id] = 0.0
        if told.environment == "live":
            late[call_id] = witness.lateness(agent, "live", told.version, *times)
        else:
            assert (told.environment, told.version) == ("sandbox", run.newest), (call_id, told)
        if told.target.values.get("to") == WANDERING:
            late[call_id] = max(late[call_id], witness.lateness(agent, WANDERING, told.environment, *times))
        else:
            assert told.environment == "live", (call_id, told)
    return late


def assert_kept_once(soak: Soak, kept: Mapping[str, Any], folder: Path, store: str) -> None:
    """Every call that was answered is recorded as it was answered, counted once, and nothing else is."""
    assert {call_id: (call["version"], call["commit"]) for call_id, call in kept.items()} == {
        call_id: (told.version, told.commit) for call_id, told in soak.told.items()
    }
    assert {call_id for call_id, call in kept.items() if call["ended_at"] is not None} == soak.ended
    for name in AGENTS:
        with open_folder(folder, store) as calls:
            counted = {str(each): calls.stats(each, agent=name).version.calls for each in calls.versions(agent=name)}
        assert counted == Counter(told.version for told in soak.told.values() if told.target.agent == name)


def figures(run: Run, size: Size) -> str:
    """What the run was worth."""
    soak, late = run.soak, lateness(run).values()
    return (
        f"{size.workers} workers, {size.connections} connections, {size.seconds} s: {len(soak.told)} calls, "
        f"{soak.answered / size.seconds:.0f} answers/s, {dict(soak.statuses)}, slowest {soak.slowest:.2f} s, "
        f"{len(run.moves) - len(AGENTS) - 1} moves, {len(run.kills)} kills, {soak.retries} retries, "
        f"{sum(not told.recorded for told in soak.told.values())} recorded later, "
        f"{sum(each > 0 for each in late)} late by {max(late):.3f} s at most"
    )
