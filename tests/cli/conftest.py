"""The command line under test, in an agent's folder or in one of the test's choice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import Built
from support.commandline import Cli


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Path], Cli]:
    """The command line in a folder of the test's choice."""
    return lambda folder: Cli(folder, tmp_path, monkeypatch)


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    """An agent with one file, notes.md, and version v1 in no environment."""
    return build()


@pytest.fixture
def cli(agent: Built, at: Callable[[Path], Cli]) -> Cli:
    """The command line in `agent`'s folder, its clock going on where the agent's stands."""
    runner = at(agent.path)
    runner.clock = agent.clock
    return runner
