"""Served: what one worker serves from, opened when the worker starts and closed when it ends."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from gitagent.errors import GitagentError
from gitagent.runtime.places import open_folder, own_folder
from gitagent.server.health import Looking
from gitagent.server.limits import Limits
from gitagent.server.metrics import Metrics
from gitagent.server.noticing import Noticing
from gitagent.server.polling import Polling
from gitagent.server.recording import Recording
from gitagent.server.rehearsing import Rehearsing
from gitagent.server.tokens import Tokens
from gitagent.server.webhooks import Secrets

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from gitagent.runtime.calls import Calls
    from gitagent.server.settings import Settings

_Result = TypeVar("_Result")
_LOG = logging.getLogger("gitagent.server")
THREADS, LOOKING = 8, 4
NOTICING = 1.0
"""Seconds between two looks at what is told to the log."""
DELIVERY = 1.0
"""Seconds between two attempts to bring to the store what waits on this machine."""


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Served:
    """The agents of a folder, their calls and who may ask for them.

    What reads agents goes through `in_thread`, and what asks the store of calls through `from_store`, so that nobody
    else waits for it. What agents serve is answered while all threads of the other wait for a store that is away.
    `looking` is for what reads many calls: whoever ends one waits for none of that.
    """

    def __init__(
        self,
        calls: Calls,
        settings: Settings,
        *,
        limits: Limits = Limits(),  # noqa: B008  # a frozen value
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.calls = calls
        self.settings = settings
        own = own_folder(settings.path)
        self.tokens = Tokens(own)
        self.limits = limits
        self.clock = clock
        self.metrics = Metrics()
        self.recording = Recording(calls)
        self.rehearsing = Rehearsing()
        self.polling = Polling(
            calls.agents,
            own,
            folder=settings.path if own.parent == settings.path else None,
            every=settings.poll,
            metrics=self.metrics,
            clock=clock,
        )
        self.noticing = Noticing(calls)
        self.health = Looking(self)
        file = settings.webhook_secret_file
        self.secrets = None if file is None else Secrets(Path(file))
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gitagent")
        self._store_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gitagent-store")
        self._looking_threads = ThreadPoolExecutor(LOOKING, thread_name_prefix="gitagent-looking")

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """What these settings name. Nothing is read before it is asked for."""
        return cls(open_folder(settings.path, settings.store), settings)

    async def start(self) -> None:
        """Begin what goes on beside the requests."""
        self.run(self._deliver())
        self.run(self.polling.run())
        self.run(self._notice())

    async def stop(self) -> None:
        """End all of it, and let go of the store."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.polling.stop()
        await self.recording.stop()
        self.calls.end_looks()
        self.rehearsing.stop()
        self._threads.shutdown()
        self._store_threads.shutdown()
        self._looking_threads.shutdown()
        await asyncio.to_thread(self.calls.close)

    def run(self, work: Coroutine[None, None, None]) -> None:
        """Let something go on beside the requests until `stop`."""
        task = asyncio.get_running_loop().create_task(work)
        task.add_done_callback(_tell)
        self._tasks.add(task)

    async def in_thread(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        """What a call comes to that may take its time."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    async def from_store(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        """What a call comes to that asks the store of calls."""
        return await asyncio.get_running_loop().run_in_executor(self._store_threads, call, *arguments)

    async def looking(self, call: Callable[..., _Result], *arguments: object) -> _Result:
        """What a call comes to that asks the store about many calls, which may take minutes."""
        return await asyncio.get_running_loop().run_in_executor(self._looking_threads, call, *arguments)

    async def _deliver(self) -> None:
        while True:
            await asyncio.sleep(DELIVERY)
            try:
                await self.from_store(self.calls.deliver)
            except (GitagentError, OSError) as error:
                _LOG.warning("calls that wait for the store could not be brought there: %s", error)

    async def _notice(self) -> None:
        while True:
            if self.polling.leads():  # what concerns all workers, one of them tells
                await self.in_thread(self.noticing.look)
            await asyncio.sleep(NOTICING)


def _tell(task: asyncio.Task[None]) -> None:
    """Let the log have what ended something that goes on until `stop`: nobody else waits for it."""
    if not task.cancelled() and (error := task.exception()) is not None:
        _LOG.error("what goes on beside the requests failed", exc_info=error)
