"""Two machines with clones of one shared remote and one store of calls: whichever is asked, a call has one version."""

from __future__ import annotations

import fcntl
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest
from support.asking import Asker
from support.calling_agents import NUMBER
from support.sharing import Team

from gitagent import Agent, PhoneNumber
from gitagent.server.polling import LOCK
from gitagent.server.served import Served
from gitagent.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx


class Machines:
    """Both of them, and the team that works through the remote. They look there when they are told to."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.team = Team(folder, pipeline="sandbox,live")
        ada = self.team.ada
        ada.publish("two\n").promote("live")
        ada.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ada.actor, at=ada.clock())
        self.early, self.late = (self._machine(folder / name, folder / "calls.db", stack) for name in ("one", "other"))

    def promote(self, text: str) -> None:
        """Promote on the remote what only one machine comes to know of."""
        self.team.ada.publish(text).promote("live")
        assert self.early.post("/v1/agents/shop/refresh").status_code == 200

    def _machine(self, folder: Path, store: Path, stack: ExitStack) -> Asker:
        (folder / ".gitagent").mkdir(parents=True)
        # As if it were another worker that polls.
        fcntl.flock(stack.enter_context((folder / ".gitagent" / LOCK).open("w")), fcntl.LOCK_EX)
        Agent.clone(self.team.url, folder / "shop")
        asker = stack.enter_context(Asker(Served.of(Settings(str(folder), store=str(store), poll=0))))
        assert told(asker.begin("CA0")) == ("v2", "two\n")
        return asker


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    with ExitStack() as stack:
        yield Machines(tmp_path, stack)


def told(answer: httpx.Response) -> tuple[str, str]:
    """The version that a call was answered with, and what its configuration says."""
    assert answer.status_code in {200, 201}, answer.text
    document = answer.json()
    return document["call"]["version"], document["configuration"]["files"]["notes.md"]


def test_a_call_is_begun_again_where_its_version_was_not_seen_yet(machines: Machines) -> None:
    machines.promote("three\n")
    assert told(machines.early.begin("CA1")) == ("v3", "three\n")
    assert told(machines.late.begin("CA1")) == ("v3", "three\n")
    assert told(machines.late.begin("CA2")) == ("v3", "three\n")


def test_the_configuration_of_a_call_is_read_where_its_version_was_not_seen_yet(machines: Machines) -> None:
    machines.promote("three\n")
    machines.early.begin("CA1")
    assert machines.late.get("/v1/calls/CA1/config").json()["files"]["notes.md"] == "three\n"


def test_a_machine_that_is_behind_pins_what_it_serves_and_the_other_one_keeps_to_that(machines: Machines) -> None:
    machines.promote("three\n")
    assert told(machines.late.begin("CA1")) == ("v2", "two\n")
    assert told(machines.early.begin("CA1")) == ("v2", "two\n")


def test_what_no_remote_has_now_is_said_to_be_missing_and_can_be_asked_for_again(machines: Machines) -> None:
    machines.promote("three\n")
    machines.early.begin("CA1")
    away = machines.team.remote.rename(machines.team.remote.with_name("away"))
    for answer in (machines.late.begin("CA1"), machines.late.get("/v1/calls/CA1/config")):
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "object-missing")
        assert answer.headers["retry-after"] == "1"
    assert told(machines.late.begin("CA2")) == ("v2", "two\n")
    away.rename(machines.team.remote)
    assert told(machines.late.begin("CA1")) == ("v3", "three\n")
