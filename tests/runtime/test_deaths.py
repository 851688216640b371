"""Processes that die while they record calls, on one store: what was answered is recorded, once, with its pin."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from support.building import Built

from gitagent.runtime.places import open_folder
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.postgres import Postgres

WORKERS, ROUNDS, CALLS = 4, 6, 60
WORKER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gitagent.runtime.places import open_folder

folder, store, first = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
calls = open_folder(folder, store)
for number in range(first, first + 10**6):
    call = calls.begin(f"CA{number}", at=datetime.now(UTC), agent="agent", environment="sandbox").call
    print(call.call_id, call.version, flush=True)
    if number % 2:
        calls.end(call.call_id, at=datetime.now(UTC), outcome="completed")
"""


@pytest.mark.scale
@pytest.mark.parametrize("kind", ["sqlite", "postgres", "a postgres that dies, too"])
def test_what_was_answered_is_recorded_whoever_dies(
    kind: str, build: Callable[..., Built], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    built = build().publish()
    postgres: Postgres | None = request.getfixturevalue("postgres") if "postgres" in kind else None
    address = postgres.address() if postgres is not None else str(tmp_path / "calls.db")
    answered: dict[str, str] = {}
    for round_ in range(ROUNDS):
        workers = [worker(tmp_path, address, (round_ * WORKERS + each) * 10**6) for each in range(WORKERS)]
        for number in range(CALLS):
            for each in workers:
                answered |= [told(each)]
            if postgres is not None and "dies" in kind and number in (CALLS // 3, CALLS * 2 // 3):
                (postgres.kill if number == CALLS // 3 else postgres.start)()
            if number % 20 == 10:
                built.publish(f"{round_} {number}\n")
        for each in workers:
            each.send_signal(signal.SIGKILL)
            *rest, _ = each.communicate()[0].split("\n")  # the last is whole only where it is empty
            answered |= map(answer, rest)
    with open_folder(tmp_path, address) as calls:
        calls.deliver()
        kept = {call.call_id: str(call.version) for call in calls.each()}
        assert {call_id: kept.get(call_id) for call_id in answered} == answered
        assert len(kept) - len(answered) <= WORKERS * ROUNDS  # recorded, and killed before it could say so
        counted = Counter(kept.values())
        assert {
            str(each): calls.stats(each, agent="agent").version.calls for each in calls.versions(agent="agent")
        } == counted
    open_store(address).close()


def worker(folder: Path, address: str, first: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WORKER, os.fspath(folder), address, str(first)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def told(process: subprocess.Popen[str]) -> tuple[str, str]:
    """The call that a worker answered next, and its version."""
    assert process.stdout is not None
    return answer(process.stdout.readline())


def answer(line: str) -> tuple[str, str]:
    call_id, version = line.split()
    return call_id, version


ASKED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from gitagent.runtime.places import open_folder

calls = open_folder(Path(sys.argv[1]), sys.argv[2])
for line in sys.stdin:
    begun = calls.begin(line.strip(), at=datetime.now(UTC), agent="agent", environment="sandbox")
    print(begun.call.version, flush=True)
"""


class Asked:
    """A process that begins the calls that it is told to begin."""

    def __init__(self, folder: Path, address: str) -> None:
        command = [sys.executable, "-c", ASKED, os.fspath(folder), address]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def begin(self, call_id: str) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{call_id}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.mark.scale
def test_whoever_begins_a_call_again_gets_its_version_whatever_becomes_of_store_and_processes(
    build: Callable[..., Built], tmp_path: Path, postgres: Postgres
) -> None:
    built, chance = build().publish(), random.Random(7)
    address = postgres.address()
    workers = [Asked(tmp_path, address) for _ in range(3)]
    first: dict[str, str] = {}
    again: dict[str, set[str]] = {}
    is_away = False
    for step in range(600):
        if step % 40 == 20:
            (postgres.start if is_away else postgres.kill)()
            is_away = not is_away
        if step % 15 == 7:
            built.publish(f"{step}\n")
        if step % 50 == 33:
            dead = chance.randrange(len(workers))
            workers[dead].kill()
            workers[dead] = Asked(tmp_path, address)
        if first and chance.random() < 0.6:
            call_id = chance.choice(list(first)[-30:])
            again.setdefault(call_id, set()).add(chance.choice(workers).begin(call_id))
        else:
            first[f"CA{step}"] = chance.choice(workers).begin(f"CA{step}")
    if is_away:
        postgres.start()
    for worker_ in workers:
        worker_.kill()
    assert again == {call_id: {first[call_id]} for call_id in again}
    with open_folder(tmp_path, address) as calls:
        while calls.waiting:
            calls.deliver()
        assert {call.call_id: str(call.version) for call in calls.each()} == first
