"""Resolving: what it costs to know which version answers a number, in one agent and in a thousand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from unittest import mock

import pygit2
from growing import ADA, START, grow
from measuring import Figure, Prepared, paired

from gitagent import Agent, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOKS = 20_000
AGENTS = 1_000
NUMBER = "+442079460018"
MOST_MEMORY = 300
_SERVE = """
import sys
from pathlib import Path
from gitagent.runtime.places import open_folder
agents = open_folder(Path(sys.argv[1])).agents
agents.number("+442079460018").configuration
for name in agents.names() if len(sys.argv) > 2 else []:
    agents.get(name).environment("live").configuration
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def resolving(agent: Agent, folder: Path) -> Iterator[Figure]:
    """One look in process; then the first answer and the memory of many agents with 100 versions each.

    Each time a process of its own starts: at first with nothing but the repositories, then with the index of before.
    """
    agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=START)
    yield resolve(agent)
    one, many = _copies(folder / "one", 1), _copies(folder / "many", AGENTS)
    name = f"first answer with {AGENTS:,} agents"

    def the_first_ever() -> None:
        (many / ".gitagent/agents.json").unlink(missing_ok=True)

    first = Prepared(lambda: _served(many), the_first_ever)
    yield paired(f"{name}, the first ever", first, lambda: _served(one), target=3.0, runs=5)
    yield paired(f"{name}, after a restart", lambda: _served(many), lambda: _served(one), target=3.0, runs=5)
    memory = _served(many, "all") / 1024
    yield Figure(f"memory of {AGENTS:,} agents, {memory:.0f} MB", 0, [memory / MOST_MEMORY], 1.0)


def resolve(agent: Agent) -> Figure:
    """A number, against one look into a dictionary and one stat of the ref."""
    ledger, known = agent.path / ".git/refs/heads/gitagent/ledger", {NUMBER: object()}
    path = os.fspath(ledger)
    time.sleep(0.2)  # a ref that has just been written is looked at twice
    agent.resolve(NUMBER)

    def look() -> None:
        for _ in range(LOOKS):
            agent.resolve(NUMBER)

    def look_up() -> None:
        for _ in range(LOOKS):
            _ = known[NUMBER]
            os.stat(path)  # noqa: PTH116  # as it is done

    figure = paired("resolve", look, look_up, target=5.0)
    return figure._replace(milliseconds=figure.milliseconds / LOOKS)


def _copies(folder: Path, count: int) -> Path:
    """So many agents with 100 versions each, and each with a number of its own."""
    first = grow(folder / "agent-0", 100)
    for number in range(1, count):
        # Links: what is measured only reads, and to make a thousand agents takes minutes.
        shutil.copytree(first.path, folder / f"agent-{number}", symlinks=True, copy_function=os.link)
    with mock.patch.object(os, "fsync"):
        for number in range(count):
            agent = Agent.open(folder / f"agent-{number}")
            pygit2.settings.enable_fsync_gitdir(False)
            agent.assign_number(PhoneNumber(f"+44207946{number + 18:04}"), "live", actor=ADA, at=START)
    pygit2.settings.enable_fsync_gitdir(True)
    return folder


def _served(folder: Path, *all_: str) -> int:
    """The memory that a process takes which answers a call, in kilobytes.

    That of its own image: what `getrusage` says begins with what the process that started it took.
    """
    command = [sys.executable, "-c", _SERVE, os.fspath(folder), *all_]
    return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
