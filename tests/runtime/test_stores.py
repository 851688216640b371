"""The contract of a store of calls, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from support.calling import LIVE, LONDON, SANDBOX, add, after, begin, call, codes, end, wrote

from gitagent.errors import CallStoreFailed, InvalidName
from gitagent.names import PhoneNumber, VersionNumber
from gitagent.runtime.cursors import Cursor
from gitagent.runtime.records import Direction, Filter, Write, micros
from gitagent.runtime.stores import migrations, open_store, statements
from gitagent.runtime.stores.sqlite import SqliteStore
from gitagent.runtime.tallies import Tally

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.runtime.records import Call
    from gitagent.runtime.stores.interface import CallStore

V1, V2 = VersionNumber(1), VersionNumber(2)
EVERYTHING = call(
    "CA1",
    version=7,
    minute=0.0000001,
    caller="+447700900123",
    direction=Direction.OUTBOUND,
    sip_headers={"X-Queue": "Küche ☎ 'quoted' ?%s"},
    attributes={"text": '\\ " ☎', "whole": 3, "part": 0.5, "yes": True},
)


def found(store: CallStore, **wanted: Any) -> list[str]:
    return [each.call_id for each in store.find(Filter(**wanted), limit=100)]


def test_a_new_store_is_empty(store: CallStore) -> None:
    assert store.get("CA1") is None
    assert store.find(Filter(), limit=10) == []
    assert store.tallies("bistro", V1) == {}
    assert store.versions("bistro") == []


def test_to_write_nothing_changes_nothing(store: CallStore) -> None:
    assert (store.write([]), found(store)) == ([], [])


def test_a_call_is_kept_with_everything_that_is_known_of_it(store: CallStore) -> None:
    assert wrote(store, begin(EVERYTHING)) == [EVERYTHING]
    assert store.get("CA1") == EVERYTHING
    ended = EVERYTHING._replace(ended_at=after(minutes=1), outcome="booked", success=True, duration=59.25, score=0.75)
    wrote(store, end("CA1", "booked", success=True, duration=59.25), add("CA1", 0.75))
    assert store.get("CA1") == ended
    assert store.find(Filter(), limit=1) == [ended]


def test_what_is_not_known_of_a_call_stays_unknown(store: CallStore) -> None:
    least = call("CA1", environment=None, number=None)
    wrote(store, begin(least))
    assert store.get("CA1") == least


def test_a_call_that_begins_again_is_the_one_that_began(store: CallStore) -> None:
    first = call("CA1", version=1)
    wrote(store, begin(first))
    assert wrote(store, begin(call("CA1", version=2, minute=3))) == [first]
    assert store.find(Filter(), limit=10) == [first]
    assert store.tallies("bistro", V2) == {}


def test_ids_that_differ_by_case_alone_are_two_calls(store: CallStore) -> None:
    one, other = call("CAa"), call("CAA", version=2, minute=1)
    wrote(store, begin(one), begin(other), end("CAa", "failed"))
    assert (store.get("CAA"), found(store), found(store, outcome="failed")) == (other, ["CAA", "CAa"], ["CAa"])


def test_a_refused_write_changes_nothing_and_the_others_are_made(store: CallStore) -> None:
    wrote(store, begin(call("CA1")))
    other = call("CA1", number=PhoneNumber("+442079460019"))
    results = store.write([begin(call("CA2", minute=1)), begin(other), end("CA9", "failed"), end("CA1", "failed")])
    assert codes(results) == ["ok", "call-id-taken", "call-not-found", "ok"]
    assert found(store) == ["CA2", "CA1"]


def test_several_writes_of_one_call_are_applied_in_their_order(store: CallStore) -> None:
    results = wrote(store, begin(call("CA1")), end("CA1", "failed"), add("CA1", 0.5), add("CA1", 0.25))
    assert store.get("CA1") == results[-1]
    assert (results[-1].outcome, results[-1].score) == ("failed", 0.25)
    assert store.tallies("bistro", V1)["score", ""] == Tally(1, 0.25)


def test_an_exception_while_writing_leaves_nothing(store: CallStore) -> None:
    def fail(_: Call | None) -> Call:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.write([begin(call("CA1")), Write("CA2", fail)])
    assert found(store) == []
    wrote(store, begin(call("CA3")))


def test_the_newest_calls_come_first_and_at_one_time_the_greatest_id(store: CallStore) -> None:
    wrote(
        store, *(begin(call(id_, minute=minute)) for id_, minute in (("b", 1), ("a", 1), ("Z", 1), ("c", 0), ("d", 2)))
    )
    assert found(store) == ["d", "b", "a", "Z", "c"]


def test_pages_follow_each_other_without_gap_or_repetition(store: CallStore) -> None:
    wrote(store, *(begin(call(f"CA{number}", minute=number // 3)) for number in range(9)))
    pages, after_ = [], None
    while page := store.find(Filter(agent="bistro"), limit=2, after=after_):
        pages += [each.call_id for each in page]
        after_ = Cursor(micros(page[-1].began_at), page[-1].call_id)
    assert pages == [f"CA{number}" for number in range(9)][::-1]


WANTED: dict[str, dict[str, Any]] = {
    "dcba": {"agent": "bistro"},
    "e": {"agent": "shop"},
    "ba": {"agent": "bistro", "version": V1},
    "dba": {"agent": "bistro", "number": LONDON},
    "db": {"agent": "bistro", "outcome": "failed"},
    "b": {"agent": "bistro", "outcome": "failed", "version": V1, "environment": SANDBOX},
    "edc": {"since": after(minutes=2)},
    "a": {"until": after(minutes=1)},
    "c": {"since": after(minutes=2), "until": after(minutes=3)},
    "": {"agent": "bistro' OR 1=1 --"},
}


def test_calls_are_found_by_what_is_known_of_them(store: CallStore) -> None:
    wrote(
        store,
        *(begin(call("a")), begin(call("b", minute=1, environment=SANDBOX)), end("b", "failed")),
        *(begin(call("c", minute=2, version=2, number=None)), end("c", "booked")),
        *(begin(call("d", minute=3, version=2)), end("d", "failed"), begin(call("e", minute=4, agent="shop"))),
    )
    assert {"".join(found(store, **wanted)): wanted for wanted in WANTED.values()} == WANTED


def test_what_is_counted_follows_what_is_written(store: CallStore) -> None:
    wrote(store, *(begin(call(id_)) for id_ in "abcd"), begin(call("e", environment=None, number=None)))
    wrote(store, end("a", "booked", success=True, duration=4.26), end("b", "failed", duration=1234), add("a", 0.5))
    wrote(store, end("a", "booked", success=True), add("a", 1.0), end("e"))
    assert store.tallies("bistro", V1) == {
        ("calls", ""): Tally(5, 0),
        ("ended", ""): Tally(3, 0),
        ("outcome", ""): Tally(1, 0),
        ("outcome", "booked"): Tally(1, 0),
        ("outcome", "failed"): Tally(1, 0),
        ("success", "yes"): Tally(1, 0),
        ("success", "no"): Tally(1, 0),
        ("duration", "43"): Tally(1, 4.26),
        ("duration", "600"): Tally(1, 60),
        ("duration", "12300"): Tally(1, 1234),
        ("score", ""): Tally(1, 1.0),
    }
    assert store.tallies("bistro", V1, LIVE)["calls", ""] == Tally(4, 0)
    assert store.tallies("bistro", V1, SANDBOX) == {}
    assert store.tallies("shop", V1) == {}


def test_the_versions_that_had_calls_come_newest_first(store: CallStore) -> None:
    wrote(store, *(begin(call(f"CA{version}", version=version)) for version in (9, 10, 2)))
    wrote(store, begin(call("CA0", version=3, environment=SANDBOX)), begin(call("CA1", version=4, agent="shop")))
    assert [str(each) for each in store.versions("bistro")] == ["v10", "v9", "v3", "v2"]
    assert [str(each) for each in store.versions("bistro", SANDBOX)] == ["v3"]


def test_pruning_takes_ended_calls_away_and_leaves_what_was_counted(store: CallStore) -> None:
    wrote(store, *(begin(call(id_, minute=minute)) for minute, id_ in enumerate("abcd")))
    wrote(store, *(end(id_, "failed", minute=9) for id_ in "abd"))
    wrote(store, begin(call("e", agent="shop")), end("e"))
    counted = store.tallies("bistro", V1)
    assert store.prune(after(minutes=3), agent="bistro", open_too=False, limit=1) == 1
    assert store.prune(after(minutes=3), agent="bistro", open_too=False, limit=9) == 1
    assert found(store) == ["d", "c", "e"]
    assert store.prune(after(minutes=3), agent=None, open_too=True, limit=9) == 2
    assert found(store) == ["d"]
    assert store.tallies("bistro", V1) == counted


def test_what_one_store_wrote_another_reads(another: Callable[[], CallStore]) -> None:
    wrote(another(), begin(EVERYTHING))
    assert another().get("CA1") == EVERYTHING


def test_a_store_that_was_closed_can_be_used_again(store: CallStore) -> None:
    wrote(store, begin(EVERYTHING))
    store.close()
    assert store.get("CA1") == EVERYTHING


def test_many_who_begin_the_same_calls_at_once_get_the_same_pins(another: Callable[[], CallStore]) -> None:
    stores = [another() for _ in range(4)]
    ids = [f"CA{number}" for number in range(12)]
    answers: list[list[Call]] = []

    def begin_all(number: int) -> None:
        order = ids if number % 2 else ids[::-1]
        mine = [wrote(stores[number], begin(call(id_, version=number + 1)))[0] for id_ in order]
        answers.append(sorted(mine, key=lambda each: each.call_id))

    threads = [threading.Thread(target=begin_all, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = sorted(stores[0].find(Filter(), limit=100), key=lambda each: each.call_id)
    assert [each.call_id for each in kept] == sorted(ids)
    assert answers == [kept] * 4
    assert sum(stores[0].tallies("bistro", each)["calls", ""].calls for each in stores[0].versions("bistro")) == 12


def test_many_who_end_calls_at_once_are_all_counted(another: Callable[[], CallStore]) -> None:
    stores = [another() for _ in range(4)]
    ids = [f"CA{number}" for number in range(40)]
    wrote(stores[0], *map(begin, map(call, ids)))
    threads = [
        threading.Thread(target=lambda mine, store: wrote(store, *(end(id_, "failed") for id_ in mine)), args=each)
        for each in zip((ids[:20], ids[20:], ids[10:30][::-1], ids), stores, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stores[0].tallies("bistro", V1)["ended", ""] == Tally(40, 0)


def test_a_store_of_a_newer_gitagent_is_refused(
    another: Callable[[], CallStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, lambda execute, types: None))
    wrote(another(), begin(EVERYTHING))
    monkeypatch.undo()
    with pytest.raises(CallStoreFailed, match="newer gitagent"):
        another().get("CA1")


def test_a_step_that_fails_leaves_the_steps_before_it(
    another: Callable[[], CallStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(execute: migrations.Execute, types: migrations.Types) -> None:
        execute("CREATE TABLE gitagent_half (number INTEGER)")
        execute("no statement at all")

    wrote(another(), begin(EVERYTHING))
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, half))
    for _ in range(2):
        with pytest.raises(CallStoreFailed, match="syntax error"):
            another().get("CA1")
    monkeypatch.undo()
    assert another().get("CA1") == EVERYTHING


@pytest.mark.parametrize("address", ["mysql://host/calls", "", "  ", "sqlite:///", "a\0b"])
def test_what_is_no_store_is_refused(address: str) -> None:
    with pytest.raises(InvalidName, match="no store of calls"):
        open_store(address)


def test_no_listing_reads_more_calls_than_it_shows(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "calls.db")
    wrote(store, begin(EVERYTHING))
    singles: list[dict[str, Any]] = [
        {},
        {"version": V1},
        {"environment": LIVE},
        {"number": LONDON},
        {"outcome": "failed"},
    ]
    after_ = Cursor(micros(after()), "CA1")
    asked = [statements.find(Filter("bistro", **each), 21, cursor) for each in singles for cursor in (None, after_)]
    asked += [statements.find(Filter(), 21, None), statements.tallies("bistro", "duration", V1, None)]
    asked += [statements.versions("bistro", "calls", None)]
    plans = [store.rows((f"EXPLAIN QUERY PLAN {text}", values)) for text, values in asked]
    steps = [str(row[3]) for plan in plans for row in plan]
    assert [step for step in steps if "B-TREE FOR ORDER" in step] == []
    assert [step for step in steps if step.startswith("SCAN") and "USING INDEX gitagent_calls_newest" not in step] == []


def test_a_store_whose_file_was_taken_away_is_made_anew(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "calls.db")
    wrote(store, begin(EVERYTHING))
    for path in tmp_path.glob("calls.db*"):
        path.unlink()
    assert store.find(Filter(), limit=1) == []
    wrote(store, begin(call("CA2")))
    assert [each.call_id for each in store.find(Filter(), limit=9)] == ["CA2"]
    store.close()


def test_a_new_file_that_somebody_else_makes_at_that_moment_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = sqlite3.connect(tmp_path / "calls.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(time, "sleep", lambda _: other.close())
    store = SqliteStore(tmp_path / "calls.db")
    wrote(store, begin(call("CA1")))
    assert found(store) == ["CA1"]
    store.close()


def test_a_file_that_cannot_be_looked_at_is_a_store_that_failed(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("no folder")
    store = SqliteStore(tmp_path / "folder" / "calls.db")
    for ask in (lambda: store.get("CA1"), lambda: store.write([begin(EVERYTHING)])):
        with pytest.raises(CallStoreFailed):
            ask()


def test_more_calls_than_one_statement_takes_are_written_in_one_transaction(store: CallStore) -> None:
    calls = [call(f"CA{number:03}", minute=number) for number in range(150)]
    assert wrote(store, *(begin(each) for each in [*calls, *calls])) == [*calls, *calls]
    assert store.find(Filter(), limit=200) == calls[::-1]
    assert store.tallies("bistro", calls[0].version)["calls", ""].calls == 150
