"""A process killed by SIGKILL at every single write to the repository, and in the middle of each."""

from __future__ import annotations

import pytest
from support.crashing import Drive

from durability.scenarios import (
    MAIN_OPERATIONS,
    OTHER_OPERATIONS,
    PROMOTE,
    PUBLISH,
    RARE_OPERATIONS,
    RESTORE,
    ROLLBACK,
    SEQUELS,
)

FEWEST_DEATHS = {"save": 100, "publish": 100, "promote": 50, "rollback": 40, "restore": 80, "drop-draft": 3}
"""So that no operation passes because its writes were not seen."""
DAILY = (PROMOTE, ROLLBACK)


# Below, a restore and a publication, which makes every write that a save makes, are killed here and there each day.
@pytest.mark.parametrize(
    "name",
    [pytest.param(each.name, marks=[] if each in DAILY else [pytest.mark.scale]) for each in MAIN_OPERATIONS],
)
def test_an_operation_killed_at_any_write_has_happened_whole_or_not_at_all(name: str, drive: Drive) -> None:
    report = drive("all", name)
    assert report["problems"] == {}
    assert report["deaths"] >= FEWEST_DEATHS[name]
    assert report["changed"]


@pytest.mark.parametrize("name", [each.name for each in (PUBLISH, RESTORE, *OTHER_OPERATIONS)])
def test_every_other_operation_can_be_killed_at_writes_here_and_there(name: str, drive: Drive) -> None:
    report = drive("some", name)
    assert report["problems"] == {}
    assert report["deaths"] >= 2


@pytest.mark.scale
@pytest.mark.parametrize("name", [each.name for each in (*OTHER_OPERATIONS, *RARE_OPERATIONS)])
def test_every_other_operation_can_be_killed_at_any_write_too(name: str, drive: Drive) -> None:
    report = drive("all", name)
    assert report["problems"] == {}
    assert report["deaths"] >= FEWEST_DEATHS.get(name, 20)


@pytest.mark.parametrize(
    "name", [pytest.param(each.name, marks=[pytest.mark.scale] if place else []) for place, each in enumerate(SEQUELS)]
)
def test_what_completes_a_killed_operation_can_itself_be_killed_at_any_write(name: str, drive: Drive) -> None:
    report = drive("all", name)
    assert report["problems"] == {}
    assert report["deaths"] >= 10
    assert not report["changed"]


@pytest.mark.scale
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", [each.name for each in SEQUELS])
def test_what_completes_an_operation_killed_anywhere_can_itself_be_killed_anywhere(name: str, drive: Drive) -> None:
    report = drive("all pairs", name)
    assert report["problems"] == {}
    assert report["deaths"] >= 100
    assert not report["changed"]
