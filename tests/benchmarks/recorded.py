"""Recorded: what listing calls, and the statistics of one version, cost with many calls, against few; in each store."""

from __future__ import annotations

import os
import sqlite3
import sys
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from measuring import Figure, paired

from gitagent import EnvironmentName, Filter, PhoneNumber, VersionNumber
from gitagent.runtime.cursors import Cursor
from gitagent.runtime.statistics import of_tallies
from gitagent.runtime.stores import open_store

sys.path.append(os.fspath(Path(__file__).parents[1]))
from support.postgres import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitagent.runtime.stores.interface import CallStore

FEW = 100_000
VERSIONS = 100
LOOKS = 20
AGENT = "bistro"
VERSION, LIVE = VersionNumber(VERSIONS // 2), EnvironmentName("live")
# One call a second, and versions that follow each other; every third call failed, and durations differ. What SQLite and
# PostgreSQL say in different words is filled in.
_CALLS = """
INSERT INTO gitagent_calls
{counted}
SELECT 'CA' || {n:10}, 'bistro', n * {versions} / {count} + 1, {commit:40},
    n * 1000000, CASE n % 10 WHEN 0 THEN 'sandbox' ELSE 'live' END, '+4420794600' || {line:2},
    '+447700900123', 'inbound', '{{}}', n * 1000000 + 60000000,
    CASE n % 3 WHEN 0 THEN 'failed' ELSE 'completed' END, CAST(n % 3 > 0 AS INTEGER),
    (n * 7919 % 999) / 10.0, NULL, '{{}}' FROM counted
"""
_SQLITE = "WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < {count})"
_POSTGRES = "WITH counted(n) AS (SELECT generate_series(0::bigint, {count} - 1))"
_TALLIES = """
INSERT INTO gitagent_tallies
SELECT agent, 'calls', version, environment, '', COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4 UNION ALL
SELECT agent, 'ended', version, environment, '', COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4 UNION ALL
SELECT agent, 'outcome', version, environment, outcome, COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4, 5 UNION ALL
SELECT agent, 'success', version, environment, CASE success WHEN 1 THEN 'yes' ELSE 'no' END, COUNT(*), 0
    FROM gitagent_calls GROUP BY 1, 3, 4, 5 UNION ALL
SELECT agent, 'duration', version, environment, CAST(CAST(ROUND(duration * 10) AS INTEGER) AS TEXT), COUNT(*),
    SUM(duration) FROM gitagent_calls GROUP BY 1, 3, 4, 5
"""


def sqlite_with(path: Path, count: int) -> CallStore:
    """A store with that many calls of one agent, spread over its versions, as they would have been written."""
    store = open_store(os.fspath(path))
    store.write([])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute(_calls(_SQLITE, "printf('%0{width}d', {value})", count))
        connection.execute(_TALLIES)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


def postgres_with(address: str, count: int) -> CallStore:
    """The same in PostgreSQL, after it has looked its tables through, as it does by itself every now and then."""
    store = open_store(address)
    store.write([])
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(_calls(_POSTGRES, "lpad(({value})::text, {width}, '0')", count).encode())
        connection.execute(_TALLIES.encode())
        connection.execute("VACUUM ANALYZE gitagent_calls, gitagent_tallies")
        connection.execute("CHECKPOINT")
    return store


def recorded(folder: Path, count: int) -> Iterator[Figure]:
    """Each way of looking, with `count` calls against 100,000, in SQLite and, if there is one, in PostgreSQL."""
    yield from _compared("SQLite", sqlite_with(folder / "few.db", FEW), sqlite_with(folder / "many.db", count), count)
    with ExitStack() as stack:
        server = stack.enter_context(running())
        if server is None:
            print("there is no PostgreSQL to measure")
            return
        few, many = postgres_with(server.address(), FEW), postgres_with(server.address(), count)
        for each in (few, many):
            stack.callback(each.close)
        yield from _compared("PostgreSQL", few, many, count)


def _compared(kind: str, few: CallStore, many: CallStore, count: int) -> Iterator[Figure]:
    for name, look in _LOOKS.items():
        figure = paired(
            f"{name}, {count:,} calls, {kind}", _often(look, many, count), _often(look, few, FEW), target=2.0
        )
        yield figure._replace(milliseconds=figure.milliseconds / LOOKS)


class _Padded:
    """A number that is written with so many digits, in one kind of SQL."""

    def __init__(self, text: str, value: str) -> None:
        self._text = text
        self._value = value

    def __format__(self, width: str) -> str:
        return self._text.format(value=self._value, width=width)


def _calls(counted: str, padded: str, count: int) -> str:
    values = {"n": "n", "commit": f"n * {VERSIONS} / {count}", "line": "n % 50"}
    numbers = {name: _Padded(padded, value) for name, value in values.items()}
    return _CALLS.format(counted=counted.format(count=count), versions=VERSIONS, count=count, **numbers)


def _often(look: Callable[[CallStore, int], object], store: CallStore, count: int) -> Callable[[], object]:
    return lambda: [look(store, count) for _ in range(LOOKS)]


def _listing(**wanted: object) -> Callable[[CallStore, int], object]:
    which = Filter(AGENT, **wanted)  # type: ignore[arg-type]  # by name
    return lambda store, _: store.find(which, limit=21)


def _middle(store: CallStore, count: int) -> object:
    return store.find(Filter(AGENT), limit=21, after=Cursor(count // 2 * 1_000_000, "CA"))


_LOOKS: dict[str, Callable[[CallStore, int], object]] = {
    "calls list": _listing(),
    "calls list --version": _listing(version=VERSION),
    "calls list --environment": _listing(environment=LIVE),
    "calls list --number": _listing(number=PhoneNumber("+442079460018")),
    "calls list --outcome": _listing(outcome="failed"),
    "calls list --cursor, in the middle": _middle,
    "calls stats": lambda store, _: of_tallies(VERSION, store.tallies(AGENT, VERSION)),
    "calls stats, the versions": lambda store, _: store.versions(AGENT),
}
