"""Waiting: calls that were answered while the server was away, and what came after, until the server has them."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.client.shelf import Shelf, is_foreign, read
from gitagent.client.values import Call, call_form, call_of, time_form

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from gitagent.errors import GitagentError

Body = dict[str, Any]


class Entry(NamedTuple):
    """What waits of one call: the call and what begins it, unless the server has that, and what came after."""

    call_id: str
    since: datetime
    call: Call | None
    begin: Body | None
    changes: tuple[Body, ...]


class Waiting:
    """A folder of entries; what the disk cannot take waits in memory. Threads and processes can share the folder."""

    def __init__(self, shelf: Shelf | None) -> None:
        self.shelf = shelf
        self.trouble: OSError | None = None
        self.refusal: GitagentError | None = None
        self.news = False
        """Whether something was added, since somebody set this to false."""
        self._held: dict[str, Entry] = {}
        self._lock = Lock()

    def get(self, call_id: str) -> Entry | None:
        """What waits of a call; None where nothing does."""
        if (held := self._held.get(call_id)) is not None or self.shelf is None:
            return held
        found = self.shelf.get(call_id)
        return None if found is None else _entry(found)

    def begin(self, call: Call, body: Body) -> Call:
        """Keep a call that begins; the one that began before where there is one."""

        def begun(old: Entry | None) -> Entry:
            if old is None or old.call is None:
                return Entry(call.call_id, call.began_at, call, body, () if old is None else old.changes)
            return old

        entry = self._changed(call.call_id, begun)
        return call if entry is None or entry.call is None else entry.call

    def change(self, call_id: str, body: Body, *, at: datetime) -> None:
        """Keep what came after."""
        self._changed(call_id, lambda old: _with(old or Entry(call_id, at, None, None, ()), body))

    def join(self, call_id: str, body: Body) -> bool:
        """Keep what came after where something waits of the call already; whether it does."""
        if self.get(call_id) is None:
            return False
        return self._changed(call_id, lambda old: None if old is None else _with(old, body)) is not None

    def entries(self) -> Iterator[Entry]:
        """All that waits, the oldest first, each read when it is asked for. What is torn is put aside."""
        for path in self._files():
            value = read(path)
            if value is None:
                self._put_torn_aside(path)
            elif (entry := _entry(value)).call_id not in self._held:
                yield entry
        yield from list(self._held.values())

    def count(self) -> int:
        """How many calls wait."""
        on_disk = {path.name for path in self._files()}
        return len(on_disk | {Shelf.name(call_id) for call_id in list(self._held)})

    def __bool__(self) -> bool:
        return bool(self._held) or bool(self._files())

    def done(self, entry: Entry) -> None:
        """The server has it all. Where something was added meanwhile it stays, and nothing is recorded twice."""
        self._let_go(entry, lambda shelf: shelf.remove(entry.call_id))

    @contextmanager
    def reporting(self) -> Iterator[bool]:
        """Around telling the server; False where another process does so. To tell it twice would change nothing."""
        if self.shelf is None:
            yield True
            return
        with ExitStack() as stack:
            try:
                is_mine = stack.enter_context(self.shelf.held("reporting.lock", wait=False))
            except OSError as error:
                self.trouble, is_mine = error, True
            yield is_mine

    def set_aside(self, entry: Entry, refusal: GitagentError) -> None:
        """Keep what the server refuses apart, for people to look at."""
        self.refusal = refusal

        def aside(shelf: Shelf) -> None:
            path = shelf.path(entry.call_id)
            path.replace(path.with_suffix(".refused"))

        self._let_go(entry, aside)

    def _files(self) -> list[Path]:
        files = [] if self.shelf is None else self.shelf.files()
        return [path for path in files if not is_foreign(path)]

    def _put_torn_aside(self, path: Path) -> None:
        try:
            if path.exists():
                path.replace(path.with_suffix(".torn"))
        except OSError as error:
            self.trouble = error

    def _let_go(self, entry: Entry, go: Callable[[Shelf], None]) -> None:
        with self._lock:
            if self._held.get(entry.call_id) == entry:
                del self._held[entry.call_id]
            if self.shelf is None:
                return
            try:
                with self.shelf.held("lock"):
                    found = self.shelf.get(entry.call_id)
                    if found is not None and _is_within(_entry(found), entry):
                        go(self.shelf)
            except OSError as error:
                self.trouble = error
            else:
                self.trouble = None

    def _changed(self, call_id: str, change: Callable[[Entry | None], Entry | None]) -> Entry | None:
        with self._lock:
            entry = self._kept(call_id, change)
        self.news = self.news or entry is not None
        return entry

    def _kept(self, call_id: str, change: Callable[[Entry | None], Entry | None]) -> Entry | None:
        if self.shelf is None or call_id in self._held:
            return self._hold(call_id, change(self._held.get(call_id)))
        try:
            return self._put(self.shelf, call_id, change)
        except OSError as error:  # the call is answered nevertheless, and told of if this process lives
            self.trouble = error
            return self._hold(call_id, change(self.get(call_id)))

    def _put(self, shelf: Shelf, call_id: str, change: Callable[[Entry | None], Entry | None]) -> Entry | None:
        with shelf.held("lock"):
            old = self.get(call_id)
            entry = change(old)
            if entry is not None and entry != old:
                shelf.put(call_id, _values(entry), durable=True)
        self.trouble = None
        return entry

    def _hold(self, call_id: str, entry: Entry | None) -> Entry | None:
        if entry is not None:
            self._held[call_id] = entry
        return entry


def _with(entry: Entry, body: Body) -> Entry:
    return entry if body in entry.changes else entry._replace(changes=(*entry.changes, body))


def _is_within(part: Entry, whole: Entry) -> bool:
    """Whether all of an entry was told with the other one, which may have had to wait in memory."""
    return part.begin in (None, whole.begin) and all(each in whole.changes for each in part.changes)


def _values(entry: Entry) -> dict[str, Any]:
    call = None if entry.call is None else call_form(entry.call)
    since = time_form(entry.since)
    return {**entry._asdict(), "since": since, "call": call, "changes": list(entry.changes)}


def _entry(values: Mapping[str, Any]) -> Entry:
    call = None if values["call"] is None else call_of(values["call"])
    since = datetime.fromisoformat(values["since"])
    return Entry(values["call_id"], since, call, values["begin"], tuple(values["changes"]))
