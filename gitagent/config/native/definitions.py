"""Definitions: the names that an agent's files give to topics, tools, handoffs and variables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gitagent.config.documents import Document, Path
from gitagent.config.native.values import text_at
from gitagent.config.problems import Problem
from gitagent.config.suggestions import did_you_mean, shortened


class Definitions:
    """The names of one sort. While not all files could be read, no name counts as unknown."""

    def __init__(self, sort: str, *, whole: bool = True) -> None:
        self.sort = sort
        self.whole = whole
        self.known: list[str] = []
        self._places: dict[str, str] = {}

    def define(self, document: Document, at: Path) -> Iterator[Problem]:
        """Take in the name at `at`; a problem where it was taken before, capitals or not."""
        if (name := text_at(document, at)) is None:
            self.whole = False
            return
        self.known.append(name)
        first = self._places.get(name.casefold())
        if first is not None:
            message = f"the {self.sort} '{shortened(name)}' is defined twice, first in {first}"
            yield document.problem("duplicate-name", message, at=at, hint="Give each a name of its own.")
            return
        line, column = document.place(at)
        self._places[name.casefold()] = f"{document.path}:{line}:{column}"

    def refer(self, document: Document, at: Path, *, name: str | None = None) -> Iterator[Problem]:
        """A problem where the name at `at` (or `name`, a key at `at`) is not defined."""
        named = name if name is not None else text_at(document, at)
        if named is None or not self.whole or named in self.known:
            return
        code = f"unknown-{self.sort}"
        hint = did_you_mean(named, self.known) or _known(self.sort, self.known)
        message = f"there is no {self.sort} '{shortened(named)}'"
        yield document.problem(code, message, at=at, on_key=name is not None, hint=hint)


def _known(sort: str, names: Iterable[str]) -> str:
    listed = ", ".join(f"'{shortened(name)}'" for name in sorted(names)[:10])
    return f"There is: {listed}." if listed else f"No {sort} is defined."
