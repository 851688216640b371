"""Values: what a document holds at a place, if it has the type that is needed; the models tell of wrong types."""

from __future__ import annotations

from collections.abc import Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.problems import Problem


def value_at(document: Document, at: Path) -> object:
    """The value at `at`; None where there is none."""
    value = document.value
    for part in at:
        if isinstance(value, dict) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            value = value[part] if part < len(value) else None
        else:
            return None
    return value


def text_at(document: Document, at: Path) -> str | None:
    """The text at `at`, if there is one and it is not empty."""
    value = value_at(document, at)
    return value if isinstance(value, str) and value else None


def check_said(document: Document, at: Path) -> Iterator[Problem]:
    """A problem where the text at `at` is nothing but spaces; the models tell of one without any character."""
    text = text_at(document, at)
    if text is not None and not text.strip():
        key = next((part for part in reversed(at) if isinstance(part, str)), "")
        name = f"'{key}'" if at[-1] == key else f"an item of '{key}'"
        yield document.problem("empty", f"{name} is empty", at=at, hint="Write something, or remove it.")


def items_at(document: Document, at: Path) -> Iterator[tuple[Path, object]]:
    """The items of the list at `at`, each with its own place."""
    value = value_at(document, at)
    for number, item in enumerate(value if isinstance(value, list) else []):
        yield (*at, number), item


def pairs_at(document: Document, at: Path) -> Iterator[tuple[Path, str, object]]:
    """The values of the mapping at `at`, each with its own place and key."""
    value = value_at(document, at)
    for key, item in value.items() if isinstance(value, dict) else ():
        yield (*at, key), key, item


def texts_in(document: Document, at: Path) -> Iterator[tuple[Path, str]]:
    """Every text at `at` and inside it."""
    value = value_at(document, at)
    if isinstance(value, str):
        yield at, value
    for inner, _ in items_at(document, at):
        yield from texts_in(document, inner)
    for inner, _, _ in pairs_at(document, at):
        yield from texts_in(document, inner)
