"""Webhooks over HTTP: what says that a shared remote changed, which is then looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.server.envelope import RequestError
from gitagent.server.requests import answered
from gitagent.server.webhooks import HEADERS, is_signed

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.server.requests import Request


async def take(request: Request) -> Response:
    """A message that the remote of an agent changed. It is looked at soon; whoever says so does not wait for it."""
    served, name = request.served, request.path["agent"]
    if served.secrets is None:
        raise RequestError(
            404,
            "webhooks-off",
            "this server takes no webhooks",
            hint="Start it with: gitagent serve --webhook-secret-file FILE",
        )
    headers = {each: value for each in HEADERS if (value := request.header(each.encode())) is not None}
    if not is_signed(served.secrets.all(), headers, request.sent, at=served.clock()):
        raise RequestError(
            403,
            "signature-invalid",
            "the message is not signed with a secret that this server knows, or too long ago",
            hint="Sign it as the Standard Webhooks, GitHub or GitLab do.",
        )
    await served.in_thread(served.calls.agents.get, name)
    served.polling.look_soon(name)
    return answered("webhook", {"agent": name}, 202)


async def refresh(request: Request) -> Response:
    """Look at the shared remote of an agent now."""
    resolver = await request.agent()
    followed = await request.served.polling.refresh(resolver.name)
    if followed is None:
        raise RequestError(
            409,
            "remote-missing",
            f"{resolver.name} follows no shared remote",
            hint="Where it is a bare clone: git config gitagent.remote origin",
        )
    return answered("refresh", {"agent": resolver.name, "url": followed.url, "new": followed.is_new})
