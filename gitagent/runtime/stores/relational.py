"""Relational: a store of calls in a relational database, but for how that is reached."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Protocol

from gitagent.names import VersionNumber
from gitagent.runtime.stores import statements
from gitagent.runtime.tallies import CALLS, KINDS, Tally, differences

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager
    from datetime import datetime

    from gitagent.errors import GitagentError
    from gitagent.names import EnvironmentName
    from gitagent.runtime.cursors import Cursor
    from gitagent.runtime.records import Call, Filter, Write


class Transaction(Protocol):
    """A transaction under way."""

    def rows(self, statement: statements.Statement, *, lock: bool = False) -> list[Any]:
        """What it selects; with `lock`, nobody else changes these rows before the transaction ends."""
        ...

    def run(self, statement: statements.Statement) -> int:
        """Do it; how many rows it was about."""
        ...

    def run_each(self, text: str, rows: Sequence[statements.Values]) -> int:
        """Do the same with each of the rows; how many rows it was about."""
        ...


class RelationalStore(ABC):
    """What the stores have in common. See `CallStore` for what each method does."""

    @abstractmethod
    def transaction(self) -> AbstractContextManager[Transaction]:
        """A transaction for writing, durable when it ends."""

    @abstractmethod
    def rows(self, statement: statements.Statement) -> list[Any]:
        """What it selects."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything."""

    def __del__(self) -> None:
        self.close()  # connections that nobody closed end with the store

    def write(self, writes: Sequence[Write]) -> list[Call | GitagentError]:
        with self.transaction() as transaction:
            return written(transaction, writes)

    def get(self, call_id: str) -> Call | None:
        rows = self.rows(statements.select([call_id]))
        return statements.from_row(rows[0]) if rows else None

    def find(self, wanted: Filter, *, limit: int, after: Cursor | None = None) -> list[Call]:
        return [statements.from_row(row) for row in self.rows(statements.find(wanted, limit, after))]

    def tallies(
        self, agent: str, version: VersionNumber, environment: EnvironmentName | None = None
    ) -> Mapping[tuple[str, str], Tally]:
        return {
            (kind, value): Tally(int(calls), total)
            for kind in KINDS
            for value, calls, total in self.rows(statements.tallies(agent, kind, version, environment))
        }

    def versions(self, agent: str, environment: EnvironmentName | None = None) -> list[VersionNumber]:
        return [VersionNumber(row[0]) for row in self.rows(statements.versions(agent, CALLS, environment))]

    def prune(self, before: datetime, *, agent: str | None, open_too: bool, limit: int) -> int:
        with self.transaction() as transaction:
            return transaction.run(statements.prune(before, agent, open_too, limit))


class BegunMeanwhileError(Exception):
    """Somebody else began one of these calls just now: the whole has to be done again."""


def written(transaction: Transaction, writes: Sequence[Write]) -> list[Call | GitagentError]:
    """Apply the writes; BegunMeanwhileError where a call that was new is so no longer."""
    if not writes:
        return []
    ids = sorted({write.call_id for write in writes})
    known = {
        call.call_id: call for call in map(statements.from_row, transaction.rows(statements.select(ids), lock=True))
    }
    results, changes = statements.applied(writes, known)
    new = [statements.to_row(changes[id_][1]) for id_ in sorted(changes) if changes[id_][0] is None]
    changed = [statements.changed_row(now) for was, now in changes.values() if was is not None]
    if new and transaction.run_each(statements.INSERT, new) < len(new):
        raise BegunMeanwhileError
    transaction.run_each(statements.UPDATE, changed)
    # Last and in order: two that count the same wait for each other here, shortly and never in a circle.
    counts = [statements.tally_row(*each) for each in differences(changes.values()).items()]
    transaction.run_each(statements.COUNT, counts)
    return results
