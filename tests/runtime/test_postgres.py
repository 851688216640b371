"""PostgreSQL alone: what becomes of calls while it dies, is stopped, or is not made for them."""

from __future__ import annotations

import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from support.calling import after, begin, call, end, wrote

from gitagent.errors import CallStoreFailed
from gitagent.names import VersionNumber
from gitagent.runtime.calls import Calls
from gitagent.runtime.folders import Agents
from gitagent.runtime.records import Call, Filter, Write
from gitagent.runtime.spool import Spool
from gitagent.runtime.stores import open_store, postgres
from gitagent.runtime.stores.interface import StoreAwayError
from gitagent.runtime.stores.postgres import PostgresStore

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.postgres import Postgres

    from gitagent.runtime.stores.statements import Statement


@pytest.fixture
def address(postgres: Postgres) -> str:
    return postgres.address()


@pytest.fixture
def store(address: str) -> Iterator[PostgresStore]:
    found = PostgresStore(address)
    yield found
    found.close()


def during(write: Write, happens: Callable[[], None]) -> Write:
    """A write in the middle of which something happens, the first time that it is made."""
    left = [happens]

    def apply(known: Call | None) -> Call:
        while left:
            left.pop()()
        return write.apply(known)

    return Write(write.call_id, apply)


def test_a_server_that_starts_anew_during_a_transaction_has_its_calls_once(
    postgres: Postgres, store: PostgresStore
) -> None:
    wrote(store, begin(call("CA1")))

    def restart() -> None:
        postgres.kill()
        postgres.start()

    wrote(store, begin(call("CA2", minute=1)), during(end("CA1", "failed"), restart))
    assert [(each.call_id, each.outcome) for each in store.find(Filter(), limit=9)] == [
        ("CA2", None),
        ("CA1", "failed"),
    ]
    assert store.tallies("bistro", VersionNumber(1))["calls", ""].calls == 2


def test_a_connection_that_is_ended_during_a_transaction_is_made_anew(store: PostgresStore, address: str) -> None:
    wrote(store, begin(call("CA1")))
    pid = store._idle[0].info.backend_pid

    def cut() -> None:
        with psycopg.connect(address, autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s)", (pid,))

    wrote(store, during(end("CA1", "failed"), cut))
    assert store.tallies("bistro", VersionNumber(1))["ended", ""].calls == 1


def test_a_server_that_does_not_answer_any_more_keeps_nobody_waiting_for_ever(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrote(store, begin(call("CA1")))
    pid = store._idle[0].info.backend_pid
    monkeypatch.setattr(postgres, "LONGEST_SILENCE", 0.2)
    waits: list[float] = []
    bounded = postgres._bounded

    def waited(steps: Any, patience: float) -> Any:
        waits.append(patience)
        return bounded(steps, patience)

    monkeypatch.setattr(postgres, "_bounded", waited)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(StoreAwayError, match="it does not answer"):
            store.write([begin(call("CA2"))])
    finally:
        os.kill(pid, signal.SIGCONT)
    assert waits == [0.2, postgres.LEAST_SILENCE]
    wrote(store, begin(call("CA2")))


def test_whoever_looks_at_calls_waits_for_a_server_that_is_away_once(tmp_path: Path) -> None:
    tried: list[str] = []

    class Away(PostgresStore):
        def rows(self, statement: Statement) -> list[Any]:
            tried.append(statement[0])
            raise StoreAwayError("away")

    calls = Calls(Agents(tmp_path), Away("postgresql://nowhere/"), Spool(tmp_path), clock=lambda: 0.0)
    for ask in (calls.find, lambda: calls.versions(agent="bistro"), lambda: calls.stats("v1", agent="bistro")):
        with pytest.raises(CallStoreFailed):
            ask()
    assert len(tried) == 1


def test_tables_that_were_taken_away_are_made_anew(store: PostgresStore, address: str) -> None:
    wrote(store, begin(call("CA1")))
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("DROP TABLE gitagent_calls, gitagent_tallies, gitagent_migrations")
    wrote(store, begin(call("CA2")))
    assert [each.call_id for each in store.find(Filter(), limit=9)] == ["CA2"]


def test_whoever_may_only_read_and_write_the_tables_can_use_them(store: PostgresStore, address: str) -> None:
    wrote(store, begin(call("CA1")))
    schema = address.rpartition("%3D")[2]
    with psycopg.connect(address, autocommit=True) as other:
        other.execute(f"CREATE ROLE only_{schema} LOGIN".encode())
        other.execute(f"GRANT USAGE ON SCHEMA {schema} TO only_{schema}".encode())
        other.execute(
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO only_{schema}".encode()
        )
    limited = PostgresStore(address.replace("tests:secret@", f"only_{schema}@"))
    wrote(limited, end("CA1", "failed"))
    limited.close()


def test_a_database_that_cannot_keep_every_text_is_refused_at_once(store: PostgresStore, address: str) -> None:
    with psycopg.connect(address, autocommit=True) as other:
        other.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    latin = open_store(address.replace("/postgres?", "/latin?").partition("&options")[0])
    with pytest.raises(CallStoreFailed, match="keeps texts as LATIN1"):
        latin.write([begin(call("CA1"))])


def test_texts_are_kept_whatever_the_client_is_told_to_speak(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    wrote(store, begin(call("CA1", caller="☎")))
    assert store.find(Filter(), limit=1)[0].caller == "☎"


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ada:se:cr/et@/none?host=/nowhere",
        "postgresql://ada@/none?host=/nowhere&password=secret",
        "postgresql://ada:secret@/none?host=/nowhere&connect_timeout=3",
    ],
)
def test_no_password_is_ever_said(address: str) -> None:
    with pytest.raises(CallStoreFailed) as failed:
        PostgresStore(address).get("CA1")
    assert not any(part in failed.value.message for part in ("se:", "cr/et", "secret"))


def test_who_prunes_and_who_writes_do_not_stop_each_other(address: str) -> None:
    stores = [PostgresStore(address) for _ in range(3)]
    ids = [f"CA{number:03}" for number in range(60)]
    wrote(stores[0], *(begin(call(each, minute=-index)) for index, each in enumerate(ids)))
    removed: list[int] = []

    def prune() -> None:
        while count := stores[1].prune(after(), agent="bistro", open_too=True, limit=20):
            removed.append(count)

    def write(store: PostgresStore, part: list[str]) -> None:
        for _ in range(5):
            store.write([end(each, "failed") for each in part])

    threads = [threading.Thread(target=prune)]
    threads += [threading.Thread(target=write, args=(stores[each], ids[each::2])) for each in (0, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(removed) == 59
    for each in stores:
        each.close()
