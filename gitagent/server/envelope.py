"""The envelope: how every refusal looks in JSON, and which error is which HTTP status."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

from gitagent import errors
from gitagent.errors import GitagentError, Refused
from gitagent.names import new_ulid
from gitagent.server.extra import needed

with needed("starlette"):
    from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT = "gitagent.error/1"
AGAIN_IN = "1"
"""Seconds after which a request that could not be answered now is worth sending again."""
STATUSES: dict[type[GitagentError], int] = {
    errors.InvalidName: 400,
    errors.TokenRefused: 401,
    errors.ScopeMissing: 403,
    errors.NotFound: 404,
    errors.NeverServed: 409,
    errors.Refused: 409,
    errors.Conflict: 409,
    errors.RemoteUnreachable: 502,
    errors.RemoteRefused: 502,
    errors.LedgerInvalid: 503,
    errors.InvalidConfiguration: 503,
    errors.ExtraMissing: 503,
    errors.StorageFailed: 503,
}
"""The nearest class of an error counts. What is wrong with an agent or with the store can be mended: 503."""
_LOG = logging.getLogger("gitagent.server")


class RequestError(Refused):
    """A request that is refused as HTTP, whatever it is about, with its own status and headers."""

    code = "request-refused"

    def __init__(
        self, status: int, code: str, message: str, *, hint: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message, hint=hint, code=code)
        self.status = status
        self.headers = dict(headers or {})


def status_of(error: GitagentError) -> int:
    """The HTTP status of an error."""
    if isinstance(error, RequestError):
        return error.status
    return next(STATUSES[each] for each in type(error).__mro__ if each in STATUSES)


def refusal(error: GitagentError) -> Response:
    """What answers a request that was refused."""
    status = status_of(error)
    headers = dict(error.headers) if isinstance(error, RequestError) else {}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="gitagent"'
    if status == 503:
        headers["Retry-After"] = AGAIN_IN
    if status >= 500:
        _LOG.warning("answered with %d: %s: %s", status, error.code, error.message)
    return Response(_body(error.code, error.message, error.hint), status, headers, "application/json")


def failure() -> Response:
    """What answers a request on which gitagent itself failed: an id, under which the log has the rest."""
    id_ = new_ulid()
    _LOG.exception("a request failed (%s)", id_)
    body = _body(
        "internal-error", f"gitagent failed on this request ({id_})", "The server's log says more, by that id."
    )
    return Response(body, 500, media_type="application/json")


def _body(code: str, message: str, hint: str | None) -> bytes:
    # ASCII: what was asked for may be quoted here, and not all that JSON lets through is a text.
    envelope: dict[str, Any] = {"format": FORMAT, "error": {"code": code, "message": message, "hint": hint}}
    return json.dumps(envelope).encode()
