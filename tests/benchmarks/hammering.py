"""Hammering: so many requests at once, until all are answered: `python hammering.py PORT COUNT PATH [BODY]`.

A process of its own, so that a server is measured and not what asks it. It prints the seconds that it took. `%d` in the
body becomes the number of the request; with a body, requests are POST.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator

import uvloop

CONNECTIONS = 64
PATIENCE = 60.0


class Connection(asyncio.Protocol):
    """One connection, which sends the next request when the last is answered."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[None]) -> None:
        self._requests = requests
        self._done = done
        self._missing = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        if not self._missing:
            head, _, data = data.partition(b"\r\n\r\n")  # a head comes in one piece: a server writes it at once
            if head[9:10] != b"2":
                sys.exit(f"refused: {head!r} {data!r}")
            self._missing = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        self._missing -= len(data)
        if not self._missing:
            self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._done.done():
            self._done.set_exception(exc or ConnectionError("the server hung up"))

    def _next(self) -> None:
        if (request := next(self._requests, None)) is not None:
            self._transport.write(request)
        elif not self._done.done():
            self._done.set_result(None)
            self._transport.close()


def requests(count: int, path: str, body: str | None) -> Iterator[bytes]:
    """The requests; each body with a number of its own."""
    common = "Host: localhost\r\nAccept: */*\r\n"
    if body is None:
        get = f"GET {path} HTTP/1.1\r\n{common}\r\n".encode()
        return (get for _ in range(count))
    first = time.time_ns()
    return (_post(f"POST {path} HTTP/1.1\r\n{common}", body.replace("%d", str(first + each))) for each in range(count))


def _post(head: str, body: str) -> bytes:
    return f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


async def hammer(port: int, count: int, path: str, body: str | None) -> float:
    """The seconds until all are answered."""
    loop, all_ = asyncio.get_running_loop(), requests(count, path, body)
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for each in done:
        await loop.create_connection(lambda each=each: Connection(all_, each), "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.wait_for(asyncio.gather(*done), PATIENCE)
    return time.perf_counter() - began


if __name__ == "__main__":
    port_, count_, path_, *body_ = sys.argv[1:]
    print(uvloop.run(hammer(int(port_), int(count_), path_, body_[0] if body_ else None)))
