"""Health over HTTP: whether a server lives, whether it can answer calls, and its figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.server.envelope import RequestError
from gitagent.server.extra import needed
from gitagent.server.health import figures
from gitagent.server.metrics import CONTENT_TYPE
from gitagent.server.requests import answered

with needed("starlette"):
    from starlette.responses import Response

if TYPE_CHECKING:
    from gitagent.server.requests import Request


async def live(request: Request) -> Response:
    """That requests are answered at all."""
    return answered("health", {"status": "ok"})


async def ready(request: Request) -> Response:
    """Whether calls can be answered; what is in trouble is told by its code alone, since anybody may ask."""
    health = await request.served.health.health()
    if health.status == "unready":
        raise RequestError(503, "unready", "there is no agent that could answer a call")
    return answered(
        "ready",
        {
            "status": health.status,
            "store": "ready" if health.has_store else "away",
            "agents": health.agents,
            "waiting": health.waiting,
            "troubles": [{"code": code, "count": count} for code, count in health.troubles.items()],
        },
    )


async def metrics(request: Request) -> Response:
    """The figures of all workers, of the agents that whoever asks may see."""
    served = request.served
    text = await served.in_thread(lambda: served.metrics.text(figures(served), sees=request.grant.sees))
    return Response(text, headers={"Content-Type": CONTENT_TYPE})
