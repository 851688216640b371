"""Settings: an environment's rules, some of which one event sets, and the words in which it tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.states import MOST_APPROVALS as MOST_APPROVALS

if TYPE_CHECKING:
    from gitagent.agent.states import EnvironmentState

_SWITCHES = {"on": True, "off": False}
_RATES = {"off": 0, **{f"{rate}%": rate for rate in range(1, 100)}, "required": 100}
_RATE_WORDS = {rate: word for word, rate in _RATES.items()}
_COUNTS = {str(count): count for count in range(MOST_APPROVALS + 1)}


class Settings(NamedTuple):
    """Rules of an environment; None for those that are left as they are.

    `tests` are the per cent of the cases that have to pass, 0 where none has to.
    """

    requires_number: bool | None = None
    approvals: int | None = None
    requires_signature: bool | None = None
    tests: int | None = None
    not_worse: bool | None = None

    @classmethod
    def parse(cls, detail: str) -> Settings | None:
        """What an event says that it sets, in the order of the fields; None where it says anything else."""
        told = {name: value for name, _, value in (each.partition(" ") for each in detail.split(", "))}
        found = cls(
            _SWITCHES.get(told.get("requires-number", "")),
            _COUNTS.get(told.get("approvals", "")),
            _SWITCHES.get(told.get("requires-signature", "")),
            _RATES.get(told.get("tests", "")),
            _SWITCHES.get(told.get("not-worse", "")),
        )
        return found if detail and found.detail == detail else None

    @property
    def detail(self) -> str:
        """What an event says of them: `requires-number on, approvals 2`."""
        words = (
            ("requires-number", _switch(self.requires_number)),
            ("approvals", self.approvals),
            ("requires-signature", _switch(self.requires_signature)),
            ("tests", None if self.tests is None else _RATE_WORDS.get(self.tests, self.tests)),
            ("not-worse", _switch(self.not_worse)),
        )
        return ", ".join(f"{name} {value}" for name, value in words if value is not None)

    def unlike(self, environment: EnvironmentState) -> Settings:
        """Those of them that are otherwise in the environment."""
        return Settings(
            None if self.requires_number == environment.requires_number else self.requires_number,
            None if self.approvals == environment.approvals else self.approvals,
            None if self.requires_signature == environment.requires_signature else self.requires_signature,
            None if self.tests == environment.tests else self.tests,
            None if self.not_worse == environment.not_worse else self.not_worse,
        )

    def set_in(self, environment: EnvironmentState) -> EnvironmentState:
        """The environment with these rules."""
        return environment._replace(**{name: value for name, value in self._asdict().items() if value is not None})


def _switch(value: bool | None) -> str | None:
    return None if value is None else "on" if value else "off"
