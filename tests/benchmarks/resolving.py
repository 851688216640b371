"""Resolving: what it costs to know which version answers a number, in one agent and in a thousand."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING
from unittest import mock

import httpx
import pygit2
from growing import ADA, START, grow
from measuring import GITAGENT, Figure, Prepared, paired
from standing import standing

from gitagent import Agent, PhoneNumber
from gitagent.agent import draft

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOOKS = 20_000
AGENTS = 1_000
NUMBER = "+442079460018"
MOST_MEMORY = 300
_ANSWER = """
import sys
from pathlib import Path
from gitagent.runtime.places import open_folder
open_folder(Path(sys.argv[1])).agents.number("+442079460018").configuration
"""


def resolving(agent: Agent, folder: Path) -> Iterator[Figure]:
    """One look in process; then the first answer and the memory of many agents with 100 versions each.

    Each time a process of its own starts: at first with nothing but the repositories, then with the index of before.
    The memory is that of a server which has answered the configuration of each.
    """
    agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=START)
    yield resolve(agent)
    one, many = _copies(folder / "one", 1), _copies(folder / "many", AGENTS)
    name = f"first answer with {AGENTS:,} agents"

    def the_first_ever() -> None:
        (many / ".gitagent/agents.json").unlink(missing_ok=True)

    first = Prepared(lambda: _answered(many), the_first_ever)
    yield paired(f"{name}, the first ever", first, lambda: _answered(one), target=3.0, runs=5)
    yield paired(f"{name}, after a restart", lambda: _answered(many), lambda: _answered(one), target=3.0, runs=5)
    memory = _memory(many)
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
    """So many agents with 100 versions each, each with a number and a newest version of its own."""
    first = grow(folder / "agent-0", 99)
    for number in range(1, count):
        # Links: to make a thousand agents takes minutes. gitagent and git replace files, and write into none.
        shutil.copytree(first.path, folder / f"agent-{number}", symlinks=True, copy_function=os.link)
    with mock.patch.object(os, "fsync"), mock.patch.object(draft, "checked_problems", return_value=()):
        pygit2.settings.enable_fsync_gitdir(False)
        for number in range(count):
            agent = Agent.open(folder / f"agent-{number}")
            _edit(agent.path / "prompt.md", f"You work in house {number}.\n")
            agent.publish(actor=ADA, at=START)
            agent.assign_number(PhoneNumber(f"+44207946{number + 18:04}"), "sandbox", actor=ADA, at=START)
    pygit2.settings.enable_fsync_gitdir(True)
    return folder


def _edit(file: Path, more: str) -> None:
    text = file.read_text(encoding="utf-8")
    file.unlink()
    file.write_text(more + text, encoding="utf-8")


def _answered(folder: Path) -> None:
    subprocess.run([sys.executable, "-c", _ANSWER, os.fspath(folder)], check=True)


def _memory(folder: Path) -> float:
    """Megabytes of a server that has answered a configuration of each agent, all different."""
    with standing([GITAGENT, "serve", os.fspath(folder), "--port", "0"]) as server, httpx.Client() as client:
        asked = [f"{server.url}/v1/agents/{each.name}/environments/sandbox/config" for each in folder.glob("agent-*")]
        told = {client.get(url).raise_for_status().headers["etag"] for url in asked}
        assert len(told) == AGENTS
        return server.memory
