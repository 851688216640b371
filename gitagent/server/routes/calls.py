"""Calls over HTTP: begun, looked up, ended, added to and pruned."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING

from starlette.responses import Response

from gitagent.errors import CallNotFound
from gitagent.runtime.forms import call_form
from gitagent.server.routes.configurations import configured

if TYPE_CHECKING:
    from gitagent.runtime.calls import Begun
    from gitagent.runtime.records import Call
    from gitagent.server.bodies import Beginning
    from gitagent.server.requests import Request

_PINNED = "private, max-age=31536000, immutable"
"""What a call, or a version, has never becomes another."""


async def begin(request: Request) -> Response:
    """Begin a call and say what answers it."""
    asked: Beginning = request.body
    whole = request.flag("configuration", default=True)
    at = request.served.clock()
    outbound = asked.direction == "outbound"
    own, other = (asked.from_, asked.to) if outbound else (asked.to, asked.from_)
    begun = await request.served.in_thread(
        partial(
            request.served.calls.begin,
            asked.call_id,
            at=at,
            number=own,
            environment=asked.environment,
            version=asked.version,
            agent=None if asked.agent is None else request.allowed(asked.agent),
            direction=asked.direction,
            caller=other,
            sip_headers=asked.sip_headers,
            attributes=asked.attributes,
        )
    )
    return _begun(begun, is_new=begun.call.began_at == at, whole=whole)


async def show(request: Request) -> Response:
    """One call."""
    call = await _call(request)
    return Response(_called(call), media_type="application/json")


async def configuration(request: Request) -> Response:
    """The configuration that a call is pinned to."""
    call = await _call(request)
    found = await request.served.in_thread(request.served.calls.configuration, call)
    return configured(request, found, call.version, keep=_PINNED)


async def _call(request: Request) -> Call:
    call = await request.served.in_thread(request.served.calls.get, request.path["call_id"])
    if not request.grant.sees(call.agent):
        raise CallNotFound(f"there is no call {call.call_id}")
    return call


def _called(call: Call) -> bytes:
    return json.dumps({"format": "gitagent.call/1", "call": call_form(call)}).encode()


def _begun(begun: Begun, *, is_new: bool, whole: bool) -> Response:
    body = b'%b,"recorded":%b%b}' % (
        _called(begun.call)[:-1],
        b"true" if begun.recorded else b"false",
        b',"configuration":' + begun.configuration.body if whole else b"",
    )
    return Response(body, 201 if is_new else 200, media_type="application/json")
