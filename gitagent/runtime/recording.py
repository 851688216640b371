"""Recording: a change of a call written to the store, or to the spool while the store cannot take it."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gitagent.errors import CallIdTaken, CallStoreFailed, GitagentError
from gitagent.runtime.batches import Batches
from gitagent.runtime.spool import Change, Entry, begin_write, change_write
from gitagent.runtime.transitions import begun

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gitagent.runtime.records import Call, Write
    from gitagent.runtime.spool import Spool
    from gitagent.runtime.stores.interface import CallStore

_Result = TypeVar("_Result")
PAUSE = 1.0
"""Seconds for which a store that failed is not asked again, so that no call waits for it."""
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
        self._held: dict[str, Call] = {}
        """Calls that not even the spool could take."""
        self._away_until = self._delivered_at = float("-inf")

    def begin(self, call: Call) -> Recorded:
        """Record a call that begins, or find it where it has begun. This never fails for want of a store."""
        (recorded,) = self.begin_all([call])
        if isinstance(recorded, GitagentError):
            raise recorded
        return recorded

    def begin_all(self, calls: Sequence[Call]) -> list[Recorded | GitagentError]:
        """The same for many at once, in one transaction; what refused one keeps none of the others from beginning."""
        found: list[Recorded | GitagentError | None] = [self._waits(call) for call in calls]
        new = [call for call, known in zip(calls, found, strict=True) if known is None]
        results = iter(self._began(new))
        return [next(results) if known is None else known for known in found]

    def _waits(self, call: Call) -> Recorded | GitagentError | None:
        """The call where it has begun here and waits for the store; None where it does not."""
        entry = self.spool.get(call.call_id)
        known = self._held.get(call.call_id) if entry is None or entry.beginning is None else entry.call()
        return None if known is None else _begun(known, call, delivered=False)

    def _began(self, calls: Sequence[Call]) -> list[Recorded | GitagentError]:
        if not calls:
            return []
        try:
            results = self._asked(lambda: self._batches.write_all([begin_write(call) for call in calls]))
        except CallStoreFailed:
            return [self._without_store(call) for call in calls]
        for each in results:
            if not isinstance(each, GitagentError):
                self._remember(each)
        return [
            each if isinstance(each, GitagentError) else Recorded(each, delivered=True, is_new=each is call)
            for each, call in zip(results, calls, strict=True)
        ]

    def _without_store(self, call: Call) -> Recorded | GitagentError:
        if (known := self._recent.get(call.call_id)) is not None:
            return _begun(known, call, delivered=True)
        try:
            return self._put_aside(call)
        except CallIdTaken as taken:
            return taken

    def change(self, call_id: str, change: Change) -> Recorded:
        """Record what came after. Where the store is away, this is for calls that began here; else it is refused."""
        write = change_write(call_id, change)
        waiting = self.spool.get(call_id)
        if waiting is None and call_id not in self._held:
            try:
                return Recorded(self._written(write), delivered=True)
            except CallStoreFailed:
                if call_id not in self._recent:
                    raise
        known = (None if waiting is None else waiting.call()) or self._held.get(call_id) or self._recent.get(call_id)
        call = write.apply(known)
        if call_id in self._held:
            self._held[call_id] = call
        else:
            self.spool.change(call_id, change)
            self._remember(call)
        return Recorded(call, delivered=False)

    def known(self, call_id: str) -> Call | None:
        """The call, wherever it is kept. CallStoreFailed where that is not known without the store."""
        entry = self.spool.get(call_id)
        if entry is not None and (call := entry.call()) is not None:
            return call
        if (held := self._held.get(call_id)) is not None:
            return held
        try:
            return self._asked(lambda: self.store.get(call_id))
        except CallStoreFailed:
            if (recent := self._recent.get(call_id)) is None:
                raise
            return recent

    def deliver(self) -> int:
        """Bring to the store what waits; how many calls. 0 where there are none, or it is away still."""
        self._delivered_at = self._clock()
        try:
            for call_id, call in list(self._held.items()):
                self._asked(lambda call=call: self.store.write([begin_write(call)]))  # type: ignore[misc]  # bound now
                self._held.pop(call_id, None)
            return self.spool.deliver(self._take, most=MOST_DELIVERED)
        except CallStoreFailed:
            return 0

    def deliver_now_and_then(self) -> None:
        """What `deliver` does, at most once a second."""
        if self._clock() - self._delivered_at >= PAUSE:
            self.deliver()

    def waiting(self) -> int:
        """How many calls wait for the store."""
        return len(self.spool.waiting()) + len(self._held)

    def _take(self, entry: Entry) -> None:
        results = self._asked(lambda: self.store.write(entry.writes()))
        if any(isinstance(result, GitagentError) for result in results):
            self.spool.set_aside(entry.call_id)

    def _written(self, write: Write) -> Call:
        call = self._asked(lambda: self._batches.write(write))
        self._remember(call)
        return call

    def _asked(self, ask: Callable[[], _Result]) -> _Result:
        if self._clock() < self._away_until:
            raise CallStoreFailed("the store of calls failed a moment ago", hint="Try again in a second.")
        try:
            return ask()
        except CallStoreFailed:
            self._away_until = self._clock() + PAUSE
            raise

    def _put_aside(self, wanted: Call) -> Recorded:
        call = wanted
        try:
            call = self.spool.begin(wanted)
        except OSError:  # no disk at all: the call is answered nevertheless, and recorded if this process lives
            self._held[call.call_id] = call
        self._remember(call)
        return Recorded(call, delivered=False, is_new=call is wanted)

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
