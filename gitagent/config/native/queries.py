"""Queries: what callers ask, which tells one topic from another, and so stands in one of them alone."""

from __future__ import annotations

from collections.abc import Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.native.values import items_at, value_at
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import shortened


class Queries:
    """The example queries of all topics that are in use."""

    def __init__(self) -> None:
        self._first: dict[str, tuple[Document, Path]] = {}

    def define(self, document: Document) -> Iterator[Problem]:
        """Take in those of a topic; a problem for each that stands somewhere already, capitals or not."""
        if value_at(document, ("enabled",)) is False:
            return
        for at, query in items_at(document, ("example_queries",)):
            if not isinstance(query, str) or not query.strip():
                continue
            other, where = self._first.setdefault(" ".join(query.split()).casefold(), (document, at))
            if (other, where) != (document, at):
                line, column = other.place(where)
                message = f"the example query '{shortened(query)}' stands in {other.path}:{line}:{column}, too"
                hint = "Keep it in one topic: callers who say it reach only one."
                yield document.problem("duplicate-query", message, at=at, hint=hint, severity=Severity.WARNING)
