"""An inspection: one pass over an agent's files, what was read in it, and the problems found on the way."""

from __future__ import annotations

import re

from gitagent.config.documents import Document, Lines
from gitagent.config.files import Files
from gitagent.config.links import follow
from gitagent.config.problems import Problem
from gitagent.config.secrets import secrets_in_document, secrets_in_text
from gitagent.config.texts import LARGEST, conflict, decode, too_large
from gitagent.config.yaml import parse

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


class Inspection:
    """Reads each file once and gathers the problems of all of them."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._documents: dict[str, Document | None] = {}
        self._texts: dict[str, str | None] = {}
        self._problems: list[Problem] = []

    @property
    def problems(self) -> list[Problem]:
        """All problems so far, sorted, each once."""
        return sorted(set(self._problems), key=_order)

    @property
    def read(self) -> frozenset[str]:
        """The paths that were read as an agent's own: YAML, JSON and texts."""
        return frozenset(self._documents.keys() | self._texts.keys())

    def add(self, *problems: Problem) -> None:
        """Take problems in."""
        self._problems.extend(problems)

    def paths(self, pattern: str) -> list[str]:
        """The paths of files that a regular expression matches as a whole, sorted."""
        match = re.compile(pattern).fullmatch
        return sorted(path for path in self.files if match(path) and follow(self.files, path) is not None)

    def document(self, path: str) -> Document | None:
        """The YAML or JSON file at a path; None where it is missing or cannot be read, which is then a problem."""
        if path not in self._documents:
            self._documents[path] = self._read_document(path)
        return self._documents[path]

    def text(self, path: str) -> str | None:
        """The text file at a path; None where it is missing or cannot be read, which is then a problem."""
        if path not in self._texts:
            self._texts[path] = self._read_text(path)
        return self._texts[path]

    def _read(self, path: str) -> bytes | None:
        file = follow(self.files, path)
        if file is None:
            return None
        if file.size > LARGEST:
            self.add(too_large(path, file.size))
            return None
        return file.read()

    def _read_document(self, path: str) -> Document | None:
        if (data := self._read(path)) is None:
            return None
        document = parse(data, path)
        self.add(*document.problems)
        if not document.complete:
            return None
        self.add(*secrets_in_document(document))
        return document

    def _read_text(self, path: str) -> str | None:
        if (data := self._read(path)) is None:
            return None
        text, problem = decode(data, path)
        if problem is not None:
            self.add(problem)
            return None
        if found := _CONTROL.search(text):
            line, column = Lines(text).place(found.start())
            message = f"the character U+{ord(found[0]):04X} has no place in a text"
            self.add(Problem(path, line, column, "bad-character", message, "Remove it."))
        if (problem := conflict(text, path)) is not None:
            self.add(problem)
        self.add(*secrets_in_text(text, path))
        return text


def _order(problem: Problem) -> tuple[str, int, int, str, str]:
    return problem.path, problem.line, problem.column, problem.code, problem.message
