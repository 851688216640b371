"""Polling: the shared remotes looked at again and again, by one worker for all, and at once when somebody asks."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from gitagent.agent.following import Followed, follow
from gitagent.errors import AgentBusy, GitagentError
from gitagent.git.patience import Patience
from gitagent.runtime.clones import clones
from gitagent.server.standing import Standing

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from datetime import datetime
    from pathlib import Path

    from gitagent.runtime.folders import Agents
    from gitagent.server.metrics import Metrics
    from gitagent.server.standing import Failing

_Result = TypeVar("_Result")
LOCK = "polling.lock"
TICK = 0.25
"""Seconds between two looks at which agents are due, and at whether another worker still leads."""
LONGEST = 50.0
"""Seconds that it may take to bring what is new: less than a command on this machine waits for its turn."""
AT_ONCE = 8
LONGEST_PAUSE = 60.0
"""Seconds, after which a remote that is away is asked again; the interval, where that is longer."""
LOOK_FOR_CLONES = 5.0
_LOG = logging.getLogger("gitagent.server")


class Polling:
    """The agents' remotes, each looked at every so many seconds; with 0, only when it is first seen, and when asked.

    In `own`, the workers on this machine agree who of them polls. Plain clones of agents below `folder` become agents.
    `run` and `refresh` belong to one event loop.
    """

    def __init__(
        self,
        agents: Agents,
        own: Path,
        *,
        folder: Path | None,
        every: float,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._agents = agents
        self._own = own
        self._folder = folder
        self._every = every
        self._metrics = metrics
        self._clock = clock
        self._standing = Standing(own)
        self._patience = Patience(LONGEST)
        self._threads = ThreadPoolExecutor(AT_ONCE * 2, thread_name_prefix="gitagent-remotes")
        self._room = asyncio.Semaphore(AT_ONCE)
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._queued: dict[str, asyncio.Task[Followed | None]] = {}
        self._due: dict[str, float] = {}
        self._failures: dict[str, int] = defaultdict(int)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._refused: dict[Path, str] = {}
        self._lock: int | None = None
        self._joined = float("-inf")

    def failing(self) -> Mapping[str, Failing]:
        """The agents whose remotes cannot be followed now, whichever worker found out."""
        return self._standing.failing()

    async def run(self) -> None:
        """Poll until cancelled, whenever no other worker on this machine does."""
        while True:
            if self.leads():
                await asyncio.wait([self._started(self._begin_due())])  # whatever becomes of it, polling goes on
            await asyncio.sleep(min(TICK, self._every or TICK))

    async def refresh(self, agent: str) -> Followed | None:
        """Look at an agent's remote now; None where it follows none. Who asks meanwhile shares the next look.

        RemoteUnreachable and LedgerInvalid as `follow` has them; AgentNotFound.
        """
        return await asyncio.shield(self._queue(agent))

    def look_soon(self, agent: str) -> None:
        """Look at an agent's remote now, and let nobody wait for it."""
        self._queue(agent)

    def _queue(self, agent: str) -> asyncio.Task[Followed | None]:
        if (queued := self._queued.get(agent)) is None:
            queued = self._queued[agent] = self._started(self._in_turn(agent))
        return queued

    async def stop(self) -> None:
        """End what waits for remotes, and let another worker poll."""
        self._patience.stop()
        while self._tasks:  # some begin others
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    async def _in_turn(self, agent: str) -> Followed | None:
        async with self._turns[agent]:
            # Whoever asks from now on may know of something that this look does not see any more.
            del self._queued[agent]
            return await self._look(agent)

    async def _look(self, agent: str) -> Followed | None:
        path = self._agents.get(agent).path
        loop = asyncio.get_running_loop()
        try:
            followed = await loop.run_in_executor(self._threads, follow, path, self._patience)
        except AgentBusy:  # somebody works here, and fetches as well
            raise
        except GitagentError as error:
            if not self._patience.is_over:
                self._say_failed(agent, error)
            raise
        if followed is not None:
            self._say_followed(agent, followed)
        else:
            self._forget(agent)
        return followed

    def _forget(self, agent: str) -> None:
        """Nothing fails where nothing is followed."""
        self._failures.pop(agent, None)
        with suppress(OSError):
            self._standing.succeeded(agent)

    def _say_failed(self, agent: str, error: GitagentError) -> None:
        self._failures[agent] += 1
        self._metrics.fetched(agent, "failed")
        with suppress(OSError):
            if self._standing.failed(agent, error, at=self._clock()):
                _LOG.warning("%s: %s; what is known here is served", agent, error.message)

    def _say_followed(self, agent: str, followed: Followed) -> None:
        self._failures.pop(agent, None)
        self._metrics.fetched(agent, "new" if followed.is_new else "same")
        for notice in followed.notices:
            _LOG.warning("%s: %s", agent, notice)
        with suppress(OSError):
            if self._standing.succeeded(agent):
                _LOG.warning("%s: %s answers again", agent, followed.url)

    def leads(self) -> bool:
        """Whether it is this worker that polls, and tells the log what concerns all; it stays so until it ends."""
        if self._lock is not None:
            return True
        try:
            self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(self._own / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:  # nothing can be written here: then each worker polls
            return True
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    async def _begin_due(self) -> None:
        now = time.monotonic()
        loop = asyncio.get_running_loop()
        if self._folder is not None and now - self._joined > LOOK_FOR_CLONES:
            self._joined = now
            await loop.run_in_executor(self._threads, self._join_clones, self._folder)
        names = await loop.run_in_executor(self._threads, self._agents.names)
        for name in names:
            if self._due.get(name, 0.0) <= now:
                self._due[name] = float("inf")
                self._started(self._poll(name))
        for name in (self._due.keys() | self._standing.failing().keys()) - set(names):
            self._due.pop(name, None)
            self._forget(name)

    async def _poll(self, agent: str) -> None:
        try:
            async with self._room:
                if self._patience.is_over:
                    return
                with suppress(GitagentError):  # it is said already
                    await self.refresh(agent)
        finally:
            pause = self._pause(agent) * random.uniform(0.9, 1.0)  # noqa: S311  # so that not all come at once
            self._due[agent] = time.monotonic() + pause

    def _pause(self, agent: str) -> float:
        """How long after a look the next one is due: later for a remote that is away, again and again."""
        failures = min(self._failures.get(agent, 0), 10)
        if not self._every:
            return LONGEST_PAUSE if failures else float("inf")
        return min(self._every * float(1 << failures), max(self._every, LONGEST_PAUSE))

    def _started(self, work: Coroutine[None, None, _Result]) -> asyncio.Task[_Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and not isinstance(error, GitagentError):
            _LOG.error("following the shared remotes failed, and goes on", exc_info=error)

    def _join_clones(self, folder: Path) -> None:
        known = {each.path for each in map(self._agents.known, self._agents.names()) if each is not None}
        for path in clones(folder, known):
            try:
                follow(path, self._patience)
            except (GitagentError, OSError) as error:  # which keeps none of the others from being joined
                if self._refused.get(path) != (refusal := str(error)):
                    _LOG.warning("%s is a clone that cannot be joined: %s", path, refusal)
                self._refused[path] = refusal
