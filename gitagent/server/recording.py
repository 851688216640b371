"""Recording: calls that begin at the same moment, gathered and begun together in one durable transaction.

Each transaction waits for the disk. While one does, on a thread of its own, others gather and go together in the next.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.runtime.asking import Beginning
    from gitagent.runtime.calls import Begun, Calls

MOST = 100
"""How many calls begin together at most."""
SEVERAL, GATHERING = 4, 0.002
"""Where more than so many began together, the next are gathered for so many seconds: a transaction costs more than a
call, and under load this halves what each call costs."""


class _Waiting(NamedTuple):
    beginning: Beginning
    begun: asyncio.Future[Begun]


class Recording:
    """Where the calls of one worker begin. It belongs to one event loop."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._waiting: list[_Waiting] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="gitagent-recording")

    async def begin(self, beginning: Beginning) -> Begun:
        """The call as it has begun; what refuses it is raised. It begins even if nobody waits for it any longer."""
        loop = asyncio.get_running_loop()
        mine = _Waiting(beginning, loop.create_future())
        self._waiting.append(mine)
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        return await mine.begun

    async def stop(self) -> None:
        """Begin what still waits, and end."""
        if self._writing is not None:
            await self._writing
        self._thread.shutdown()

    async def _write(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
            for each, result in zip(batch, await self._begun([each.beginning for each in batch]), strict=True):
                if each.begun.done():
                    continue
                if isinstance(result, Exception):
                    each.begun.set_exception(result)
                else:
                    each.begun.set_result(result)
            if len(batch) > SEVERAL:
                await asyncio.sleep(GATHERING)
        self._writing = None

    async def _begun(self, beginnings: Sequence[Beginning]) -> Sequence[Begun | Exception]:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, self._calls.begin_all, beginnings)
        except Exception as error:  # noqa: BLE001  # a bug: whom it does not concern, it does not keep from beginning
            if len(beginnings) == 1:
                return [error]
            return [result for each in beginnings for result in await self._begun([each])]
