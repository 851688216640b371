"""Loading: a client of our own for tests that keep a server busy. Each answer is kept with its times.

It speaks HTTP itself, since what is measured shares its processors with what measures.
"""

from __future__ import annotations

import asyncio
import json
import time
from itertools import cycle
from typing import TYPE_CHECKING, Any, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LONGEST_ANSWER = 30.0
"""Seconds within which a server has to answer, whatever happens to it."""
LONGEST_ANSWER_TO_ANYTHING = 120.0
"""Seconds within which it has to answer what is asked again and again."""
PAUSE = 0.05
"""Seconds before a server that took no connection is asked again."""
HOST = "127.0.0.1"


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class LostError(ConnectionError):
    """The connection ended before the answer did."""


class Answer(NamedTuple):
    """What came back, the time before the request was sent, and the time after the answer had come."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    asked_at: float
    answered_at: float
    attempts: int = 1

    @property
    def document(self) -> Any:
        """The JSON that it holds."""
        return json.loads(self.body)


class Connection:
    """One connection at a time to a server on this machine, made anew wherever it broke.

    Of several servers that serve the same, each request goes to the next one.
    """

    def __init__(self, port: int, token: str | None = None, *, others: Sequence[int] = ()) -> None:
        self._ports = cycle([port, *others])
        self._head = f"Host: {HOST}:{port}\r\n" + ("" if token is None else f"Authorization: Bearer {token}\r\n")
        self._open_to: dict[int, Streams] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def ask(self, method: str, path: str, values: Any = None, **headers: str) -> Answer:
        """The answer; LostError where none came. Keyword `if_none_match` is the header If-None-Match."""
        body = b"" if values is None else json.dumps(values).encode()
        request = self._request(method, path, body, headers)
        asked_at = time.time()
        try:
            async with asyncio.timeout(LONGEST_ANSWER):
                reader, writer = await self._open()
                writer.write(request)
                status, came, content = await read_answer(reader)
        except (OSError, asyncio.IncompleteReadError) as error:
            await self.close()
            raise LostError(f"{method} {path}: {type(error).__name__} {error}") from error
        answered_at = time.time()
        if came.get("connection") == "close":
            await self.close()
        return Answer(status, came, content, asked_at, answered_at)

    async def ask_until_answered(self, method: str, path: str, values: Any = None) -> Answer:
        """The answer to one of several attempts, with the time before the first of them, as a client asks that retries.

        What is asked has to be such that doing it twice does no harm.
        """
        first = time.time()
        attempts = 1
        while True:
            try:
                answer = await self.ask(method, path, values)
            except LostError:
                if time.time() - first > LONGEST_ANSWER_TO_ANYTHING:
                    raise
                attempts += 1
                await asyncio.sleep(PAUSE)
            else:
                return answer._replace(asked_at=first, attempts=attempts)

    async def close(self) -> None:
        """End the connection."""
        while self._open_to:
            _, (_, writer) = self._open_to.popitem()
            await closed(writer)

    async def _open(self) -> Streams:
        port = next(self._ports)
        if port not in self._open_to:
            self._open_to[port] = await asyncio.open_connection(HOST, port)
        return self._open_to[port]

    def _request(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {path} HTTP/1.1\r\n", self._head]
        lines += [f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items()]
        if body:
            lines.append(f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n")
        return "".join([*lines, "\r\n"]).encode() + body


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """Status, headers in small letters, and body of the answer that comes next; IncompleteReadError where it ends."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.splitlines()
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return int(first.split(" ")[1]), headers, await reader.readexactly(int(headers.get("content-length", 0)))


async def closed(writer: asyncio.StreamWriter) -> None:
    """End a connection, whatever the other side did with it."""
    writer.close()
    try:
        await writer.wait_closed()
    except OSError:
        return
