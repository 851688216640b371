"""Calls over HTTP: begun, looked up, listed, ended, added to and pruned."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING

from pydantic_core import to_json

from gitagent import telemetry
from gitagent.errors import CallNotFound, GitagentError, ObjectMissing
from gitagent.names import EnvironmentName, VersionNumber
from gitagent.runtime import checks
from gitagent.runtime.asking import Answered, Beginning
from gitagent.runtime.cursors import Cursor
from gitagent.runtime.dialling import dialled
from gitagent.runtime.forms import call_form
from gitagent.runtime.records import Filter, micros
from gitagent.server.requests import answered, in_json, parameter_invalid
from gitagent.server.routes.configurations import PINNED, configured

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.names import PhoneNumber
    from gitagent.runtime.calls import Begun
    from gitagent.runtime.records import Call, Page
    from gitagent.server import bodies
    from gitagent.server.requests import Request
    from gitagent.server.served import Served

ON_PAGE = 20
LONGEST_FETCH = 5.0
"""Seconds that whoever asks waits for a shared remote."""


async def begin(request: Request) -> Response:
    """Begin a call and say what answers it."""
    asked: bodies.Beginning = request.body
    whole = request.flag("configuration", default=True)
    own, other = (asked.from_, asked.to) if asked.direction == "outbound" else (asked.to, asked.from_)
    at, was = request.served.clock(), asked.answered
    beginning = Beginning(
        asked.call_id,
        at if was is None else min(was.at, at),
        own,
        asked.environment,
        asked.version,
        asked.agent,
        asked.direction,
        other,
        asked.sip_headers,
        asked.attributes,
        request.grant.agents,
        None if was is None else Answered(was.version, was.agent, was.environment),
    )
    try:
        begun = await request.served.recording.begin(beginning)
    except ObjectMissing:
        await _fetch(request.served, await request.served.from_store(request.served.calls.get, asked.call_id))
        begun = await request.served.recording.begin(beginning)
    if begun.is_new:
        request.served.metrics.begun(begun.call, recorded=begun.recorded)
    telemetry.mark(begun.call, begun.call.call_id)
    return _begun(begun, whole=whole)


async def show(request: Request) -> Response:
    """One call."""
    return in_json(_called(await _call(request)))


async def configuration(request: Request) -> Response:
    """The configuration that a call is pinned to."""
    served, call = request.served, await _call(request)
    try:
        found = await served.in_thread(served.calls.configuration, call)
    except ObjectMissing:
        await _fetch(served, call)
        found = await served.in_thread(served.calls.configuration, call)
    return configured(request, found, call.version, keep=PINNED)


async def change(request: Request) -> Response:
    """End a call, or add to it."""
    change: bodies.Change = request.body
    call = await _call(request)
    changed = await request.served.from_store(_changed, request.served, call, change)
    if call.ended_at is None and changed.ended_at is not None:
        request.served.metrics.ended(changed)
    return in_json(_called(changed))


async def list_(request: Request) -> Response:
    """Calls, newest first, page by page."""
    limit, cursor = request.count("limit", default=ON_PAGE), _cursor(request.query.get("cursor"))
    wanted = Filter(
        version=request.parsed("version", VersionNumber.parse),
        environment=request.parsed("environment", EnvironmentName.parse),
        number=request.parsed("number", _number),
        outcome=request.query.get("outcome"),
        since=request.time("since"),
        until=request.time("until"),
    )
    filters = [wanted._replace(agent=agent) for agent in request.agents()]
    calls, more = await request.served.looking(_newest, request.served, filters, limit, cursor)
    next_ = str(Cursor(micros(calls[-1].began_at), calls[-1].call_id)) if more else None
    return answered("calls", {"calls": [call_form(call) for call in calls], "next": next_})


async def prune(request: Request) -> Response:
    """Remove old calls."""
    before = request.time("before")
    if before is None:
        raise parameter_invalid("before", "it has to be said which calls are old")
    open_too = request.flag("open", default=False)
    removed = 0
    for agent in request.agents():
        removing = partial(request.served.calls.prune, before=before, open_too=open_too, agent=agent)
        removed += await request.served.looking(removing)
    return answered("calls-prune", {"removed": removed})


async def _call(request: Request) -> Call:
    """The call that the path names, if its agent is there for whoever asks."""
    call = await request.served.from_store(request.served.calls.get, request.path["call_id"])
    if not request.grant.sees(call.agent):
        raise CallNotFound(f"there is no call {call.call_id}", hint="List the calls with: gitagent calls")
    telemetry.mark(call, call.call_id)
    return call


async def _fetch(served: Served, call: Call) -> None:
    """Bring here the version that another machine, which saw it on the shared remote before, began a call with."""
    with suppress(GitagentError, TimeoutError):  # then it is missing still, and that is said
        async with asyncio.timeout(LONGEST_FETCH):
            await served.polling.refresh(call.agent)


def _changed(served: Served, call: Call, change: bodies.Change) -> Call:
    checks.checked_attributes(change.attributes)  # or a call would end, and the rest be refused
    checks.checked_score(change.score)
    if change.ends:
        call = served.calls.end(
            call.call_id,
            at=change.ended_at or served.clock(),
            outcome=change.outcome,
            success=change.success,
            duration=change.duration,
        )
    if change.adds:
        call = served.calls.annotate(call.call_id, score=change.score, attributes=change.attributes)
    return call


def _newest(served: Served, filters: list[Filter], limit: int, cursor: Cursor | None) -> tuple[list[Call], bool]:
    """The newest calls that are so, of all the filters together, and whether there are more."""
    pages: list[Page] = [served.calls.find(each, limit=limit, cursor=cursor) for each in filters]
    both = merge(*(page.calls for page in pages), key=lambda call: (call.began_at, call.call_id), reverse=True)
    calls = list(islice(both, limit))
    return calls, sum(len(page.calls) for page in pages) > limit or any(page.next for page in pages)


def _number(text: str) -> PhoneNumber:
    return dialled(text)


def _cursor(text: str | None) -> Cursor | None:
    return None if text is None else Cursor.parse(text)


def _called(call: Call) -> bytes:
    return to_json({"format": "gitagent.call/1", "call": call_form(call)})


def _begun(begun: Begun, *, whole: bool) -> Response:
    # The configuration is JSON already; to read and write it again would take longer than all the rest.
    body = b'%b,"recorded":%b%b}' % (
        _called(begun.call)[:-1],
        b"true" if begun.recorded else b"false",
        b',"configuration":' + begun.configuration.body if whole else b"",
    )
    return in_json(body, 201 if begun.is_new else 200)
