"""Recording: a change of a call written to the store, or to the spool while the store cannot take it."""

from __future__ import annotations

import time
from collections import OrderedDict
from contextlib import suppress
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gitagent.errors import CallIdTaken, CallNotFound, CallStoreFailed, GitagentError
from gitagent.runtime.batches import Batches
from gitagent.runtime.entries import Change, Delivery, Entry, begin_write, change_write
from gitagent.runtime.folders import Trouble
from gitagent.runtime.pauses import Pause
from gitagent.runtime.recents import Recents
from gitagent.runtime.spool import TOGETHER
from gitagent.runtime.stores.interface import StoreAwayError
from gitagent.runtime.transitions import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitagent.runtime.records import Call
    from gitagent.runtime.spool import Spool
    from gitagent.runtime.stores.interface import CallStore

_Result = TypeVar("_Result")
NOW_AND_THEN = 1.0
"""Seconds between two looks at what waits, for whoever does not deliver it beside everything else."""
MOST_KNOWN = 5_000
MOST_DELIVERED = 500


class Recorded(NamedTuple):
    """A call as it is kept; `delivered` is false while only this machine knows that."""

    call: Call
    delivered: bool
    is_new: bool = False
    """Whether it began with this, and not before."""


class Recorder:
    """Where calls are written. Many threads can use it. `clock` counts seconds from anywhere."""

    def __init__(self, store: CallStore, spool: Spool, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.store = store
        self.spool = spool
        self._clock = clock
        self._batches = Batches(store.write)
        self._lock = Lock()
        self._recent: OrderedDict[str, Call] = OrderedDict()
        self._recents = Recents(spool.folder / "recent")
        self._held: dict[str, Entry] = {}
        """Calls that not even the spool could take, from their beginning on."""
        self._writing, self._reading = Pause(clock), Pause(clock)
        self._looking = Pause(clock, after=StoreAwayError)
        self._delivered_at = float("-inf")
        self._is_ending = False

    def begin(self, call: Call) -> Recorded:
        """Record a call that begins, or find it where it has begun. This never fails for want of a store."""
        (recorded,) = self.begin_all([call])
        if isinstance(recorded, GitagentError):
            raise recorded
        return recorded

    def begin_all(self, calls: Sequence[Call]) -> list[Recorded | GitagentError]:
        """The same for many at once, in one transaction; what refused one keeps none of the others from beginning."""
        waits = bool(self._held) or not self.spool.is_empty()
        found: list[Recorded | GitagentError | None] = [self._waits(call) if waits else None for call in calls]
        new = [call for call, known in zip(calls, found, strict=True) if known is None]
        results = iter(self._began(new))
        return [next(results) if known is None else known for known in found]

    def _waits(self, call: Call) -> Recorded | GitagentError | None:
        """The call where it has begun here and waits for the store; None where it does not."""
        known = None if (entry := self._entry(call.call_id)) is None else entry.call()
        return None if known is None else _begun(known, call, delivered=False)

    def _began(self, calls: Sequence[Call]) -> list[Recorded | GitagentError]:
        if not calls:
            return []
        try:
            results = self._writing.asked(lambda: self._batches.write_all([begin_write(call) for call in calls]))
        except CallStoreFailed as failure:
            self._let_alone(failure)
            return [self._without_store(call) for call in calls]
        recorded = [each for each in results if not isinstance(each, GitagentError)]
        for each in recorded:
            self._remember(each)
        self._recents.add(recorded)
        return [
            each if isinstance(each, GitagentError) else Recorded(each, delivered=True, is_new=each is call)
            for each, call in zip(results, calls, strict=True)
        ]

    def _without_store(self, call: Call) -> Recorded | GitagentError:
        """The call where it has begun, as far as that can be known now; else it waits here from now on."""
        if (waits := self._waits(call)) is not None:
            return waits
        try:
            known = self._stored(call.call_id)  # what cannot be written, being full or locked, may still be read
        except CallStoreFailed:
            known = self._recent.get(call.call_id) or self._recents.find(call)
        if known is not None:
            return _begun(known, call, delivered=True)
        try:
            return self._put_aside(call)
        except CallIdTaken as taken:
            return taken

    def change(self, call_id: str, change: Change) -> Recorded:
        """Record what came after.

        While the store cannot take it, it waits here, if it can be known that the call began; else CallStoreFailed.
        """
        if self._entry(call_id) is None:
            try:
                call = self._writing.asked(lambda: self._batches.write(change_write(call_id, change)))
            except CallStoreFailed as failure:
                self._let_alone(failure)
            else:
                self._remember(call)
                return Recorded(call, delivered=True)
        call = self._keep_change(call_id, change)
        self._remember(call)
        return Recorded(call, delivered=False)

    def known(self, call_id: str) -> Call | None:
        """The call, wherever it is kept. CallStoreFailed where that is not known without the store."""
        entry = self._entry(call_id)
        if entry is not None and (call := entry.call()) is not None:
            return call
        try:
            stored = self._stored(call_id)
        except CallStoreFailed:
            if (stored := self._recent.get(call_id)) is None:
                raise
        return stored if entry is None or stored is None else entry.applied(stored)[0]

    def look(self, ask: Callable[[CallStore], _Result]) -> _Result:
        """What the store answers to whoever looks at calls, and can do without for a moment if it is away.

        CallStoreFailed after `end_looks`, so that what reads very many calls keeps nobody from ending.
        """
        if self._is_ending:
            raise CallStoreFailed("what looked at calls ends before it has seen all of them", hint="Ask again.")
        return self._looking.asked(lambda: ask(self.store))

    def end_looks(self) -> None:
        """Let those who look at calls see no more of them."""
        self._is_ending = True

    def is_waiting(self, call_id: str) -> bool:
        """Whether something of the call waits for the store."""
        return self._entry(call_id) is not None

    def deliver(self) -> int:
        """Bring to the store what waits; how many calls. 0 where there are none, or it is away still."""
        self._delivered_at = self._clock()
        count = 0
        for bring in (self._deliver_spool, self._deliver_held):
            with suppress(CallStoreFailed, OSError):  # the store or the disk: it is tried again and again
                count += bring()
        return count

    def deliver_now_and_then(self) -> None:
        """What `deliver` does, at most once a second."""
        if self._clock() - self._delivered_at >= NOW_AND_THEN:
            self.deliver()

    def deliver_at_last(self) -> None:
        """What `deliver` does, where something is in memory alone: it would end with the process."""
        if self._held:
            self._writing.end()
            self.deliver()

    def waiting(self) -> int:
        """How many calls wait for the store."""
        return len(self.spool.waiting()) + len(self._held)

    def troubles(self) -> list[Trouble]:
        """What waited and will never be recorded by itself."""
        if not (files := self.spool.set_aside()):
            return []
        failure = CallStoreFailed(
            f"{len(files)} of the calls that waited could not be recorded; they are kept in {self.spool.folder}",
            hint="Look at the files there that end with .refused or .unreadable, and remove them.",
            code="calls-set-aside",
        )
        return [Trouble("calls", failure)]

    def _deliver_spool(self) -> int:
        return self.spool.deliver(self._take, most=MOST_DELIVERED)

    def _deliver_held(self) -> int:
        held = list(self._held.values())
        return sum(self._deliver_some(held[at : at + TOGETHER]) for at in range(0, len(held), TOGETHER))

    def _deliver_some(self, held: Sequence[Entry]) -> int:
        self._take(held)
        with self._lock:
            done = [entry for entry in held if self._held.get(entry.call_id) is entry]
            for entry in done:
                del self._held[entry.call_id]
        return len(done)

    def _take(self, entries: Sequence[Entry]) -> list[bool]:
        """Write what waits, all in one transaction; whether each was as it should be."""
        deliveries = [Delivery(entry) for entry in entries]
        results = self._writing.asked(lambda: self.store.write([each.write for each in deliveries]))
        return [each.is_whole(result) for each, result in zip(deliveries, results, strict=True)]

    def _stored(self, call_id: str) -> Call | None:
        return self._reading.asked(lambda: self.store.get(call_id))

    def _entry(self, call_id: str) -> Entry | None:
        """What waits of a call."""
        return self._held.get(call_id) or self.spool.get(call_id)

    def _put_aside(self, wanted: Call) -> Recorded:
        try:
            call = self.spool.begin(wanted)
        except OSError:  # no disk at all: the call is answered nevertheless, and recorded if this process lives
            with self._lock:
                entry = self._held.get(wanted.call_id, Entry(wanted.call_id, None, ())).begun(wanted)
                self._held[wanted.call_id] = entry
            call = entry.beginning or wanted
        self._remember(call)
        self._recents.add([call])
        return Recorded(call, delivered=False, is_new=call is wanted)

    def _keep_change(self, call_id: str, change: Change) -> Call:
        with self._lock:
            if (held := self._held.get(call_id)) is not None:
                self._held[call_id], call = held.changed(change, None)
                return call
        entry, known = self.spool.get(call_id), self._recent.get(call_id)
        if known is None and (entry is None or entry.beginning is None):
            known = self._stored(call_id)
        try:
            try:
                return self.spool.change(call_id, change, known)
            except CallNotFound:
                if known is not None:
                    raise
                # Its beginning waited when it was looked at, and came to the store since.
                return self.spool.change(call_id, change, self._stored(call_id))
        except OSError as error:
            raise CallStoreFailed(
                f"neither the store of calls nor the disk takes the change: {error.strerror}",
                hint="Check that there is room on the disk; then try again.",
            ) from error

    def _let_alone(self, failure: CallStoreFailed) -> None:
        """Do not read from a store either that cannot be reached at all."""
        if isinstance(failure, StoreAwayError):
            self._reading.begin()
            self._looking.begin()

    def _remember(self, call: Call) -> None:
        with self._lock:
            self._recent[call.call_id] = call
            self._recent.move_to_end(call.call_id)
            if len(self._recent) > MOST_KNOWN:
                self._recent.popitem(last=False)


def _begun(known: Call, call: Call, *, delivered: bool) -> Recorded | GitagentError:
    """The call that has begun before, if the same was asked for."""
    try:
        return Recorded(begun(known, call), delivered)
    except CallIdTaken as taken:
        return taken
