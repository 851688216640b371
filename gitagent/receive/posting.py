"""Posting: one message sent to one webhook, signed, and what came of it."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from gitagent.receive.webhooks import Webhook, signature
from gitagent.version import VERSION

if TYPE_CHECKING:
    from gitagent.receive.messages import Message

LONGEST_SILENCE = 15.0
"""Seconds that a webhook may take to answer, or to go on with an answer that it began."""
GONE = 410
"""The answer of a webhook that wants to be told nothing any more."""


class Failure(NamedTuple):
    """Why a message did not arrive, without a word of the address, and whether it is of no use to try again."""

    problem: str
    is_final: bool = False


class _NoRedirects(HTTPRedirectHandler):
    """What is configured is told, nobody else: what a redirect leads to could be inside the server's own network."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(webhook: Webhook, message: Message, *, timestamp: int) -> Failure | None:
    """Send a message. None where it arrived, which any answer from 200 to 299 says."""
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"gitagent/{VERSION}",
        "webhook-id": message.id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signature(webhook, message.id, timestamp, message.body),
    }
    request = Request(webhook.url, message.body, headers)  # noqa: S310  # http and https, as was checked
    try:
        build_opener(_NoRedirects).open(request, timeout=LONGEST_SILENCE).close()
    except HTTPError as answer:
        answer.close()
        return Failure(f"it answered {answer.code}", is_final=answer.code == GONE)
    except URLError as error:
        return Failure(_reason(error.reason))
    except OSError as error:
        return Failure(_reason(error))
    except http.client.HTTPException as error:
        return Failure(f"its answer is not HTTP: {type(error).__name__}")
    except UnicodeError:  # a name with an empty or an overlong part, which is found out only now
        return Failure("there can be no such host")
    return None


def _reason(error: object) -> str:
    if isinstance(error, TimeoutError):
        return f"it did not answer within {LONGEST_SILENCE:g} s"
    return (error.strerror if isinstance(error, OSError) else str(error)) or type(error).__name__
