"""Fixtures: what tools answer in a conversation that is no case, taken from the agent's own suites."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gitagent.config.meaning.values import Meaning, Mock, Suite

_OWN: Mapping[str, str] = MappingProxyType({})
_NO_MOCKS: Mapping[str, tuple[Mock, ...]] = MappingProxyType({})


class Fixtures(NamedTuple):
    """What tools answer, by their names, and what services do, by `service.operation`.

    `borrowed` names the case that says so, by the tool's name, where no whole suite does.
    """

    values: Mapping[str, object]
    mocks: Mapping[str, tuple[Mock, ...]] = _NO_MOCKS
    borrowed: Mapping[str, str] = _OWN


def shared(meaning: Meaning) -> Fixtures:
    """What whole suites say that tools answer: of several, the first by the names of their files."""
    return Fixtures({name: value for suite in _last_first(meaning) for name, value in suite.fixtures.items()})


def shared_and_borrowed(meaning: Meaning) -> Fixtures:
    """The same, and of a tool on which no whole suite says anything, what the first case says that does."""
    values = dict(shared(meaning).values)
    mocks: dict[str, tuple[Mock, ...]] = {}
    borrowed: dict[str, str] = {}
    cases = [case for suite in reversed(_last_first(meaning)) for case in suite.cases]
    for case in cases:
        new = {name: value for name, value in case.fixtures.items() if name not in values}
        values.update(new)
        borrowed.update(dict.fromkeys(new, case.name))
    for case in cases:
        fresh = {operation: mock for operation, mock in case.mocks.items() if operation not in mocks}
        mocks.update(fresh)
        asking = [tool.name for tool in meaning.tools if not fresh.keys().isdisjoint(tool.operations)]
        borrowed.update({name: case.name for name in asking if name not in values and name not in borrowed})
    return Fixtures(values, mocks, borrowed)


def _last_first(meaning: Meaning) -> list[Suite]:
    return sorted(meaning.suites, key=lambda suite: suite.path, reverse=True)
