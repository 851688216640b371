"""Numbers over HTTP: what would answer one now, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent import telemetry
from gitagent.runtime.forms import resolution_form
from gitagent.server.requests import answered

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.server.requests import Request


async def resolve(request: Request) -> Response:
    """What answers a number now."""
    served, number, seen = request.served, request.path["number"], request.grant.agents
    found = await served.in_thread(lambda: served.calls.agents.number(number, among=seen))
    telemetry.mark(found)
    form = resolution_form(found)
    if request.flag("configuration", default=False):
        form["configuration"] = await served.in_thread(lambda: found.configuration.document())
    return answered("resolve", form)
