"""An ADK project as a whole: every file against its kind, every function, and what the files refer to in each other."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from gitagent.config.adk.functions import is_function, read_function
from gitagent.config.adk.inventory import Inventory
from gitagent.config.adk.kinds import kind_of, model_of
from gitagent.config.adk.references import TEXTS, dangling, repeated
from gitagent.config.adk.simulations import check_simulation
from gitagent.config.documents import Document, Path
from gitagent.config.inspection import Inspection
from gitagent.config.models import check_model
from gitagent.config.problems import Severity
from gitagent.config.suggestions import did_you_mean, shortened


def check_project(inspection: Inspection) -> None:
    """Add every problem of the project to the inspection."""
    paths = inspection.paths(".*")
    documents: dict[str, Document] = {}
    for path in paths:
        if (kind := kind_of(path)) and (document := inspection.document(path)):
            documents[path] = document
            _check_document(document, model_of(kind), inspection)
            if kind == "adk-test":
                inspection.add(*check_simulation(document))
    texts = {path: text for path in TEXTS if (text := inspection.text(path)) is not None}
    codes = {path: inspection.text(path) for path in paths if is_function(path)}
    functions = [read_function(path, code) for path, code in codes.items() if code is not None]
    for function in functions:
        inspection.add(*function.problems)
    inspection.add(*repeated(documents))
    inspection.add(*dangling(documents, texts, functions, Inventory(paths, documents)))


def _check_document(document: Document, model: type[BaseModel], inspection: Inspection) -> None:
    needed = any(field.is_required() for field in model.model_fields.values())
    if document.value is None and not needed:
        return
    for at, hint in _misspelt(check_model(document, model, inspection), ()):
        inspection.add(
            document.problem(
                "unknown-key",
                f"'{shortened(str(at[-1]))}' is not known here",
                at=at,
                on_key=True,
                hint=hint,
                severity=Severity.WARNING,
            )
        )


def _misspelt(value: object, at: Path) -> Iterator[tuple[Path, str]]:
    """Keys that are not known but close to one that is; others may be newer than what is known here."""
    if isinstance(value, BaseModel):
        known = type(value).model_fields
        for key in value.model_extra or {}:
            if hint := did_you_mean(key, known.keys() - value.model_fields_set):
                yield (*at, key), hint
        for name in known:
            yield from _misspelt(getattr(value, name), (*at, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _misspelt(item, (*at, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _misspelt(item, (*at, key))
