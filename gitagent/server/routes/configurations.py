"""Configurations over HTTP: the same bytes for the same commit, which is their ETag."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from gitagent.server.requests import Ready
from gitagent.server.tags import ASK_AGAIN, is_known

if TYPE_CHECKING:
    from starlette.responses import Response

    from gitagent.names import VersionNumber
    from gitagent.runtime.configurations import ServedConfiguration
    from gitagent.server.requests import Request

PINNED = "private, max-age=31536000, immutable"
"""What a version holds, and what a call is pinned to, never changes."""


def configured(
    request: Request, found: ServedConfiguration, version: VersionNumber, *, keep: str = ASK_AGAIN
) -> Response:
    """A configuration, or 304 for whoever has it already."""
    if is_known(request, found.etag):
        return Ready(304, b"", _headers(found.etag, version, keep))
    return Ready(200, found.body, _headers(found.etag, version, keep, len(found.body)))


@lru_cache(maxsize=1024)
def _headers(etag: str, version: VersionNumber, keep: str, size: int | None = None) -> tuple[tuple[bytes, bytes], ...]:
    """The headers of a configuration, or without its size of the answer that it is the same."""
    headers = {"etag": etag, "cache-control": keep, "gitagent-version": str(version)}
    if size is not None:
        headers |= {"content-length": str(size), "content-type": "application/json"}
    return tuple((name.encode(), value.encode()) for name, value in headers.items())
