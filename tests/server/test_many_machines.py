"""Two servers, each with its own clone of one shared remote, on one PostgreSQL, while versions move on the remote."""

from __future__ import annotations

import asyncio
import shutil
from collections import Counter
from contextlib import ExitStack
from math import inf
from typing import TYPE_CHECKING, Any

import pytest
from support import postgres as postgresql
from support.hosting import NUMBERS, Host, hosting, token
from support.moving import WANDERING, Move, assign_wandering, moving
from support.sharing import Team
from support.soaking import Soak, Target
from support.witnessing import Witness

from gitagent import Agent, PhoneNumber
from gitagent.runtime.places import open_folder

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from support.postgres import Postgres

NAME, VERSIONS = "ada", 20
WORKERS, CONNECTIONS, SECONDS, PAUSE, POLL = 2, 32, 30, 0.5, 1.0
MACHINES = ("one", "other")
TARGETS = (
    Target(NAME, {"to": NUMBERS[0]}),
    Target(NAME, {"agent": NAME, "environment": "live"}),
    Target(NAME, {"to": WANDERING}),
)


@pytest.fixture
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL."""
    yield from postgresql.server()


@pytest.fixture
def team(tmp_path: Path) -> Team:
    """An agent on a shared remote, all of whose versions were in sandbox; live serves the second."""
    (tmp_path / "team").mkdir()
    team = Team(tmp_path / "team", files={"notes.md": f"{NAME} v1\n"}, pipeline="sandbox,live")
    for version in range(2, VERSIONS + 1):
        team.ada.publish(f"{NAME} v{version}\n")
        if version == 2:
            team.ada.promote("live")
    team.ada.agent.assign_number(PhoneNumber(NUMBERS[0]), "live", actor=team.ada.actor, at=team.ada.clock())
    assign_wandering(team.ada.path)
    return team


@pytest.mark.scale
def test_a_call_has_one_version_whichever_machine_is_asked(team: Team, postgres: Postgres, tmp_path: Path) -> None:
    store = postgres.address()
    with ExitStack() as stack:
        folders = [cloned(team, tmp_path / name) for name in MACHINES]
        bearer = token(folders[0], "call", "read")
        shutil.copy(folders[0] / ".gitagent" / "tokens.json", folders[1] / ".gitagent" / "tokens.json")
        first, second = (served(folder, store, stack) for folder in folders)
        soak = Soak(first.port, bearer, TARGETS, others=[second.port])
        with moving([team.ada.path], pause=PAUSE) as moves:
            asyncio.run(soak.run(connections=CONNECTIONS, during=asyncio.sleep(SECONDS)))
        kept = asyncio.run(soak.read_all())
        asyncio.run(soak.begin_all_again(connections=4))
        print(figures(soak, moves))  # noqa: T201  # shown with -s, or where it fails
    assert soak.wrong == []
    assert max(lateness(soak, moves)) < inf  # nothing is served before it was promoted
    assert_kept_once(soak, kept, folders[0], store)


def cloned(team: Team, folder: Path) -> Path:
    """A machine's folder, with a clone in it."""
    (folder / ".gitagent").mkdir(parents=True)
    Agent.clone(team.url, folder / NAME)
    return folder


def served(folder: Path, store: str, stack: ExitStack) -> Host:
    """A machine's server."""
    log = folder.with_suffix(".log")
    return stack.enter_context(hosting(folder, log, workers=WORKERS, store=store, options=[f"--poll={POLL}"]))


def lateness(soak: Soak, moves: Sequence[Move]) -> list[float]:
    """How much too late what calls to live were told was to be true on the remote."""
    witness = Witness(moves)
    return [
        witness.lateness(NAME, "live", told.version, told.asked_at, told.answered_at)
        for told in soak.told.values()
        if told.environment == "live"
    ]


def assert_kept_once(soak: Soak, kept: Mapping[str, Any], folder: Path, store: str) -> None:
    """Every call that was answered is recorded as it was answered, counted once, and nothing else is."""
    assert {id_: (call["version"], call["commit"]) for id_, call in kept.items()} == {
        id_: (told.version, told.commit) for id_, told in soak.told.items()
    }
    with open_folder(folder, store) as calls:
        counted = {str(each): calls.stats(each, agent=NAME).version.calls for each in calls.versions(agent=NAME)}
    assert counted == Counter(told.version for told in soak.told.values())


def figures(soak: Soak, moves: Sequence[Move]) -> str:
    """What the run was worth."""
    late = sorted(lateness(soak, moves))
    return (
        f"{len(MACHINES)} servers, {CONNECTIONS} connections, {SECONDS} s: {len(soak.told)} calls, "
        f"{soak.answered / SECONDS:.0f} answers/s, {dict(soak.statuses)}, slowest {soak.slowest:.2f} s, "
        f"{len(moves) - 2} moves, served {late[len(late) // 2]:.1f} s late in the middle, {late[-1]:.1f} s at most"
    )
