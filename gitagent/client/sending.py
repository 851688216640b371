"""Sending: requests over HTTP, by whoever blocks and by whoever does not. The only module that imports httpx."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent.client.answers import Answer, Outcome, Silence
from gitagent.client.steps import Pause, Send
from gitagent.errors import ExtraMissing, InvalidName
from gitagent.version import VERSION

try:
    import anyio
    import anyio.to_thread
    import httpx
except ModuleNotFoundError as error:
    raise ExtraMissing(
        f"the client needs {error.name}, which is not installed", hint="pip install 'gitagent-config[client]'"
    ) from error

if TYPE_CHECKING:
    import ssl

    from gitagent.client.steps import Steps

_Result = TypeVar("_Result")
LARGEST = 32 * 1024 * 1024
"""Bytes of an answer that are read; what is larger is no answer of gitagent."""
THREADS = 32
KEPT_OPEN = 2.0
"""Seconds that an unused connection is kept: less than servers do, or it would be closed just as it is used."""


class Server(NamedTuple):
    """Where requests go, and with which token."""

    url: str
    token: str | None
    verify: ssl.SSLContext | bool

    @classmethod
    def parse(cls, url: str, token: str | None, verify: ssl.SSLContext | bool) -> Server:
        """InvalidName where that is no address of a server, or a token has what no header may."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError):
            parsed = httpx.URL()
        if parsed.scheme not in ("http", "https") or not parsed.host or parsed.query or parsed.fragment:
            raise InvalidName(
                f"'{url}' is no server's address", hint="Write it so: http://127.0.0.1:8321", code="invalid-server"
            )
        if token is not None and not (token.isascii() and token.isprintable() and token.strip() == token != ""):
            raise InvalidName("that is no token", hint="It begins with ga_.", code="invalid-token")
        return cls(url.rstrip("/"), token, verify)

    def options(self) -> dict[str, Any]:
        """What httpx is told of it."""
        headers = {"User-Agent": f"gitagent/{VERSION}", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        limits = httpx.Limits(max_connections=200, max_keepalive_connections=50, keepalive_expiry=KEPT_OPEN)
        # To read all certificates takes a while, and redirects from http to https are not followed.
        verify = self.verify if self.url.lower().startswith("https:") else False
        return {"headers": headers, "limits": limits, "verify": verify, "trust_env": False}


class Sender:
    """Runs steps in the thread that asks, which waits no longer than a step says.

    Requests are made by threads of their own: names that cannot be looked up, and servers that answer byte by byte,
    take longer than any time-out of theirs. After a fork everything is opened anew.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._open = self._opened()
        self._process = os.getpid()

    def run(self, steps: Steps[_Result], pause: Callable[[float], Any] = time.sleep) -> _Result:
        """The result of steps. `pause` lets time go by."""
        came: Any = None
        try:
            while True:
                step = steps.send(came)
                if isinstance(step, Send):
                    came = self._sent(step)
                elif isinstance(step, Pause):
                    came = pause(step.seconds)
                else:
                    came = step.action()
        except StopIteration as end:
            result: _Result = end.value
            return result
        finally:
            steps.close()

    def close(self) -> None:
        """Let go of all connections."""
        http, threads = self._open
        threads.shutdown(wait=False, cancel_futures=True)
        http.close()

    def _sent(self, step: Send) -> Outcome:
        if self._process != os.getpid():
            self._open, self._process = self._opened(), os.getpid()
        http, threads = self._open
        until = time.monotonic() + step.seconds
        # The context goes along, so that what traces httpx finds the span that asked.
        waiting: Future[Outcome] = threads.submit(copy_context().run, self._exchanged, http, step, until)
        try:
            return waiting.result(step.seconds)
        except FutureTimeoutError:
            waiting.cancel()
            return late(step)

    def _exchanged(self, http: httpx.Client, step: Send, until: float) -> Outcome:
        method, path, body, headers = step.request
        body_read = bytearray()
        try:
            url = self._server.url + path
            with http.stream(method, url, content=body, headers=headers, timeout=step.seconds) as response:
                for part in response.iter_raw():
                    body_read += part
                    if len(body_read) > LARGEST or time.monotonic() > until:
                        return unread(step, len(body_read))
                return answered(response, bytes(body_read))
        except httpx.TransportError as error:
            return silence(error)

    def _opened(self) -> tuple[httpx.Client, ThreadPoolExecutor]:
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gitagent-client")
        return httpx.Client(**self._server.options()), threads


class AsyncSender:
    """Runs steps in the task that asks. What reads or writes the disk does so in a thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._http = httpx.AsyncClient(**server.options())

    async def run(self, steps: Steps[_Result]) -> _Result:
        """The result of steps."""
        came: Any = None
        try:
            while True:
                step = steps.send(came)
                if isinstance(step, Send):
                    came = await self._sent(step)
                elif isinstance(step, Pause):
                    await anyio.sleep(step.seconds)
                else:
                    came = await in_thread(step.action)
        except StopIteration as end:
            result: _Result = end.value
            return result
        finally:
            steps.close()

    async def close(self) -> None:
        """Let go of all connections."""
        await self._http.aclose()

    async def _sent(self, step: Send) -> Outcome:
        with anyio.move_on_after(step.seconds):
            return await self._exchanged(step)
        return late(step)

    async def _exchanged(self, step: Send) -> Outcome:
        method, path, body, headers = step.request
        read = bytearray()
        try:
            url = self._server.url + path
            async with self._http.stream(method, url, content=body, headers=headers, timeout=step.seconds) as response:
                async for part in response.aiter_raw():
                    read += part
                    if len(read) > LARGEST:
                        return unread(step, len(read))
                return answered(response, bytes(read))
        except httpx.TransportError as error:
            return silence(error)


async def in_thread(action: Callable[[], _Result]) -> _Result:
    """What an action comes to that may take its time."""
    return await anyio.to_thread.run_sync(action)


def answered(response: httpx.Response, body: bytes) -> Outcome:
    """An answer, without anything of httpx."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def silence(error: httpx.TransportError) -> Silence:
    """That the connection failed."""
    return Silence(str(error) or type(error).__name__)


def late(step: Send) -> Silence:
    """That time is up."""
    return Silence(f"no answer came within {step.seconds:.2g} s")


def unread(step: Send, size: int) -> Silence:
    """That an answer was too large, or did not end."""
    return Silence(f"its answer had no end after {size:,} bytes and {step.seconds:.2g} s")
