"""Limits: how large a request may be, how long its body may take, and how many may be under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from gitagent.server.envelope import AGAIN_IN, RequestError

if TYPE_CHECKING:
    from starlette.types import Receive, Scope

_LATE = "the body is late"
_MOST_DIGITS = 18


class Limits(NamedTuple):
    """Sizes in bytes, times in seconds. `in_flight` is for each worker."""

    body: int = 64 * 1024
    query: int = 4 * 1024
    path: int = 4 * 1024
    headers: int = 100
    head: int = 16 * 1024
    body_within: float = 10.0
    in_flight: int = 1000


class GoneError(Exception):
    """Whoever asked went away before the request was complete: nobody waits for an answer."""


def check_head(scope: Scope, limits: Limits) -> None:
    """Refuse a request line or headers that are too large."""
    if len(scope["query_string"]) > limits.query:
        raise RequestError(414, "query-too-long", f"the query has more than {limits.query:,} bytes")
    if len(scope["raw_path"]) > limits.path:
        raise RequestError(414, "path-too-long", f"the path has more than {limits.path:,} bytes")
    headers = scope["headers"]
    size = 0
    for name, value in headers:
        size += len(name) + len(value)
        if name == b"content-length" and (not value.isdigit() or len(value) > _MOST_DIGITS or int(value) > limits.body):
            raise _too_large(limits)
    if size > limits.head or len(headers) > limits.headers:
        raise RequestError(
            431,
            "headers-too-large",
            f"there are more than {limits.headers} headers, or more than {limits.head:,} bytes of them",
        )


async def read_body(receive: Receive, limits: Limits) -> bytes:
    """The request's body; refused where it is too large or too slow."""
    reading = asyncio.current_task()
    if reading is None:
        raise RuntimeError("a body is read in a task")
    # What asyncio.timeout does, in a fifth of the time, of which every request takes some.
    timer = asyncio.get_running_loop().call_later(limits.body_within, reading.cancel, _LATE)
    try:
        return await _gathered(receive, limits)
    except asyncio.CancelledError as cancelled:
        if cancelled.args != (_LATE,):
            raise
        reading.uncancel()
        raise _late(limits) from None
    finally:
        timer.cancel()


def busy() -> RequestError:
    """What refuses a request while too many others are under way."""
    return RequestError(
        429,
        "too-many-requests",
        "too many requests are under way",
        hint=f"Send it again in {AGAIN_IN} s, or start the server with more workers.",
        headers={"Retry-After": AGAIN_IN},
    )


async def _gathered(receive: Receive, limits: Limits) -> bytes:
    body: bytes = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise GoneError
        body += message.get("body", b"")
        if len(body) > limits.body:
            raise _too_large(limits)
        if not message.get("more_body"):
            return body


def _late(limits: Limits) -> RequestError:
    return RequestError(
        408,
        "body-late",
        f"the body did not arrive within {limits.body_within:g} seconds",
        headers={"Connection": "close"},
    )


def _too_large(limits: Limits) -> RequestError:
    return RequestError(
        413, "body-too-large", f"the body has more than {limits.body:,} bytes", headers={"Connection": "close"}
    )
