"""Clients: a server's agents and calls, for programs that answer calls. One that blocks, and one that does not."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from gitagent.client import exchanges, reports, requests
from gitagent.client.asking import Around
from gitagent.client.cache import Cache, folder_of
from gitagent.client.reporting import EVERY, Reporter
from gitagent.client.sending import AsyncSender, Sender, Server, in_thread
from gitagent.client.shelf import Shelf
from gitagent.client.steps import Patience, Watch
from gitagent.client.waiting import Waiting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from gitagent.client.options import Asked, Ending, Filters, Options
    from gitagent.client.steps import Steps
    from gitagent.client.values import Begun, Call, Configuration, Page, Resolution, Scalar
    from gitagent.names import EnvironmentName, PhoneNumber

_Result = TypeVar("_Result")
TIMEOUT, ATTEMPTS = 2.0, 3
PAUSE = 5.0
"""Seconds for which a server that failed is not asked, so that no caller waits for it; unless it took a report."""


def _now() -> datetime:
    return datetime.now(UTC)


class _Common:
    """What both clients are made of."""

    def __init__(self, url: str, **options: Unpack[Options]) -> None:
        """A client of the server at `url`, such as http://127.0.0.1:8321."""
        self._server = Server.parse(url, options.get("token"), options.get("verify", True))
        cache = options["cache"]
        folder = None if cache is None else folder_of(Path(cache), self._server.url)
        self._around = Around(
            self._server.url,
            Cache(folder),
            Waiting(None if folder is None else Shelf(folder / "waiting")),
            Watch(time.monotonic, pause=options.get("pause", PAUSE)),
            Patience(options.get("timeout", TIMEOUT), options.get("attempts", ATTEMPTS)),
            time.monotonic,
            options.get("now", _now),
        )
        self._blocking = Sender(self._server)
        self._reporter = Reporter(self._around, self._blocking, every=options.get("report_every", EVERY))
        self._reporter.look()  # for what a process before this one left

    @property
    def trouble(self) -> Exception | None:
        """What is in the way: of telling the server, or of writing to the disk; or what it refused for good."""
        around = self._around
        return self._reporter.trouble or around.waiting.trouble or around.cache.trouble or around.waiting.refusal

    @property
    def waiting(self) -> int:
        """How many calls the server still has to be told of."""
        return self._around.waiting.count()

    def _close(self) -> None:
        self._reporter.close()
        self._blocking.close()

    def _begin(self, call_id: str, asked: Asked) -> Steps[Begun]:
        return exchanges.begin(self._around, requests.beginning(call_id, **asked))

    def _end(self, call_id: str, ending: Ending) -> Steps[Call | None]:
        return exchanges.change(self._around, call_id, requests.ending(**ending))

    def _annotate(
        self, call_id: str, score: float | None, attributes: Mapping[str, Scalar] | None
    ) -> Steps[Call | None]:
        return exchanges.change(self._around, call_id, requests.addition(score, attributes))

    def _find(self, limit: int, cursor: str | None, filters: Filters) -> Steps[Page]:
        return exchanges.find(self._around, {"limit": limit, "cursor": cursor, **filters})


class Client(_Common):
    """A client that blocks. Many threads can use it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, call_id: str, **asked: Unpack[Asked]) -> Begun:
        """Begin a call to a number, in an agent's environment or, outbound alone, with its version; pinned for good.

        To begin the same id again gives the same. While the server is away, slow or answers nonsense, the call gets
        what the server said last of that number, environment or version, and the server is told of it later;
        ServerUnreachable where it never said anything. What the server refuses is raised as what it is.
        """
        return self._run(self._begin(call_id, asked))

    def end(self, call_id: str, **ending: Unpack[Ending]) -> Call | None:
        """End a call; the call as it is then. None where the server is told later, and of the time of this."""
        return self._run(self._end(call_id, ending))

    def annotate(
        self, call_id: str, *, score: float | None = None, attributes: Mapping[str, Scalar] | None = None
    ) -> Call | None:
        """Add a score and attributes, before its end or after it; an attribute that is None is taken away.

        The call as it is then; None where the server is told later.
        """
        return self._run(self._annotate(call_id, score, attributes))

    def get(self, call_id: str) -> Call:
        """The call of that id; CallNotFound where there is none."""
        return self._run(exchanges.get(self._around, call_id))

    def find(self, *, limit: int = 20, cursor: str | None = None, **filters: Unpack[Filters]) -> Page:
        """The newest calls that are so; `cursor` is the `next` of the page before."""
        return self._run(self._find(limit, cursor, filters))

    def resolve(self, number: PhoneNumber | str) -> Resolution:
        """What answers a number now; no call begins. While the server is away, what did so last."""
        return self._run(exchanges.resolve(self._around, str(number)))

    def configuration(self, agent: str, environment: EnvironmentName | str) -> Configuration:
        """What an environment serves now; while the server is away, what it served last."""
        return self._run(exchanges.configuration(self._around, agent, str(environment)))

    def configuration_of(self, call_id: str) -> Configuration:
        """The configuration that a call keeps to its end, also where another process of this machine began it."""
        return self._run(exchanges.configuration_of(self._around, call_id))

    def report(self) -> int:
        """Tell the server now of what waits; how many calls. This goes on by itself, too."""
        return self._run(reports.report(self._around))

    def close(self) -> None:
        """Let go of all connections. What waits on disk is told by whoever uses the same folder next."""
        self._close()

    def _run(self, steps: Steps[_Result]) -> _Result:
        try:
            return self._blocking.run(steps)
        finally:
            self._reporter.wake()


class AsyncClient(_Common):
    """A client for asyncio; otherwise as `Client`. Each is for one event loop."""

    def __init__(self, url: str, **options: Unpack[Options]) -> None:
        """As `Client`."""
        super().__init__(url, **options)
        self._sender = AsyncSender(self._server)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def begin(self, call_id: str, **asked: Unpack[Asked]) -> Begun:
        """As `Client.begin`."""
        return await self._run(self._begin(call_id, asked))

    async def end(self, call_id: str, **ending: Unpack[Ending]) -> Call | None:
        """As `Client.end`."""
        return await self._run(self._end(call_id, ending))

    async def annotate(
        self, call_id: str, *, score: float | None = None, attributes: Mapping[str, Scalar] | None = None
    ) -> Call | None:
        """As `Client.annotate`."""
        return await self._run(self._annotate(call_id, score, attributes))

    async def get(self, call_id: str) -> Call:
        """As `Client.get`."""
        return await self._run(exchanges.get(self._around, call_id))

    async def find(self, *, limit: int = 20, cursor: str | None = None, **filters: Unpack[Filters]) -> Page:
        """As `Client.find`."""
        return await self._run(self._find(limit, cursor, filters))

    async def resolve(self, number: PhoneNumber | str) -> Resolution:
        """As `Client.resolve`."""
        return await self._run(exchanges.resolve(self._around, str(number)))

    async def configuration(self, agent: str, environment: EnvironmentName | str) -> Configuration:
        """As `Client.configuration`."""
        return await self._run(exchanges.configuration(self._around, agent, str(environment)))

    async def configuration_of(self, call_id: str) -> Configuration:
        """As `Client.configuration_of`."""
        return await self._run(exchanges.configuration_of(self._around, call_id))

    async def report(self) -> int:
        """As `Client.report`."""
        return await self._run(reports.report(self._around))

    async def close(self) -> None:
        """As `Client.close`."""
        await in_thread(self._close)
        await self._sender.close()

    async def _run(self, steps: Steps[_Result]) -> _Result:
        try:
            return await self._sender.run(steps)
        finally:
            self._reporter.wake()
