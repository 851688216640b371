"""While the store is away: calls are answered all the same, and recorded once as soon as they can be."""

from __future__ import annotations

import errno
import json
import os
import threading
from typing import TYPE_CHECKING

import pytest
from support.building import START, Built
from support.calling import LONDON, call
from support.calling_agents import NUMBER, Desk, again, pin

from gitagent import Begun
from gitagent.errors import CallEnded, CallIdTaken, CallNotFound, CallStoreFailed
from gitagent.runtime import spool as spools
from gitagent.runtime.asking import Beginning
from gitagent.runtime.batches import MOST, Batches, _Waiting
from gitagent.runtime.entries import Delivery, Entry, begin_write
from gitagent.runtime.pauses import TIMES, Pause
from gitagent.runtime.spool import TOGETHER, Spool
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
    assert [each.error.code for each in desk.calls.troubles()] == ["calls-set-aside"]


def test_what_waits_of_a_refused_call_does_not_touch_the_call_that_has_its_id(desk: Desk) -> None:
    desk.store.is_away = True
    desk.begin("CA1")
    desk.end("CA1", "failed")
    other = call("CA1", agent="agent", number=None)
    desk.store._store.write([begin_write(other)])
    desk.store.is_away = False
    desk.seconds += 2
    desk.calls.deliver()
    assert desk.calls.get("CA1") == other


def test_a_call_that_another_process_has_something_waiting_of_can_end_there(desk: Desk) -> None:
    desk.begin("CA1")
    desk.store.is_away = True
    desk.calls.annotate("CA1", score=1)
    desk.store.is_away = False
    desk.seconds += 2
    elsewhere = desk.beside()
    ended = elsewhere.end("CA1", at=START, outcome="completed")
    assert (ended.score, ended.outcome, elsewhere.get("CA1")) == (1, "completed", ended)
    elsewhere.deliver()
    assert (desk.calls.get("CA1"), desk.calls.waiting) == (ended, 0)


