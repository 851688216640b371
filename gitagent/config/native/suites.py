"""Suites: regression tests held against the agent that they test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gitagent.config.documents import Document, Path
from gitagent.config.native.definitions import Definitions
from gitagent.config.native.handoffs import check_header
from gitagent.config.native.patterns import check_pattern
from gitagent.config.native.values import check_said, items_at, pairs_at, text_at, value_at
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import did_you_mean, shortened

_SPOKEN = ("contains", "not_contains", "judge")
_CALL_HINT = "Write the name of a tool, or {name: book_table, arguments: {guests: 2}}."


class Known(NamedTuple):
    """Every name that an agent's files define; and the arguments that each tool takes, where it takes no others."""

    topics: Definitions
    tools: Definitions
    handoffs: Definitions
    variables: list[str]
    arguments: dict[str, list[str]]

    @property
    def referable(self) -> list[str] | None:
        """The variables that a text may refer to; None where agent.yaml, which names them, could not be read."""
        return self.variables if self.handoffs.whole else None


def check_suite(document: Document, known: Known) -> Iterator[Problem]:
    """The problems of a suite beyond its model."""
    names = Definitions("case")
    yield from check_said(document, ("name",))
    yield from _check_fixtures(document, ("fixtures",), known)
    for at, _ in items_at(document, ("cases",)):
        yield from names.define(document, (*at, "name"))
        yield from check_said(document, (*at, "name"))
        for header, name, value in pairs_at(document, (*at, "sip_headers")):
            yield from check_header(document, header, name, value)
        yield from _check_fixtures(document, (*at, "fixtures"), known)
        yield from _check_variables(document, (*at, "variables"), known)
        for turn, value in items_at(document, (*at, "turns")):
            if turn[-1] != 0 and isinstance(value, dict) and "user" not in value:
                hint = "Only the first turn may do without: it checks the greeting."
                yield document.problem("missing-key", "'user' is missing", at=turn, hint=hint)
            for expectation, _ in items_at(document, (*turn, "expect")):
                yield from _check_expectation(document, expectation, known)


def _check_fixtures(document: Document, at: Path, known: Known) -> Iterator[Problem]:
    for inner, tool, _ in pairs_at(document, at):
        yield from known.tools.refer(document, inner, name=tool)


def _check_variables(document: Document, at: Path, known: Known) -> Iterator[Problem]:
    for inner, name, value in pairs_at(document, at):
        if value is None or isinstance(value, dict | list):
            message = f"the variable '{shortened(name)}' must be a text, a number, true or false"
            yield document.problem("bad-variable", message, at=inner, hint="Give it one value.")
        if known.handoffs.whole and name not in known.variables:
            hint = did_you_mean(name, known.variables) or "Add it to 'variables' in agent.yaml."
            message = f"there is no variable '{shortened(name)}'"
            yield document.problem(
                "unknown-variable", message, at=inner, on_key=True, hint=hint, severity=Severity.WARNING
            )


def _check_expectation(document: Document, at: Path, known: Known) -> Iterator[Problem]:
    if value_at(document, at) == {}:
        hint = "Write what is expected, such as 'contains: name'."
        yield document.problem("empty", "the expectation is empty", at=at, hint=hint)
    for kind in _SPOKEN:
        yield from check_said(document, (*at, kind))
    yield from check_pattern(document, (*at, "matches"))
    yield from check_pattern(document, (*at, "not_matches"))
    yield from known.topics.refer(document, (*at, "topic"))
    yield from _check_call(document, (*at, "tool_called"), known)
    yield from known.handoffs.refer(document, (*at, "handoff"))


def _check_call(document: Document, at: Path, known: Known) -> Iterator[Problem]:
    """A tool by its name; or a mapping of its name and the arguments that it was called with."""
    value = value_at(document, at)
    if not isinstance(value, dict):
        yield from known.tools.refer(document, at)
        if value == "":
            yield document.problem("empty", "'tool_called' is empty", at=at, hint=_CALL_HINT)
        return
    if text_at(document, (*at, "name")) is None:
        place = (*at, "name") if "name" in value else at
        yield document.problem("bad-call", "'tool_called' needs the 'name' of a tool", at=place, hint=_CALL_HINT)
    yield from known.tools.refer(document, (*at, "name"))
    if not isinstance(value.get("arguments", {}), dict):
        message = "'arguments' must be a mapping"
        yield document.problem("not-mapping", message, at=(*at, "arguments"), hint=_CALL_HINT)
    yield from _check_arguments(document, at, known)
    for inner, key, _ in pairs_at(document, at):
        if key not in ("name", "arguments"):
            hint = did_you_mean(key, ("name", "arguments")) or _CALL_HINT
            message = f"'{shortened(key)}' is not known here"
            yield document.problem("unknown-key", message, at=inner, on_key=True, hint=hint)


def _check_arguments(document: Document, at: Path, known: Known) -> Iterator[Problem]:
    """A call that the tool cannot get is never made."""
    name = text_at(document, (*at, "name"))
    taken = known.arguments.get(name) if name is not None else None
    if taken is None:
        return
    for inner, key, _ in pairs_at(document, (*at, "arguments")):
        if key not in taken:
            hint = did_you_mean(key, taken) or f"It takes {', '.join(map(shortened, taken)) or 'none'}."
            message = f"the tool '{shortened(name or '')}' takes no argument '{shortened(key)}'"
            yield document.problem(
                "unknown-argument", message, at=inner, on_key=True, hint=hint, severity=Severity.WARNING
            )
