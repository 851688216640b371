"""Numbers over HTTP: what would answer one now, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.errors import NumberContested, NumberNotFound
from gitagent.runtime.forms import resolution_form
from gitagent.server.requests import answered

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.runtime.resolutions import Resolution
    from gitagent.server.requests import Request


async def resolve(request: Request) -> Response:
    """What answers a number now."""
    found = await request.served.in_thread(_resolved, request)
    form = resolution_form(found)
    if request.flag("configuration", default=False):
        form["configuration"] = await request.served.in_thread(lambda: found.configuration.document())
    return answered("resolve", form)


def _resolved(request: Request) -> Resolution:
    number = request.path["number"]
    try:
        found = request.served.calls.agents.number(number)
    except NumberContested as contested:
        if request.grant.agents is None:
            raise
        raise NumberContested(f"{number} belongs to more than one agent") from contested
    if not request.grant.sees(found.agent):
        raise NumberNotFound(f"{found.number} is assigned to no environment")
    return found
