"""Noticing: what changes in what is served, told to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.names import VersionNumber
    from gitagent.runtime.calls import Calls

_LOG = logging.getLogger("gitagent.server")
_WAITING = "calls wait for their store; they are answered all the same, and recorded once it is there"


class Noticing:
    """What was served, and what was in trouble, at the last look. What is so at the first one is no news."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._served: Mapping[str, Mapping[str, VersionNumber]] | None = None
        self._troubles: Mapping[tuple[str, str], tuple[str, str]] | None = None
        """What is told of each when it begins, and when it ends."""

    def look(self) -> None:
        """Tell the log what is so since the last look: other versions served, and troubles begun and ended."""
        self._calls.agents.refresh()
        self._tell_served()
        self._tell_troubles()

    def _tell_served(self) -> None:
        served = self._now_served()
        if self._served is not None:
            for agent in sorted(served.keys() & self._served.keys()):
                before = self._served[agent]
                for environment, version in served[agent].items():
                    if before.get(environment) != version:
                        _LOG.info("%s: %s serves %s", agent, environment, version)
        self._served = served

    def _tell_troubles(self) -> None:
        troubles = {(each.what, each.error.code): (each.advised, each.described) for each in self._calls.troubles()}
        if self._calls.waiting:
            troubles["calls", "calls-waiting"] = _WAITING, _WAITING
        if self._troubles is not None:
            for known in sorted(troubles.keys() - self._troubles.keys()):
                _LOG.warning("trouble: %s", troubles[known][0])
            for gone in sorted(self._troubles.keys() - troubles.keys()):
                _LOG.info("no trouble any more: %s", self._troubles[gone][1])
        self._troubles = troubles

    def _now_served(self) -> dict[str, dict[str, VersionNumber]]:
        agents = self._calls.agents
        return {
            name: {environment: found.version for environment, found in known.environments.items() if found is not None}
            for name in agents.names()
            if (resolver := agents.known(name)) is not None and (known := resolver.known()) is not None
        }
