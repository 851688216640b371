"""The application: each request checked, let in, answered by its endpoint, and refused in one form (ASGI)."""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter
from typing import TYPE_CHECKING

from gitagent.errors import GitagentError
from gitagent.server import bodies
from gitagent.server.authorization import OPEN, grant_of
from gitagent.server.envelope import RequestError, failure, refusal
from gitagent.server.limits import GoneError, busy, check_head, read_body
from gitagent.server.requests import Request, header_of, query_of
from gitagent.server.routing import Routes
from gitagent.server.settings import is_loopback
from gitagent.server.traces import traced

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gitagent.server.authorization import Grant
    from gitagent.server.endpoints import Endpoint
    from gitagent.server.served import Served


def application(served: Served) -> ASGIApp:
    """The ASGI application that serves these agents. `served` is started and stopped with its lifespan."""
    return traced(_Application(served))


class _Asked:
    """Which endpoint a request turned out to be for, for the figures."""

    __slots__ = ("endpoint",)

    def __init__(self) -> None:
        self.endpoint = "none"


class _Application:
    def __init__(self, served: Served) -> None:
        self._served = served
        self._routes = Routes()
        self._is_required = not served.settings.is_loopback
        self._in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, asked = perf_counter(), _Asked()
        self._in_flight += 1
        try:
            response = await self._answer(scope, receive, asked)
        except GitagentError as error:
            response = refusal(error)
        except GoneError:
            return
        except Exception:  # noqa: BLE001  # the boundary: whatever fails, nobody gets a trace
            response = failure()
        finally:
            self._in_flight -= 1
        self._served.metrics.request(asked.endpoint, response.status_code, perf_counter() - began)
        if scope["method"] == "HEAD":
            response.body = b""
        await response(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, asked: _Asked) -> Response:
        served = self._served
        check_head(scope, served.limits)
        if self._in_flight > served.limits.in_flight:
            raise busy()
        endpoint, path = self._routes.find(scope["method"], scope["raw_path"])
        asked.endpoint = endpoint.name
        grant = self._grant(scope, endpoint)
        query = query_of(scope, endpoint)
        request = Request(served, scope, grant, path=path, query=query)
        if endpoint.body is not None:
            _check_type(scope)
            request.body = bodies.read(endpoint.body, await read_body(receive, served.limits))
        elif endpoint.reads:
            request.sent = await read_body(receive, served.limits)
        return await endpoint.answer(request)

    def _grant(self, scope: Scope, endpoint: Endpoint) -> Grant:
        """What whoever asks may do, of which this endpoint is part."""
        if not endpoint.scopes:
            return OPEN
        served = self._served
        header = header_of(scope, b"authorization")
        grant = grant_of(header, served.tokens, required=self._is_required, at=served.clock())
        _check_host(scope, served.settings.hosts, is_open=grant is OPEN)
        grant.require(*endpoint.scopes)
        return grant

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        await self._served.start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._served.stop()
        await send({"type": "lifespan.shutdown.complete"})


def _check_host(scope: Scope, hosts: tuple[str, ...], *, is_open: bool) -> None:
    """Refuse a name that is not ours: where no token is needed, a page in a browser could ask by one of its own."""
    if not is_open and not hosts:
        return
    named = [value for name, value in scope["headers"] if name == b"host"]
    if len(named) != 1 or not _is_ours(named[0], hosts):
        raise RequestError(
            421, "host-refused", "this server is not asked for by that name", hint="Use localhost, or 127.0.0.1."
        )
    origin = header_of(scope, b"origin")
    if is_open and origin is not None and not _is_ours(origin.rpartition("//")[2].encode("latin-1"), hosts):
        raise RequestError(
            403, "origin-refused", "a page of another site may not ask this server", hint="Ask with a token."
        )


@lru_cache(maxsize=256)
def _is_ours(named: bytes, hosts: tuple[str, ...]) -> bool:
    text = named.decode("latin-1").lower()
    before, _, port = text.rpartition(":")
    name = before if before and port.isdigit() else text
    return is_loopback(name) or name in hosts


def _check_type(scope: Scope) -> None:
    sent = header_of(scope, b"content-type") or ""
    if sent.partition(";")[0].strip().lower() != "application/json":
        raise RequestError(
            415, "media-type-unsupported", "the body has to be JSON", hint="Send Content-Type: application/json"
        )
