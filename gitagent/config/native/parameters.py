"""Parameters: the JSON Schema of a tool's arguments, as far as models that call tools understand it."""

from __future__ import annotations

from collections.abc import Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.native.patterns import check_pattern
from gitagent.config.native.values import items_at, pairs_at, value_at
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import did_you_mean, shortened

_TYPES = ("string", "number", "integer", "boolean", "object", "array", "null")
_SCHEMA_MAPS = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_SCHEMA_LISTS = ("anyOf", "oneOf", "allOf", "prefixItems")
_SCHEMAS = ("items", "additionalProperties", "propertyNames", "not", "if", "then", "else", "contains")
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_TEXTS = ("title", "description", "format", "pattern", "$ref", "$comment", "$id", "$schema")
_OTHERS = ("type", "enum", "const", "default", "examples", "required", "uniqueItems", "nullable", "deprecated")
_OPENING = ("$ref", "patternProperties", "dependentSchemas", "anyOf", "oneOf", "allOf", "if")
"""By these, arguments may be taken that `properties` does not have."""
_KEYWORDS = frozenset((*_SCHEMA_MAPS, *_SCHEMA_LISTS, *_SCHEMAS, *_COUNTS, *_NUMBERS, *_TEXTS, *_OTHERS))


def check_parameters(document: Document) -> Iterator[Problem]:
    """The problems of a tool's `parameters`."""
    at = ("parameters",)
    schema = value_at(document, at)
    if not isinstance(schema, dict):
        return
    if schema.get("type") != "object":
        hint = "Write 'type: object' and each argument under 'properties'."
        yield document.problem("bad-schema", "the parameters of a tool are an object", at=at, hint=hint)
    yield from _check_schema(document, at)


def arguments_of(document: Document) -> list[str] | None:
    """The arguments that a tool takes; None where its `parameters` do not say, or let others be."""
    schema = value_at(document, ("parameters",))
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return None
    if schema.get("additionalProperties") not in (None, False) or any(key in schema for key in _OPENING):
        return None
    return [key for _, key, _ in pairs_at(document, ("parameters", "properties"))]


def _check_schema(document: Document, at: Path) -> Iterator[Problem]:
    schema = value_at(document, at)
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield _bad(document, at, "a schema is a mapping", hint="Write at least 'type: string', for example.")
        return
    for inner, key, value in pairs_at(document, at):
        if key not in _KEYWORDS:
            yield from _check_unknown(document, inner, key)
        elif key in _SCHEMA_MAPS:
            yield from _check_mapping(document, inner, key, value)
        elif key in _SCHEMA_LISTS:
            yield from _check_list(document, inner, key, value)
        elif key in _SCHEMAS:
            yield from _check_schema(document, inner)
        else:
            yield from _check_keyword(document, inner, key, value)
    yield from _check_required(document, at, schema)


def _bad(document: Document, at: Path, message: str, *, hint: str | None = None) -> Problem:
    return document.problem("bad-schema", message, at=at, hint=hint)


def _check_unknown(document: Document, at: Path, key: str) -> Iterator[Problem]:
    # JSON Schema lets unknown words be; only what looks like a slip of the pen is told.
    if (hint := did_you_mean(key, _KEYWORDS)) is not None:
        message = f"'{shortened(key)}' is no word of JSON Schema"
        yield document.problem("bad-schema", message, at=at, on_key=True, hint=hint, severity=Severity.WARNING)


def _check_mapping(document: Document, at: Path, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield _bad(document, at, f"'{key}' is a mapping of schemas by name")
    for inner, _, _ in pairs_at(document, at):
        yield from _check_schema(document, inner)


def _check_list(document: Document, at: Path, key: str, value: object) -> Iterator[Problem]:
    if not isinstance(value, list) or not value:
        yield _bad(document, at, f"'{key}' is a list of schemas")
    for inner, _ in items_at(document, at):
        yield from _check_schema(document, inner)


def _check_keyword(document: Document, at: Path, key: str, value: object) -> Iterator[Problem]:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if key == "type":
        yield from _check_type(document, at, value)
    elif key == "enum" and (not isinstance(value, list) or not value):
        yield _bad(document, at, "'enum' is a list of the values that are allowed")
    elif key in _COUNTS and not (number and isinstance(value, int) and value >= 0):
        yield _bad(document, at, f"'{key}' is a whole number, 0 or more")
    elif key in _NUMBERS and not number:
        yield _bad(document, at, f"'{key}' is a number")
    elif key in _TEXTS and not isinstance(value, str):
        yield _bad(document, at, f"'{key}' is a text", hint="Put it in quotes.")
    elif key == "pattern":
        yield from check_pattern(document, at)


def _check_type(document: Document, at: Path, value: object) -> Iterator[Problem]:
    for name in value if isinstance(value, list) and value else [value]:
        if name not in _TYPES:
            shown = shortened(str(name))
            hint = did_you_mean(str(name), _TYPES) or f"Use one of {', '.join(_TYPES)}."
            yield _bad(document, at, f"'{shown}' is no type of JSON Schema", hint=hint)


def _check_required(document: Document, at: Path, schema: dict[str, object]) -> Iterator[Problem]:
    if "required" not in schema:
        return
    required, properties = schema["required"], schema.get("properties", {})
    if not isinstance(required, list):
        hint = "Write [name, other_name] beside 'properties', not inside an argument."
        yield _bad(document, (*at, "required"), "'required' is a list of names", hint=hint)
        return
    if "properties" not in schema and len(at) > 1:
        return  # an alternative inside 'anyOf' may require what the schema around it describes
    for inner, name in items_at(document, (*at, "required")):
        if isinstance(properties, dict) and not (isinstance(name, str) and name in properties):
            shown = shortened(str(name))
            close = did_you_mean(str(name), properties)
            yield _bad(document, inner, f"'{shown}' is required, but is not among the properties", hint=close)
