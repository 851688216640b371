"""Asking: what a call is begun with - a number, an environment or a version - and what is said of it then."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from gitagent.names import EnvironmentName, VersionNumber
from gitagent.runtime import checks
from gitagent.runtime.dialling import dialled
from gitagent.runtime.records import Direction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gitagent.names import PhoneNumber
    from gitagent.runtime.records import Call, Scalar


class Answered(NamedTuple):
    """With what a client answered a call itself, while it could not ask: the version that some environment served.

    None for the agent and environment that the call names, or that its number reaches now.
    """

    version: VersionNumber | str
    agent: str | None = None
    environment: EnvironmentName | str | None = None


class Beginning(NamedTuple):
    """A call that is to begin. See `Calls.begin`.

    `agents` are those that are there for whoever asks; None for all. `answered` says that it began already, at `at`.
    """

    call_id: str
    at: datetime
    number: PhoneNumber | str | None = None
    environment: EnvironmentName | str | None = None
    version: VersionNumber | str | None = None
    agent: str | None = None
    direction: Direction | str | None = None
    caller: str | None = None
    sip_headers: Mapping[str, str] | None = None
    attributes: Mapping[str, Scalar] | None = None
    agents: frozenset[str] | None = None
    answered: Answered | None = None

    def sees(self, agent: str) -> bool:
        """Whether that agent is there for whoever asks."""
        return self.agents is None or agent in self.agents

    def checked(self) -> Self:
        """The same, with all that is said of the call as it is kept; InvalidName where it cannot be."""
        return self._replace(
            call_id=checks.checked_id(self.call_id),
            at=checks.checked_time(self.at),
            caller=checks.checked_caller(self.caller),
            sip_headers=checks.checked_headers(self.sip_headers),
            attributes=checks.checked_attributes(self.attributes),
        )


class Asked(NamedTuple):
    """What a call is to be begun with: exactly one of the three."""

    direction: Direction
    number: str | None
    environment: str | None
    version: str | None

    @classmethod
    def of(
        cls,
        number: PhoneNumber | str | None,
        environment: EnvironmentName | str | None,
        version: VersionNumber | str | None,
        direction: Direction | str | None,
    ) -> Self:
        given = [each for each in (number, environment, version) if each is not None]
        if len(given) != 1:
            checks.refuse("the call", "it begins with a number, an environment or a version, and one of them alone")
        try:
            way = Direction(direction or (Direction.INBOUND if version is None else Direction.OUTBOUND))
        except ValueError:
            checks.refuse("the direction", "it is inbound or outbound")
        if version is not None and way is Direction.INBOUND:
            checks.refuse("the call", "only an outbound call names its version; an inbound one gets what is served")
        return cls(
            way,
            None if number is None else str(dialled(str(number))),
            None if environment is None else str(EnvironmentName.parse(str(environment))),
            None if version is None else str(VersionNumber.parse(str(version))),
        )

    def fits(self, call: Call) -> bool:
        """Whether a call was begun with the same."""
        kept = {"number": str(call.number), "environment": str(call.environment), "version": str(call.version)}
        wanted = {name: value for name, value in self._asdict().items() if name != "direction" and value is not None}
        kind = "number" if call.number else "environment" if call.environment else "version"
        return call.direction is self.direction and wanted == {kind: kept[kind]}
