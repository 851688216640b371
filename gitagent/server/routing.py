"""Routing: which endpoint a path and a method mean. A path is split before it is decoded: a part may hold a slash."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from gitagent.server.endpoints import TABLE
from gitagent.server.envelope import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.server.endpoints import Endpoint

MOST_KNOWN = 1024
"""How many paths are known by heart."""


class Routes:
    """The endpoints by path."""

    def __init__(self, table: tuple[Endpoint, ...] = TABLE) -> None:
        self._top = _Step()
        self.find = lru_cache(maxsize=MOST_KNOWN)(self._found)
        """The endpoint, and what its path names; refused where there is none, or not of that method."""
        for endpoint in table:
            self._top.add(endpoint, endpoint.path.encode().split(b"/")[1:])

    def _found(self, method: str, path: bytes) -> tuple[Endpoint, Mapping[str, str]]:
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
