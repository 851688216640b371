"""Recorded: what listing calls, and the statistics of one version, cost with many calls, against few."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from measuring import Figure, paired

from gitagent import EnvironmentName, Filter, PhoneNumber, VersionNumber
from gitagent.runtime.cursors import Cursor
from gitagent.runtime.statistics import of_tallies
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gitagent.runtime.stores.interface import CallStore

FEW = 100_000
VERSIONS = 100
LOOKS = 20
AGENT = "bistro"
VERSION, LIVE = VersionNumber(VERSIONS // 2), EnvironmentName("live")
# One call a second, and versions that follow each other; every third call failed, and durations differ.
_CALLS = """
INSERT INTO gitagent_calls
WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n + 1 < :count)
SELECT 'CA' || printf('%010d', n), 'bistro', n * :versions / :count + 1, printf('%040d', n * :versions / :count),
    n * 1000000, CASE n % 10 WHEN 0 THEN 'sandbox' ELSE 'live' END, '+4420794600' || printf('%02d', n % 50),
    '+447700900123', 'inbound', '{}', n * 1000000 + 60000000,
    CASE n % 3 WHEN 0 THEN 'failed' ELSE 'completed' END, n % 3 > 0,
    (n * 7919 % 999) / 10.0, NULL, '{}' FROM counted
"""
_TALLIES = """
INSERT INTO gitagent_tallies
SELECT agent, 'calls', version, environment, '', COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4 UNION ALL
SELECT agent, 'ended', version, environment, '', COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4 UNION ALL
SELECT agent, 'outcome', version, environment, outcome, COUNT(*), 0 FROM gitagent_calls GROUP BY 1, 3, 4, 5 UNION ALL
SELECT agent, 'success', version, environment, CASE success WHEN 1 THEN 'yes' ELSE 'no' END, COUNT(*), 0
    FROM gitagent_calls GROUP BY 1, 3, 4, 5 UNION ALL
SELECT agent, 'duration', version, environment, CAST(ROUND(duration * 10) AS INTEGER), COUNT(*), SUM(duration)
    FROM gitagent_calls GROUP BY 1, 3, 4, 5
"""


def grow_calls(path: Path, count: int) -> CallStore:
    """A store with that many calls of one agent, spread over its versions, as they would have been written."""
    store = open_store(str(path))
    store.write([])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -1000000")
        connection.execute(_CALLS, {"count": count, "versions": VERSIONS})
        connection.execute(_TALLIES)
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


def recorded(folder: Path, count: int) -> Iterator[Figure]:
    """Each way of looking, with `count` calls against 100,000."""
    few, many = grow_calls(folder / "few.db", FEW), grow_calls(folder / "many.db", count)
    for name, look in _LOOKS.items():
        figure = paired(f"{name}, {count:,} calls", _often(look, many, count), _often(look, few, FEW), target=2.0)
        yield figure._replace(milliseconds=figure.milliseconds / LOOKS)


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
