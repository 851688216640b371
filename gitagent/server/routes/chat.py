"""Chat over HTTP: what an environment would answer in a conversation, without a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitagent import telemetry
from gitagent.config.meaning.records import record_of
from gitagent.names import EnvironmentName
from gitagent.runtime.checks import checked_headers
from gitagent.server.rehearsing import Asked
from gitagent.server.requests import answered

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.server import bodies
    from gitagent.server.rehearsing import Rehearsed
    from gitagent.server.requests import Request


async def answer(request: Request) -> Response:
    """The agent's next message, and how it came about."""
    resolver, environment = await request.agent(), str(EnvironmentName.parse(request.path["environment"]))
    rehearsed = await request.served.rehearsing.answer(resolver, environment, _asked(request.body))
    telemetry.mark(rehearsed.resolution)
    return answered("chat", _form(rehearsed))


def _asked(talk: bodies.Talk) -> Asked:
    users: list[str | None] = [each.content for each in talk.messages if each.role == "user"]
    greets = not talk.messages or talk.messages[0].role == "assistant"
    return Asked(
        [None, *users] if greets else users,
        talk.channel,
        talk.variables or {},
        talk.variant,
        checked_headers(talk.sip_headers),
        talk.fixtures or {},
    )


def _form(rehearsed: Rehearsed) -> dict[str, Any]:
    resolution, responder, given = rehearsed
    return {
        "agent": resolution.agent,
        "environment": str(resolution.environment),
        "version": str(resolution.version),
        "commit": resolution.commit,
        "responder": responder,
        "message": {"role": "assistant", "content": given.text},
        "topic": given.topic,
        "score": given.score,
        "candidates": record_of(given.candidates),
        "tool_calls": record_of(given.tool_calls),
        "handoff": given.handoff,
    }
