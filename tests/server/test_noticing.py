"""Noticing: what the log is told of what is served."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from support.hosting import NUMBERS, fleet

from gitagent.names import PhoneNumber
from gitagent.runtime.places import open_folder
from gitagent.server.noticing import Noticing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built

    from gitagent.runtime.calls import Calls


@pytest.fixture
def agents(tmp_path: Path) -> list[Built]:
    """Two agents below one folder, each with a number."""
    return fleet(tmp_path, "desk", "shop")


@pytest.fixture
def calls(agents: list[Built], tmp_path: Path) -> Iterator[Calls]:
    """The calls of that folder."""
    with open_folder(tmp_path) as calls:
        yield calls


@pytest.fixture
def told(calls: Calls, caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """What the log is told by one more look."""
    caplog.set_level(logging.INFO, "gitagent.server")
    noticing = Noticing(calls)

    def look() -> list[str]:
        caplog.clear()
        noticing.look()
        return sorted(f"{each.levelname}: {each.getMessage()}" for each in caplog.records)

    return look


def test_another_version_that_is_served_is_told_once(told: Callable[[], list[str]], agents: list[Built]) -> None:
    assert told() == []
    agents[0].publish("desk v3\n").promote("live")
    assert told() == ["INFO: desk: live serves v3", "INFO: desk: sandbox serves v3"]
    agents[0].rollback("live", "v2")
    assert told() == ["INFO: desk: live serves v2"]
    assert told() == []


def test_a_trouble_is_told_when_it_begins_and_when_it_ends(told: Callable[[], list[str]], agents: list[Built]) -> None:
    assert told() == []
    desk, shop = agents
    number = PhoneNumber(NUMBERS[0])
    shop.agent.assign_number(number, "live", actor=shop.actor, at=shop.clock())
    contested = f"{number} belongs to desk and shop; desk, which had it first, answers it"
    release = f"gitagent -C shop numbers release {number}; or in desk, and shop answers it at once."
    assert told() == [f"WARNING: trouble: {contested}. Release it in shop: {release}"]
    assert told() == []
    desk.agent.release_number(number, actor=desk.actor, at=desk.clock())
    assert told() == [f"INFO: no trouble any more: {contested}"]


def test_calls_that_wait_for_their_store_are_a_trouble(
    told: Callable[[], list[str]], calls: Calls, agents: list[Built], tmp_path: Path
) -> None:
    assert told() == []
    in_the_way = tmp_path / ".gitagent/calls.db"
    in_the_way.mkdir(parents=True)
    calls.begin("CA1", at=agents[0].clock(), number=NUMBERS[0])
    (waiting,) = told()
    assert waiting.startswith("WARNING: trouble: calls wait for their store")
    in_the_way.rmdir()
    with open_folder(tmp_path) as other:  # another worker, which has not found the store away
        assert other.deliver() == 1
    assert told() == [waiting.replace("WARNING: trouble", "INFO: no trouble any more")]


def test_what_is_in_trouble_at_the_start_was_told_then(told: Callable[[], list[str]], agents: list[Built]) -> None:
    shop = agents[1]
    shop.agent.assign_number(PhoneNumber(NUMBERS[0]), "live", actor=shop.actor, at=shop.clock())
    assert told() == []
