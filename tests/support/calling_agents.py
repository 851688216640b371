"""Calling agents: an agent with a number, its calls in a store that can fail, and a clock for both."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from gitagent import Actor, Begun, Call, Calls
from gitagent.errors import CallStoreFailed
from gitagent.names import PhoneNumber
from gitagent.runtime.folders import Agents
from gitagent.runtime.spool import Spool
from support.building import START, Built

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from gitagent.errors import GitagentError
    from gitagent.runtime.records import Write
    from gitagent.runtime.stores.interface import CallStore

ADA = Actor("Ada Lovelace", "ada@example.com")
NUMBER = "+442079460018"


class Failing:
    """A store that can be away, or full. `asked` counts how often it was tried."""

    def __init__(self, store: CallStore) -> None:
        self._store = store
        self.is_away = self.is_full = False
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        self.asked += 1
        if self.is_away:
            raise CallStoreFailed("it is away")
        return getattr(self._store, name)

    def write(self, writes: Sequence[Write]) -> list[Call | GitagentError]:
        if self.is_full:
            raise CallStoreFailed("it is full")
        written: list[Call | GitagentError] = self.__getattr__("write")(writes)
        return written


class Desk:
    """An agent whose live answers a number, and where its calls are kept. Each call comes a second after the last."""

    def __init__(self, built: Built, store: CallStore, folder: Path) -> None:
        self.built = built
        self.folder = folder
        self.store = Failing(store)
        self.seconds = 0.0
        built.publish().promote("pre-release", "live")
        self.assign(NUMBER, "live")
        self.calls = self.restarted()

    def restarted(self) -> Calls:
        """The calls as a process that has just started has them."""
        self.calls = self.beside()
        return self.calls

    def beside(self) -> Calls:
        """The calls as another process of this machine has them."""
        agents, spool = Agents.only(self.built.path), Spool(self.folder / "spool")
        return Calls(agents, self.store, spool, agent="agent", clock=lambda: self.seconds)

    def assign(self, number: str, environment: str) -> None:
        at = self.built.clock()
        self.built.agent.assign_number(PhoneNumber(number), environment, actor=ADA, at=at)

    def release(self, number: str) -> None:
        self.built.agent.release_number(PhoneNumber(number), actor=ADA, at=self.built.clock())

    def live(self, text: str) -> None:
        """Let live serve a new version."""
        self.built.publish(text).promote("pre-release", "live")

    def begin(self, call_id: str, **asked: Any) -> Begun:
        self.seconds += 1
        if not asked.keys() & {"number", "environment", "version"}:
            asked["number"] = NUMBER
        return self.calls.begin(call_id, at=START + timedelta(seconds=self.seconds), **asked)

    def end(self, call_id: str, outcome: str | None = None, **facts: Any) -> Call:
        self.seconds += 1
        return self.calls.end(call_id, at=START + timedelta(seconds=self.seconds), outcome=outcome, **facts)


def pin(begun: Begun) -> tuple[str, str]:
    """What a call was pinned to: its version, and the text that its configuration holds."""
    return str(begun.call.version), begun.configuration.document()["files"]["notes.md"]


def again(begun: Begun) -> Begun:
    """The same, as who begins it once more is told."""
    return begun._replace(is_new=False)
