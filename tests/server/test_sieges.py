"""Sieges: very many connections that ask for nothing, or ask without end; whoever asks for something is answered."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.hosting import NUMBERS, Host, fleet, hosting, token
from support.loading import HOST, Connection, closed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

BESIEGERS, CALLS = 450, 30
LONGEST = 60.0
MEGABYTE = 1024 * 1024
ENDLESS = 64
"""Megabytes that are sent of one head, and of one body."""
HEAD = b"POST /v1/calls HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
SLOW = (b"", b"POST /v1/c", HEAD + b"X-Slow: ", HEAD.replace(b"close", b"keep-alive") + b"Content-Length: 90\r\n\r\n{")
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A server of one agent, with one worker."""
    top = tmp_path_factory.mktemp("siege")
    fleet(top / "agents", "bistro")
    token(top / "agents", "admin")
    with hosting(top / "agents", top / "log") as host:
        yield host


@asynccontextmanager
async def besieged(port: int) -> AsyncIterator[list[Streams]]:
    """Connections each of which has sent the beginning of a request, and goes no further."""
    connections = []
    try:
        for number in range(BESIEGERS):
            connections.append(await asyncio.open_connection(HOST, port))
            connections[-1][1].write(SLOW[number % len(SLOW)])
        yield connections
    finally:
        for _, writer in connections:
            await closed(writer)


def memory(host: Host) -> int:
    """The most that the worker has ever used of memory, in bytes."""
    status = Path(f"/proc/{host.workers()[0]}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


async def pushed(port: int, start: bytes) -> bytes:
    """What comes back of so many megabytes on one connection, as far as the server takes them."""
    reader, writer = await asyncio.open_connection(HOST, port)
    answer = b""
    with suppress(ConnectionError):
        writer.write(start)
        for _ in range(ENDLESS):
            writer.write(b"a" * MEGABYTE)
            await writer.drain()
        answer = await reader.read()
    await closed(writer)
    return answer


def test_connections_that_ask_for_nothing_keep_nobody_from_being_answered(host: Host) -> None:
    bearer = token(host.folder, "call")

    async def call() -> list[int]:
        async with besieged(host.port), Connection(host.port, bearer) as connection:
            begin = [{"call_id": f"CA{number}", "to": NUMBERS[0]} for number in range(CALLS)]
            return [(await connection.ask("POST", "/v1/calls", each)).status for each in begin]

    assert asyncio.run(call()) == [201] * CALLS


@pytest.mark.scale
def test_connections_that_ask_for_nothing_are_ended(host: Host) -> None:
    async def wait() -> set[bytes]:
        async with besieged(host.port) as connections, asyncio.timeout(LONGEST):
            answers = await asyncio.gather(*(reader.read() for reader, _ in connections))
        return {answer.split(b"\r\n")[0] for answer in answers}

    assert asyncio.run(wait()) == {b"", b"HTTP/1.1 408 Request Timeout", b"HTTP/1.1 401 Unauthorized"}


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (HEAD + b"X-Long: ", b"431"),
        (b"POST /", b"431"),
        (HEAD + b"Content-Length: 99999999\r\n\r\n", b"4"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n4000000\r\n", b"4"),
    ],
    ids=["a header", "a path", "a body", "a chunk"],
)
def test_a_request_without_end_takes_no_memory(host: Host, start: bytes, status: bytes) -> None:
    before = memory(host)
    answer = asyncio.run(pushed(host.port, start))
    assert answer == b"" or answer.split(b" ")[1].startswith(status)
    assert memory(host) - before < ENDLESS * MEGABYTE / 4
