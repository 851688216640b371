"""Health: whether calls can be answered, and what is not as it should be."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import CallStoreFailed
from gitagent.server.extra import needed
from gitagent.version import VERSION

with needed("prometheus_client"):
    from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prometheus_client import Metric

    from gitagent.runtime.calls import Calls
    from gitagent.server.polling import Polling
    from gitagent.server.served import Served

GOOD_FOR = 1.0
"""Seconds for which an answer holds: whoever asks without a token cannot keep the store busy."""
LONGEST = 2.0
"""Seconds that the store of calls may take; then it is away."""


class Health(NamedTuple):
    """How many agents there are, whether calls can be recorded, how many wait for that, and troubles by their code."""

    agents: int
    has_store: bool
    waiting: int
    troubles: dict[str, int]

    @property
    def status(self) -> str:
        """`ready`; `degraded` where calls are answered, and something else is not as it should be; `unready`."""
        if not self.agents:
            return "unready"
        # A store that is full or locked can be read: what tells of it is that calls wait for it.
        return "ready" if self.has_store and not self.waiting and not self.troubles else "degraded"


class Looking:
    """Looks at the health of one worker, each good for a second."""

    def __init__(self, served: Served) -> None:
        self._served = served
        self._known: Health | None = None
        self._at = float("-inf")
        self._turn = asyncio.Lock()
        self._check: asyncio.Future[bool] | None = None

    async def health(self) -> Health:
        """How it is now, or was a second ago."""
        async with self._turn:
            if self._known is None or time.monotonic() - self._at > GOOD_FOR:
                self._known = await self._look()
                self._at = time.monotonic()
            return self._known

    async def _look(self) -> Health:
        served = self._served
        if self._check is None or self._check.done():  # one that hangs is not joined by another
            self._check = asyncio.ensure_future(served.in_thread(_has_store, served.calls))
        done, _ = await asyncio.wait([self._check], timeout=LONGEST)
        has_store = bool(done) and self._check.result()
        agents, waiting, troubles = await served.in_thread(_read, served.calls, served.polling)
        return Health(agents, has_store, waiting, troubles)


def figures(served: Served) -> Iterator[Metric]:
    """What is so now, for Prometheus; the rest is counted as it happens."""
    yield _gauge("gitagent_info", "The release of gitagent.", ("release",), [((VERSION,), 1)])
    agents, failing = served.calls.agents, served.polling.failing()
    agents.refresh()
    names = agents.names()
    served_now = [
        ((name, environment), found.version.number)
        for name in names
        if (resolver := agents.known(name)) is not None and (known := resolver.known()) is not None
        for environment, found in known.environments.items()
        if found is not None
    ]
    yield _gauge("gitagent_served_version", "The version that is served.", ("agent", "environment"), served_now)
    since = [((name,), served.clock().timestamp() - each.since.timestamp()) for name, each in failing.items()]
    yield _gauge("gitagent_remote_failing_seconds", "For how long a shared remote fails.", ("agent",), since)
    # A number is personal data to some: of one that two agents have, there is only that it is so.
    troubles = Counter((each.what if each.what in names else "", each.error.code) for each in served.calls.troubles())
    yield _gauge("gitagent_troubles", "What is not served as it should be.", ("agent", "code"), troubles.items())
    yield _gauge("gitagent_calls_waiting", "Calls that wait for their store.", (), [((), served.calls.waiting)])


def _gauge(
    name: str, text: str, labels: tuple[str, ...], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=labels)
    for labelled, value in values:
        family.add_metric(labelled, value)
    return family


def _has_store(calls: Calls) -> bool:
    try:
        calls.check()
    except CallStoreFailed:
        return False
    return True


def _read(calls: Calls, polling: Polling) -> tuple[int, int, dict[str, int]]:
    agents = calls.agents
    agents.refresh()
    codes = [each.error.code for each in calls.troubles()] + [each.code for each in polling.failing().values()]
    return len(agents.names()), calls.waiting, dict(sorted(Counter(codes).items()))
