"""Traces: each request's span, where somebody has set up where spans go. Else nothing of this is in the way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent import telemetry
from gitagent.errors import GitagentError
from gitagent.server.routing import Routes

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

NO_ROUTE = "*"


def traced(app: ASGIApp) -> ASGIApp:
    """The application with spans, or as it was where nobody traces."""
    if not telemetry.is_traced():
        return app
    routes = Routes()

    async def trace(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        with telemetry.answering(scope["method"], _route(routes, scope), headers) as answered:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    answered.status = message["status"]
                await send(message)

            await app(scope, receive, noting)

    return trace


def _route(routes: Routes, scope: Scope) -> str:
    """The path of the endpoint, as the table has it: a call's id is no name of a span."""
    try:
        return routes.find(scope["method"], scope["raw_path"])[0].path
    except GitagentError:
        return NO_ROUTE
