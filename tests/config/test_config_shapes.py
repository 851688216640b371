"""Shapes: what fits a schema, in the words that the kept schemas use."""

from __future__ import annotations

from typing import Any

import pytest

from gitagent.config.shapes import fits


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", ""),
        ("boolean", False),
        ("integer", 0),
        ("number", 1),
        ("number", 1.5),
        ("object", {}),
        ("array", []),
    ],
)
def test_a_value_has_a_type(kind: str, value: object) -> None:
    assert fits(value, {"type": kind})


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("string", 1),
        ("string", None),
        ("boolean", 1),
        ("boolean", "true"),
        ("integer", True),
        ("integer", 1.0),
        ("number", True),
        ("number", "1"),
        ("number", float("nan")),
        ("number", float("inf")),
        ("number", 10**400),
        ("object", []),
        ("array", {}),
        ("array", "abc"),
    ],
)
def test_a_value_of_another_type_does_not_fit(kind: str, value: object) -> None:
    assert not fits(value, {"type": kind})


def test_a_value_may_have_one_of_several_types() -> None:
    schema = {"type": ["string", "boolean"]}

    assert fits("a", schema)
    assert fits(True, schema)
    assert not fits(1, schema)


@pytest.mark.parametrize("value", [None, 1, "a", [1], {"a": 1}])
def test_anything_fits_where_nothing_is_asked(value: object) -> None:
    assert fits(value, {"description": "Anything."})


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"minimum": 1}, 1, 0),
        ({"maximum": 1}, 1, 2),
        ({"exclusiveMinimum": 0}, 0.1, 0),
        ({"minLength": 1}, "a", ""),
        ({"maxLength": 2}, "ab", "abc"),
        ({"minItems": 1}, [1], []),
    ],
)
def test_a_value_keeps_within_its_limits(schema: dict[str, Any], good: object, bad: object) -> None:
    assert fits(good, schema)
    assert not fits(bad, schema)


def test_every_item_fits() -> None:
    schema = {"type": "array", "items": {"type": "string"}}

    assert fits([], schema)
    assert fits(["a", "b"], schema)
    assert not fits(["a", 1], schema)


def test_a_mapping_has_the_keys_it_needs_and_no_others() -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "size": {"type": "integer"}},
        "required": ["name"],
        "additionalProperties": False,
    }

    assert fits({"name": "a"}, schema)
    assert fits({"name": "a", "size": 1}, schema)
    assert not fits({"size": 1}, schema)
    assert not fits({"name": "a", "other": 1}, schema)
    assert not fits({"name": "a", "size": "1"}, schema)


def test_other_keys_may_have_a_schema_of_their_own() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}

    assert fits({"a": "b"}, schema)
    assert not fits({"a": 1}, schema)
    assert fits({"a": 1}, {"type": "object", "additionalProperties": True})
    assert fits({"a": 1}, {"type": "object"})


def test_a_definition_is_looked_up() -> None:
    schema = {
        "$defs": {"Part": {"type": "object", "properties": {"parts": {"items": {"$ref": "#/$defs/Part"}}}}},
        "$ref": "#/$defs/Part",
    }

    assert fits({"parts": [{"parts": []}, {}]}, schema)
    assert not fits({"parts": [{"parts": [1]}]}, schema)
