"""Hostile requests, more than a thousand: each is refused, tells nothing, changes nothing, and the server goes on."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import unquote_to_bytes

import pytest
from support.hearing import SECRET
from support.hostility import Hostile, Scene, others, requests
from support.hosting import NUMBERS, Host, fleet, hosting, token
from support.loading import Answer, Connection, closed, read_answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

AT_ONCE = 32
LONGEST = 30.0
FEWEST = 1000
OWN, OTHER = "bistro", "clinic"
HEADERS = {
    *("content-type", "content-length", "connection", "date", "server", "allow", "www-authenticate", "retry-after"),
    *("cache-control", "vary", "x-content-type-options"),
}


READABLE = (
    *("/v1/agents", f"/v1/agents/{OWN}", f"/v1/agents/{OWN}/environments", f"/v1/agents/{OWN}/stats", "/v1/calls"),
    *(f"/v1/agents/{OWN}/environments/live/config", "/v1/calls/CA-own", "/readyz", "/healthz", "/metrics"),
)


class Reply(NamedTuple):
    """One answer to a hostile request."""

    status: int
    headers: dict[str, str]
    body: bytes


class Besieged(NamedTuple):
    """A server of two agents, and somebody with a token for one of them."""

    host: Host
    scene: Scene
    folder: Path
    admin: str


@pytest.fixture(scope="module")
def besieged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    """A real server. Each agent has begun a call."""
    top = tmp_path_factory.mktemp("besieged")
    folder = top / "agents"
    fleet(folder, OWN, OTHER)
    admin = token(folder, "admin")
    limited = token(folder, "read", "call", agents=[OWN])
    (top / "secrets").write_text(SECRET)
    with hosting(folder, top / "log", options=["--webhook-secret-file", str(top / "secrets")]) as host:
        own, other = asyncio.run(begun(host.port, admin))
        address = f"127.0.0.1:{host.port}"
        yield Besieged(host, Scene(limited, address, OWN, NUMBERS[0], own, OTHER, NUMBERS[1], other), folder, admin)


async def begun(port: int, admin: str) -> tuple[str, str]:
    """The ids of a call of each agent."""
    ids = "CA-own", "CA-other-MARK"
    async with Connection(port, admin) as connection:
        for id_, number in zip(ids, NUMBERS, strict=False):
            mark = "MARK" if number == NUMBERS[1] else "own"
            values = {"call_id": id_, "to": number, "from": mark, "attributes": {"name": mark}}
            assert (await connection.ask("POST", "/v1/calls", values)).status == 201
    return ids


@pytest.fixture(scope="module")
def replies(besieged: Besieged) -> dict[Hostile, list[Reply]]:
    """What came of every hostile request."""
    return asyncio.run(sent(besieged.host.port, requests(besieged.scene)))


async def sent(port: int, hostile: Sequence[Hostile]) -> dict[Hostile, list[Reply]]:
    """All answers to each, sent on a connection of its own."""
    turns = asyncio.Semaphore(AT_ONCE)
    found: dict[Hostile, list[Reply]] = {}

    async def send(each: Hostile) -> None:
        async with turns, asyncio.timeout(LONGEST):
            found[each] = await replies_to(port, each.sent)

    async with asyncio.TaskGroup() as group:
        for each in hostile:
            group.create_task(send(each))
    return found


async def replies_to(port: int, sent: bytes) -> list[Reply]:
    """Every answer that comes until the connection is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    try:
        writer.write(sent)
        while True:
            found.append(Reply(*await read_answer(reader)))
    except (asyncio.IncompleteReadError, ConnectionError):
        return found
    finally:
        await closed(writer)


def test_there_are_more_than_a_thousand_and_no_two_are_alike(replies: dict[Hostile, list[Reply]]) -> None:
    assert len(replies) >= FEWEST
    assert len({each.sent for each in replies}) == len(replies)


def test_each_is_refused_with_a_status_that_says_whose_fault_it_is(replies: dict[Hostile, list[Reply]]) -> None:
    wrong = {
        each.name: [(reply.status, reply.body[:200]) for reply in answers]
        for each, answers in replies.items()
        if not answers or not all(400 <= reply.status < 500 for reply in answers)
    }
    assert wrong == {}


def test_each_refusal_has_the_one_form(replies: dict[Hostile, list[Reply]]) -> None:
    wrong = [(each.name, reply) for each, answers in replies.items() for reply in answers if not has_form(reply)]
    assert wrong == []


def has_form(reply: Reply) -> bool:
    """Whether an answer is the envelope, with no header that does not belong there."""
    if reply.headers.get("content-type") != "application/json" or reply.headers.keys() - HEADERS:
        return False
    document: Any = json.loads(reply.body)
    error = document["error"]
    told = isinstance(error["code"], str) and isinstance(error["message"], str)
    return document.keys() == {"format", "error"} and document["format"] == "gitagent.error/1" and told


def secrets_of(besieged: Besieged) -> list[bytes]:
    """What no answer to the bearer of that token may hold."""
    scene = besieged.scene
    secrets = [b"Traceback", b'File "', b"gitagent/server", b"site-packages", b"root:", b"MARK", b"clinic v"]
    return [
        *secrets,
        scene.token[20:].encode(),
        SECRET.encode(),
        str(besieged.folder).encode(),
        scene.other_number.encode(),
    ]


def test_no_answer_tells_of_the_server_or_of_another_agent(
    replies: dict[Hostile, list[Reply]], besieged: Besieged
) -> None:
    told = [
        (each.name, secret, reply.body[:300])
        for each, answers in replies.items()
        for reply in answers
        for secret in secrets_of(besieged)
        if secret in reply.body and secret not in unquote_to_bytes(each.sent)
    ]
    assert told == []


def test_what_the_token_lets_read_is_of_its_own_agent_alone(besieged: Besieged) -> None:
    async def look() -> list[Answer]:
        async with Connection(besieged.host.port, besieged.scene.token) as connection:
            return [await connection.ask("GET", path) for path in READABLE]

    answers = asyncio.run(look())
    assert [answer.status for answer in answers] == [200] * len(READABLE)
    secrets = [*secrets_of(besieged), OTHER.encode()]
    assert [secret for answer in answers for secret in secrets if secret in answer.body] == []


def test_what_another_agent_has_is_answered_as_if_it_were_not_there(besieged: Besieged) -> None:
    there = besieged.scene
    absent = there._replace(other="nobody", other_number="+442079460099", other_call="CA-none")

    def said(scene: Scene) -> list[list[tuple[int, str]]]:
        asked = list(others(scene))
        found = asyncio.run(sent(besieged.host.port, asked))
        return [[(reply.status, unnamed(reply.body.decode(), scene)) for reply in found[each]] for each in asked]

    assert said(there) == said(absent)


def unnamed(text: str, scene: Scene) -> str:
    """A text without the names of the other agent and of what it has."""
    for name in (scene.other, scene.other_number, scene.other_call):
        text = text.replace(name, "…")
    return text


def test_after_all_of_them_nothing_has_changed_and_the_server_goes_on(
    replies: dict[Hostile, list[Reply]], besieged: Besieged
) -> None:
    async def look() -> Any:
        async with Connection(besieged.host.port, besieged.admin) as connection:
            return (await connection.ask("GET", "/v1/calls")).document["calls"]

    calls = {call["call_id"]: call for call in asyncio.run(look())}
    assert set(calls) == {besieged.scene.call, besieged.scene.other_call}
    assert {(call["outcome"], call["score"], call["ended_at"]) for call in calls.values()} == {(None, None, None)}
    assert "Traceback" not in besieged.host.log
