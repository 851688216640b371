"""Metrics: what a server counts and measures of itself, for Prometheus; right with one worker and with many."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir
from typing import TYPE_CHECKING

from gitagent.server.extra import needed

with needed("prometheus_client"):
    from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from prometheus_client import Metric
    from prometheus_client.samples import Sample

    from gitagent.runtime.records import Call

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
"""Where workers leave their figures for one another, as prometheus_client has it. The parent makes and removes it."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PREFIX, _LOCK = "gitagent-metrics-", "lock"
_PLACE = ("agent", "environment", "version")
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@contextmanager
def figures_folder() -> Iterator[None]:
    """A folder for the figures of the workers that are started meanwhile; those of servers that were killed go."""
    for left in Path(gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), _held(left / _LOCK):
            rmtree(left)
    with TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as folder:
        new = Path(folder) / f".{_LOCK}"
        new.touch()
        with _held(new):
            new.rename(new.with_name(_LOCK))  # held from the moment on when somebody else can find it
            before = os.environ.get(FOLDER)
            os.environ[FOLDER] = folder
            try:
                yield
            finally:
                if before is None:
                    del os.environ[FOLDER]
                else:
                    os.environ[FOLDER] = before


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    """Hold a lock that ends with its process; OSError where there is none, or somebody else holds it."""
    handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


class Metrics:
    """What one worker counts. Many threads can use it.

    A call's id, a number or an outcome is never a label: there would be no end of them.
    """

    def __init__(self) -> None:
        own = self._own = CollectorRegistry()
        self._places: dict[tuple[str, str, str], Counter] = {}
        self._known: dict[tuple[str, int], tuple[Counter, Histogram]] = {}
        self._requests = Counter(
            "gitagent_http_requests", "Requests answered, by endpoint and status.", ("endpoint", "status"), registry=own
        )
        self._seconds = Histogram(
            "gitagent_http_request_seconds",
            "Seconds from a request to its answer.",
            ("endpoint",),
            buckets=_SECONDS,
            registry=own,
        )
        self._begun = Counter("gitagent_calls_begun", "Calls begun.", _PLACE, registry=own)
        self._unrecorded = Counter(
            "gitagent_calls_begun_unrecorded", "Calls answered while the store of calls was away.", _PLACE, registry=own
        )
        self._ended = Counter("gitagent_calls_ended", "Calls ended.", (*_PLACE, "success"), registry=own)
        self._duration = Summary("gitagent_call_duration_seconds", "Seconds that calls took.", _PLACE, registry=own)
        self._fetches = Counter(
            "gitagent_fetches", "Looks at shared remotes, by how they went.", ("agent", "result"), registry=own
        )

    def request(self, endpoint: str, status: int, seconds: float) -> None:
        """A request was answered. `endpoint` is a name of the table of endpoints, or `none`."""
        try:
            requests, times = self._known[endpoint, status]
        except KeyError:  # to look labels up takes longer than to count
            requests, times = self._requests.labels(endpoint, str(status)), self._seconds.labels(endpoint)
            self._known[endpoint, status] = requests, times
        requests.inc()
        times.observe(seconds)

    def begun(self, call: Call, *, recorded: bool) -> None:
        """A call began. Not to be said again when it is begun again."""
        place = _place(call)
        if (begun := self._places.get(place)) is None:
            begun = self._places[place] = self._begun.labels(*place)
        begun.inc()
        if not recorded:
            self._unrecorded.labels(*_place(call)).inc()

    def ended(self, call: Call) -> None:
        """A call ended."""
        success = "unknown" if call.success is None else "yes" if call.success else "no"
        self._ended.labels(*_place(call), success).inc()
        if call.duration is not None:
            self._duration.labels(*_place(call)).observe(call.duration)

    def fetched(self, agent: str, result: str) -> None:
        """A shared remote was looked at; `result` is `new`, `same` or `failed`."""
        self._fetches.labels(agent, result).inc()

    def text(self, more: Iterable[Metric] = (), *, sees: Callable[[str], bool] | None = None) -> bytes:
        """All figures of all workers, and `more`, as Prometheus reads them: of the agents that the asker sees."""
        return generate_latest(_Shown(self._families(), more, sees))

    def _families(self) -> Iterable[Metric]:
        if FOLDER not in os.environ:
            return self._own.collect()
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # prometheus_client has no type there
        return together.collect()


class _Shown:
    """Figures without those of agents that the asker does not see."""

    def __init__(self, families: Iterable[Metric], more: Iterable[Metric], sees: Callable[[str], bool] | None) -> None:
        self._families = [*families, *more]
        self._sees = sees

    def collect(self) -> Iterator[Metric]:
        for family in self._families:
            family.samples = [each for each in family.samples if self._is_shown(each)]
            yield family

    def _is_shown(self, sample: Sample) -> bool:
        if sample.name.endswith("_created"):  # which many workers could not agree on
            return False
        agent = sample.labels.get("agent")
        return agent is None or self._sees is None or self._sees(agent)


def _place(call: Call) -> tuple[str, str, str]:
    return call.agent, "" if call.environment is None else str(call.environment), str(call.version)
