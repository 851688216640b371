"""Moving: a process that promotes and rolls back again and again, and says of each move from when to when it was made.

Started as a program: `moving.py PAUSE FOLDER…` moves live of each agent every PAUSE seconds, and the number WANDERING
of the first one between live and sandbox, until its input ends. Each line that it prints is a Move; the first ones
say what is so already.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent import Actor, Agent, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GRACE = Actor("Grace Hopper", "grace@example.com")
ENVIRONMENT = "live"
OTHER = "sandbox"
WANDERING = "+442079460099"
EARLIEST = 2
"""The version that live begins with, and goes back to where there is none further on."""


class Move(NamedTuple):
    """Between these two times, and not before or after, an agent's environment came to serve a version.

    Or a number (`place`) came to reach an environment (`has`).
    """

    agent: str
    place: str
    has: str
    before: float
    after: float


def assign_wandering(folder: Path) -> None:
    """Give an agent the number that is to wander."""
    Agent.open(folder).assign_number(PhoneNumber(WANDERING), ENVIRONMENT, actor=GRACE, at=datetime.now(UTC))


@contextmanager
def moving(folders: Sequence[Path], *, pause: float) -> Iterator[list[Move]]:
    """The moves, growing while they are made; when this ends, so has the last of them."""
    moves: list[Move] = []
    command = [sys.executable, __file__, str(pause), *map(str, folders)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        moves += [Move(*json.loads(process.stdout.readline())) for _ in (WANDERING, *folders)]
        output = process.stdout
        reader = threading.Thread(target=lambda: moves.extend(Move(*json.loads(line)) for line in output))
        reader.start()
        try:
            yield moves
        finally:
            process.stdin.close()
            reader.join()
    assert process.returncode == 0, "the process that moves environments failed; its traceback is on stderr"


class Mover:
    """Live of one agent. All its versions were in the environment before; promoted are two, and then one taken back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agent = Agent.open(folder)
        self.newest = int(next(self.agent.versions(limit=1)).number.number)
        self.moves = 0

    @property
    def serves(self) -> int:
        found = self.agent.environment(ENVIRONMENT).version
        assert found is not None
        return found.number

    def move(self) -> Move:
        """Make the next move."""
        self.moves += 1
        at, before = datetime.now(UTC), time.time()
        serves = self.serves
        if serves == self.newest:
            self.agent.rollback(ENVIRONMENT, actor=GRACE, at=at, to=f"v{EARLIEST}")
        elif self.moves % 3:
            self.agent.promote(ENVIRONMENT, actor=GRACE, at=at, version=f"v{serves + 1}")
        else:
            self.agent.rollback(ENVIRONMENT, actor=GRACE, at=at)
        after = time.time()
        return Move(self.folder.name, ENVIRONMENT, f"v{self.serves}", before, after)


class Wanderer:
    """The number that goes from one environment of an agent to another and back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.agent = Agent.open(folder)
        self.reaches = ENVIRONMENT

    def move(self) -> Move:
        """Make the next move."""
        self.reaches = OTHER if self.reaches == ENVIRONMENT else ENVIRONMENT
        before = time.time()
        self.agent.move_number(PhoneNumber(WANDERING), self.reaches, actor=GRACE, at=datetime.now(UTC))
        return Move(self.folder.name, WANDERING, self.reaches, before, time.time())


def main(pause: float, folders: Sequence[Path]) -> None:
    movers = [Mover(folder) for folder in folders]
    wanderer = Wanderer(folders[0])
    first = [Move(each.folder.name, ENVIRONMENT, f"v{each.serves}", 0, 0) for each in movers]
    for move in (Move(wanderer.folder.name, WANDERING, wanderer.reaches, 0, 0), *first):
        print(json.dumps(move), flush=True)  # noqa: T201
    due = time.monotonic()
    while True:
        due = max(due + pause, time.monotonic())
        if select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))[0]:
            return
        for each in movers:
            print(json.dumps(each.move()), flush=True)  # noqa: T201
        print(json.dumps(wanderer.move()), flush=True)  # noqa: T201


if __name__ == "__main__":
    main(float(sys.argv[1]), [Path(each) for each in sys.argv[2:]])
