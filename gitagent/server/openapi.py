"""OpenAPI: the description of all endpoints, made from their table, so that it says what is served."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gitagent.server.shapes import CALL_ID, ENVIRONMENT, SCHEMAS, VERSION
from gitagent.version import VERSION as RELEASE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.server.endpoints import Endpoint, Parameter

Form = dict[str, Any]
JSON = "application/json"
_INFO = """What answers a call, and what became of calls.

A call that has begun keeps its version, whatever is promoted or rolled back meanwhile. Every refusal has one form, with
a code that never changes and a hint.
"""
_REFUSALS = {
    400: "The path, the query or the body cannot be read.",
    401: "A token is needed, or is not valid.",
    403: "The token's scopes do not hold this; or a page of another site asks, where no token is needed.",
    404: "It is not there, or not for the token that asks.",
    408: "The body took too long.",
    409: "It contradicts what is, such as a call id that began with something else.",
    413: "The body is too large.",
    414: "The path or the query is too long.",
    415: "The body is not JSON by its type.",
    421: "The server is not asked for by that name.",
    422: "The body is JSON, but not what is taken here.",
    429: "Too many requests are under way: try again.",
    431: "The headers are too many or too large.",
    500: "A bug in gitagent.",
    502: "The shared remote is away, or refused.",
    503: "The store of calls or the agent is away: try again.",
}
_ALWAYS = (400, 413, 414, 429, 431, 500, 503)
_WITH_TOKEN = (401, 403, 421)
_PARAMETERS: dict[str, tuple[str, str]] = {
    "agent": ("An agent: the name of its folder, without .git", "shop"),
    "call_id": ("A call's id, percent-encoded", "CA1"),
    "environment": ("An environment's name", "live"),
    "number": ("A phone number in E.164 form, or its SIP or tel address", "+442079460018"),
    "version": ("A version", "v1"),
}
_PATTERNS = {"call_id": CALL_ID, "environment": ENVIRONMENT, "version": VERSION}


def document(table: Sequence[Endpoint]) -> Form:
    """The OpenAPI document of these endpoints."""
    paths: dict[str, Form] = {}
    for endpoint in table:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    used = sorted({status for endpoint in table for status in refusals(endpoint)})
    return {
        "openapi": "3.1.0",
        "info": {"title": "gitagent", "version": RELEASE, "description": _INFO},
        "paths": paths,
        "components": {
            "schemas": SCHEMAS | _bodies(table),
            "responses": {f"Refused{status}": _refused(status, _REFUSALS[status]) for status in used},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def refusals(endpoint: Endpoint) -> list[int]:
    """The statuses by which an endpoint may refuse."""
    found = {*_ALWAYS, *endpoint.refuses, *(_WITH_TOKEN if endpoint.scopes else ())}
    if "{" in endpoint.path or any(each.name == "agent" for each in endpoint.query):
        found.add(404)
    if endpoint.body is not None:
        found |= {408, 415, 422}
    if endpoint.reads:
        found.add(408)
    return sorted(found)


def _bodies(table: Sequence[Endpoint]) -> Form:
    """The schemas of all bodies, and of what they are made of."""
    found: Form = {}
    for body in [endpoint.body for endpoint in table if endpoint.body is not None]:
        schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
        found |= {**schema.pop("$defs", {}), body.__name__: schema}
    return found


def _operation(endpoint: Endpoint) -> Form:
    scopes = " or ".join(endpoint.scopes)
    operation: Form = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "tags": [endpoint.path.split("/")[2] if endpoint.path.startswith("/v1/") else "server"],
        "security": [{"token": []}, {}] if scopes else [],
        "responses": {
            **{str(status): _answer(endpoint, status) for status in endpoint.statuses},
            **{str(status): {"$ref": f"#/components/responses/Refused{status}"} for status in refusals(endpoint)},
        },
    }
    if scopes:
        operation["description"] = f"Needs a token with the scope {scopes}, where tokens are needed."
    parameters = [*map(_in_path, re.findall(r"{(\w+)}", endpoint.path)), *map(_in_query, endpoint.query)]
    if 304 in endpoint.statuses:
        parameters.append(_IF_NONE_MATCH)
    if parameters:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        schema = {"$ref": f"#/components/schemas/{endpoint.body.__name__}"}
        operation["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    elif endpoint.reads:
        operation["requestBody"] = {"required": True, "content": {"*/*": {}}}
    return operation


def _answer(endpoint: Endpoint, status: int) -> Form:
    if status == 304:
        return {"description": "Whoever asks has it already.", "headers": _tags(endpoint)}
    described: Form = {"description": _DESCRIPTIONS[status]}
    if endpoint.media == JSON:
        described["content"] = {JSON: {"schema": {"$ref": f"#/components/schemas/{endpoint.gives}"}}}
    else:
        described["content"] = {endpoint.media: {"schema": {"type": "string"}}}
    if 304 in endpoint.statuses:
        described["headers"] = _tags(endpoint)
    return described


def _tags(endpoint: Endpoint) -> Form:
    """The headers by which an answer is known again."""
    is_version = endpoint.gives == "Configuration"
    text = "The version's commit, in quotes." if is_version else "A digest of the answer, in quotes."
    etag = {"schema": {"type": "string", "pattern": _ETAG}, "description": text, "required": True}
    return {"ETag": etag, **({"Gitagent-Version": _GITAGENT_VERSION} if is_version else {})}


def _refused(status: int, text: str) -> Form:
    found: Form = {"description": text, "content": {JSON: {"schema": {"$ref": "#/components/schemas/Error"}}}}
    headers = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    if status in headers:
        found["headers"] = {headers[status]: {"schema": {"type": "string"}, "required": True}}
    return found


def _in_path(name: str) -> Form:
    text, example = _PARAMETERS[name]
    return {"name": name, "in": "path", "required": True, "description": text, **_schema(example, _PATTERNS.get(name))}


def _in_query(parameter: Parameter) -> Form:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.summary,
        **_schema(parameter.example, _PATTERNS.get(parameter.name)),
    }


def _schema(example: str, pattern: str | None) -> Form:
    if pattern is not None:
        return {"schema": {"type": "string", "pattern": pattern}, "example": example}
    if example in ("true", "false"):
        return {"schema": {"type": "boolean"}, "example": example == "true"}
    if example.isdigit():
        return {"schema": {"type": "integer", "minimum": 1, "maximum": 1000}, "example": int(example)}
    form = {"format": "date-time"} if re.fullmatch(r"[0-9-]+T.*Z", example) else {}
    return {"schema": {"type": "string", "minLength": 1, **form}, "example": example}


_DESCRIPTIONS = {200: "Here it is.", 201: "It has begun.", 202: "Taken."}
_ETAG = '^"[0-9a-f]{40}"$'
_GITAGENT_VERSION = {"schema": {"type": "string"}, "required": True}
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of what is at hand already",
    "schema": {"type": "string"},
}
