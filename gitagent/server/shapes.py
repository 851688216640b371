"""Shapes: the JSON Schema of everything that endpoints answer with."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]
CALL_ID = "^[!-~]{1,200}$"
ENVIRONMENT = "^[a-z][a-z0-9]*([_-][a-z0-9]+)*$"
VERSION = "^v?[1-9][0-9]{0,8}$"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _or_null(kind: str, **more: Any) -> Schema:
    return {"type": [kind, "null"], **more}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None, **more: Any) -> Schema:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": [*required], **more}


def _formed(form: str, required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return _object({"format": {"const": f"gitagent.{form}/1"}, **required}, optional)


_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBER: Schema = {"type": "number"}
_SCORE: Schema = {"type": "number", "minimum": 0, "maximum": 100}
_TIME: Schema = {"type": "string", "format": "date-time"}
_VERSION: Schema = {"type": "string", "pattern": "^v[1-9][0-9]*$", "examples": ["v7"]}
_COMMIT: Schema = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
_E164 = r"^\+[1-9][0-9]{6,14}$"
_TEXTS: Schema = {"type": "object", "additionalProperties": _TEXT}
_SCALARS: Schema = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean", "null"]}}

_PLACE: dict[str, Schema] = {
    "agent": _TEXT,
    "environment": _or_null("string"),
    "version": _VERSION,
    "commit": _COMMIT,
    "number": _or_null("string", pattern=_E164),
    "sip_headers": _TEXTS,
}
_COUNTED: dict[str, Schema] = {
    "version": _VERSION,
    "calls": _COUNT,
    "open": {"type": "integer"},
    "outcomes": {"type": "object", "additionalProperties": _COUNT},
    "success": _or_null("object"),
    "duration": _or_null("object"),
    "score": _or_null("object"),
}
_ENVIRONMENT: dict[str, Schema] = {
    "environment": _TEXT,
    "version": _or_null("string", pattern=_VERSION["pattern"]),
    "commit": _or_null("string", pattern=_COMMIT["pattern"]),
    "numbers": _list({"type": "string", "pattern": _E164}),
}

SCHEMAS: dict[str, Schema] = {
    "Error": _formed(
        "error",
        {
            "error": _object(
                {
                    "code": {"type": "string", "pattern": "^[a-z]+(-[a-z]+)*$"},
                    "message": _TEXT,
                    "hint": _or_null("string"),
                }
            )
        },
    ),
    "Call": _object(
        {
            "call_id": _TEXT,
            **_PLACE,
            "direction": {"enum": ["inbound", "outbound"]},
            "caller": _or_null("string"),
            "began_at": _TIME,
            "ended_at": _or_null("string", format="date-time"),
            "outcome": _or_null("string"),
            "success": _or_null("boolean"),
            "duration": _or_null("number", minimum=0),
            "score": _or_null("number"),
            "attributes": _SCALARS,
        }
    ),
    "Configuration": _object(
        {"format": {"const": "gitagent.configuration/1"}, "layout": _TEXT, "name": _or_null("string")},
        {"files": {"type": "object"}},
        description="An agent's configuration with its variables filled in.",
    ),
    "OneCall": _formed("call", {"call": _ref("Call")}),
    "Begun": _formed(
        "call",
        {
            "call": _ref("Call"),
            "recorded": {
                "type": "boolean",
                "description": "False while the store of calls is away: it is recorded as soon as that is back.",
            },
        },
        {"configuration": _ref("Configuration")},
    ),
    "Calls": _formed("calls", {"calls": _list(_ref("Call")), "next": _or_null("string")}),
    "Pruned": _formed("calls-prune", {"removed": _COUNT}),
    "Agents": _formed("agents", {"agents": _list(_object({"agent": _TEXT, "trouble": _or_null("string")}))}),
    "Agent": _formed(
        "agent",
        {"agent": _TEXT, "trouble": _or_null("string"), "environments": _list(_ref("Environment"))},
    ),
    "Environment": _object(_ENVIRONMENT),
    "Environments": _formed("environments", {"agent": _TEXT, "environments": _list(_ref("Environment"))}),
    "OneEnvironment": _formed("environment", {"agent": _TEXT, **_ENVIRONMENT}),
    "Candidate": _object(
        {"topic": _TEXT, "score": _SCORE, "like": {**_TEXT, "description": "The example query that it is like."}}
    ),
    "ToolCall": _object(
        {
            "name": _TEXT,
            "arguments": {"type": "object"},
            "result": {"description": "What its fixture says."},
            "problem": _or_null("string", description="Why it could not be called."),
        }
    ),
    "Chat": _formed(
        "chat",
        {
            "agent": _TEXT,
            "environment": _TEXT,
            "version": _VERSION,
            "commit": _COMMIT,
            "responder": {"const": "embedded"},
            "message": _object({"role": {"const": "assistant"}, "content": _TEXT}),
            "topic": _or_null("string"),
            "score": {**_SCORE, "type": ["number", "null"], "description": "How well the topic fits."},
            "candidates": _list(_ref("Candidate")),
            "tool_calls": _list(_ref("ToolCall")),
            "handoff": _or_null("string"),
        },
    ),
    "Resolution": _formed("resolve", _PLACE, {"configuration": _ref("Configuration")}),
    "Counted": _object(_COUNTED),
    "Statistics": _formed(
        "calls-stats",
        {
            "agent": _TEXT,
            "environment": _or_null("string"),
            **_COUNTED,
            "before": {"anyOf": [_ref("Counted"), {"type": "null"}]},
            "difference": _or_null("object"),
        },
    ),
    "Refreshed": _formed("refresh", {"agent": _TEXT, "url": _TEXT, "new": {"type": "boolean"}}),
    "Webhook": _formed("webhook", {"agent": _TEXT}),
    "Health": _formed("health", {"status": {"const": "ok"}}),
    "Ready": _formed(
        "ready",
        {
            "status": {"enum": ["ready", "degraded"]},
            "store": {"enum": ["ready", "away"]},
            "agents": _COUNT,
            "waiting": _COUNT,
            "troubles": _list(_object({"code": _TEXT, "count": _COUNT})),
        },
    ),
    "Description": {"type": "object", "description": "An OpenAPI document: this one."},
}
