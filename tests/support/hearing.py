"""Hearing: a web server on the loopback that is told things, and answers as the test wants it to."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from typing import TYPE_CHECKING, Any, NamedTuple

from support.building import git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
LONGEST_WAIT = 30.0
"""Seconds within which a process of its own has to be heard of."""
CLOSED, SILENT, HELD = -1, -2, -3
"""Answers that are none: the connection is closed, stays open without a word, or is answered once the test lets go."""


class Heard(NamedTuple):
    """One request."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def record(self) -> Any:
        return json.loads(self.body)

    @property
    def subjects(self) -> list[str]:
        """What happened, in short: 'publish v2'."""
        return [f"{event['operation']} {event['to']}" for event in self.record["events"]]


class Ear:
    """The server: `heard` is all that it was told, `answers` what it says to the next requests; 204 after those."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/hook?token=hidden"
        self.heard: list[Heard] = []
        self.answers: list[int] = []
        self.location: str | None = None
        self.let_go = threading.Event()
        self._arrived: Queue[Heard] = Queue()

    def arrive(self, heard: Heard) -> int:
        self.heard.append(heard)
        self._arrived.put(heard)
        return self.answers.pop(0) if self.answers else 204

    def wait(self) -> Heard:
        """The next request that is heard, by whatever process."""
        return self._arrived.get(timeout=LONGEST_WAIT)

    def forget(self) -> None:
        """Be as if nothing had been heard yet."""
        self.heard.clear()
        self._arrived.queue.clear()

    def subjects(self) -> list[list[str]]:
        """What happened in each message, in the order in which they came."""
        return [each.subjects for each in self.heard]

    def listen_to(self, remote: Path, secret: str | None = SECRET) -> None:
        """Have git's configuration of a remote name this server."""
        git(remote, "config", "--add", "gitagent.webhook", self.url)
        if secret is not None:
            git(remote, "config", "gitagent.webhookSecret", secret)


@contextmanager
def listening() -> Iterator[Ear]:
    """A server that hears until the test is over."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["content-length"])
            heard = Heard(self.path, {k.lower(): v for k, v in self.headers.items()}, self.rfile.read(length))
            answer = ear.arrive(heard)
            if answer in {SILENT, HELD}:
                ear.let_go.wait(LONGEST_WAIT)
            if answer in {SILENT, CLOSED}:
                self.close_connection = True
                return
            self.send_response(204 if answer == HELD else answer)
            if ear.location:
                self.send_header("Location", ear.location)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at what was heard."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        ear = Ear(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield ear
        finally:
            ear.let_go.set()
            server.shutdown()
            thread.join()
