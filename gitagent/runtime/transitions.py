"""Transitions: how a call begins, ends and is added to. Pure: what is kept goes in, what shall be kept comes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.errors import CallEnded, CallIdTaken, CallNotFound
from gitagent.runtime.records import NOTHING, Call, micros, moment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gitagent.runtime.records import Scalar

SUCCESSES = frozenset({"success", "succeeded", "completed", "resolved"})
FAILURES = frozenset({"failure", "failed", "error", "abandoned", "no-answer", "busy"})
"""Outcomes that say themselves whether a call succeeded; of all others it has to be said."""


class Ending(NamedTuple):
    """How a call ended. `duration` None stands for the time since it began."""

    at: datetime
    outcome: str | None = None
    success: bool | None = None
    duration: float | None = None

    def to_values(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {**self._asdict(), "at": micros(self.at)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> Ending:
        """What `to_values` made these of."""
        return cls(**{**values, "at": moment(values["at"])})


class Addition(NamedTuple):
    """What is added to a call, before its end or after it. An attribute that is None is taken away."""

    score: float | None = None
    attributes: Mapping[str, Scalar] = NOTHING

    def to_values(self) -> dict[str, Any]:
        """As JSON can hold it; what `Addition(**values)` reads."""
        return {"score": self.score, "attributes": dict(self.attributes)}


def begun(known: Call | None, wanted: Call) -> Call:
    """The call as it stands once it has begun: what was kept of that id, where the same was asked for."""
    if known is None or known.target == wanted.target:
        return known or wanted
    raise taken(wanted.call_id)


def taken(call_id: str) -> CallIdTaken:
    """What refuses a call whose id began with something else."""
    return CallIdTaken(
        f"call {call_id} has begun already, for something else",
        hint="Give each call an id of its own; beginning it again takes the same number, environment or version.",
    )


def ended(known: Call | None, ending: Ending, *, call_id: str) -> Call:
    """The call with its end. Ending it again in the same way changes nothing; in another way is refused."""
    call = found(known, call_id)
    success = success_of(ending)
    if call.ended_at is not None:
        if (call.outcome, call.success) == (ending.outcome, success) and ending.duration in (None, call.duration):
            return call
        raise CallEnded(
            f"call {call.call_id} has ended already: {call.outcome or 'no outcome'}",
            hint=f"See: gitagent calls show {call.call_id}",
        )
    at = max(ending.at, call.began_at)
    duration = (at - call.began_at).total_seconds() if ending.duration is None else ending.duration
    return call._replace(ended_at=at, outcome=ending.outcome, success=success, duration=duration)


def added(known: Call | None, addition: Addition, *, call_id: str) -> Call:
    """The call with a score and attributes more."""
    call = found(known, call_id)
    attributes = {
        name: value for name, value in {**call.attributes, **addition.attributes}.items() if value is not None
    }
    score = call.score if addition.score is None else addition.score
    return call._replace(score=score, attributes=attributes)


def found(known: Call | None, call_id: str) -> Call:
    """The call; CallNotFound where there is none."""
    if known is None:
        raise CallNotFound(f"there is no call {call_id}", hint="List the calls with: gitagent calls")
    return known


def success_of(ending: Ending) -> bool | None:
    """Whether the call succeeded, as was said or as its outcome says; None where neither does."""
    if ending.success is not None:
        return ending.success
    return True if ending.outcome in SUCCESSES else False if ending.outcome in FAILURES else None
