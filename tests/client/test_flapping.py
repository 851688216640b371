"""A server that comes and goes while callers ask and versions move: each call is recorded once, as it was answered."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

import pytest
from support import doors
from support.calling_agents import NUMBER
from support.waiting import wait_until

from gitagent.client import Client
from gitagent.errors import ServerUnreachable

if TYPE_CHECKING:
    from pathlib import Path

    from support.building import Built
    from support.standing import Standing

CALLERS = 3
BUSY = doors.answers("503 Service Unavailable", b"", "Retry-After: 0")


class Caller(threading.Thread):
    """Begins and ends calls without a break, each process of them with a client of its own."""

    def __init__(self, name: str, client: Client) -> None:
        super().__init__()
        self.name = name
        self.client = client
        self.heard: dict[str, str] = {}
        self.failed: list[Exception] = []
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            call_id = f"{self.name}-{len(self.heard)}"
            try:
                begun = self.client.begin(call_id, number=NUMBER)
                self.client.end(call_id, outcome="completed")
                again = self.client.begin(call_id, number=NUMBER)
            except Exception as error:  # noqa: BLE001  # no caller may be left without an answer, whatever it is
                self.failed.append(error)
                return
            assert again.call.version == begun.call.version
            self.heard[call_id] = str(begun.call.version)


@pytest.mark.parametrize("rounds", [1, pytest.param(10, marks=pytest.mark.scale)])
def test_every_call_is_recorded_once_with_what_its_caller_heard(
    server: Standing, shop: Built, tmp_path: Path, rounds: int
) -> None:
    moods = [doors.slams, None, doors.hears, BUSY, None, doors.hangs, None, doors.drips] * rounds
    with doors.Door(server.port) as door:
        clients = [
            Client(door.url, cache=tmp_path / "cache", timeout=0.4, pause=0.01, report_every=0.05)
            for _ in range(CALLERS)
        ]
        _first(clients[0])
        callers = [Caller(f"C{number}", client) for number, client in enumerate(clients)]
        for caller in callers:
            caller.start()
        for number, mood in enumerate(moods):
            door.does(always=mood)
            begun = _count(callers)
            wait_until(partial(_have_begun, callers, begun + 6))
            shop.publish(f"{number + 2}\n").promote("live")
        for caller in callers:
            caller.enough.set()
            caller.join()
        door.open()
        wait_until(lambda: clients[0].waiting == 0)
        assert _failed(callers) == []
        for client in clients:
            client.close()
    heard = {call_id: version for caller in callers for call_id, version in caller.heard.items()}
    with Client(server.url, cache=None, timeout=60.0) as client:
        assert _recorded(client) == heard
    assert list(tmp_path.glob("cache/*/waiting/*.refused")) == []
    assert len(set(heard.values())) > 3


def _first(client: Client) -> None:
    """What is known before the server goes away."""

    def is_told() -> bool:
        try:
            return client.configuration("shop", "live") is not None and client.begin("CA0", number=NUMBER).recorded
        except ServerUnreachable:
            return False

    wait_until(is_told)


def _recorded(client: Client) -> dict[str, str]:
    """Each call that has ended well, and the version that it was answered with."""
    found: dict[str, str] = {}
    cursor = None
    while True:
        page = client.find(limit=200, cursor=cursor, outcome="completed")
        for call in page.calls:
            assert call.call_id not in found
            found[call.call_id] = str(call.attributes.get("answered_with", call.version))
        if (cursor := page.next) is None:
            return found


def _count(callers: list[Caller]) -> int:
    return sum(len(each.heard) for each in callers)


def _have_begun(callers: list[Caller], count: int) -> bool:
    return _count(callers) >= count or bool(_failed(callers))


def _failed(callers: list[Caller]) -> list[Exception]:
    return [error for each in callers for error in each.failed]
