"""Configurations over HTTP: the same bytes for the same commit, which is their ETag."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

if TYPE_CHECKING:
    from gitagent.names import VersionNumber
    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.server.requests import Request

ASK_AGAIN = "private, no-cache"
"""It may be kept, and is asked for again before it is used: what an environment serves changes at any time."""
PINNED = "private, max-age=31536000, immutable"
"""What a version holds, and what a call is pinned to, never changes."""


def configured(
    request: Request, found: ServedConfiguration, version: VersionNumber, *, keep: str = ASK_AGAIN
) -> Response:
    """A configuration, or 304 for whoever has it already."""
    headers = {"ETag": found.etag, "Cache-Control": keep, "Gitagent-Version": str(version)}
    known = request.header(b"if-none-match")
    if known is not None and _names(known, found.etag):
        return Response(None, 304, headers)
    return Response(found.body, 200, headers, "application/json")


def _names(header: str, etag: str) -> bool:
    return header.strip() == "*" or any(each.strip().removeprefix("W/") == etag for each in header.split(","))
