"""Cutting: a proxy on the loopback between git and a real server, that cuts a connection when a test says so."""

from __future__ import annotations

import socket
from contextlib import contextmanager, suppress
from threading import Thread
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MOST = 65536


class Passing(NamedTuple):
    """What is about to be passed on: to the server (`up`) or from it, after so many bytes that way and with these."""

    up: bool
    total: int


class Proxy:
    """Passes every connection on, but cuts the first that `cut` says yes to, and where it `stays_down` all after it."""

    def __init__(self, server: int) -> None:
        self._server = server
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self.cut: Callable[[Passing], bool] | None = None
        self.stays_down = False
        self.cuts = 0
        self._open: list[socket.socket] = []
        self._threads = [Thread(target=self._accept)]
        self._threads[0].start()

    def up(self) -> None:
        """Let everything through again."""
        self.cut, self.stays_down = None, False

    def cut_now(self) -> None:
        """Cut every connection that there is."""
        self.cuts += 1
        for each in (*self._open,):  # those that are made meanwhile go through
            with suppress(OSError):  # it has ended
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Stop, once every connection has ended."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                client, _ = self._listening.accept()
                if self.cuts and self.stays_down:
                    client.close()
                    continue
                thread = Thread(target=self._connect, args=(client,))
                self._threads.append(thread)
                thread.start()

    def _connect(self, client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", self._server)) as server:
            self._open += [client, server]
            back = Thread(target=self._pass, args=(server, client, False))
            back.start()
            self._pass(client, server, True)
            back.join()

    def _pass(self, source: socket.socket, target: socket.socket, up: bool) -> None:
        total = 0
        with suppress(OSError):  # the other side was cut, or has gone
            while data := source.recv(_MOST):
                total += len(data)
                if self.cut is not None and self.cut(Passing(up, total)):
                    self.cuts += 1
                    if not self.stays_down:
                        self.cut = None
                    break
                target.sendall(data)
            else:
                target.shutdown(socket.SHUT_WR)
                return
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(url: str) -> Iterator[tuple[Proxy, str]]:
    """A proxy before the server of an address, and the address through it."""
    before, _, rest = url.partition("127.0.0.1:")
    port, slash, path = rest.partition("/")
    proxy = Proxy(int(port))
    try:
        yield proxy, f"{before}127.0.0.1:{proxy.port}{slash}{path}"
    finally:
        proxy.close()
