"""Filling: texts with the values of their variables in place of `${name}`."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from gitagent.config.native.references import is_variable_name

_PIECE = re.compile(r"\$(\$\{)|\$\{([^{}\n]{0,200})\}")
_MOST_STEPS = 16  # variables may hold variables, and these one another


def filled(value: object, variables: Mapping[str, object], *, later: Collection[str] = ()) -> object:
    """The value with every `${name}` in its texts filled in.

    `${env:NAME}` stays, for where the agent runs, and so do the names that are known `later`. A text in which such a
    reference stays keeps its `$${` as well; in all others that becomes `${`, which it stands for.
    """
    if isinstance(value, str):
        return _filled_text(value, variables, frozenset(later))
    if isinstance(value, list):
        return [filled(each, variables, later=later) for each in value]
    if isinstance(value, dict):
        return {key: filled(each, variables, later=later) for key, each in value.items()}
    return value


def values_of(variables: Mapping[str, object]) -> dict[str, object]:
    """Variables with the values of those that they hold. One that holds itself keeps the reference."""
    return {
        name: _expanded(value, variables, (name,)) if isinstance(value, str) else value
        for name, value in variables.items()
    }


def _expanded(text: str, variables: Mapping[str, object], within: tuple[str, ...]) -> str:
    def replace(match: re.Match[str]) -> str:
        name = match[2]
        if name is None or name not in variables or name in within or len(within) > _MOST_STEPS:
            return match[0]
        value = variables[name]
        return _expanded(value, variables, (*within, name)) if isinstance(value, str) else spoken(value)

    return _PIECE.sub(replace, text)


def _filled_text(text: str, variables: Mapping[str, object], later: frozenset[str]) -> str:
    if "${" not in text:
        return text
    waits = any(match[2] is not None and _waits(match[2], later) for match in _PIECE.finditer(text))

    def replace(match: re.Match[str]) -> str:
        if match[1] is not None:
            return match[0] if waits else match[1]
        name = match[2]
        return match[0] if name in later or name not in variables else spoken(variables[name])

    return _PIECE.sub(replace, text)


def _waits(name: str, later: frozenset[str]) -> bool:
    return name in later or (name.startswith("env:") and is_variable_name(name[4:]))


def spoken(value: object) -> str:
    """A variable's value as part of a text: true and false as YAML writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)
