"""While the store is away: calls are answered all the same, and recorded once as soon as they can be."""

from __future__ import annotations

import errno
import threading
from typing import TYPE_CHECKING

import pytest
from support.building import START, Built
from support.calling import LONDON, call
from support.calling_agents import Desk, again, pin

from gitagent.errors import CallEnded, CallIdTaken, CallNotFound, CallStoreFailed
from gitagent.runtime import spool as spools
from gitagent.runtime.batches import MOST, Batches
from gitagent.runtime.spool import Spool, begin_write
from gitagent.runtime.stores import open_store
from gitagent.runtime.stores.sqlite import SqliteStore
from gitagent.runtime.transitions import Addition, Ending

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from support.postgres import Postgres

    from gitagent.errors import GitagentError
    from gitagent.runtime.records import Call, Write


@pytest.fixture
def desk(build: Callable[..., Built], tmp_path: Path) -> Desk:
    """An agent's calls, in a store that a test can take away."""
    return Desk(build(), open_store(str(tmp_path / "calls.db")), tmp_path)


def kept(desk: Desk) -> list[str]:
    return [each.call_id for each in desk.calls.each()]


def test_a_call_is_answered_while_the_store_is_away_and_recorded_once_when_it_is_back(desk: Desk) -> None:
    desk.store.is_away = True
    first = desk.begin("CA1")
    assert (pin(first), first.recorded, desk.calls.waiting) == (("v1", "one\n"), False, 1)
    desk.store.is_away = False
    assert desk.begin("CA2").recorded
    assert kept(desk) == ["CA2", "CA1"]
    assert (desk.calls.get("CA1"), desk.calls.waiting) == (first.call, 0)
    assert desk.calls.stats().version.calls == 2


def test_a_call_that_waits_keeps_its_pin_whoever_begins_it_again(desk: Desk) -> None:
    desk.store.is_away = True
    first = desk.begin("CA1")
    desk.live("two\n")
    assert desk.begin("CA1") == again(first)
    desk.restarted()
    assert desk.begin("CA1") == again(first)
    with pytest.raises(CallIdTaken):
        desk.begin("CA1", environment="live")
    desk.store.is_away = False
    assert desk.begin("CA1") == again(first)
    assert desk.calls.deliver() == 1
    assert desk.begin("CA1") == first._replace(recorded=True, is_new=False)
    assert desk.calls.stats().version.calls == 1


def test_a_recorded_call_keeps_its_pin_while_the_store_is_away(desk: Desk) -> None:
    first = desk.begin("CA1")
    desk.live("two\n")
    desk.store.is_away = True
    assert desk.begin("CA1") == again(first)
    assert desk.calls.waiting == 0


def test_a_call_can_end_while_the_store_is_away(desk: Desk) -> None:
    desk.begin("CA1")
    desk.store.is_away = True
    desk.begin("CA2")
    ended = [desk.end(call_id, "completed", duration=60) for call_id in ("CA1", "CA2")]
    assert [each.duration for each in ended] == [60, 60]
    scored = desk.calls.annotate("CA2", score=1)
    assert desk.end("CA2", "completed") == scored
    with pytest.raises(CallEnded):
        desk.end("CA2", "failed")
    with pytest.raises(CallStoreFailed):
        desk.end("CA3", "failed")
    desk.store.is_away = False
    desk.seconds += 2
    assert desk.calls.deliver() == 2
    assert [desk.calls.get("CA1"), desk.calls.get("CA2")] == [ended[0], scored]
    assert desk.calls.stats().version.ended == 2


def test_a_store_that_failed_is_not_asked_again_for_a_second(desk: Desk) -> None:
    desk.store.is_away = True
    desk.begin("CA1")
    asked = desk.store.asked
    desk.seconds -= 0.5
    desk.calls.begin("CA2", at=START, number=str(LONDON))
    assert desk.store.asked == asked
    desk.seconds += 1
    desk.begin("CA3")
    assert desk.store.asked > asked


def test_what_cannot_be_listed_without_the_store_is_said_so(desk: Desk) -> None:
    desk.store.is_away = True
    for ask in (desk.calls.find, desk.calls.stats, desk.calls.check):
        with pytest.raises(CallStoreFailed):
            ask()
    with pytest.raises(CallStoreFailed):
        desk.calls.get("CA1")


