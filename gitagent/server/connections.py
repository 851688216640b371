"""Connections: how long a request's head may be and take, how long its answer may lie, and how many there may be.

What reads the request once it is complete is too late for these: a head that never ends is never complete.
"""

from __future__ import annotations

import json
import resource
import time
from typing import TYPE_CHECKING

from gitagent.server.envelope import FORMAT
from gitagent.server.extra import needed

with needed("uvicorn"):
    from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio
    from asyncio import TimerHandle

MOST = 1000


def most_at_once() -> int:
    """How many connections a worker can have, of the files that it may open: the others are for agents and calls."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST if files == resource.RLIM_INFINITY else min(MOST, files // 2)


class Connection(HttpToolsProtocol):
    """One connection, as uvicorn has it, which ends where its other side keeps it busy with nothing."""

    longest_head = 64 * 1024
    """Bytes; a head above the limit for requests, but not above this one, is refused by that."""
    head_within = 10.0
    """Seconds, from the connection or the last answer's end on."""
    taken_within = 30.0
    """Seconds for which an answer that nobody takes is kept."""
    most = most_at_once()
    """How many connections a worker has at once. One more takes the place of the one that was idle for longest."""

    _timer: TimerHandle | None = None
    _leaving: TimerHandle | None = None
    _in_head = True
    _unread = 0
    _idle_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._idle_since = time.monotonic()
        if len(self.connections) > self.most and not self._took_place():
            self._refuse(429, "too-many-connections", "too many connections are open", hint="Try again in a second.")
        else:
            self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timers()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if self._in_head:
            self._unread += len(data)
        super().data_received(data)
        if self._in_head and self._unread > self.longest_head:
            text = f"the request's head has more than {self.longest_head:,} bytes"
            self._refuse(431, "headers-too-large", text)
        elif not self._answers():  # a head that comes bit by bit, or a body that nobody waits for any more
            self._await_head()

    def on_headers_complete(self) -> None:
        self._in_head, self._unread = False, 0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._in_head = True
        super().on_message_complete()

    def on_response_complete(self) -> None:
        self._idle_since = time.monotonic()
        super().on_response_complete()
        if not self._in_head:  # the rest of the body is still to come, and nobody waits for it
            self._await_head()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._leave_soon()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._leaving is not None:
            self._leaving.cancel()
            self._leaving = None

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._leave_soon()  # to close waits for the other side to take what was written

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request at all, or turns out to be none in its body."""
        if self._answers() and not (self._in_head or self.pipeline or self.cycle.response_started):
            self.cycle.disconnected = True  # this is its answer: there is none to come
            self.cycle.message_event.set()
        self._refuse(400, "request-malformed", "this cannot be read as an HTTP/1.1 request")

    def _should_upgrade(self) -> bool:
        return False

    def _unsupported_upgrade_warning(self) -> None:
        """Nothing: many clients offer HTTP/2 with their first request, and take HTTP/1.1."""

    def _answers(self) -> bool:
        cycle = getattr(self, "cycle", None)  # there is none before the first request
        return cycle is not None and not (cycle.response_complete or cycle.disconnected)

    def _took_place(self) -> bool:
        """End the connection that has been idle for longest; whether there was one."""
        others = (each for each in self.connections if isinstance(each, Connection) and each is not self)
        idle = [each for each in others if not each._answers()]
        if not idle:
            return False
        oldest = min(idle, key=lambda each: each._idle_since)
        self.connections.discard(oldest)
        oldest.transport.close()
        oldest._leave_soon()
        return True

    def _await_head(self) -> None:
        if self._timer is None and not self.transport.is_closing():
            self._timer = self.loop.call_later(self.head_within, self._be_late)

    def _be_late(self) -> None:
        self._timer = None
        if self._answers():
            return
        if self._in_head and self._unread:
            text = f"the request's head did not arrive within {self.head_within:g} seconds"
            self._refuse(408, "head-late", text)
        else:
            self.transport.close()
            self._leave_soon()

    def _leave_soon(self) -> None:
        if self._leaving is None:
            self._leaving = self.loop.call_later(self.taken_within, self.transport.abort)

    def _refuse(self, status: int, code: str, message: str, *, hint: str | None = None) -> None:
        """Answer and close; only close while another answer is due, which this one would be taken for."""
        if self.transport.is_closing():
            return
        if not self._answers():
            envelope = {"format": FORMAT, "error": {"code": code, "message": message, "hint": hint}}
            body = json.dumps(envelope).encode()
            head = f"content-type: application/json\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
            self.transport.write(STATUS_LINE[status] + head.encode() + body)
        self.transport.close()
        self._leave_soon()

    def _forget_timers(self) -> None:
        for timer in (self._timer, self._leaving):
            if timer is not None:
                timer.cancel()
        self._timer = self._leaving = None
