"""Records: a call as it is kept, and what it may be looked for by."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.runtime.cursors import Cursor

Scalar = str | int | float | bool | None
NOTHING: Mapping[str, Any] = MappingProxyType({})
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Direction(StrEnum):
    """Who called whom, as the agent sees it."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class Call(NamedTuple):
    """One call: the agent and version that it is pinned to, and what became of it.

    `number` is the agent's own phone number that it came in on, in E.164 form, and `caller` who is at the other end.
    `environment` is None where a call named its version itself. `duration` is in seconds. `success` is None where the
    outcome does not say; only calls that say count in the success rate.
    """

    call_id: str
    agent: str
    version: VersionNumber
    commit: str
    began_at: datetime
    environment: EnvironmentName | None = None
    number: PhoneNumber | None = None
    caller: str | None = None
    direction: Direction = Direction.INBOUND
    sip_headers: Mapping[str, str] = NOTHING
    ended_at: datetime | None = None
    outcome: str | None = None
    success: bool | None = None
    duration: float | None = None
    score: float | None = None
    attributes: Mapping[str, Scalar] = NOTHING

    @property
    def target(self) -> tuple[str | None, ...]:
        """What was asked for when it began: a number, an environment or a version, and by whom it was begun."""
        if self.number is not None:
            return self.direction, "number", str(self.number)
        if self.environment is not None:
            return self.direction, "environment", self.agent, str(self.environment)
        return self.direction, "version", self.agent, str(self.version)


class Filter(NamedTuple):
    """Which calls are meant; None for what does not matter. `since` is included, `until` is not."""

    agent: str | None = None
    version: VersionNumber | None = None
    environment: EnvironmentName | None = None
    number: PhoneNumber | None = None
    outcome: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Page(NamedTuple):
    """Some calls, newest first; `next` is where the following page begins, None on the last one."""

    calls: tuple[Call, ...]
    next: Cursor | None


class Write(NamedTuple):
    """A change of one call: `apply` makes of what is kept (None for nothing) what shall be kept, or refuses.

    It may be applied more than once, to what others wrote meanwhile.
    """

    call_id: str
    apply: Callable[[Call | None], Call]


def micros(moment: datetime) -> int:
    """Microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment(count: int) -> datetime:
    """The time so many microseconds after 1970, in UTC."""
    return _EPOCH + timedelta(microseconds=count)


def to_values(call: Call) -> dict[str, Any]:
    """The call as JSON can hold it, to be read again by `from_values`."""
    return {
        **call._asdict(),
        "version": call.version.number,
        "environment": None if call.environment is None else str(call.environment),
        "number": None if call.number is None else str(call.number),
        "direction": str(call.direction),
        "began_at": micros(call.began_at),
        "ended_at": None if call.ended_at is None else micros(call.ended_at),
        "sip_headers": dict(call.sip_headers),
        "attributes": dict(call.attributes),
    }


def from_values(values: Mapping[str, Any]) -> Call:
    """The call that `to_values` made these of. They were checked when the call began, so that only forms are read."""
    ended, environment, number = values["ended_at"], values["environment"], values["number"]
    return Call(
        call_id=values["call_id"],
        agent=values["agent"],
        version=VersionNumber(values["version"]),
        commit=values["commit"],
        began_at=moment(values["began_at"]),
        environment=None if environment is None else EnvironmentName(environment),
        number=None if number is None else PhoneNumber(number),
        caller=values["caller"],
        direction=Direction(values["direction"]),
        sip_headers=values["sip_headers"],
        ended_at=None if ended is None else moment(ended),
        outcome=values["outcome"],
        success=values["success"],
        duration=values["duration"],
        score=values["score"],
        attributes=values["attributes"],
    )
