"""Schemas: JSON Schema of every kind of file, as editors need them."""

from __future__ import annotations

from typing import Any

import pytest
from support.checking import told

from gitagent.config.schemas import kind_named, kinds, schema


def test_every_kind_of_file_has_a_schema() -> None:
    assert kinds()[:4] == ("agent", "topic", "tool", "suite")
    assert all(kind.startswith("adk-") for kind in kinds()[4:])
    assert len(set(kinds())) == len(kinds()) > 4


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("suite", "suite"),
        ("suites", "suite"),
        ("test", "suite"),
        ("tests", "suite"),
        ("topics", "topic"),
        ("agents", "agent"),
        ("adk-test", "adk-test"),
        ("adk-phrases", "adk-phrases"),
        ("toolss", None),
        ("s", None),
        ("", None),
    ],
)
def test_a_kind_goes_by_its_folder_too(word: str, kind: str | None) -> None:
    assert kind_named(word) == kind


@pytest.mark.parametrize("kind", kinds())
def test_a_schema_says_what_it_is_and_describes_its_keys(kind: str) -> None:
    made = schema(kind)

    assert list(made)[:2] == ["$schema", "title"]
    assert made["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in made
    assert made["title"]


@pytest.mark.parametrize("kind", ["agent", "topic", "tool", "suite"])
def test_every_key_of_the_native_layout_is_described(kind: str) -> None:
    made = schema(kind)
    definitions = made.get("$defs", {})

    bare = [
        f"{name}.{key}"
        for name, inner in {kind: made, **definitions}.items()
        for key, value in inner["properties"].items()
        if not {**definitions.get(value.get("$ref", "").rpartition("/")[2], {}), **value}.get("description")
    ]

    assert bare == []


def test_no_schema_has_what_pydantic_makes_up() -> None:
    def made_up(value: Any) -> bool:
        if isinstance(value, list):
            return any(map(made_up, value))
        if not isinstance(value, dict):
            return False
        return ("default" in value and value["default"] is None) or any(map(made_up, value.values()))

    assert not any(made_up(schema(kind)) for kind in kinds())
    assert "title" not in schema("agent")["properties"]["name"]


def test_a_schema_may_be_changed_by_whom_it_was_given_to() -> None:
    schema("agent")["properties"].clear()

    assert "name" in schema("agent")["properties"]
    assert told({"agent.yaml": "name: A\n"}) == []


def test_an_unknown_kind_has_no_schema() -> None:
    with pytest.raises(KeyError):
        schema("nonsense")
