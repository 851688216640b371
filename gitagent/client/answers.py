"""Answers: what came back from a server, and what it means. Whatever no gitagent would say means that it is away."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent import errors
from gitagent.client.values import Call, Configuration, Page, Resolution, call_of, resolution_of
from gitagent.errors import GitagentError, InvalidName, NotFound, Refused, ServerUnreachable, StorageFailed
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Value = TypeVar("_Value")
_ENVELOPE = "gitagent.error/1"
_CREATED = 201
_SAID = frozenset({200, _CREATED, 304})
_AGAIN = frozenset({408, 429, 502, 503, 504})
"""Statuses that say: not now."""


class Answer(NamedTuple):
    """What a server answered. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Silence(NamedTuple):
    """That no answer came, and why."""

    why: str


Outcome = Answer | Silence


def is_worth_another(outcome: Outcome) -> bool:
    """Whether the same request may be answered in a moment."""
    return isinstance(outcome, Silence) or outcome.status in _AGAIN


def pause_of(outcome: Outcome) -> float:
    """Seconds that the server asks to wait; 0 where it does not say."""
    said = outcome.headers.get("retry-after", "") if isinstance(outcome, Answer) else ""
    return float(said) if said.isascii() and said.isdigit() and len(said) <= 6 else 0.0


def read(outcome: Outcome, reader: Callable[[Answer], _Value], server: str) -> _Value:
    """What an answer says. A server's refusal is raised, and ServerUnreachable where it said nothing of use."""
    if isinstance(outcome, Silence):
        raise away(server, outcome.why)
    if outcome.status not in _SAID:
        refusal = _refusal(outcome)
        if refusal is None or outcome.status >= 500 or outcome.status in _AGAIN:
            because = "" if refusal is None else f": {refusal.message}"
            raise away(server, f"it answered with status {outcome.status}{because}")
        raise refusal
    try:
        return reader(outcome)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, InvalidName) as error:
        raise away(server, f"what it answered is none of gitagent's ({type(error).__name__}: {error})") from error


def away(server: str, why: str) -> ServerUnreachable:
    """What is said where a server cannot answer."""
    return ServerUnreachable(
        f"the server {server} cannot answer: {why}", hint="See whether it runs: gitagent serve; its /readyz says more."
    )


class NewCall(NamedTuple):
    """A call that has begun, whether just now, and what it is answered with."""

    call: Call
    configuration: Configuration
    recorded: bool
    is_new: bool


def begun(answer: Answer) -> NewCall:
    """A call that has begun."""
    found = _document(answer, "gitagent.call/1")
    call = call_of(found["call"])
    body = json.dumps(_mapping(found["configuration"]), ensure_ascii=False).encode("utf-8", "surrogatepass")
    configuration = Configuration(call.version, call.commit, body)
    return NewCall(call, configuration, found["recorded"] is True, is_new=answer.status == _CREATED)


def call(answer: Answer) -> Call:
    """A call."""
    return call_of(_document(answer, "gitagent.call/1")["call"])


def calls(answer: Answer) -> Page:
    """A page of calls, and where the next one begins."""
    found = _document(answer, "gitagent.calls/1")
    following = found["next"]
    return Page(tuple(map(call_of, found["calls"])), None if following is None else str(following))


def configuration(answer: Answer) -> Configuration:
    """A configuration, named by its ETag."""
    commit = answer.headers["etag"].removeprefix("W/").strip('"')
    version = VersionNumber.parse(answer.headers["gitagent-version"])
    _mapping(json.loads(answer.body))
    return Configuration(version, commit, answer.body)


def resolution(answer: Answer) -> Resolution:
    """What answers a number."""
    return resolution_of(_document(answer, "gitagent.resolve/1"))


def _refusal(answer: Answer) -> GitagentError | None:
    try:
        found = _document(answer, _ENVELOPE)["error"]
        code, message, hint = found["code"], found["message"], found["hint"]
    except (LookupError, TypeError, ValueError, RecursionError):
        return None
    if not (isinstance(code, str) and isinstance(message, str)):
        return None
    return _class_of(code, answer.status)(message, hint=hint if isinstance(hint, str) else None, code=code)


def _class_of(code: str, status: int) -> type[GitagentError]:
    """The class with that code; one of a code that no class has is told by the status."""
    return _CLASSES.get(code) or _BY_STATUS.get(status) or (StorageFailed if status >= 500 else Refused)


def _classes(of: type[GitagentError]) -> dict[str, type[GitagentError]]:
    return {of.code: of} | {code: each for sub in of.__subclasses__() for code, each in _classes(sub).items()}


def _document(answer: Answer, format_: str) -> dict[str, Any]:
    found = _mapping(json.loads(answer.body))
    if found.get("format") != format_:
        raise ValueError(f"no {format_}")
    return found


def _mapping(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{type(value).__name__} where an object should be")
    return value


# InvalidConfiguration cannot be made of a message alone; it comes to clients as the refusal that it is.
_CLASSES = {code: each for code, each in _classes(GitagentError).items() if each is not errors.InvalidConfiguration}
_CLASSES |= {"version-not-served": errors.NeverServed}
_BY_STATUS = {400: InvalidName, 401: errors.TokenRefused, 403: errors.ScopeMissing, 404: NotFound, 422: InvalidName}