def test_a_call_can_end_where_its_beginning_comes_to_the_store_at_that_moment(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.store.is_away = True
    first = desk.begin("CA1")
    desk.restarted()
    look = Spool.get

    def looked(spool: Spool, call_id: str) -> Entry | None:
        entry = look(spool, call_id)
        if entry is not None and looks.pop():
            desk.store.is_away = False
            desk.seconds += 2
            assert desk.calls.deliver() == 1
        return entry

    looks = [True, False, False]  # the last look, before the change is kept
    monkeypatch.setattr(Spool, "get", looked)
    ended = desk.end("CA1", "completed", duration=60)
    assert (ended.version, ended.duration) == (first.call.version, 60)
    desk.calls.deliver()
    assert desk.calls.get("CA1") == ended


def test_a_call_whose_number_is_gone_says_that_it_waits(desk: Desk) -> None:
    desk.store.is_away = True
    first = desk.begin("CA1")
    desk.release(NUMBER)
    assert desk.begin("CA1") == again(first)


def test_a_full_store_is_still_asked_what_began_elsewhere(desk: Desk) -> None:
    first = desk.begin("CA1")
    desk.live("two\n")
    desk.store.is_full = True
    elsewhere = desk.beside()
    assert elsewhere.begin("CA1", at=START, number=NUMBER) == again(first)
    assert elsewhere.end("CA1", at=START, outcome="completed").version == first.call.version
    assert pin(elsewhere.begin("CA2", at=START, number=NUMBER)) == ("v2", "two\n")
    desk.store.is_full = False
    desk.seconds += 2
    elsewhere.deliver()
    assert (kept(desk), desk.calls.get("CA1").outcome) == (["CA1", "CA2"], "completed")


def test_two_beginnings_of_one_call_at_once_wait_as_one(desk: Desk) -> None:
    desk.store.is_away = True
    both = desk.calls.begin_all([Beginning("CA1", START, NUMBER), Beginning("CA1", START, NUMBER)])
    assert [(each.recorded, each.is_new) for each in both if isinstance(each, Begun)] == [(False, True), (False, False)]


def test_what_waits_and_cannot_be_read_is_kept_apart_and_in_nobodys_way(desk: Desk) -> None:
    desk.store.is_away = True
    for call_id in ("CA1", "CA2", "CA3"):
        desk.begin(call_id)
    files = sorted((desk.folder / "spool").glob("*.json"))
    files[0].write_bytes(b"")
    newer = json.loads(files[1].read_bytes()) | {"begin": {"format": 2}}
    files[1].write_text(json.dumps(newer))
    desk.store.is_away = False
    desk.seconds += 2
    assert desk.calls.deliver() == 1
    assert len(kept(desk)) == 1
    assert [desk.begin(call_id).recorded for call_id in ("CA1", "CA2", "CA3")] == [True] * 3
    assert sorted((desk.folder / "spool").glob("*.unreadable")) == [
        each.with_suffix(".unreadable") for each in files[:2]
    ]


def test_calls_are_answered_though_what_waits_can_neither_be_read_nor_delivered(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    desk.store.is_away = True
    desk.begin("CA1")
    desk.store.is_away = False
    desk.seconds += 2
    monkeypatch.setattr(spools, "_read", broken)
    assert desk.begin("CA2").recorded
    assert (desk.calls.deliver(), kept(desk)) == (0, ["CA2"])
    monkeypatch.undo()
    assert desk.calls.deliver() == 1


def test_calls_begin_where_there_can_be_no_spool(desk: Desk) -> None:
    (desk.folder / "spool").write_text("no folder")
    assert desk.begin("CA1").recorded
    desk.store.is_away = True
    assert [desk.begin(call_id).recorded for call_id in ("CA1", "CA2")] == [True, False]
    desk.store.is_away = False
    desk.seconds += 2
    assert (desk.calls.deliver(), kept(desk)) == (1, ["CA2", "CA1"])


def test_what_only_the_memory_has_is_recorded_at_the_end_however_lately_the_store_failed(desk: Desk) -> None:
    (desk.folder / "spool").write_text("no folder")
    desk.store.is_away = True
    for number in range(TOGETHER + 1):
        assert not desk.begin(f"CA{number}").recorded
    desk.store.is_away = False
    sizes, write = [], desk.store.write

    def noted(writes: Sequence[Write]) -> list[Call | GitagentError]:
        sizes.append(len(writes))
        return write(writes)

    desk.store.write = noted  # type: ignore[method-assign]
    desk.calls.close()
    assert sizes == [TOGETHER, 1]  # so that others can write in between
    desk.restarted()
    assert kept(desk) == [f"CA{number}" for number in reversed(range(TOGETHER + 1))]


def test_a_change_that_nothing_takes_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.begin("CA1")
    desk.store.is_full = True
    monkeypatch.setattr(spools, "_write", lambda *_: os.stat("/nowhere"))  # noqa: PTH116  # what fails as a disk does
    with pytest.raises(CallStoreFailed, match="neither the store of calls nor the disk"):
        desk.end("CA1", "completed")
    desk.store.is_full = False
    desk.seconds += 2
    assert desk.end("CA1", "completed").outcome == "completed"


def test_a_store_that_took_long_to_fail_is_let_alone_for_longer() -> None:
    seconds = 0.0
    pause = Pause(lambda: seconds)

    def fail() -> None:
        nonlocal seconds
        seconds += 3
        raise CallStoreFailed("away")

    with pytest.raises(CallStoreFailed, match="away"):
        pause.asked(fail)
    seconds += 3 * TIMES - 1
    with pytest.raises(CallStoreFailed, match="a moment ago"):
        pause.asked(fail)
    seconds += 2
    assert pause.asked(lambda: "here") == "here"


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

    def take(entries: Sequence[Entry]) -> list[bool]:
        seen.extend(len(entry.changes) for entry in entries)
        if len(seen) == 1:
            spool.change("CA1", Addition(1))
        return [True] * len(entries)

    assert [spool.deliver(take, most=9), spool.deliver(take, most=9), spool.deliver(take, most=9)] == [0, 1, 0]
    assert seen == [0, 1]


def test_what_the_store_did_not_take_stays_in_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.begin(call("CA1"))

    def refuse(_: Sequence[Entry]) -> list[bool]:
        raise CallStoreFailed("away")

    with pytest.raises(CallStoreFailed):
        spool.deliver(refuse, most=9)
    assert len(spool.waiting()) == 1


def test_a_value_that_comes_back_is_kept(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    spool.begin(call("CA1"))
    for score in (1, 2, 1):
        spool.change("CA1", Addition(score))
    entry = spool.get("CA1")
    assert entry is not None
    assert entry.call() == call("CA1", score=1)


def test_two_ends_of_one_call_are_not_both_kept(tmp_path: Path) -> None:
    one, other = Spool(tmp_path), Spool(tmp_path)
    one.begin(call("CA1"))
    one.change("CA1", Ending(START, "failed"))
    with pytest.raises(CallEnded):
        other.change("CA1", Ending(START, "completed"))
    known = call("CA2")
    one.change("CA2", Ending(START, "failed"), known)
    with pytest.raises(CallEnded):
        other.change("CA2", Ending(START, "completed"), known)


def test_what_is_refused_of_an_entry_is_told_after_each_attempt() -> None:
    entry = Entry("CA1", call("CA1"), (Ending(START, "failed"),))
    delivery = Delivery(entry)
    ended = delivery.write.apply(call("CA1", ended_at=START, outcome="completed", success=True, duration=0.0))
    assert not delivery.is_whole(ended)
    assert delivery.is_whole(delivery.write.apply(None))


def test_the_spool_is_its_owners_alone_and_holds_nothing_half_written(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "own" / "spool")
    spool.begin(call("CA1"))
    assert {path.stat().st_mode & 0o077 for path in (spool.folder, *spool.folder.iterdir())} == {0}
    (spool.folder / ".01ARZ3NDEKTSV4RRFFQ69G5FAV").write_text("of a process that died")
    assert spool.deliver(lambda entries: [True] * len(entries), most=9) == 1
    assert {path.suffix for path in spool.folder.iterdir()} <= {".lock", ""}


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


def test_whoever_carries_the_writes_of_others_in_vain_writes_its_own() -> None:
    sizes: list[int] = []

    def commit(writes: Sequence[Write]) -> list[Call | GitagentError]:
        sizes.append(len(writes))
        if len(sizes) == 1:
            raise CallStoreFailed("away")
        return [each.apply(None) for each in writes]

    batches = Batches(commit)
    others = [_Waiting(begin_write(call(f"CB{number}"))) for number in range(MOST)]
    batches._waiting.extend(others)
    assert batches.write(begin_write(call("CA1"))) == call("CA1")
    assert (sizes, {type(each.failure) for each in others}) == ([MOST, 1], {CallStoreFailed})
