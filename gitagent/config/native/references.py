"""References: `${variable}` and `${env:NAME}` in texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from gitagent.config.documents import Document, Lines, Path
from gitagent.config.native.values import texts_in
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import did_you_mean, shortened

# `$${` is how a text says `${` itself.
_REFERENCE = re.compile(r"(?<!\$)\$\{([^{}\n]{0,200})\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENVIRONMENT = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


def is_variable_name(text: str) -> bool:
    """Whether `${text}` can refer to a variable of that name."""
    return _NAME.fullmatch(text) is not None


def is_reference(text: str) -> bool:
    """Whether a text is one reference and nothing else."""
    return _REFERENCE.fullmatch(text) is not None


def references_in_document(document: Document, at: Path, variables: Collection[str] | None) -> Iterator[Problem]:
    """The problems of references in all texts at `at` and inside it; any variable may be there where that is None."""
    for inner, text in texts_in(document, at):
        for match in _different(text):
            if found := _wrong(match[1], variables):
                code, message, hint, severity = found
                yield document.problem(code, message, at=inner, find=match[0], hint=hint, severity=severity)


def references_in_text(text: str, path: str, variables: Collection[str]) -> Iterator[Problem]:
    """The problems of references in a text file."""
    lines = Lines(text)
    for match in _different(text):
        if found := _wrong(match[1], variables):
            code, message, hint, severity = found
            yield Problem(path, *lines.place(match.start()), code, message, hint, severity)


def _different(text: str) -> Iterator[re.Match[str]]:
    """Each reference where it stands first."""
    seen: set[str] = set()
    for match in _REFERENCE.finditer(text):
        if match[1] not in seen:
            seen.add(match[1])
            yield match


def _wrong(inside: str, variables: Collection[str] | None) -> tuple[str, str, str | None, Severity] | None:
    if (variables is not None and inside in variables) or _ENVIRONMENT.fullmatch(inside):
        return None
    shown = shortened(inside)
    if inside.startswith("env:"):
        hint = "Write ${env:NAME}: letters, digits and _ after the colon."
        return "bad-reference", f"'${{{shown}}}' names no environment variable", hint, Severity.ERROR
    if not is_variable_name(inside):
        hint = "Write ${name} for a variable, ${env:NAME} for a secret, and $${ for the characters themselves."
        return "bad-reference", f"'${{{shown}}}' is not a reference", hint, Severity.WARNING
    if variables is None:
        return None
    hint = did_you_mean(inside, variables) or "Add it to 'variables' in agent.yaml."
    return "unknown-variable", f"there is no variable '{shown}'", hint, Severity.WARNING
