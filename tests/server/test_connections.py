"""Connections that keep a server busy with nothing: ended, with an answer where one can be given."""

from __future__ import annotations

import asyncio
import json
import resource
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from support.loading import closed, read_answer
from uvicorn.config import Config
from uvicorn.server import ServerState

from gitagent.server.connections import MOST, Connection, most_at_once

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Coroutine

LARGE = 32 * 1024 * 1024
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Hasty(Connection):
    """A connection that waits for next to nothing."""

    head_within = 0.05
    taken_within = 0.05


class Patient(Connection):
    """A connection that waits for longer than a test may take."""

    head_within = 600.0


class Few(Patient):
    """One of two at most."""

    most = 2


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the path, `/large` with far more than anybody's buffer holds, and `/stuck` never."""
    if scope["path"] == "/stuck":
        await asyncio.Event().wait()
    body = bytes(LARGE) if scope["path"] == "/large" else scope["path"].encode()
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected(
    kind: type[Connection], count: int = 1, *, state: ServerState | None = None
) -> AsyncIterator[list[Streams]]:
    """Connections to a server of this kind of them; `state` knows those that are open."""
    config = Config(app, log_config=None, lifespan="off")
    state = state or ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: kind(config, state, {}), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    streams = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield streams
    finally:
        for _, writer in streams:
            await closed(writer)
        for task in list(state.tasks):
            task.cancel()
        server.close()
        await server.wait_closed()
        while state.connections:
            await asyncio.sleep(0)


@asynccontextmanager
async def beside(streams: Streams) -> AsyncIterator[Streams]:
    """One more connection to the same server."""
    reader, writer = await asyncio.open_connection(*streams[1].get_extra_info("peername"))
    try:
        yield reader, writer
    finally:
        await closed(writer)


def run(test: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await test

    asyncio.run(bounded())


async def refused(streams: Streams) -> tuple[int, str]:
    """Status and code of the envelope that comes, after which the connection is closed."""
    status, headers, body = await read_answer(streams[0])
    assert headers["connection"] == "close"
    assert await streams[0].read() == b""
    envelope = json.loads(body)
    assert envelope["format"] == "gitagent.error/1"
    return status, envelope["error"]["code"]


def test_a_head_that_does_not_end_is_refused_after_a_while() -> None:
    async def test() -> None:
        async with connected(Hasty) as [streams]:
            streams[1].write(b"GET / HTTP/1.1\r\nX-Slow: ")
            assert await refused(streams) == (408, "head-late")

    run(test())


def test_a_connection_without_a_word_is_closed_after_a_while() -> None:
    async def test() -> None:
        async with connected(Hasty) as [streams]:
            assert await streams[0].read() == b""

    run(test())


@pytest.mark.parametrize("sent", [b"", b"x"], ids=["without a word", "bit by bit"])
def test_a_body_that_nobody_waits_for_any_more_does_not_keep_the_connection(sent: bytes) -> None:
    async def test() -> None:
        async with connected(Hasty) as [streams]:
            streams[1].write(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
            assert (await read_answer(streams[0]))[0] == 200
            if sent:
                streams[1].write(sent)
            assert await streams[0].read() == b""

    run(test())


@pytest.mark.parametrize("line", [b"X-Many: 1\r\n", b"x"], ids=["many headers", "one value"])
def test_a_head_without_bounds_is_refused_before_it_takes_memory(line: bytes) -> None:
    async def test() -> None:
        async with connected(Patient) as [streams]:
            streams[1].write(b"GET / HTTP/1.1\r\nX-Long: " + line * (Patient.longest_head // len(line) + 1))
            assert (await read_answer(streams[0]))[0] == 431

    run(test())


def test_what_is_no_request_is_refused_in_the_same_form_as_everything() -> None:
    async def test() -> None:
        async with connected(Patient) as [streams]:
            streams[1].write(b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert await refused(streams) == (400, "request-malformed")

    run(test())


def test_a_request_whose_body_turns_out_to_be_none_is_refused_instead_of_answered() -> None:
    head = b"POST /stuck HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def test() -> None:
        async with connected(Patient) as [streams]:
            streams[1].write(head + b"nonsense\r\n")
            assert await refused(streams) == (400, "request-malformed")

    run(test())


def test_what_is_no_request_never_gets_the_answer_that_another_one_waits_for() -> None:
    async def test() -> None:
        async with connected(Patient) as [streams]:
            streams[1].write(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\nnonsense\r\n\r\n")
            assert await streams[0].read() == b""

    run(test())


def test_one_connection_too_many_takes_the_place_of_the_one_that_was_idle_for_longest() -> None:
    async def test() -> None:
        async with connected(Few, 2) as [first, second]:
            for streams in (second, first):
                streams[1].write(REQUEST)
                assert (await read_answer(streams[0]))[0] == 200
            async with beside(first) as third:
                assert await second[0].read() == b""
                for streams in (first, third):
                    streams[1].write(REQUEST)
                    assert (await read_answer(streams[0]))[0] == 200

    run(test())


def test_connections_above_the_most_are_refused_where_all_others_wait_for_answers() -> None:
    async def test() -> None:
        state = ServerState()
        async with connected(Few, 2, state=state) as [first, second]:
            for streams in (first, second):
                streams[1].write(b"GET /stuck HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while len(state.tasks) < 2:
                await asyncio.sleep(0.01)
            async with beside(first) as third:
                assert await refused(third) == (429, "too-many-connections")

    run(test())


def test_a_worker_leaves_files_for_what_it_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (256, 256))
    assert most_at_once() == 128
    monkeypatch.setattr(resource, "getrlimit", lambda _: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert most_at_once() == MOST


def test_an_answer_that_nobody_takes_is_given_up() -> None:
    async def test() -> None:
        state = ServerState()
        async with connected(Hasty, state=state) as [(reader, writer)]:
            writer.write(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
            while state.total_requests == 0 or state.connections:
                await asyncio.sleep(0.01)
            with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
                await read_answer(reader)

    run(test())


def test_a_client_that_offers_http_2_is_answered_in_http_1() -> None:
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n"

    async def test() -> None:
        async with connected(Patient) as [streams]:
            for path in (b"/first", b"/second"):
                streams[1].write(b"POST %s HTTP/1.1\r\nHost: localhost\r\n%sContent-Length: 1\r\n\r\nx" % (path, offer))
                assert (await read_answer(streams[0]))[::2] == (200, path)

    run(test())
