"""A disk that is full, or takes no writes any more, from any write of an operation on: refused, and nothing lost."""

from __future__ import annotations

import pytest
from support.crashing import Drive

from durability.scenarios import SCENARIOS

FEWEST_REFUSALS = {"drop-draft": 3, "restore-unedited": 15}
EVERY_DAY = ("publish", "restore", "init")


@pytest.mark.parametrize("name", EVERY_DAY)
def test_an_operation_that_finds_no_room_is_refused_and_has_happened_whole_or_not_at_all(
    name: str, drive: Drive
) -> None:
    report = drive("some full", name)
    assert report["problems"] == {}
    assert report["deaths"] >= 5


@pytest.mark.scale
@pytest.mark.parametrize("name", SCENARIOS)
def test_no_write_is_one_whose_failure_goes_unseen(name: str, drive: Drive) -> None:
    report = drive("all full", name)
    assert report["problems"] == {}
    assert report["deaths"] >= FEWEST_REFUSALS.get(name, 30)
