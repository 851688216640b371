"""Recents: what a process of this machine pinned is known to the others without the store."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest
from support.building import START, Built
from support.calling import LONDON, call
from support.calling_agents import NUMBER, Desk, pin

from gitagent.runtime import recents as pins
from gitagent.runtime.recents import MINUTES, Recents
from gitagent.runtime.records import Direction
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_call_is_known_to_other_processes_by_its_pin_alone(tmp_path: Path) -> None:
    began = call("CA1", version=7, caller="+447700900123", attributes={"name": "Ada"})
    one = Recents(tmp_path / "recent")
    one.add([began, call("CA2", environment=None, number=None, direction=Direction.OUTBOUND)])
    (file,) = (tmp_path / "recent").iterdir()
    assert not {"CA1", "+447700900123", "Ada"} & set(json.dumps(file.read_text()).split('"'))
    assert {path.stat().st_mode & 0o077 for path in (file, file.parent)} == {0}
    other = Recents(tmp_path / "recent")
    again = call("CA1", version=9, minute=3, agent="shop", number=None, caller="anonymous")
    assert other.find(again) == began._replace(caller="anonymous", attributes={})
    assert other.find(call("CA3")) is None
    found = other.find(call("CA2"))
    assert found is not None
    assert (found.number, found.environment, found.direction) == (None, None, "outbound")


def test_what_is_added_later_is_found_later(tmp_path: Path) -> None:
    one, other = Recents(tmp_path), Recents(tmp_path)
    assert other.find(call("CA1")) is None
    for number in range(3):
        one.add([call(f"CA{number}", version=number + 1)])
        found = other.find(call(f"CA{number}", version=9))
        assert found is not None
        assert found.version.number == number + 1


def test_half_a_line_and_what_another_gitagent_wrote_are_passed_over(tmp_path: Path) -> None:
    one = Recents(tmp_path)
    one.add([call("CA1")])
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(
        b'{"else": 1}\n[1]\n5\n\xff\n' + json.dumps([pins._digest("CA2"), 1]).encode() + b"\n" + whole[:-9]
    )
    other = Recents(tmp_path)
    assert [other.find(call(each)) for each in ("CA1", "CA2")] == [None, None]
    with file.open("ab") as rest:
        rest.write(whole[-9:])
    assert other.find(call("CA1", version=9)) == call("CA1")


def test_pins_are_kept_for_some_minutes(tmp_path: Path) -> None:
    seconds = 10_000 * 60.0
    one = Recents(tmp_path, clock=lambda: seconds)
    for number in range(20):
        one.add([call(f"CA{number}")])
        seconds += 60
    assert len(list(tmp_path.iterdir())) == MINUTES + 1
    other = Recents(tmp_path)
    assert [other.find(call(f"CA{number}")) is not None for number in range(20)] == [False] * 4 + [True] * 16
    seconds -= 7 * 60
    one.add([call("CA21")])
    assert other.find(call("CA21")) == call("CA21")


def test_a_minute_with_very_many_calls_fills_no_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitagent.runtime.recents.LARGEST", 1000)
    one = Recents(tmp_path)
    for number in range(100):
        one.add([call(f"CA{number}")])
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2500


def test_of_more_pins_than_fit_into_memory_the_newest_are_known_whoever_asks_how_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitagent.runtime.recents.MOST_KNOWN", 30)
    seconds = 10_000 * 60.0
    one, other = Recents(tmp_path, clock=lambda: seconds), Recents(tmp_path)
    for minute in range(5):
        one.add([call(f"CA{minute}-{number}") for number in range(10)])
        seconds += 60
    for _ in range(3):
        found = [other.find(call(f"CA{minute}-{number}")) is not None for minute in range(5) for number in range(10)]
        assert found == [False] * 20 + [True] * 30


def test_many_threads_and_processes_add_whole_lines(tmp_path: Path) -> None:
    writers = [Recents(tmp_path) for _ in range(4)]

    def add(mine: int) -> None:
        for number in range(50):
            writers[mine].add([call(f"CA{mine}-{number}-{each}", version=mine + 1) for each in range(5)])

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = Recents(tmp_path)
    found = [reader.find(call(f"CA{mine}-{n}-{each}")) for mine in range(4) for n in range(50) for each in range(5)]
    assert [each.version.number for each in found if each is not None] == [1] * 250 + [2] * 250 + [3] * 250 + [4] * 250


def test_a_disk_that_takes_nothing_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "recent").write_text("no folder")
    recents = Recents(tmp_path / "recent")
    recents.add([call("CA1")])
    assert recents.find(call("CA1")) is None


@pytest.fixture
def desk(build: Callable[..., Built], tmp_path: Path) -> Desk:
    return Desk(build(), open_store(str(tmp_path / "calls.db")), tmp_path)


def test_a_recorded_call_keeps_its_pin_in_every_process_of_the_machine_while_the_store_is_away(desk: Desk) -> None:
    first = desk.begin("CA1")
    desk.live("two\n")
    desk.store.is_away = True
    for calls in (desk.beside(), desk.restarted()):
        begun = calls.begin("CA1", at=START, number=NUMBER)
        assert (pin(begun), begun.recorded, begun.is_new) == (pin(first), True, False)
    assert pin(desk.begin("CA2")) == ("v2", "two\n")
    assert (desk.calls.waiting, LONDON) == (1, first.call.number)
