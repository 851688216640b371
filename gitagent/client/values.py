"""Values: what a client hands out - calls, configurations, and how they came about. They never change."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Mapping

Scalar = str | int | float | bool | None
Form = dict[str, Any]
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Call(NamedTuple):
    """One call: the agent and version that it is pinned to, and what became of it.

    `number` is the agent's own phone number that it came in on, and `caller` who is at the other end. `environment` is
    None where a call named its version itself. `direction` is `inbound` or `outbound`, `duration` in seconds.
    """

    call_id: str
    agent: str
    version: VersionNumber
    commit: str
    began_at: datetime
    environment: EnvironmentName | None = None
    number: PhoneNumber | None = None
    caller: str | None = None
    direction: str = "inbound"
    sip_headers: Mapping[str, str] = NOTHING
    ended_at: datetime | None = None
    outcome: str | None = None
    success: bool | None = None
    duration: float | None = None
    score: float | None = None
    attributes: Mapping[str, Scalar] = NOTHING


class Configuration(NamedTuple):
    """A version's configuration as one JSON document, in UTF-8. It never changes."""

    version: VersionNumber
    commit: str
    body: bytes

    @property
    def etag(self) -> str:
        return f'"{self.commit}"'

    def document(self) -> Form:
        """What it says, to be used as one likes."""
        values: Form = json.loads(self.body)
        return values


class Begun(NamedTuple):
    """A call that has begun, and the configuration that it keeps to its end.

    `recorded` is false while no store of calls has it yet. `from_cache` says that the server was away, so that it was
    answered with what the server had said last; the server is told as soon as it is back.
    """

    call: Call
    configuration: Configuration
    recorded: bool
    from_cache: bool = False


class Page(NamedTuple):
    """Some calls, newest first; `next` is the cursor of the following page, None on the last one."""

    calls: tuple[Call, ...]
    next: str | None


class Resolution(NamedTuple):
    """What answers a number now. `sip_headers` are the number's own."""

    agent: str
    version: VersionNumber
    commit: str
    environment: EnvironmentName | None
    number: PhoneNumber | None
    sip_headers: Mapping[str, str]


def call_of(form: Form) -> Call:
    """The call that a server's, or this client's own, form of it says. Whatever it lacks is a KeyError or the like."""
    number, environment = form["number"], form["environment"]
    return Call(
        call_id=_text(form["call_id"]),
        agent=_text(form["agent"]),
        version=VersionNumber.parse(form["version"]),
        commit=_text(form["commit"]),
        began_at=datetime.fromisoformat(form["began_at"]),
        environment=None if environment is None else EnvironmentName.parse(environment),
        number=None if number is None else PhoneNumber.stored(number),
        caller=form["caller"],
        direction=_text(form["direction"]),
        sip_headers=MappingProxyType(dict(form["sip_headers"])),
        ended_at=None if form["ended_at"] is None else datetime.fromisoformat(form["ended_at"]),
        outcome=form["outcome"],
        success=form["success"],
        duration=form["duration"],
        score=form["score"],
        attributes=MappingProxyType(dict(form["attributes"])),
    )


def call_form(call: Call) -> Form:
    """A call as JSON can hold it, to be read again by `call_of`."""
    return {
        **call._asdict(),
        "version": str(call.version),
        "environment": None if call.environment is None else str(call.environment),
        "number": None if call.number is None else str(call.number),
        "began_at": time_form(call.began_at),
        "ended_at": None if call.ended_at is None else time_form(call.ended_at),
        "sip_headers": dict(call.sip_headers),
        "attributes": dict(call.attributes),
    }


def resolution_of(form: Form) -> Resolution:
    """What a server's form says of what answers."""
    number, environment = form["number"], form["environment"]
    return Resolution(
        agent=_text(form["agent"]),
        version=VersionNumber.parse(form["version"]),
        commit=_text(form["commit"]),
        environment=None if environment is None else EnvironmentName.parse(environment),
        number=None if number is None else PhoneNumber.stored(number),
        sip_headers=MappingProxyType(dict(form["sip_headers"])),
    )


def time_form(at: datetime) -> str:
    """A time in UTC, as texts have it."""
    return at.astimezone(UTC).isoformat()


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where a text should be")
    return value
