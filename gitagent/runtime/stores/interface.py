"""The interface of a store of calls: what SQLite and PostgreSQL both do, in the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gitagent.errors import CallStoreFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gitagent.errors import GitagentError
    from gitagent.names import EnvironmentName, VersionNumber
    from gitagent.runtime.cursors import Cursor
    from gitagent.runtime.records import Call, Filter, Write
    from gitagent.runtime.tallies import Tally


class StoreAwayError(CallStoreFailed):
    """The place cannot be reached at all, or does not answer: there is no use in asking it something else now."""


class CallStore(Protocol):
    """Where calls are kept. One can be used by many threads, and many processes and machines can use one place.

    What the place cannot do now (it is away, full, locked or broken) is CallStoreFailed, and changed nothing.
    """

    def write(self, writes: Sequence[Write]) -> list[Call | GitagentError]:
        """Apply all of them in one durable transaction, and return each one's call, or its refusal.

        A refused one changes nothing, and keeps none of the others from being made. Whoever writes the same call at
        the same time comes before or after. The tallies change in the same transaction.
        """
        ...

    def get(self, call_id: str) -> Call | None:
        """The call of that id; None where there is none."""
        ...

    def find(self, wanted: Filter, *, limit: int, after: Cursor | None = None) -> list[Call]:
        """The newest calls that are so, by when they began and then by id; `after` the one that a page ended with."""
        ...

    def tallies(
        self, agent: str, version: VersionNumber, environment: EnvironmentName | None = None
    ) -> Mapping[tuple[str, str], Tally]:
        """What was counted of a version, by kind and value, in all environments or in one."""
        ...

    def versions(self, agent: str, environment: EnvironmentName | None = None) -> list[VersionNumber]:
        """The versions that had calls, newest first."""
        ...

    def prune(self, before: datetime, *, agent: str | None, open_too: bool, limit: int) -> int:
        """Remove calls that began before, at most `limit`, and return how many. The tallies stay.

        A call that has not ended is kept, for what it is pinned to, unless `open_too`.
        """
        ...

    def close(self) -> None:
        """Let go of everything; the store can be used again after it."""
        ...
