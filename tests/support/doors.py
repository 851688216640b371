"""Doors: what stands before a server, lets connections through, or does with them what a test says."""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from select import select
from threading import Event, Thread
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable

    Doing = Callable[["Door", socket.socket], None]
    """What is done with a connection, until `door.turn` is set."""

_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_OPEN_FOR = 0.05
"""Seconds after which a connection that is let through looks whether the door is still open."""


class Door:
    """An address of its own. `came` counts the connections that were not let through."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.came = 0
        self.turn = Event()
        self._is_closed = False
        self._doings: list[Doing] = []
        self._last: Doing | None = None
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        self._begin(self._listen)
        return self

    def __exit__(self, *_: object) -> None:
        self._is_closed = True
        self.turn.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def open(self) -> None:
        """Let everybody through."""
        self.does()

    def does(self, *doings: Doing, always: Doing | None = None) -> None:
        """Do this with the next connections, and then `always`, or let them through. Others end now."""
        self._doings, self._last, self.came = [*doings], always, 0
        self.turn, before = Event(), self.turn
        before.set()

    def _begin(self, run: Callable[..., None], *arguments: object) -> None:
        self._threads.append(Thread(target=run, args=arguments))
        self._threads[-1].start()

    def _listen(self) -> None:
        while not self._is_closed:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._begin(self._met, connection)

    def _met(self, connection: socket.socket) -> None:
        turn = self.turn
        doing = self._doings.pop(0) if self._doings else self._last
        with connection, suppress(OSError):
            if doing is None:
                self._let_through(connection, turn)
            else:
                self.came += 1
                doing(self, connection)

    def _let_through(self, connection: socket.socket, turn: Event) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            other = {connection: server, server: connection}
            while not turn.is_set():
                for ready in select([connection, server], [], [], _OPEN_FOR)[0]:
                    if not (data := ready.recv(65536)):
                        return
                    other[ready].sendall(data)


def read(connection: socket.socket) -> bytes:
    """A whole request."""
    found = b""
    while b"\r\n\r\n" not in found:
        if not (part := connection.recv(65536)):
            return found
        found += part
    head, _, body = found.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    while length is not None and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def asked(door: Door, request: bytes) -> bytes:
    """What the server answers to a request."""
    found = b""
    with socket.create_connection(("127.0.0.1", door.port)) as server:
        server.sendall(request.replace(b"Connection: keep-alive", b"Connection: close"))
        while part := server.recv(65536):
            found += part
    return found


def hangs(door: Door, connection: socket.socket) -> None:
    """Take the request, and say nothing."""
    turn = door.turn
    read(connection)
    turn.wait()


def drips(door: Door, connection: socket.socket) -> None:
    """Answer byte by byte, without an end: no time-out between two bytes ever passes."""
    read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    turn = door.turn
    while not turn.wait(0.01):
        connection.sendall(b"x")


def floods(door: Door, connection: socket.socket) -> None:
    """Answer with a body that has no end."""
    read(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
    turn = door.turn
    while not turn.is_set():
        connection.sendall(b" " * 100_000)


def hears(door: Door, connection: socket.socket) -> None:
    """Let the server have the request, and nobody its answer."""
    with socket.create_connection(("127.0.0.1", door.port)) as server:  # its own
        server.sendall(read(connection))
        server.recv(65536)


def slams(_: Door, __: socket.socket) -> None:
    """End the connection at once."""


def answers(status: str, body: bytes = b"", *headers: str, cut: int = 0) -> Doing:
    """Answer that; the last `cut` bytes of it never come."""

    def answer(_: Door, connection: socket.socket) -> None:
        read(connection)
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers])
        whole = f"{head}\r\n\r\n".encode() + body
        connection.sendall(whole[: len(whole) - cut])

    return answer
