"""Tags: the ETags of what is asked for again and again, and 304 for whoever has it already."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from gitagent.server.requests import Ready, formed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.responses import Response

    from gitagent.server.requests import Request

ASK_AGAIN = "private, no-cache"
"""It may be kept, and is asked for again before it is used: what is served changes at any time."""


def is_known(request: Request, etag: str) -> bool:
    """Whether whoever asks has it already, by the ETags that it knows."""
    header = request.header(b"if-none-match")
    if header is None:
        return False
    return header.strip() == "*" or any(each.strip().removeprefix("W/") == etag for each in header.split(","))


def tagged(request: Request, form: str, values: Mapping[str, Any]) -> Response:
    """A JSON object with its format, or 304 for whoever has the same already.

    Its ETag is a digest of it: whatever it depends on, be it what a token may see, the same tag is the same answer.
    """
    body = formed(form, values)
    etag = f'"{sha256(body).hexdigest()[:40]}"'
    headers = _headers({"etag": etag, "cache-control": ASK_AGAIN})
    if is_known(request, etag):
        return Ready(304, b"", headers)
    more = _headers({"content-length": str(len(body)), "content-type": "application/json"})
    return Ready(200, body, [*headers, *more])


def _headers(headers: Mapping[str, str]) -> Sequence[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]
