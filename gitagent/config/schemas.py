"""Schemas: the JSON Schema of every kind of file, for editors that check and complete while one types."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from gitagent.config.native.schemas import KINDS, kept_schema

if TYPE_CHECKING:
    from pydantic import BaseModel

_ALSO_CALLED = {"test": "suite", "tests": "suite"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def kinds() -> tuple[str, ...]:
    """The kinds of files that have a schema: those of the native layout, then those of the ADK's."""
    from gitagent.config.adk.kinds import KINDS as ADK_KINDS

    return (*KINDS, *(kind.name for kind in ADK_KINDS))


def kind_named(word: str) -> str | None:
    """The kind that a word means: its name, its plural or, for suites, tests; None for any other."""
    names = kinds()
    meant = _ALSO_CALLED.get(word, word)
    return next((name for name in (meant, meant.removesuffix("s")) if name in names), None)


def schema(kind: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a kind of file. KeyError for a kind that is not among `kinds()`."""
    if kind in KINDS:
        return copy.deepcopy(kept_schema(kind))
    from gitagent.config.adk.kinds import model_of

    return schema_of(model_of(kind))


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a model: without the titles and the null defaults that pydantic makes up."""
    made: dict[str, Any] = model.model_json_schema()
    title = made.get("title", model.__name__)
    return {"$schema": _DIALECT, "title": title, **{key: _bare(made[key], key) for key in made if key != "title"}}


def _bare(value: Any, inside: str) -> Any:
    if isinstance(value, list):
        return [_bare(item, "") for item in value]
    if not isinstance(value, dict):
        return value
    if inside in ("properties", "$defs"):  # what is called title in there is a key of the file
        return {key: _bare(item, "") for key, item in value.items()}
    made_up = {"title"} | ({"default"} if value.get("default", "") is None else set())
    return {key: _bare(item, key) for key, item in value.items() if key not in made_up}
