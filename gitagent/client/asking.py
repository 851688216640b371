"""Asking: one request and what the server says to it, with all that surrounds the exchanges of a client."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from gitagent import telemetry
from gitagent.client import answers
from gitagent.client.steps import Patience, Steps, attempted

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from gitagent.client.answers import Answer
    from gitagent.client.cache import Cache
    from gitagent.client.requests import Request
    from gitagent.client.steps import Watch
    from gitagent.client.waiting import Waiting

_Value = TypeVar("_Value")


class Around(NamedTuple):
    """What surrounds the exchanges: the server's address, what is known of it, and the time."""

    server: str
    cache: Cache
    waiting: Waiting
    watch: Watch
    patience: Patience
    clock: Callable[[], float]
    now: Callable[[], datetime]


def asked(around: Around, request: Request, reader: Callable[[Answer], _Value]) -> Steps[_Value]:
    """What a server says to a request; its refusal is raised, and ServerUnreachable where it says nothing useful."""
    request = request._replace(headers={**request.headers, **telemetry.outgoing()})
    outcome = yield from attempted(request, around.patience, around.clock)
    if answers.is_worth_another(outcome):
        around.watch.failed()
    else:
        around.watch.answered()
    return answers.read(outcome, reader, around.server)
