"""Statistics over HTTP: what became of a version's calls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from gitagent.names import VersionNumber
from gitagent.runtime.forms import statistics_form
from gitagent.server.requests import answered

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.server.requests import Request


async def statistics(request: Request) -> Response:
    """What became of a version's calls, against those of the version before."""
    resolver = await request.agent()
    found = await request.served.looking(
        partial(
            request.served.calls.stats,
            request.parsed("version", VersionNumber.parse),
            environment=request.query.get("environment"),
            since=request.time("since"),
            until=request.time("until"),
            agent=resolver.name,
        )
    )
    return answered("calls-stats", statistics_form(found))
