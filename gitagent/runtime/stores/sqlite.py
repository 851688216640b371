"""SQLite: calls in one file, which many threads and processes of one machine can use."""

from __future__ import annotations

import os
import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gitagent.errors import CallStoreFailed
from gitagent.runtime.stores import migrations
from gitagent.runtime.stores.relational import RelationalStore
from gitagent.runtime.stores.statements import Statement, Values

LONGEST_WAIT = 2.0
"""Seconds that another process which writes is waited for."""
SYNCED = "PRAGMA synchronous = FULL"
"""What was recorded is on the disk, whatever happens."""
_TYPES = {"text": "TEXT", "real": "REAL", "integer": "INTEGER"}
_PAUSE = 0.005
_INSERT = re.compile(r"(INSERT .* VALUES )(\([?, ]+\))(.*)")
MOST_VALUES = 999
"""How many values a statement has at most: so many any SQLite takes."""
_OWNER_ONLY = 0o600  # who called whom is nobody else's business


class SqliteStore(RelationalStore):
    """A store in a file, made with its folder when it is first used."""

    def __init__(self, path: Path, *, longest_wait: float = LONGEST_WAIT) -> None:
        self._path = path
        self._wait = longest_wait
        self._idle: list[sqlite3.Connection] = []
        self._file: tuple[int, int] | None = None
        """The file that the idle connections are to; another one may take its place."""

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        with self._connection() as connection, _immediate(connection):
            yield SqliteTransaction(connection)

    def rows(self, statement: Statement) -> list[Any]:
        with self._told():
            if self._identity() is None:
                return []  # to look for calls makes no file
        with self._connection() as connection:
            return connection.execute(*statement).fetchall()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection that nobody else uses meanwhile. One on which something failed is not used again."""
        connection = None
        with self._told():
            try:
                connection = self._taken() or self._connect()
                yield connection
            except BaseException:
                if connection is not None:
                    connection.close()
                raise
            self._idle.append(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell what fails of the file as what it is: the store's failure."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CallStoreFailed(
                f"the store of calls {self._path} failed: {error}",
                hint="Check that its disk has room and that the file can be written.",
            ) from error

    def _taken(self) -> sqlite3.Connection | None:
        if self._file is None or self._identity() != self._file:
            self.close()
        with suppress(IndexError):
            return self._idle.pop()
        return None

    def _connect(self) -> sqlite3.Connection:
        if self._identity() is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, _OWNER_ONLY))
        connection = sqlite3.connect(
            self._path, timeout=self._wait, isolation_level=None, check_same_thread=False, cached_statements=256
        )
        try:
            _write_ahead(connection, self._wait)
            connection.execute(SYNCED)
            _migrate(connection)
            self._file = self._identity()
        except BaseException:
            connection.close()
            raise
        return connection

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


class SqliteTransaction:
    """A transaction that keeps all others from writing."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, statement: Statement, *, lock: bool = False) -> list[Any]:
        return self._connection.execute(*statement).fetchall()

    def run(self, statement: Statement) -> int:
        return self._connection.execute(*statement).rowcount

    def run_each(self, text: str, rows: Sequence[Values]) -> int:
        if (parts := _INSERT.fullmatch(text)) is None:
            return self._connection.executemany(text, rows).rowcount if rows else 0
        # One statement for many rows: between two statements every other thread that waits for Python goes first.
        most, count = MOST_VALUES // len(rows[0]) if rows else 1, 0
        for start in range(0, len(rows), most):
            some = rows[start : start + most]
            together = f"{parts[1]}{', '.join([parts[2]] * len(some))}{parts[3]}"
            count += self._connection.execute(together, [value for row in some for value in row]).rowcount
        return count


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # on a full disk SQLite has rolled it back already
            connection.execute("ROLLBACK")
        raise


def _write_ahead(connection: sqlite3.Connection, longest_wait: float) -> None:
    """Use a write-ahead log. Of several processes that turn to it at once in a new file, SQLite lets none wait."""
    give_up = time.monotonic() + longest_wait
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= give_up:
                raise
            time.sleep(_PAUSE)
        else:
            return


def _migrate(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE IF NOT EXISTS gitagent_migrations (number INTEGER PRIMARY KEY)")
    for number, step in migrations.due(_done(connection)):
        with _immediate(connection):
            if number not in _done(connection):
                step(connection.execute, _TYPES)
                connection.execute("INSERT INTO gitagent_migrations VALUES (?)", (number,))


def _done(connection: sqlite3.Connection) -> set[int]:
    return {row[0] for row in connection.execute("SELECT number FROM gitagent_migrations")}
