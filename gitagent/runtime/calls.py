"""Calls: where they begin and end, pinned to a version, and what became of them. For one agent or for many."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from gitagent.errors import AgentNotFound, CallNotFound, GitagentError
from gitagent.names import EnvironmentName, VersionNumber
from gitagent.runtime import checks
from gitagent.runtime.asking import Beginning
from gitagent.runtime.beginnings import Beginnings
from gitagent.runtime.beginnings import Begun as Begun
from gitagent.runtime.cursors import Cursor
from gitagent.runtime.recording import Recorder
from gitagent.runtime.records import Call, Filter, Page, micros
from gitagent.runtime.statistics import Statistics, VersionStatistics, of_calls, of_tallies
from gitagent.runtime.transitions import Addition, Ending, found

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gitagent.names import PhoneNumber
    from gitagent.runtime.asking import Answered
    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.runtime.folders import Agents, Trouble
    from gitagent.runtime.recording import Recorded
    from gitagent.runtime.records import Direction, Scalar
    from gitagent.runtime.spool import Spool
    from gitagent.runtime.stores.interface import CallStore

PAGE = 500
MOST_ON_PAGE = 1000
PRUNED_AT_ONCE = 1000


class Calls:
    """The calls of some agents, or with `agent` of that one alone. Many threads can use it.

    What is said of a call is checked first, and refused as InvalidName (`invalid-call`).
    """

    def __init__(
        self,
        agents: Agents,
        store: CallStore,
        spool: Spool,
        *,
        agent: str | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.agents = agents
        self._agent = agent
        self._store = store
        self._recorder = Recorder(store, spool, clock=clock)
        self._beginnings = Beginnings(agents, self._recorder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(
        self,
        call_id: str,
        *,
        at: datetime,
        number: PhoneNumber | str | None = None,
        environment: EnvironmentName | str | None = None,
        version: VersionNumber | str | None = None,
        agent: str | None = None,
        direction: Direction | str | None = None,
        caller: str | None = None,
        sip_headers: Mapping[str, str] | None = None,
        attributes: Mapping[str, Scalar] | None = None,
        answered: Answered | None = None,
    ) -> Begun:
        """Begin a call to a number, in an environment or, outbound alone, with a version, and pin it for good.

        A call id that has begun already gets what it got then, whatever was promoted, rolled back or assigned since;
        CallIdTaken where it then asked for something else. Where the store of calls is away or full, the call is
        answered all the same.

        With `answered`, a client answered it itself at that time, and this is recorded; NeverServed
        (`version-not-served`) where it cannot have been. A call that had begun here meanwhile keeps its version, and
        has the other one as its attribute `answered_with`.
        """
        beginning = Beginning(
            call_id, at, number, environment, version, agent, direction, caller, sip_headers, attributes
        )._replace(answered=answered)
        (begun,) = self.begin_all([beginning])
        if isinstance(begun, GitagentError):
            raise begun
        return begun

    def begin_all(self, beginnings: Sequence[Beginning]) -> list[Begun | GitagentError]:
        """Begin many calls at once, recorded in one transaction: each as `begin` does, or what refuses it."""
        results = self._beginnings.begin_all(
            [each._replace(agent=each.agent or self._agent) for each in beginnings] if self._agent else beginnings
        )
        if any(isinstance(each, Begun) and each.recorded for each in results):
            self._recorder.deliver_now_and_then()
        return results

    def end(
        self,
        call_id: str,
        *,
        at: datetime,
        outcome: str | None = None,
        success: bool | None = None,
        duration: float | None = None,
    ) -> Call:
        """End a call. Ending it again in the same way changes nothing; CallEnded in another way.

        `success` None lets the outcome say it, as `completed` or `failed` do. `duration` None is the time since it
        began.
        """
        ending = Ending(
            checks.checked_time(at),
            checks.checked_outcome(outcome),
            checks.checked_success(success),
            checks.checked_duration(duration),
        )
        return self._changed(call_id, ending)

    def annotate(
        self, call_id: str, *, score: float | None = None, attributes: Mapping[str, Scalar] | None = None
    ) -> Call:
        """Add a score and attributes to a call, before its end or after it; an attribute that is None is taken away."""
        addition = Addition(checks.checked_score(score), checks.checked_attributes(attributes))
        return self._changed(call_id, addition)

    def get(self, call_id: str) -> Call:
        """The call of that id; CallNotFound where there is none."""
        call = found(self._recorder.known(checks.checked_id(call_id)), call_id)
        return self._own(call)

    def configuration(self, call: Call) -> ServedConfiguration:
        """The configuration that a call is pinned to."""
        resolver = self.agents.get(call.agent)
        return self.agents.configurations.get(resolver.path, call.commit)

    def find(self, wanted: Filter | None = None, *, limit: int = 20, cursor: Cursor | str | None = None) -> Page:
        """The newest calls that are so; `cursor` is the `next` of the page before."""
        if not 1 <= limit <= MOST_ON_PAGE:
            checks.refuse("the limit", f"it is 1 to {MOST_ON_PAGE}")
        after = Cursor.parse(cursor) if isinstance(cursor, str) else cursor
        self._recorder.deliver_now_and_then()
        calls = self._recorder.look(lambda store: store.find(self._mine(wanted), limit=limit + 1, after=after))
        shown = tuple(calls[:limit])
        return Page(shown, Cursor(micros(shown[-1].began_at), shown[-1].call_id) if len(calls) > limit else None)

    def each(self, wanted: Filter | None = None) -> Iterator[Call]:
        """All calls that are so, newest first, read page by page."""
        cursor = None
        while True:
            page = self.find(wanted, limit=PAGE, cursor=cursor)
            yield from page.calls
            if (cursor := page.next) is None:
                return

    def versions(self, *, environment: str | None = None, agent: str | None = None) -> list[VersionNumber]:
        """The versions that had calls, newest first."""
        self._recorder.deliver_now_and_then()
        name, place = self._named(agent), _environment(environment)
        return self._recorder.look(lambda store: store.versions(name, place))

    def stats(
        self,
        version: VersionNumber | str | None = None,
        *,
        environment: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        agent: str | None = None,
    ) -> Statistics:
        """What became of a version's calls (of the newest version that had any), against the version before it.

        It costs the same however many calls there are, but for a span of time, whose calls are read. Pruned calls
        still count, but for a span of time.
        """
        name, place = self._named(agent), _environment(environment)
        versions = self.versions(environment=environment, agent=name)
        asked = VersionNumber.parse(version) if isinstance(version, str) else version
        if asked is None and not versions:
            raise CallNotFound("there are no calls yet", hint="Begin one: agent.calls.begin(…), or gitagent serve")
        number = versions[0] if asked is None else asked
        before = next((each for each in versions if each < number), None)

        def one(number: VersionNumber) -> VersionStatistics:
            if since is None and until is None:
                return of_tallies(number, self._recorder.look(lambda store: store.tallies(name, number, place)))
            return of_calls(number, self.each(Filter(name, number, place, since=since, until=until)))

        return Statistics(name, place, one(number), None if before is None else one(before))

    def prune(self, *, before: datetime, open_too: bool = False, agent: str | None = None) -> int:
        """Remove the calls that began before; how many. Those that have not ended stay, unless `open_too`."""
        name, removed = agent or self._agent, 0
        while count := self._recorder.look(
            lambda store: store.prune(before, agent=name, open_too=open_too, limit=PRUNED_AT_ONCE)
        ):
            removed += count
        return removed

    def end_looks(self) -> None:
        """Let lists, statistics and prunes that are under way end soon, with CallStoreFailed: the process ends."""
        self._recorder.end_looks()

    def deliver(self) -> int:
        """Bring to the store the calls that began while it was away; how many. To be done every second or so."""
        return self._recorder.deliver()

    @property
    def waiting(self) -> int:
        """How many calls wait on this machine for the store."""
        return self._recorder.waiting()

    def troubles(self) -> list[Trouble]:
        """What is not served as it should be, of the agents, and of calls that could not be recorded."""
        return [*self.agents.troubles(), *self._recorder.troubles()]

    def check(self) -> None:
        """CallStoreFailed where the store is away."""
        self._store.get("-")

    def close(self) -> None:
        """Let go of the store, once it has what waits in memory alone; it is opened again when it is used."""
        self._recorder.deliver_at_last()
        self._store.close()

    def _changed(self, call_id: str, change: Ending | Addition) -> Call:
        if self._agent is not None:
            self.get(call_id)
        recorded: Recorded = self._recorder.change(checks.checked_id(call_id), change)
        return recorded.call

    def _own(self, call: Call) -> Call:
        if self._agent is not None and call.agent != self._agent:
            found(None, call.call_id)
        return call

    def _mine(self, wanted: Filter | None) -> Filter:
        given = wanted or Filter()
        return given if self._agent is None else given._replace(agent=self._agent)

    def _named(self, agent: str | None) -> str:
        name = agent or self._agent
        if name is None:
            raise AgentNotFound(
                "it is not said which agent", hint="Name one of: " + ", ".join(self.agents.names()[:10])
            )
        return name


def _environment(name: str | None) -> EnvironmentName | None:
    return None if name is None else EnvironmentName.parse(name)
