"""Folders: agents below one folder, as they are served, and the seconds that go by meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.names import PhoneNumber
from gitagent.runtime.folders import LOOK_AGAIN, Agents
from support.building import ADA, Built

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ONE, TWO = "+442079460018", "+442079460019"


class Now:
    """Seconds, as far as the test lets them go by."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Folder:
    """A folder of agents, each with a number that its live answers, and the agents as they are served."""

    def __init__(self, build: Callable[..., Built], path: Path) -> None:
        self.path = path / "agents"
        self._build = build
        self.now = Now()
        self.agents = Agents(self.path, clock=self.now)

    def add(self, name: str, number: str | None, *, pipeline: str = "live") -> Built:
        built = self._build(f"agents/{name}", pipeline=pipeline)
        if number is not None:
            assign(built, number)
            built.publish()
        return built

    def number(self, number: str, *, among: frozenset[str] | None = None) -> str:
        """The agent and the version that answer a number."""
        found = self.agents.number(number, among=among)
        return f"{found.agent} {found.version}"

    def let_pass(self, seconds: float = LOOK_AGAIN * 1.1) -> None:
        """Let time pass: so much that numbers are looked for anew."""
        self.now.seconds += seconds


def assign(built: Built, number: str, environment: str = "live", **headers: str) -> None:
    built.agent.assign_number(
        PhoneNumber(number), environment, actor=ADA, at=built.clock(), sip_headers=headers or None
    )


def release(built: Built, number: str) -> None:
    built.agent.set_rules("live", requires_number=False, actor=ADA, at=built.clock())
    built.agent.release_number(PhoneNumber(number), actor=ADA, at=built.clock())
