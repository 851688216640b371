"""PostgreSQL: calls in a database that many machines can use. The only module that imports psycopg."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from gitagent.errors import CallStoreFailed, ExtraMissing
from gitagent.runtime.stores import migrations
from gitagent.runtime.stores.relational import BegunMeanwhileError, RelationalStore, written
from gitagent.runtime.stores.statements import Statement, Values

try:
    import psycopg
    from psycopg import errors as postgres_errors
except ImportError as error:
    raise ExtraMissing(
        f"PostgreSQL needs psycopg: {error}", hint="Install it with: pip install 'gitagent-config[postgres]'"
    ) from error

if TYPE_CHECKING:
    from gitagent.errors import GitagentError
    from gitagent.runtime.records import Call, Write

_Result = TypeVar("_Result")
LONGEST_WAIT = 2
"""Seconds that the server is waited for until it takes a connection."""
LONGEST_STATEMENT = 5
"""Seconds that it may take for an answer."""
MOST_ATTEMPTS = 5
_TYPES = {"text": 'TEXT COLLATE "C"', "real": "DOUBLE PRECISION", "integer": "BIGINT"}
_MIGRATING = 7_015_230_814  # any number that no other program locks
_PASSWORD = re.compile(r"(?<=:)[^:@/]*(?=@)|(?<=password=)[^&\s]*")


class PostgresStore(RelationalStore):
    """A store in a database, its tables made when it is first used."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._idle: list[psycopg.Connection[Values]] = []
        self._is_ready = False

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        with self._connection() as connection, connection.transaction():
            yield PostgresTransaction(connection)

    def rows(self, statement: Statement) -> list[Any]:
        def read() -> list[Any]:
            with self._connection() as connection:
                return connection.execute(_text(statement[0]), statement[1]).fetchall()

        return self._tried(read)

    def write(self, writes: Sequence[Write]) -> list[Call | GitagentError]:
        def write() -> list[Call | GitagentError]:
            with self.transaction() as transaction:
                return written(transaction, writes)

        return self._tried(write)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _tried(self, attempt: Callable[[], _Result]) -> _Result:
        """Do it again where somebody else came between, or a connection turned out to be dead.

        A write may have been made although nobody could say so. To make it again changes nothing more.
        """
        for attempts in range(MOST_ATTEMPTS - 1):
            try:
                return attempt()
            except BegunMeanwhileError:
                continue
            except CallStoreFailed as failure:
                again = isinstance(failure.__cause__, _PASSING) or (attempts == 0 and self._lost_connections(failure))
                if not again:
                    raise
        return attempt()

    def _lost_connections(self, failure: CallStoreFailed) -> bool:
        """Whether it failed on a connection of before, which all are closed then."""
        is_lost = isinstance(failure.__cause__, psycopg.OperationalError) and self._is_ready
        self.close()
        return is_lost

    @contextmanager
    def _connection(self) -> Iterator[psycopg.Connection[Values]]:
        """A connection that nobody else uses meanwhile. One on which something failed is not used again."""
        connection = None
        try:
            connection = self._taken() or self._connect()
            yield connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, psycopg.Error):
                raise CallStoreFailed(
                    f"the store of calls {_PASSWORD.sub('…', self._address)} failed: {_first_line(error)}",
                    hint="Check that the database can be reached and has room.",
                ) from error
            raise
        self._idle.append(connection)

    def _taken(self) -> psycopg.Connection[Values] | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _connect(self) -> psycopg.Connection[Values]:
        connection = psycopg.connect(
            self._address, autocommit=True, connect_timeout=LONGEST_WAIT, tcp_user_timeout=LONGEST_STATEMENT * 1000
        )
        try:
            if not self._is_ready:
                _migrate(connection)
                self._is_ready = True
            connection.execute(_text(f"SET statement_timeout = {LONGEST_STATEMENT * 1000}"))
        except BaseException:
            connection.close()
            raise
        return connection


_PASSING = (postgres_errors.DeadlockDetected, postgres_errors.SerializationFailure)


class PostgresTransaction:
    """A transaction of one connection."""

    def __init__(self, connection: psycopg.Connection[Values]) -> None:
        self._connection = connection

    def rows(self, statement: Statement, *, lock: bool = False) -> list[Any]:
        text, values = statement
        return self._connection.execute(_text(f"{text} FOR UPDATE" if lock else text), values).fetchall()

    def run(self, statement: Statement) -> int:
        return self._connection.execute(_text(statement[0]), statement[1]).rowcount

    def run_each(self, text: str, rows: Sequence[Values]) -> int:
        if not rows:
            return 0
        with self._connection.cursor() as cursor:
            cursor.executemany(_text(text), rows)
            return cursor.rowcount


def _text(statement: str) -> bytes:
    """The statement as psycopg takes it. It is put together from texts of `statements` alone."""
    return statement.replace("?", "%s").encode()


def _first_line(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _migrate(connection: psycopg.Connection[Values]) -> None:
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        connection.execute("CREATE TABLE IF NOT EXISTS gitagent_migrations (number INTEGER PRIMARY KEY)")
        done = {int(row[0]) for row in connection.execute("SELECT number FROM gitagent_migrations")}
    for number, step in migrations.due(done):
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
            if connection.execute("SELECT 1 FROM gitagent_migrations WHERE number = %s", (number,)).fetchone() is None:
                step(lambda text: connection.execute(_text(text)), _TYPES)
                connection.execute("INSERT INTO gitagent_migrations VALUES (%s)", (number,))
