"""Batches: what many threads write at the same moment, written in one transaction.

Each durable transaction waits for the disk. While one does, others gather and go together in the next.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING

from gitagent.errors import CallStoreFailed, GitagentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitagent.runtime.records import Call, Write

MOST = 100


class Batches:
    """Writes that go through `commit`, which takes several and returns what each came to."""

    def __init__(self, commit: Callable[[Sequence[Write]], list[Call | GitagentError]]) -> None:
        self._commit = commit
        self._waiting: deque[_Waiting] = deque()
        self._turn = Lock()

    def write(self, write: Write) -> Call:
        """The call as it is then; what refused it, or kept the whole batch from being written, is raised."""
        (result,) = self.write_all([write])
        if isinstance(result, GitagentError):
            raise result
        return result

    def write_all(self, writes: Sequence[Write]) -> list[Call | GitagentError]:
        """What each came to; what kept a batch from being written is raised."""
        mine = [_Waiting(write) for write in writes]
        self._waiting.extend(mine)
        while mine and not mine[-1].is_done:
            with self._turn:
                if not mine[-1].is_done:
                    self._write_waiting()
        results: list[Call | GitagentError] = []
        for each in mine:
            if each.failure is not None:
                raise each.failure
            if each.result is not None:
                results.append(each.result)
        return results

    def _write_waiting(self) -> None:
        batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        try:
            results = self._commit([each.write for each in batch])
        except BaseException as error:
            for each in batch:
                each.failure = error
            if not isinstance(error, CallStoreFailed):
                raise
            return  # to whom these belong is told so; whoever carried them here may have others that are still to come
        for each, result in zip(batch, results, strict=True):
            each.result = result


class _Waiting:
    """A write that waits, until it has a result or failed."""

    __slots__ = ("failure", "result", "write")

    def __init__(self, write: Write) -> None:
        self.write = write
        self.result: Call | GitagentError | None = None
        self.failure: BaseException | None = None

    @property
    def is_done(self) -> bool:
        """Whether it waits no longer."""
        return self.result is not None or self.failure is not None
