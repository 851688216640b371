"""Entries: what waits of one call until the store can take it, and what becomes of the call by it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.errors import GitagentError
from gitagent.runtime.records import Write, from_values, to_values
from gitagent.runtime.transitions import Addition, Ending, added, begun, ended, found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.runtime.records import Call

Change = Ending | Addition


class Entry(NamedTuple):
    """What waits of one call: its beginning, unless the store has that, and what came after."""

    call_id: str
    beginning: Call | None
    changes: tuple[Change, ...]

    def applied(self, known: Call | None) -> tuple[Call, list[GitagentError]]:
        """What becomes of the call that is known, and what is refused of the changes.

        A beginning that is refused is raised: what came after it is then not about the call that is known.
        """
        call = found(known, self.call_id) if self.beginning is None else begun(known, self.beginning)
        refused: list[GitagentError] = []
        for change in self.changes:
            try:
                call = change_write(self.call_id, change).apply(call)
            except GitagentError as refusal:
                refused.append(refusal)
        return call, refused

    def call(self) -> Call | None:
        """The call as it is after all that; None where its beginning is only in the store."""
        return None if self.beginning is None else self.applied(None)[0]

    def begun(self, call: Call) -> Entry:
        """This with a beginning, unless it has one; CallIdTaken where that is another."""
        return self._replace(beginning=begun(self.beginning, call))

    def changed(self, change: Change, known: Call | None) -> tuple[Entry, Call]:
        """This with one change more, if that changes anything, and the call after it; what refuses it is raised."""
        call, _ = self.applied(known)
        becomes = change_write(self.call_id, change).apply(call)
        return (self if becomes == call else self._replace(changes=(*self.changes, change))), becomes

    def to_values(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {
            "call_id": self.call_id,
            "begin": None if self.beginning is None else to_values(self.beginning),
            "changes": [{"end" if isinstance(each, Ending) else "add": each.to_values()} for each in self.changes],
        }

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Entry:
        """What `to_values` made these of."""
        beginning = values["begin"]
        return cls(
            values["call_id"],
            None if beginning is None else from_values(beginning),
            tuple(
                Ending.from_values(each["end"]) if "end" in each else Addition(**each["add"])
                for each in values["changes"]
            ),
        )


class Delivery:
    """An entry as it is written to the store, and whether all of it was as it should be."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._refused: list[GitagentError] = []

    @property
    def write(self) -> Write:
        """What brings the store up to date."""
        return Write(self._entry.call_id, self._applied)

    def is_whole(self, result: Call | GitagentError) -> bool:
        """Whether nothing of it was refused, given what its write came to."""
        return not isinstance(result, GitagentError) and not self._refused

    def _applied(self, known: Call | None) -> Call:
        call, self._refused = self._entry.applied(known)
        return call


def begin_write(call: Call) -> Write:
    """The write that begins a call."""
    return Write(call.call_id, lambda known: begun(known, call))


def change_write(call_id: str, change: Change) -> Write:
    """The write that ends a call or adds to it."""
    if isinstance(change, Ending):
        return Write(call_id, lambda known: ended(known, change, call_id=call_id))
    return Write(call_id, lambda known: added(known, change, call_id=call_id))