def test_a_call_is_answered_though_no_disk_takes_it(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    desk.store.is_away = True
    monkeypatch.setattr(spools, "_write", full)
    first = desk.begin("CA1")
    assert (pin(first), first.recorded, desk.calls.waiting) == (("v1", "one\n"), False, 1)
    assert desk.begin("CA1") == again(first)
    ended = desk.end("CA1", "completed")
    desk.store.is_away = False
    desk.seconds += 2
    desk.begin("CA2")
    assert kept(desk) == ["CA2", "CA1"]
    assert desk.calls.get("CA1") == ended
    assert desk.calls.waiting == 0


def test_what_another_machine_recorded_meanwhile_is_set_aside_for_people(desk: Desk) -> None:
    desk.store.is_away = True
    desk.begin("CA1")
    other = call("CA1", agent="agent", number=None)
    desk.store._store.write([begin_write(other)])
    desk.store.is_away = False
    desk.seconds += 2
    desk.calls.deliver()
    assert desk.calls.get("CA1") == other
    assert [path.suffix for path in (desk.folder / "spool").iterdir() if path.suffix not in (".lock", "")] == [
        ".refused"
    ]


def test_two_who_deliver_at_once_bring_each_call_once(desk: Desk) -> None:
    desk.store.is_away = True
    for number in range(20):
        desk.begin(f"CA{number}")
    desk.store.is_away = False
    desk.seconds += 2
    delivered: list[int] = []
    threads = [threading.Thread(target=lambda: delivered.append(desk.calls.deliver())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(delivered) == 20
    assert desk.calls.stats().version.calls == 20


def test_a_full_sqlite_store_is_away_and_takes_calls_again_when_there_is_room(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    store = SqliteStore(tmp_path / "calls.db")
    desk = Desk(build(), store, tmp_path)
    desk.begin("CA0")
    opened = store._idle[0]
    opened.execute(f"PRAGMA max_page_count = {opened.execute('PRAGMA page_count').fetchone()[0]}")
    begun = [desk.begin(f"CB{number}", attributes={"text": "x" * 4000}) for number in range(3)]
    assert [pin(each) for each in begun] == [("v1", "one\n")] * 3
    assert not begun[0].recorded
    desk.seconds += 2
    desk.calls.deliver()
    assert kept(desk) == ["CB2", "CB1", "CB0", "CA0"]
    assert store.rows(("PRAGMA integrity_check", ())) == [("ok",)]


def test_a_postgres_that_is_killed_keeps_nobody_waiting_and_loses_nothing(
    build: Callable[..., Built], tmp_path: Path, postgres: Postgres
) -> None:
    desk = Desk(build(), open_store(postgres.address()), tmp_path)
    desk.begin("CA1")
    postgres.kill()
    try:
        begun = desk.begin("CA2")
    finally:
        postgres.start()
    assert (pin(begun), begun.recorded) == (("v1", "one\n"), False)
    desk.seconds += 2
    assert desk.calls.deliver() == 1
    assert kept(desk) == ["CA2", "CA1"]
    desk.calls.close()


# The spool


def test_the_spool_keeps_what_was_said_in_its_order(tmp_path: Path) -> None:
    spool, wanted = Spool(tmp_path / "spool"), call("CA1", caller="ä")
    assert spool.get("CA1") is None
    assert spool.waiting() == []
    assert spool.begin(wanted) == wanted
    assert spool.begin(call("CA1", version=2)) == wanted
    ending, addition = Ending(START, "failed", None, 3.5), Addition(0.5, {"a": None})
    for change in (ending, addition, ending):
        spool.change("CA1", change)
    entry = Spool(tmp_path / "spool").get("CA1")
    assert entry is not None
    assert (entry.beginning, entry.changes) == (wanted, (ending, addition))


def test_what_was_added_while_it_was_delivered_is_delivered_the_next_time(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.begin(call("CA1"))
    seen: list[int] = []

    def take(entry: spools.Entry) -> None:
        seen.append(len(entry.changes))
        if len(seen) == 1:
            spool.change("CA1", Addition(1))

    assert [spool.deliver(take, most=9), spool.deliver(take, most=9), spool.deliver(take, most=9)] == [0, 1, 0]
    assert seen == [0, 1]


def test_what_the_store_did_not_take_stays_in_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.begin(call("CA1"))

    def refuse(_: spools.Entry) -> None:
        raise CallStoreFailed("away")

    with pytest.raises(CallStoreFailed):
        spool.deliver(refuse, most=9)
    assert len(spool.waiting()) == 1


# Batches


def test_writes_of_many_threads_go_together_and_each_gets_its_own_answer() -> None:
    sizes: list[int] = []
    first, gathered = threading.Event(), threading.Event()

    def commit(writes: Sequence[Write]) -> list[Call | GitagentError]:
        if not sizes:
            first.set()
            gathered.wait()
        sizes.append(len(writes))
        return [CallNotFound("odd") if each.call_id[-1] in "13579" else each.apply(None) for each in writes]

    batches = Batches(commit)
    answers: dict[str, str] = {}

    def write(call_id: str) -> None:
        try:
            answers[call_id] = batches.write(begin_write(call(call_id))).call_id
        except CallNotFound:
            answers[call_id] = "refused"

    threads = [threading.Thread(target=write, args=(f"CA{number}",)) for number in range(1, MOST + 20)]
    threads[0].start()
    first.wait()
    for thread in threads[1:]:
        thread.start()
    while len(batches._waiting) < len(threads) - 1:
        threading.Event().wait(0.001)
    gathered.set()
    for thread in threads:
        thread.join()
    assert sizes == [1, MOST, 18]
    assert answers == {f"CA{number}": "refused" if number % 2 else f"CA{number}" for number in range(1, MOST + 20)}


def test_what_keeps_a_batch_from_being_written_is_told_to_all_of_it() -> None:
    def commit(_: Sequence[Write]) -> list[Call | GitagentError]:
        raise CallStoreFailed("away")

    batches = Batches(commit)
    for _ in range(2):
        with pytest.raises(CallStoreFailed):
            batches.write(begin_write(call("CA1")))
