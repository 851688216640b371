"""Asking: what a call is begun with - a number, an environment or a version."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Self

from gitagent.names import EnvironmentName, VersionNumber
from gitagent.runtime import checks
from gitagent.runtime.records import Direction
from gitagent.runtime.resolutions import dialled

if TYPE_CHECKING:
    from gitagent.names import PhoneNumber
    from gitagent.runtime.records import Call


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
