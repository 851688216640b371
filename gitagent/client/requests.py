"""Requests: what a client asks a server, as values. Nothing is sent here."""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode

from gitagent.client.values import NOTHING
from gitagent.errors import InvalidName
from gitagent.names import is_header_value, is_sip_name

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = re.compile(r"[!-~]{1,200}")
_DOTS = re.compile(r"\.{1,2}")


class Request(NamedTuple):
    """One request; sending it again changes nothing that the first did not."""

    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = NOTHING


def begin(body: Mapping[str, Any], *, whole: bool = True) -> Request:
    """Begin a call, and tell its configuration if `whole`."""
    return _with_body("POST", "/v1/calls" if whole else "/v1/calls?configuration=false", body)


def change(call_id: str, body: Mapping[str, Any]) -> Request:
    """End a call, or add to it."""
    return _with_body("PATCH", _of_call(call_id), body)


def get(call_id: str) -> Request:
    """The call of that id."""
    return Request("GET", _of_call(call_id))


def find(filters: Mapping[str, object]) -> Request:
    """The newest calls that are so; None for what does not matter."""
    given = {
        name: value.isoformat() if isinstance(value, datetime) else str(value)
        for name, value in filters.items()
        if value is not None
    }
    return Request("GET", f"/v1/calls?{urlencode(given)}")


def configuration_of(call_id: str) -> Request:
    """The configuration of a call."""
    return Request("GET", f"{_of_call(call_id)}/config")


def configuration(agent: str, environment: str, known: str | None) -> Request:
    """What an environment serves, unless it is the one with the ETag `known`."""
    path = f"/v1/agents/{_part(agent)}/environments/{_part(environment)}/config"
    return Request("GET", path, headers=NOTHING if known is None else {"If-None-Match": known})


def number(number: str) -> Request:
    """What answers a number; no call begins."""
    return Request("GET", f"/v1/numbers/{_part(number)}")


def beginning(
    call_id: str,
    *,
    number: object = None,
    agent: str | None = None,
    environment: object = None,
    version: object = None,
    direction: str | None = None,
    caller: str | None = None,
    sip_headers: Mapping[str, str] | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body that begins a call: what is known of it, and with what it begins."""
    if sum(each is not None for each in (number, environment, version)) != 1:
        raise _invalid("the call begins with a number, an environment or a version, and one of them alone")
    if number is None and agent is None:
        raise _invalid("it is not said which agent's environment or version is meant")
    way = direction or ("outbound" if version is not None else None)
    own, other = ("from", "to") if way == "outbound" else ("to", "from")
    body = {
        "call_id": checked_id(call_id),
        own: _text(number),
        other: caller,
        "agent": agent,
        "environment": _text(environment),
        "version": _text(version),
        "direction": way,
        "sip_headers": _checked_headers(sip_headers or {}) or None,
        "attributes": dict(attributes or {}) or None,
    }
    return {name: value for name, value in body.items() if value is not None}


def ending(*, outcome: str | None = None, success: bool | None = None, duration: float | None = None) -> dict[str, Any]:
    """The body that ends a call."""
    body = {"outcome": outcome, "success": success, "duration": duration}
    given = {name: value for name, value in body.items() if value is not None}
    return {"ended": True, **given}


def addition(score: float | None, attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The body that adds to a call. An attribute that is None is taken away."""
    if score is None and not attributes:
        raise _invalid("neither a score nor an attribute is added")
    return {**({} if score is None else {"score": score}), **({"attributes": dict(attributes)} if attributes else {})}


def checked_id(call_id: str) -> str:
    """A call's id, as the server takes it."""
    if _ID.fullmatch(call_id) is None:
        raise _invalid("a call's id is 1 to 200 letters, digits and signs without spaces")
    return call_id


def _checked_headers(headers: Mapping[Any, Any]) -> dict[str, str]:
    """SIP headers as the server takes them: it may be away, and what it would refuse later would be lost."""
    for name, value in headers.items():
        if not isinstance(name, str) or not is_sip_name(name):
            raise _invalid("the name of a SIP header has letters, digits and - . ! % * _ + ` ' ~ only")
        if not isinstance(value, str) or not is_header_value(value):
            raise _invalid(f"the value of the SIP header {name} is one line")
    return dict(headers)


def _with_body(method: str, path: str, body: Mapping[str, Any]) -> Request:
    try:
        sent = json.dumps(body, allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise _invalid(f"{error}; attributes are texts, numbers, true, false or null") from error
    return Request(method, path, sent, {"Content-Type": "application/json"})


def _of_call(call_id: str) -> str:
    return f"/v1/calls/{_part(checked_id(call_id))}"


def _part(text: str) -> str:
    """A part of a path, as it is: what would lead to another folder is no step here."""
    return text.replace(".", "%2E") if _DOTS.fullmatch(text) else quote(text, safe="")


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _invalid(because: str) -> InvalidName:
    return InvalidName(
        f"the call cannot be taken: {because}", hint="See help(gitagent.client.Client.begin).", code="invalid-call"
    )
