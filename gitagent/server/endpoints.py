"""Endpoints: the one table of all that the server answers. What is not in it is not served, and not described."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from pydantic import BaseModel
from starlette.responses import Response

from gitagent.server import bodies
from gitagent.server.envelope import RequestError
from gitagent.server.requests import Request
from gitagent.server.routes import agents, calls, numbers, statistics


class Parameter(NamedTuple):
    """One that an endpoint takes in its query."""

    name: str
    summary: str
    example: str


class Endpoint(NamedTuple):
    """One method of one path. `scopes` are those of which a token needs one; none, and no token is needed."""

    method: str
    path: str
    name: str
    summary: str
    scopes: tuple[str, ...]
    answer: Callable[[Request], Awaitable[Response]]
    query: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    reads: bool = False
    """Whether it takes a body of any kind, which it reads itself."""

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
    Parameter("version", "Only calls of this version", "v7"),
    Parameter("environment", "Only calls to this environment", "live"),
    Parameter("number", "Only calls to this number", "+442079460018"),
    Parameter("outcome", "Only calls that ended so", "completed"),
    *_SPAN,
    Parameter("limit", "How many at most: 1 to 1000", "20"),
    Parameter("cursor", "Where the page before ended", "MTc2NzYwMDAwMCBDQTE"),
)
_OLD = (
    Parameter("before", "Only calls that began before this time; it has to be said", "2026-03-02T09:00:00Z"),
    Parameter("open", "Whether calls that have not ended are removed, too", "false"),
    _OF_AGENT,
)

TABLE = (
    Endpoint("POST", "/v1/calls", "begin-call", "Begin a call", ("call",), calls.begin, (_WHOLE,), bodies.Beginning),
    Endpoint("GET", "/v1/calls", "calls", "Calls, newest first", ("read",), calls.list_, _FILTERS),
    Endpoint("DELETE", "/v1/calls", "prune-calls", "Remove old calls", ("admin",), calls.prune, _OLD),
    Endpoint("GET", _CALL, "call", "One call", ("read", "call"), calls.show),
    Endpoint("PATCH", _CALL, "change-call", "End a call, or add to it", ("call",), calls.change, (), bodies.Change),
    Endpoint(
        "GET",
        f"{_CALL}/config",
        "call-configuration",
        "The configuration that a call is pinned to",
        ("read", "call"),
        calls.configuration,
    ),
    Endpoint("GET", "/v1/agents", "agents", "All agents", ("read",), agents.list_),
    Endpoint("GET", _AGENT, "agent", "One agent, with its environments", ("read",), agents.show),
    Endpoint("GET", f"{_AGENT}/environments", "environments", "All environments", ("read",), agents.environments),
    Endpoint("GET", _ENVIRONMENT, "environment", "One environment", ("read",), agents.environment),
    Endpoint(
        "GET",
        f"{_ENVIRONMENT}/config",
        "environment-configuration",
        "The configuration that an environment serves now",
        ("read",),
        agents.environment_configuration,
    ),
    Endpoint(
        "GET",
        f"{_AGENT}/versions/{{version}}/config",
        "version-configuration",
        "The configuration of a version",
        ("read",),
        agents.version_configuration,
    ),
    Endpoint(
        "GET",
        f"{_AGENT}/stats",
        "statistics",
        "What became of a version's calls, against those of the version before",
        ("read",),
        statistics.statistics,
        (
            Parameter("version", "This version; the newest that had calls where none is named", "v7"),
            Parameter("environment", "Only calls to this environment", "live"),
            *_SPAN,
        ),
    ),
    Endpoint(
        "GET",
        "/v1/numbers/{number}",
        "number",
        "What answers a number now",
        ("read",),
        numbers.resolve,
        (Parameter("configuration", "Whether the answer holds the configuration", "false"),),
    ),
)


class Routes:
    """The endpoints by path. A path is split before it is decoded, so that a part may hold any character."""

    def __init__(self, table: tuple[Endpoint, ...] = TABLE) -> None:
        self._top = _Step()
        for endpoint in table:
            self._top.add(endpoint, endpoint.path.encode().split(b"/")[1:])

    def find(self, method: str, path: bytes) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint, and what its path names; refused where there is none, or not of that method."""
        step, values = self._top, []
        for part in path.split(b"/")[1:]:
            found = step.named.get(part)
            if found is None and part:
                values.append(part)
                found = step.any
            if found is None:
                raise _nothing()
            step = found
        if not step.endpoints or not path.startswith(b"/"):
            raise _nothing()
        endpoint = step.endpoints.get("GET" if method == "HEAD" else method)
        if endpoint is None:
            raise _not_allowed(method, step.endpoints)
        return endpoint, dict(zip(step.parameters, map(_decoded, values), strict=True)) if values else {}


class _Step:
    """A part of a path, and those that may follow it."""

    def __init__(self) -> None:
        self.named: dict[bytes, _Step] = {}
        self.any: _Step | None = None
        self.endpoints: dict[str, Endpoint] = {}
        self.parameters: tuple[str, ...] = ()

    def add(self, endpoint: Endpoint, parts: list[bytes], parameters: tuple[str, ...] = ()) -> None:
        if not parts:
            self.endpoints[endpoint.method] = endpoint
            self.parameters = parameters
        elif parts[0].startswith(b"{"):
            self.any = self.any or _Step()
            self.any.add(endpoint, parts[1:], (*parameters, parts[0][1:-1].decode()))
        else:
            self.named.setdefault(parts[0], _Step()).add(endpoint, parts[1:], parameters)


def _decoded(part: bytes) -> str:
    try:
        return (unquote_to_bytes(part) if b"%" in part else part).decode()
    except UnicodeDecodeError:
        raise _nothing() from None


def _nothing() -> RequestError:
    return RequestError(404, "route-not-found", "there is nothing at this path", hint="See: /openapi.json")


def _not_allowed(method: str, endpoints: dict[str, Endpoint]) -> RequestError:
    allowed = ", ".join(sorted([*endpoints, *(["HEAD"] if "GET" in endpoints else [])]))
    return RequestError(
        405,
        "method-not-allowed",
        f"{method[:20]} is not for this path",
        hint=f"Use {allowed}.",
        headers={"Allow": allowed},
    )
