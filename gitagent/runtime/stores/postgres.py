"""PostgreSQL: calls in a database that many machines can use. The only module that imports psycopg."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from gitagent.errors import CallStoreFailed, ExtraMissing
from gitagent.runtime.stores import migrations, shown
from gitagent.runtime.stores.interface import StoreAwayError
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
    from datetime import datetime

    from psycopg.abc import RV, PQGen

    from gitagent.errors import GitagentError
    from gitagent.runtime.records import Call, Write

_Result = TypeVar("_Result")
LONGEST_WAIT = 2
"""Seconds that the server is waited for until it takes a connection."""
LONGEST_STATEMENT = 5
"""Seconds that it may take for an answer."""
LONGEST_SILENCE = LONGEST_STATEMENT + 1
"""Seconds after which a server that says nothing at all is given up: one that is cut off, or was stopped."""
LEAST_SILENCE = 0.1
LONGEST_MIGRATION = 600
MOST_ATTEMPTS = 5
_TYPES = {"text": 'TEXT COLLATE "C"', "real": "DOUBLE PRECISION", "integer": "BIGINT"}
_MIGRATING = 7_015_230_814  # any number that no other program locks


class PostgresStore(RelationalStore):
    """A store in a database, its tables made when it is first used."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._idle: list[_Connection] = []
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

    def prune(self, before: datetime, *, agent: str | None, open_too: bool, limit: int) -> int:
        def prune() -> int:
            return super(PostgresStore, self).prune(before, agent=agent, open_too=open_too, limit=limit)

        return self._tried(prune)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _tried(self, attempt: Callable[[], _Result]) -> _Result:
        """Do it again where somebody else came between, or a connection turned out to be dead.

        A write may have been made although nobody could say so. To make it again changes nothing more.
        """
        for attempts in range(MOST_ATTEMPTS):
            try:
                return attempt()
            except BegunMeanwhileError:
                continue
            except CallStoreFailed as failure:
                is_passing = isinstance(failure.__cause__, _PASSING) and attempts < MOST_ATTEMPTS - 1
                if not is_passing and (attempts > 0 or not self._begins_anew(failure)):
                    raise
        raise CallStoreFailed("others began the same calls at the same moment, again and again", hint="Try again.")

    def _begins_anew(self, failure: CallStoreFailed) -> bool:
        """Whether it failed on a connection, or on tables, of before, of which there are none then."""
        if isinstance(failure, StoreAwayError) or not self._is_ready:
            return False
        if isinstance(failure.__cause__, postgres_errors.UndefinedTable):
            self._is_ready = False
        elif not isinstance(failure.__cause__, psycopg.OperationalError):
            return False
        self.close()
        return True

    @contextmanager
    def _connection(self) -> Iterator[_Connection]:
        """A connection that nobody else uses meanwhile. One on which something failed is not used again."""
        connection = None
        try:
            connection = self._taken() or self._connect()
            yield connection
        except BaseException as error:
            if connection is not None:
                connection.close()
            if isinstance(error, psycopg.Error):
                is_away = connection is None or isinstance(error, _SilentError)
                raise (StoreAwayError if is_away else CallStoreFailed)(
                    f"the store of calls {self._shown} failed: {_first_line(error)}",
                    hint="Check that the database can be reached and has room.",
                ) from error
            raise
        self._idle.append(connection)

    @property
    def _shown(self) -> str:
        """The address without the password."""
        return shown(self._address)

    def _taken(self) -> _Connection | None:
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _connect(self) -> _Connection:
        connection = _Connection.connect(
            self._address,
            autocommit=True,
            client_encoding="utf8",
            connect_timeout=LONGEST_WAIT,
            tcp_user_timeout=LONGEST_STATEMENT * 1000,
        )
        try:
            if not self._is_ready:
                self._refuse_other_texts(connection)
                _migrate(connection)
                self._is_ready = True
            connection.execute(_text(f"SET statement_timeout = {LONGEST_STATEMENT * 1000}"))
        except BaseException:
            connection.close()
            raise
        return connection

    def _refuse_other_texts(self, connection: _Connection) -> None:
        """A database of another encoding would refuse some calls for a letter in a name."""
        if (encoding := connection.info.parameter_status("server_encoding")) != "UTF8":
            raise CallStoreFailed(
                f"the store of calls {self._shown} keeps texts as {encoding}, and not every text of a call",
                hint="Make a database for it: createdb --encoding UTF8 --template template0 NAME",
            )


class _SilentError(psycopg.OperationalError):
    """The server has said nothing for too long."""


class _Connection(psycopg.Connection[Values]):
    """A connection that waits for an answer, but not for ever."""

    patience: float | None = None

    def wait(self, gen: PQGen[RV], *arguments: Any, **named: Any) -> RV:
        try:
            return super().wait(_bounded(gen, self.patience or LONGEST_SILENCE), *arguments, **named)
        except _SilentError:
            self.patience = LEAST_SILENCE  # the end of its transaction would be waited for as long again
            raise


def _bounded(gen: PQGen[RV], patience: float) -> PQGen[RV]:
    """The same steps of waiting, while they come to an end in time."""
    give_up = time.monotonic() + patience
    try:
        waits_for = next(gen)
        while True:
            ready = yield waits_for
            if not ready and time.monotonic() > give_up:
                raise _SilentError("it does not answer")
            waits_for = gen.send(ready)
    except StopIteration as end:
        value: RV = end.value
        return value


_PASSING = (postgres_errors.DeadlockDetected, postgres_errors.SerializationFailure)


class PostgresTransaction:
    """A transaction of one connection."""

    def __init__(self, connection: _Connection) -> None:
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
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    if "connection option" in text or (isinstance(error, psycopg.ProgrammingError) and error.sqlstate is None):
        return "its address cannot be read"  # what was said of it quotes it, with the password perhaps
    return text


def _migrate(connection: _Connection) -> None:
    if not migrations.due(_done(connection)):
        return  # whoever may only read and write the tables asks for no more
    connection.patience = LONGEST_MIGRATION
    with _alone(connection):
        connection.execute("CREATE TABLE IF NOT EXISTS gitagent_migrations (number INTEGER PRIMARY KEY)")
    for number, step in migrations.due(_done(connection)):
        with _alone(connection):
            if number not in _done(connection):
                step(lambda text: connection.execute(_text(text)), _TYPES)
                connection.execute("INSERT INTO gitagent_migrations VALUES (%s)", (number,))
    connection.patience = None


@contextmanager
def _alone(connection: _Connection) -> Iterator[None]:
    """A transaction beside which nobody else changes the tables."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_MIGRATING,))
        yield


def _done(connection: _Connection) -> set[int]:
    known = connection.execute("SELECT to_regclass('gitagent_migrations')").fetchone()
    if known is None or known[0] is None:
        return set()
    return {int(row[0]) for row in connection.execute("SELECT number FROM gitagent_migrations")}
