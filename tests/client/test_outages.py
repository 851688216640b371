"""A server that is down, hangs or answers nonsense: whoever calls is answered with what it said last."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support import doors
from support.calling_agents import NUMBER
from support.hosting import free_port

from gitagent.client import Client
from gitagent.errors import CallIdTaken, CallNotFound, NumberNotFound, ServerUnreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built
    from support.standing import Standing

    Connect = Callable[..., Client]

ENVELOPE = b'{"format": "gitagent.error/1", "error": {"code": "internal-error", "message": "oh", "hint": null}}'
STRANGE_CALL = {"format": "gitagent.call/1", "call": {"call_id": 7}, "recorded": True, "configuration": {}}
OUTAGES: dict[str, Any] = {
    "hangs": doors.hangs,
    "ends the connection": doors.slams,
    "answers byte by byte": doors.drips,
    "answers without an end": doors.floods,
    "500": doors.answers("500 Internal Server Error", ENVELOPE),
    "502 of a proxy": doors.answers("502 Bad Gateway", b"<html>nginx</html>"),
    "503": doors.answers("503 Service Unavailable", ENVELOPE, "Retry-After: 1"),
    "429 for an hour": doors.answers("429 Too Many Requests", ENVELOPE, "Retry-After: 3600"),
    "404 of a proxy": doors.answers("404 Not Found", b"<html>no such site</html>"),
    "401 of a proxy": doors.answers("401 Unauthorized", b'{"error": "who are you"}'),
    "a redirect": doors.answers("302 Found", b"", "Location: http://127.0.0.1:9/"),
    "cut in the head": doors.answers("200 OK", b"{}", cut=30),
    "cut in the body": doors.answers("200 OK", json.dumps(STRANGE_CALL).encode(), cut=20),
    "no HTTP": lambda door, connection: connection.sendall(b"220 mail.example ESMTP\r\n"),
    "a page": doors.answers("200 OK", b"<html>please log in</html>"),
    "bytes": doors.answers("200 OK", bytes(range(256))),
    "another form": doors.answers("200 OK", b'{"format": "gitagent.call/2"}'),
    "a strange call": doors.answers("201 Created", json.dumps(STRANGE_CALL).encode()),
    "nested without an end": doors.answers("200 OK", b"[" * 100_000),
}


@pytest.fixture
def door(still: Standing) -> Iterator[doors.Door]:
    with doors.Door(still.port) as door:
        yield door


@pytest.mark.parametrize("outage", OUTAGES)
def test_a_caller_is_answered_with_what_the_server_said_last(
    door: doors.Door, connect: Connect, new_id: str, outage: str
) -> None:
    before = connect(door.url, timeout=30.0).begin(f"{new_id}-a", number=NUMBER, sip_headers={"X-Trunk": "7"})
    door.does(always=OUTAGES[outage])
    client = connect(door.url, timeout=0.1)
    begun = client.begin(f"{new_id}-b", number=NUMBER, caller="+447700900123", sip_headers={"x-tenant": "forged"})
    assert (begun.configuration, begun.from_cache, begun.recorded) == (before.configuration, True, False)
    call = begun.call
    assert (call.agent, call.version, call.commit, call.environment, call.number, call.caller) == (
        *before.call[1:4],
        before.call.environment,
        before.call.number,
        "+447700900123",
    )
    assert dict(call.sip_headers) == {"X-Tenant": "shop"}
    assert client.end(f"{new_id}-b", outcome="completed") is None
    assert client.waiting == 1


@pytest.mark.parametrize("outage", ["hangs", "500", "a page"])
def test_whoever_was_never_told_anything_hears_why(door: doors.Door, connect: Connect, outage: str) -> None:
    door.does(always=OUTAGES[outage])
    client = connect(door.url, timeout=0.1)
    with pytest.raises(ServerUnreachable, match=f"the server {door.url} cannot answer: "):
        client.begin("CA1", number=NUMBER)
    with pytest.raises(ServerUnreachable):
        client.configuration("shop", "live")
    with pytest.raises(ServerUnreachable):
        client.get("CA1")
    assert client.waiting == 0


def test_a_server_that_is_gone_leaves_all_that_was_known(server: Standing, shop: Built, connect: Connect) -> None:
    client = connect(server.url, timeout=30.0)
    client.begin("CA1", number="+44 20 7946 0018")
    client.begin("CA2", agent="shop", version="v1")
    known = client.configuration("shop", "live"), client.resolve(NUMBER)
    server.stop()
    for begun in (
        client.begin("CA3", number="sip:+442079460018@example.com"),
        client.begin("CA4", agent="shop", environment="live"),
        client.begin("CA5", agent="shop", version="1", direction="outbound"),
    ):
        assert begun.configuration.document() == known[0].document()
    assert (client.configuration("shop", "live").document(), client.resolve(NUMBER)) == (known[0].document(), known[1])
    assert client.configuration_of("CA1").document() == known[0].document()
    with pytest.raises(ServerUnreachable):
        client.begin("CA6", agent="shop", environment="sandbox")
    with pytest.raises(ServerUnreachable):
        client.find()


def test_a_new_process_finds_it_on_disk(server: Standing, connect: Connect) -> None:
    before = connect(server.url).begin("CA1", number=NUMBER)
    server.stop()
    assert connect(server.url).begin("CA2", number=NUMBER).configuration == before.configuration


def test_without_a_folder_it_is_known_as_long_as_the_client_is(server: Standing, connect: Connect) -> None:
    client = connect(server.url, cache=None)
    client.begin("CA1", number=NUMBER)
    server.stop()
    assert client.begin("CA2", number=NUMBER).from_cache
    assert client.waiting == 1
    with pytest.raises(ServerUnreachable):
        connect(server.url, cache=None).begin("CA3", number=NUMBER)


def test_a_call_that_began_keeps_its_version_while_the_server_is_away(
    server: Standing, shop: Built, connect: Connect
) -> None:
    client = connect(server.url)
    first = client.begin("CA1", number=NUMBER)
    shop.publish("two\n").promote("live")
    second = client.begin("CA2", number=NUMBER)
    server.stop()
    again = connect(server.url).begin("CA1", number=NUMBER)
    assert (again.call, again.configuration, again.recorded) == (first.call, first.configuration, True)
    assert client.begin("CA3", number=NUMBER).configuration == second.configuration
    assert client.waiting == 1  # the server knows of CA1


def test_a_call_that_began_while_the_server_was_away_begins_once(server: Standing, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA0", number=NUMBER)
    server.stop()
    first = client.begin("CA1", number=NUMBER)
    assert connect(server.url).begin("CA1", number="+44 (0)20 7946-0018".replace("(0)", "")).call == first.call
    assert client.get("CA1") == first.call
    assert client.waiting == 1
    with pytest.raises(CallIdTaken):
        client.begin("CA1", agent="shop", environment="live")


def test_what_the_server_says_is_not_so_any_more_is_forgotten(server: Standing, shop: Built, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA1", number=NUMBER)
    shop.agent.release_number(client.get("CA1").number, actor=shop.actor, at=shop.clock())  # type: ignore[arg-type]
    with pytest.raises(NumberNotFound):
        _until_refused(lambda count: client.begin(f"CA{count}", number=NUMBER))
    server.stop()
    with pytest.raises(ServerUnreachable):
        client.begin("CA9999", number=NUMBER)


def test_a_call_that_begins_again_says_nothing_of_what_is_served_now(
    server: Standing, shop: Built, connect: Connect
) -> None:
    client = connect(server.url)
    client.begin("CA1", number=NUMBER)
    shop.publish("two\n").promote("live")
    client.begin("CA2", number=NUMBER)
    client.begin("CA1", number=NUMBER)
    server.stop()
    assert str(client.begin("CA3", number=NUMBER).call.version) == "v2"


@pytest.mark.parametrize("outage", ["ends the connection", "503", "502 of a proxy", "cut in the body"])
def test_a_failure_that_passes_is_not_seen(door: doors.Door, connect: Connect, new_id: str, outage: str) -> None:
    client = connect(door.url, timeout=30.0)
    door.does(OUTAGES[outage])
    begun = client.begin(new_id, number=NUMBER)
    assert (begun.recorded, begun.from_cache, door.came) == (True, False, 1)
    assert client.end(new_id, outcome="completed") is not None


def test_one_server_of_several_may_hang(door: doors.Door, tmp_path: Path, new_id: str) -> None:
    with Client(door.url, cache=tmp_path, timeout=4.0, attempts=2) as client:
        door.does(doors.hangs)
        assert client.begin(new_id, number=NUMBER).recorded


def test_an_answer_that_was_lost_is_asked_for_again_and_the_call_begins_once(
    door: doors.Door, connect: Connect, new_id: str
) -> None:
    client = connect(door.url, timeout=30.0)
    door.does(doors.hears)
    begun = client.begin(new_id, number=NUMBER)
    assert (begun.recorded, begun.from_cache) == (True, False)
    door.does(doors.hears)
    ended = client.end(new_id, outcome="completed")
    assert ended is not None
    assert client.get(new_id) == ended


def test_a_server_that_failed_is_left_alone_for_a_while(door: doors.Door, connect: Connect, new_id: str) -> None:
    connect(door.url, timeout=30.0).begin(f"{new_id}-a", number=NUMBER)
    client = connect(door.url, timeout=30.0, attempts=1, pause=3600.0)
    door.does(always=doors.slams)
    for count in range(5):
        assert client.begin(f"{new_id}-{count}", number=NUMBER).from_cache
        assert client.end(f"{new_id}-{count}") is None
        assert client.configuration("shop", "live").version == (1,)
    assert door.came == 1
    with pytest.raises(ServerUnreachable):  # of what nothing is known, it is asked all the same
        client.get(f"{new_id}-a")
    assert door.came == 2


def test_what_the_server_refuses_is_no_outage(door: doors.Door, connect: Connect, new_id: str) -> None:
    client = connect(door.url, timeout=30.0, pause=3600.0)
    with pytest.raises(CallNotFound):
        client.end("nobody")
    assert client.begin(new_id, number=NUMBER).recorded
    assert client.waiting == 0


def test_a_name_that_is_none_is_an_outage(connect: Connect) -> None:
    with pytest.raises(ServerUnreachable):
        connect(f"http://nowhere.invalid:{free_port()}", timeout=1.0).get("CA1")


def _until_refused(begin: Callable[[int], object]) -> None:
    """The server looks for numbers anew now and then."""
    for count in range(2, 5000):
        begin(count)
