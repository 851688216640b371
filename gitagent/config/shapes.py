"""Shapes: whether a value surely is what a JSON Schema describes, told without pydantic.

Pydantic takes 55 ms to import and as long again to build its first model. A file that fits the schema generated from
its model needs neither; only one that does not is given to the model, which tells what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_SURELY_FINITE = 1e300

Schema = Mapping[str, Any]

_TYPES: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: (
        isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _SURELY_FINITE
    ),
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
}
_LIMITS: dict[str, Callable[[Any, Any], bool]] = {
    "enum": lambda value, allowed: value in allowed,
    "minimum": lambda value, least: value >= least,
    "maximum": lambda value, most: value <= most,
    "exclusiveMinimum": lambda value, bound: value > bound,
    "minLength": lambda value, least: len(value) >= least,
    "maxLength": lambda value, most: len(value) <= most,
    "minItems": lambda value, least: len(value) >= least,
}


def fits(value: object, schema: Schema) -> bool:
    """Whether `value` is what a schema made by `gitagent.config.native.schemas` describes."""
    return _fits(value, schema, schema.get("$defs", {}))


def _fits(value: Any, schema: Schema, definitions: Schema) -> bool:
    if "$ref" in schema:
        return _fits(value, definitions[schema["$ref"].rpartition("/")[2]], definitions)
    types = schema.get("type", ())
    if types and not any(_TYPES[name](value) for name in ([types] if isinstance(types, str) else types)):
        return False
    if not all(_LIMITS[word](value, bound) for word, bound in schema.items() if word in _LIMITS):
        return False
    if isinstance(value, dict):
        return _mapping_fits(value, schema, definitions)
    if isinstance(value, list) and "items" in schema:
        return all(_fits(item, schema["items"], definitions) for item in value)
    return True


def _mapping_fits(value: dict[str, Any], schema: Schema, definitions: Schema) -> bool:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if any(key not in value for key in schema.get("required", ())):
        return False
    return all(
        _fits(item, known[key], definitions)
        if key in known
        else others is True or (others is not False and _fits(item, others, definitions))
        for key, item in value.items()
    )
