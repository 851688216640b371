"""Calling: calls with everything that a test does not care about filled in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber
from gitagent.runtime.records import Call, Write
from gitagent.runtime.transitions import Addition, Ending, added, begun, ended

if TYPE_CHECKING:
    from gitagent.errors import GitagentError
    from gitagent.runtime.stores.interface import CallStore

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LIVE, SANDBOX = EnvironmentName("live"), EnvironmentName("sandbox")
LONDON = PhoneNumber("+442079460018")


def after(**time: float) -> datetime:
    """So long after the start."""
    return START + timedelta(**time)


def call(call_id: str, *, version: int = 1, minute: float = 0, **facts: Any) -> Call:
    """A call of the agent `bistro` to live, that began so many minutes after the start."""
    given = {"agent": "bistro", "environment": LIVE, "number": LONDON, **facts}
    return Call(
        call_id, version=VersionNumber(version), commit=f"{version:040x}", began_at=after(minutes=minute), **given
    )


def begin(wanted: Call) -> Write:
    return Write(wanted.call_id, lambda known: begun(known, wanted))


def end(call_id: str, outcome: str | None = None, *, minute: float = 1, **facts: Any) -> Write:
    ending = Ending(after(minutes=minute), outcome, **facts)
    return Write(call_id, lambda known: ended(known, ending, call_id=call_id))


def add(call_id: str, score: float | None = None, **attributes: Any) -> Write:
    return Write(call_id, lambda known: added(known, Addition(score, attributes), call_id=call_id))


def wrote(store: CallStore, *writes: Write) -> list[Call]:
    """What the writes came to, none of which may be refused."""
    results = store.write(writes)
    assert all(isinstance(each, Call) for each in results), results
    return [each for each in results if isinstance(each, Call)]


def codes(results: list[Call | GitagentError]) -> list[str]:
    """The code of each refusal; `ok` for what was not refused."""
    return ["ok" if isinstance(each, Call) else each.code for each in results]
