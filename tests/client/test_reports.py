"""A server that comes back: it is told once of each call that began without it, and which version really answered."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from support import doors
from support.calling_agents import NUMBER
from support.hosting import token
from support.waiting import wait_until

from gitagent.client import AsyncClient, Client
from gitagent.errors import Refused, ServerUnreachable, TokenRefused

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from support.building import Built
    from support.standing import Standing

    Connect = Callable[..., Client]

FAILED = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


def records(client: Client) -> list[tuple[str, str, str | None]]:
    """Each call as the server has it, oldest first: id, version and outcome."""
    return [(each.call_id, str(each.version), each.outcome) for each in client.find(limit=100).calls][::-1]


def test_calls_are_told_in_their_order_with_their_version_times_and_ends(
    server: Standing, shop: Built, connect: Connect
) -> None:
    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    times = (now + timedelta(minutes=count) for count in range(100))
    client = connect(server.url, now=lambda: next(times))
    client.begin("CA0", number=NUMBER)
    server.stop()
    for count in range(1, 4):
        client.begin(f"CA{count}", number=NUMBER, attributes={"count": count})
        assert client.end(f"CA{count}", outcome="completed") is None
        assert client.annotate(f"CA{count}", score=0.5) is None
    shop.publish("two\n").promote("live")
    server.start()
    assert (client.report(), client.waiting, client.trouble) == (3, 0, None)
    client.begin("CA4", number=NUMBER)
    told = client.get("CA2")
    assert (str(told.version), str(told.environment), told.score, told.success) == ("v1", "live", 0.5, True)
    assert told.ended_at == told.began_at + timedelta(minutes=1)
    assert dict(told.attributes) == {"count": 2}
    assert dict(told.sip_headers) == {"X-Tenant": "shop"}
    assert {each[:2] for each in records(client)} == {
        ("CA0", "v1"),
        ("CA1", "v1"),
        ("CA2", "v1"),
        ("CA3", "v1"),
        ("CA4", "v2"),
    }
    assert client.report() == 0


def test_a_call_that_began_without_the_server_keeps_its_version_when_that_is_back(
    server: Standing, shop: Built, connect: Connect
) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    first = client.begin("CA1", number=NUMBER)
    shop.publish("two\n").promote("live")
    server.start()
    assert client.begin("CA1", number=NUMBER).call == first.call  # it was not told of yet
    assert client.end("CA1", outcome="completed") is None
    client.report()
    again = client.begin("CA1", number=NUMBER)
    assert (again.call, again.recorded, first.recorded) == (first.call, True, False)
    assert (str(client.get("CA1").version), client.get("CA1").outcome) == ("v1", "completed")


def test_the_end_of_a_call_that_the_server_has_is_told_later(server: Standing, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA1", number=NUMBER)
    server.stop()
    assert client.end("CA1", outcome="completed", duration=60) is None
    server.start()
    assert client.report() == 1
    assert (client.get("CA1").outcome, client.get("CA1").duration) == ("completed", 60.0)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_it_is_told_by_itself_even_by_a_process_that_came_later(
    server: Standing, tmp_path: Path, kind: type[Client]
) -> None:
    with Client(server.url, cache=tmp_path / "cache", report_every=3600.0) as client:
        client.begin("CA0", number=NUMBER)
        server.stop()
        client.begin("CA1", number=NUMBER)
    server.start()
    later = kind(server.url, cache=tmp_path / "cache", report_every=0.02)
    try:
        wait_until(lambda: later.waiting == 0)
    finally:
        later._close()  # without an event loop
    with Client(server.url, cache=None) as other:
        assert str(other.get("CA1").version) == "v1"


def test_a_client_tells_by_itself_once_the_server_is_back(server: Standing, connect: Connect) -> None:
    client = connect(server.url, report_every=0.02)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    wait_until(lambda: isinstance(client.trouble, ServerUnreachable))
    server.start()
    wait_until(lambda: client.waiting == 0)
    assert client.get("CA1").call_id == "CA1"
    server.stop()
    client.begin("CA2", number=NUMBER)
    server.start()
    wait_until(lambda: client.waiting == 0)
    assert client.get("CA2").call_id == "CA2"


def test_two_that_tell_at_the_same_time_tell_once(server: Standing, connect: Connect, tmp_path: Path) -> None:
    one = connect(server.url)
    one.begin("CA0", number=NUMBER)
    server.stop()
    for count in range(1, 6):
        one.begin(f"CA{count}", number=NUMBER)
    server.start()
    told: list[int] = []
    others = [Client(server.url, cache=tmp_path / "cache", report_every=3600.0) for _ in range(3)]
    threads = [threading.Thread(target=lambda each=each: told.append(each.report())) for each in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in others:
        each.close()
    one.report()
    assert (one.waiting, len(records(one))) == (0, 6)
    assert sum(told) <= 5


def test_a_call_that_the_server_began_but_could_not_say_has_both_versions(
    server: Standing, shop: Built, connect: Connect
) -> None:
    with doors.Door(server.port) as door:
        patient, client = connect(door.url, timeout=30.0), connect(door.url, timeout=0.5, attempts=1)
        patient.begin("CA0", number=NUMBER)
        shop.publish("two\n").promote("live")
        door.does(doors.hears)
        heard = client.begin("CA1", number=NUMBER)
        door.open()
        assert patient.report() == 1
        call = patient.get("CA1")
        assert (str(heard.call.version), str(call.version), call.attributes["answered_with"]) == ("v1", "v2", "v1")
        assert patient.begin("CA1", number=NUMBER).configuration == heard.configuration
        assert len(patient.find().calls) == 2


def test_what_is_refused_for_good_is_kept_apart(server: Standing, connect: Connect, tmp_path: Path) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER, caller="x" * 500)
    client.begin("CA2", number=NUMBER)
    server.start()
    assert (client.report(), client.waiting) == (1, 0)
    assert isinstance(client.trouble, Refused)
    assert len(list(tmp_path.glob("cache/*/waiting/*.refused"))) == 1


def test_what_the_server_does_not_know_yet_is_told_again_for_a_day(
    server: Standing, shop: Built, connect: Connect, tmp_path: Path
) -> None:
    now = [datetime.now(UTC)]
    client = connect(server.url, now=lambda: now[0])
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    away = shop.path.rename(tmp_path / "away")
    server.start()
    assert (client.report(), client.waiting) == (0, 1)
    now[0] += timedelta(days=2)
    assert (client.report(), client.waiting) == (0, 0)
    away.rename(shop.path)
    assert len(list(tmp_path.glob("cache/*/waiting/*.refused"))) == 1


def test_a_call_on_which_the_server_fails_keeps_no_other_waiting(
    still: Standing, connect: Connect, new_id: str
) -> None:
    def fails_on_one(door: doors.Door, connection: socket.socket) -> None:
        request = doors.read(connection)
        connection.sendall(FAILED if f"{new_id}-1".encode() in request else doors.asked(door, request))

    with doors.Door(still.port) as door:
        client = connect(door.url, timeout=30.0)
        client.begin(f"{new_id}-0", number=NUMBER)
        door.does(always=doors.answers("503 Service Unavailable"))
        away = connect(door.url, timeout=0.1)
        for count in (1, 2, 3):
            away.begin(f"{new_id}-{count}", number=NUMBER)
        door.does(always=fails_on_one)
        with pytest.raises(ServerUnreachable):
            client.report()
        assert client.waiting == 1
        door.open()
        assert (client.report(), client.waiting) == (1, 0)


def test_a_token_that_is_refused_keeps_what_waits(server: Standing, connect: Connect) -> None:
    good = token(server.folder, "call", "read")
    client = connect(server.url, token=good)
    client.begin("CA0", number=NUMBER)
    server.stop()
    client.begin("CA1", number=NUMBER)
    server.start()
    with pytest.raises(TokenRefused):
        connect(server.url, token="ga_wrong").report()
    assert client.waiting == 1
    assert client.report() == 1


def test_what_waits_for_one_server_is_not_told_to_another(server: Standing, still: Standing, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA1", number=NUMBER)
    server.stop()
    client.begin("CA2", number=NUMBER)
    assert connect(still.url).report() == 0
    assert client.waiting == 1
