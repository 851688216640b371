"""Filling: texts with the values of their variables in place of `${name}`."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Mapping

from gitagent.config.native.references import is_variable_name
from gitagent.config.texts import LARGEST

_PIECE = re.compile(r"\$(\$\{)|\$\{([^{}\n]{0,200})\}")


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
    """Variables with the values of those that they hold.

    Those that hold themselves keep the reference, and so does one that would become longer than a file may be.
    """
    values = dict(variables)
    held = {name: _held(value, variables) for name, value in variables.items()}
    holders: dict[str, list[str]] = {name: [] for name in variables}
    for name, names in held.items():
        for each in names:
            holders[each].append(name)
    whole = deque(name for name, names in held.items() if not names)
    while whole:
        name = whole.popleft()
        for holder in holders[name]:
            held[holder].discard(name)
            if not held[holder]:
                values[holder] = _with_values(str(variables[holder]), values)
                whole.append(holder)
    return values


def _held(value: object, variables: Mapping[str, object]) -> set[str]:
    if not isinstance(value, str):
        return set()
    return {match[2] for match in _PIECE.finditer(value) if match[2] in variables}


def _with_values(text: str, values: Mapping[str, object]) -> str:
    pieces = [values.get(match[2]) for match in _PIECE.finditer(text)]
    if sum(len(spoken(each)) for each in pieces) > LARGEST:
        return text
    return _PIECE.sub(lambda match: match[0] if match[2] not in values else spoken(values[match[2]]), text)


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
