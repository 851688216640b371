"""Limits: what is too large, too slow or too much is refused before anything is done with it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from support.asking import Asker, code

from gitagent.runtime.places import open_folder
from gitagent.server.app import application
from gitagent.server.limits import Limits
from gitagent.server.served import Served
from gitagent.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from support.building import Built

LIMITS = Limits(body=200, query=100, path=100, headers=10, head=500, body_within=0.01)


@pytest.fixture(scope="module")
def narrow(shop: Built) -> Iterator[Asker]:
    with Asker(_served(shop, LIMITS)) as asker:
        yield asker


def _served(shop: Built, limits: Limits) -> Served:
    folder = shop.path.parent
    return Served(open_folder(folder), Settings(str(folder)), limits=limits)


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not(narrow: Asker) -> None:
    body = b'{"call_id": "%b"}' % (b"a" * 200)

    async def parts() -> Any:
        for start in range(0, len(body), 50):
            yield body[start : start + 50]

    headers = {"Content-Type": "application/json"}
    for content in (body, parts()):
        assert code(narrow.post("/v1/calls", content=content, headers=headers)) == (413, "body-too-large")
    for length in ("-1", "1e3", "9" * 5000):
        assert code(narrow.get("/v1/agents", headers={"Content-Length": length})) == (413, "body-too-large")


def test_a_path_a_query_and_headers_that_are_too_large_are_refused(narrow: Asker) -> None:
    assert code(narrow.get("/v1/calls/" + "a" * 100)) == (414, "path-too-long")
    assert code(narrow.get("/v1/calls?outcome=" + "a" * 100)) == (414, "query-too-long")
    assert code(narrow.get("/v1/agents", headers={"X-Long": "a" * 500})) == (431, "headers-too-large")
    assert code(narrow.get("/v1/agents", headers={f"X-{each}": "a" for each in range(10)})) == (
        431,
        "headers-too-large",
    )
    assert narrow.get("/v1/agents").status_code == 200


def test_a_request_more_than_a_worker_takes_is_told_to_come_again(shop: Built) -> None:
    with Asker(_served(shop, Limits(in_flight=3))) as asker:
        asked = ("POST", "/v1/calls", {"json": {"call_id": "busy", "to": "+442079460018"}})
        answers = asker.together(*[asked] * 10)
        refused = [each for each in answers if each.status_code == 429]
        assert sorted({each.status_code for each in answers}) == [200, 201, 429]
        assert code(refused[0]) == (429, "too-many-requests")
        assert refused[0].headers["retry-after"] == "1"
        assert asker.get("/v1/agents").status_code == 200


def _post(served: Served, *messages: dict[str, Any]) -> list[dict[str, Any]]:
    """What a server sends whose client sends these messages, and then nothing."""
    sent: list[dict[str, Any]] = []
    waiting = iter(messages)

    async def receive() -> dict[str, Any]:
        if (message := next(waiting, None)) is None:
            await asyncio.Event().wait()
        return message or {}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "raw_path": b"/v1/calls",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
    }
    asyncio.run(application(served)(scope, receive, send))  # type: ignore[arg-type]  # plain dicts
    return sent


def test_a_body_that_does_not_arrive_is_not_waited_for(narrow: Asker) -> None:
    sent = _post(narrow.served, {"type": "http.request", "body": b'{"call_id', "more_body": True})
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert b'"body-late"' in sent[1]["body"]


def test_whoever_goes_away_before_the_end_gets_no_answer(narrow: Asker) -> None:
    assert _post(narrow.served, {"type": "http.disconnect"}) == []
