"""Requests: what an endpoint is given, read and checked; and the answers that it gives."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl

from gitagent.errors import AgentNotFound
from gitagent.server.envelope import RequestError
from gitagent.server.extra import needed

with needed("starlette"):
    from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import Scope

    from gitagent.runtime.resolutions import Resolver
    from gitagent.server.authorization import Grant
    from gitagent.server.endpoints import Endpoint
    from gitagent.server.served import Served

_JSON = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
_Value = TypeVar("_Value")
_STEERING = re.compile(r"[\x00-\x1f\x7f]")
_COUNT = re.compile(r"[0-9]{1,6}")
_TIME = 10
"""Where the time begins in an ISO 8601 text."""


class Request:
    """One request to one endpoint, by somebody who may send it."""

    __slots__ = ("body", "grant", "path", "query", "scope", "sent", "served")

    def __init__(
        self,
        served: Served,
        scope: Scope,
        grant: Grant,
        *,
        path: Mapping[str, str],
        query: Mapping[str, str],
        sent: bytes = b"",
        body: Any = None,
    ) -> None:
        self.served = served
        self.scope = scope
        self.grant = grant
        self.path = path
        self.query = query
        self.sent = sent
        """The body as it came."""
        self.body = body
        """The body as the endpoint's model has it; None where there is none."""

    def header(self, name: bytes) -> str | None:
        """The value of a header, the first of several; its name in small letters."""
        return header_of(self.scope, name)

    async def agent(self) -> Resolver:
        """The agent that the path names, if it is there for whoever asks."""
        name, agents = self.allowed(self.path["agent"]), self.served.calls.agents
        if (known := agents.known(name)) is not None:
            return known
        return await self.served.in_thread(agents.get, name)

    def agents(self) -> Sequence[str | None]:
        """The agents that are asked about: the one that is named, or all that whoever asks may see (None for all)."""
        if (name := self.query.get("agent")) is not None:
            return [self.allowed(name)]
        return [None] if self.grant.agents is None else sorted(self.grant.agents)

    def allowed(self, agent: str) -> str:
        """That agent's name; AgentNotFound where it is not there for whoever asks."""
        if not self.grant.sees(agent):
            raise AgentNotFound(f"there is no agent {agent}")
        return agent

    def parsed(self, name: str, parse: Callable[[str], _Value]) -> _Value | None:
        """A parameter as a name; None where it is not given."""
        return None if (text := self.query.get(name)) is None else parse(text)

    def flag(self, name: str, *, default: bool) -> bool:
        """A parameter that is `true` or `false`."""
        if (text := self.query.get(name)) is None:
            return default
        if text not in ("true", "false"):
            raise parameter_invalid(name, "it is true or false")
        return text == "true"

    def count(self, name: str, *, default: int) -> int:
        """A parameter that is a number."""
        if (text := self.query.get(name)) is None:
            return default
        if _COUNT.fullmatch(text) is None:
            raise parameter_invalid(name, "it is a number")
        return int(text)

    def time(self, name: str) -> datetime | None:
        """A parameter that is a time, with its zone."""
        if (text := self.query.get(name)) is None:
            return None
        # A + that was not escaped has become a space.
        plus = text[:_TIME] + text[_TIME:].replace(" ", "+", 1) if len(text) > _TIME + 1 else text
        for each in (text, plus):
            try:
                at = datetime.fromisoformat(each)
            except ValueError:
                continue
            if at.utcoffset() is not None:
                return at
        raise parameter_invalid(name, "it is an ISO 8601 time with its zone, such as 2026-03-02T09:00:00Z")


class Ready(Response):
    """A response whose headers are made already."""

    def __init__(self, status: int, body: bytes, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.status_code = status
        self.body = body
        self.raw_headers = list(headers)
        self.background = None


def header_of(scope: Scope, name: bytes) -> str | None:
    """The value of a request's header, the first of several; its name in small letters."""
    for each, value in scope["headers"]:
        if each == name:
            text: str = value.decode("latin-1")
            return text
    return None


def query_of(scope: Scope, endpoint: Endpoint) -> dict[str, str]:
    """The parameters of a request's query, which may only be those of its endpoint, each once."""
    if not (raw := scope["query_string"]):
        return {}
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
    except ValueError:
        raise RequestError(400, "query-malformed", "the query is not made of name=value pairs in UTF-8") from None
    found, allowed = dict(pairs), endpoint.parameters
    if unknown := sorted(found.keys() - allowed):
        hint = f"There are: {', '.join(sorted(allowed))}." if allowed else "There are none here."
        raise RequestError(400, "parameter-unknown", f"there is no parameter {unknown[0]}", hint=hint)
    if len(found) < len(pairs):
        raise RequestError(400, "parameter-repeated", "a parameter is given twice")
    for name, value in found.items():
        if not value or _STEERING.search(value):
            raise parameter_invalid(name, "it is empty or has control characters")
    return found


def parameter_invalid(name: str, because: str) -> RequestError:
    """What refuses a parameter's value."""
    return RequestError(400, "parameter-invalid", f"the parameter {name} cannot be taken: {because}")


def answered(form: str, values: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON object, with its format first."""
    return in_json(formed(form, values), status)


def formed(form: str, values: Mapping[str, Any]) -> bytes:
    """A JSON object as it is sent, with its format first."""
    return json.dumps({"format": f"gitagent.{form}/1", **values}).encode()


def in_json(body: bytes, status: int = 200) -> Response:
    """JSON that is true now: whoever calls, and whom, is not kept on the way."""
    return Ready(status, body, (*_JSON, (b"content-length", b"%d" % len(body))))
