"""Endpoints: the one table of all that the server answers. What is not in it is not served, and not described."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any, NamedTuple

from pydantic import BaseModel
from starlette.responses import Response

from gitagent.server import bodies
from gitagent.server.openapi import document
from gitagent.server.requests import Request
from gitagent.server.routes import agents, calls, chat, health, numbers, statistics, webhooks


class Parameter(NamedTuple):
    """One that an endpoint takes in its query."""

    name: str
    summary: str
    example: str
    """Which tells its kind, too: true or false, a number, a time or a text."""
    required: bool = False


class Endpoint(NamedTuple):
    """One method of one path. `scopes` are those of which a token needs one; none, and no token is needed."""

    method: str
    path: str
    name: str
    summary: str
    scopes: tuple[str, ...]
    answer: Callable[[Request], Awaitable[Response]]
    gives: str
    """The name of what it answers with, in `shapes`."""
    query: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    """What it takes in JSON."""
    reads: bool = False
    """Whether it takes a body of any kind, which it reads itself."""
    statuses: tuple[int, ...] = (200,)
    refuses: tuple[int, ...] = ()
    """The statuses of refusals that are its own, besides those that its other fields bring."""
    media: str = "application/json"

    @property
    def parameters(self) -> frozenset[str]:
        """The names of what its query takes."""
        return frozenset(each.name for each in self.query)


_AGENT = "/v1/agents/{agent}"
_ENVIRONMENT = _AGENT + "/environments/{environment}"
_CALL = "/v1/calls/{call_id}"
_OF_AGENT = Parameter("agent", "Only this agent's", "shop")
_WHOLE = Parameter("configuration", "Whether the answer holds the configuration", "true")
_SPAN = (
    Parameter("since", "Only calls that began at this time or later", "2026-03-02T09:00:00Z"),
    Parameter("until", "Only calls that began before this time", "2026-03-09T09:00:00Z"),
)
_FILTERS = (
    _OF_AGENT,
    Parameter("version", "Only calls of this version", "v1"),
    Parameter("environment", "Only calls to this environment", "live"),
    Parameter("number", "Only calls to this number", "+442079460018"),
    Parameter("outcome", "Only calls that ended so", "completed"),
    *_SPAN,
    Parameter("limit", "How many at most: 1 to 1000", "20"),
    Parameter("cursor", "Where the page before ended", "MTc2NzYwMDAwMCBDQTE"),
)
_OLD = (
    Parameter("before", "Only calls that began before this time", "2026-03-02T09:00:00Z", required=True),
    Parameter("open", "Whether calls that have not ended are removed, too", "false"),
    _OF_AGENT,
)

_COUNTED = (
    Parameter("version", "This version; the newest that had calls where none is named", "v1"),
    Parameter("environment", "Only calls to this environment", "live"),
    *_SPAN,
)
_TAGGED: dict[str, Any] = {"statuses": (200, 304)}
"""What whoever has it already, by its ETag, is not told again."""
_CONFIGURATION: dict[str, Any] = {"gives": "Configuration", **_TAGGED}


async def describe(request: Request) -> Response:
    """The description of all endpoints."""
    return Response(_description(), media_type="application/json")


TABLE = (
    Endpoint(
        "POST",
        "/v1/calls",
        "begin-call",
        "Begin a call, and say what answers it",
        ("call",),
        calls.begin,
        "Begun",
        query=(_WHOLE,),
        body=bodies.Beginning,
        statuses=(200, 201),
        refuses=(404, 409),
    ),
    Endpoint("GET", "/v1/calls", "calls", "Calls, newest first", ("read",), calls.list_, "Calls", query=_FILTERS),
    Endpoint("DELETE", "/v1/calls", "prune-calls", "Remove old calls", ("admin",), calls.prune, "Pruned", query=_OLD),
    Endpoint("GET", _CALL, "call", "One call", ("read", "call"), calls.show, "OneCall"),
    Endpoint(
        "PATCH",
        _CALL,
        "change-call",
        "End a call, or add to it",
        ("call",),
        calls.change,
        "OneCall",
        body=bodies.Change,
        refuses=(409,),
    ),
    Endpoint(
        "GET",
        f"{_CALL}/config",
        "call-configuration",
        "The configuration that a call is pinned to",
        ("read", "call"),
        calls.configuration,
        **_CONFIGURATION,
    ),
    Endpoint("GET", "/v1/agents", "agents", "All agents", ("read",), agents.list_, "Agents", **_TAGGED),
    Endpoint("GET", _AGENT, "agent", "One agent, with its environments", ("read",), agents.show, "Agent", **_TAGGED),
    Endpoint(
        "GET",
        f"{_AGENT}/environments",
        "environments",
        "The environments of an agent, in the pipeline's order",
        ("read",),
        agents.environments,
        "Environments",
        **_TAGGED,
    ),
    Endpoint(
        "GET",
        _ENVIRONMENT,
        "environment",
        "One environment",
        ("read",),
        agents.environment,
        "OneEnvironment",
        **_TAGGED,
    ),
    Endpoint(
        "GET",
        f"{_ENVIRONMENT}/config",
        "environment-configuration",
        "The configuration that an environment serves now",
        ("read",),
        agents.environment_configuration,
        refuses=(409,),
        **_CONFIGURATION,
    ),
    Endpoint(
        "POST",
        f"{_ENVIRONMENT}/chat",
        "chat",
        "What an environment answers in a conversation, by its own files alone; nothing is recorded",
        ("call",),
        chat.answer,
        "Chat",
        body=bodies.Talk,
        refuses=(409,),
    ),
    Endpoint(
        "GET",
        f"{_AGENT}/versions/{{version}}/config",
        "version-configuration",
        "The configuration of a version",
        ("read",),
        agents.version_configuration,
        **_CONFIGURATION,
    ),
    Endpoint(
        "GET",
        f"{_AGENT}/stats",
        "statistics",
        "What became of a version's calls, against those of the version before",
        ("read",),
        statistics.statistics,
        "Statistics",
        query=_COUNTED,
    ),
    Endpoint(
        "GET",
        "/v1/numbers/{number}",
        "number",
        "What answers a number now",
        ("read",),
        numbers.resolve,
        "Resolution",
        query=(_WHOLE._replace(example="false"),),
        refuses=(409,),
    ),
    Endpoint(
        "POST",
        f"{_AGENT}/refresh",
        "refresh",
        "Look at the agent's shared remote now",
        ("admin",),
        webhooks.refresh,
        "Refreshed",
        refuses=(409, 502),
    ),
    Endpoint(
        "POST",
        "/v1/webhooks/{agent}",
        "webhook",
        "Say, signed, that the agent's shared remote changed",
        (),
        webhooks.take,
        "Webhook",
        reads=True,
        statuses=(202,),
        refuses=(403,),
    ),
    Endpoint("GET", "/healthz", "live", "Whether the server lives", (), health.live, "Health"),
    Endpoint("GET", "/readyz", "ready", "Whether calls can be answered", (), health.ready, "Ready"),
    Endpoint(
        "GET",
        "/metrics",
        "metrics",
        "Figures for Prometheus",
        ("read",),
        health.metrics,
        "Figures",
        media="text/plain",
    ),
    Endpoint("GET", "/openapi.json", "description", "This description", (), describe, "Description"),
)


@cache
def _description() -> bytes:
    return json.dumps(document(TABLE)).encode()
