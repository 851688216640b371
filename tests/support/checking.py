"""Checking made short in tests: files from texts, and everything that validation tells of them as lines."""

from __future__ import annotations

from collections.abc import Mapping

from gitagent.config.files import File, FileKind, MemoryFile
from gitagent.config.problems import Problem, Severity
from gitagent.config.validation import validate

Content = str | bytes | File
Contents = Mapping[str, Content]


def files(contents: Contents) -> dict[str, File]:
    """An agent's files: texts and bytes become ordinary files."""
    return {path: _file(content) for path, content in contents.items()}


def link(target: str | bytes) -> MemoryFile:
    """A symbolic link."""
    return MemoryFile(target.encode() if isinstance(target, str) else target, FileKind.LINK)


def told(contents: Contents) -> list[str]:
    """Every problem of some files: its place, code and message, and the hint after an arrow."""
    return lines(validate(files(contents)))


def lines(problems: list[Problem]) -> list[str]:
    """Problems as lines; a warning says so."""
    return [_line(problem) for problem in problems]


def _line(problem: Problem) -> str:
    warning = "warning: " if problem.severity is Severity.WARNING else ""
    return f"{warning}{problem}" + (f" -> {problem.hint}" if problem.hint else "")


def _file(content: Content) -> File:
    if isinstance(content, str):
        return MemoryFile(content.encode())
    return MemoryFile(content) if isinstance(content, bytes) else content
