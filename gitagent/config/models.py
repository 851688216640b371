"""Models: a file's value held against a pydantic model, and every difference told with its place.

Imports pydantic, which takes 55 ms: import this module only where there is a file to check.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from gitagent.config.complaints import complaint
from gitagent.config.documents import Document, Path
from gitagent.config.inspection import Inspection
from gitagent.config.problems import MOST_PROBLEMS

Checked = TypeVar("Checked", bound=BaseModel)


class Model(BaseModel):
    """A mapping with these keys and no others, its values of exactly these types.

    Schemas are built when the outermost model is first used: one build instead of one for each class.
    """

    model_config = ConfigDict(extra="forbid", strict=True, defer_build=True, allow_inf_nan=False)


def check_model(document: Document, model: type[Checked], inspection: Inspection) -> Checked | None:
    """The document as a `model`; None where it is not, and every problem of it taken in."""
    if document.value is None:
        inspection.add(document.problem("empty", "the file is empty", hint=_keys_hint(model)))
        return None
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        places = _by_place(document, error.errors(include_url=False))
        for at, details in islice(places, MOST_PROBLEMS + 1):
            found = complaint(document, at, details, keys=_keys_of(model, at[:-1]))
            inspection.add(document.problem(found.code, found.message, at=at, on_key=found.on_key, hint=found.hint))
        return None


def _by_place(document: Document, errors: list[ErrorDetails]) -> Iterator[tuple[Path, list[ErrorDetails]]]:
    """Errors by the value they are about: a union tells one for each of its members, at a place of their own."""
    groups: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        at = tuple(part for part in error["loc"] if part != "[key]")
        if error["type"] != "missing":
            at = _existing(document.value, at)
        groups.setdefault(at, []).append(error)
    yield from groups.items()


def _existing(value: object, at: Path) -> Path:
    inside: Any = value
    for depth, part in enumerate(at):
        keys = inside if isinstance(inside, dict) else range(len(inside) if isinstance(inside, list) else 0)
        if part not in keys:
            return at[:depth]
        inside = inside[part]
    return at


def _keys_of(model: type[BaseModel], at: Path) -> list[str]:
    """The keys that are known where `at` leads; none where that is no model."""
    inside: type[BaseModel] | None = model
    for part in at:
        field = _fields(inside).get(str(part)) if inside is not None else None
        if field is not None:  # otherwise a position in a list, or a key of a mapping of models
            inside = next(_models_in(field.annotation), None)
    return list(_fields(inside)) if inside is not None else []


def _fields(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models_in(inner)


def _keys_hint(model: type[BaseModel]) -> str | None:
    required = [name for name, field in _fields(model).items() if field.is_required()]
    return f"It needs at least: {', '.join(required)}." if required else None
