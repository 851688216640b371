"""The Python functions of an ADK project: whether they compile, and what they speak of. They are never run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import shortened

_FUNCTIONS = re.compile(r"functions/[^/]+\.py|flows/[^/]+/(?:functions|function_steps)/[^/]+\.py")
# What Python 3.12 to 3.14 read and an older one refuses; the ADK itself runs on 3.14.
_NEWER_MESSAGE = re.compile(r"f-string|multiple exception types must be parenthesized")
_NEWER_LINE = re.compile(r"\s*(?:type\s+\w|(?:async\s+)?(?:def|class)\s+\w+\s*\[)|.*\b[tT][rR]?['\"]")
_NEWEST = (3, 14)
_BREAK = re.compile(r"\r\n|\r|\n")
_VERBS = ("goto_flow", "goto_step")


@dataclass(frozen=True, slots=True)
class Going:
    """A flow or a step that a function goes to by its name. `verb` is `goto_flow` or `goto_step`."""

    verb: str
    name: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Function:
    """One file of Python: what is wrong with its code, and the places that it goes to."""

    path: str
    problems: tuple[Problem, ...]
    goings: tuple[Going, ...] = ()

    @property
    def name(self) -> str:
        """What the rest of the project calls it: the file's name."""
        return PurePosixPath(self.path).stem


def is_function(path: str) -> bool:
    """Whether the ADK reads a function from this path."""
    return _FUNCTIONS.fullmatch(path) is not None


def read_function(path: str, text: str) -> Function:
    """Compile a function without running it. What Python cannot read is a problem at its line and column."""
    if "\0" in text:  # Python says so without a place; whoever decoded the text has told it with one
        return Function(path, ())
    try:
        # A regular expression with a lone backslash is a SyntaxWarning, and the function still runs.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text, filename=path)
            compile(tree, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        return _refused(path, text, error)
    except (RecursionError, MemoryError):
        return _broken(path, 0, 0, "python-syntax", "the code is nested too deeply to be read")
    lines = _BREAK.split(text)
    goings = sorted(_goings(tree, lines), key=lambda going: (going.line, going.column))
    return Function(path, _without_entry(path, tree), tuple(goings))


def _without_entry(path: str, tree: ast.Module) -> tuple[Problem, ...]:
    name = PurePosixPath(path).stem
    if any(isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name for node in tree.body):
        return ()
    message = f"the file defines no function '{shortened(name)}'"
    hint = "The ADK calls the function that has the file's own name: add it, or rename the file."
    return (Problem(path, 1, 1, "function-missing", message, hint, Severity.WARNING),)


def _refused(path: str, text: str, error: SyntaxError) -> Function:
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    written = [*_BREAK.split(text), ""][line - 1]
    newer = _NEWER_MESSAGE.match(error.msg) or _NEWER_LINE.match(written)
    if newer and sys.version_info < _NEWEST:
        return _broken(
            path,
            line,
            column,
            "python-syntax",
            f"Python {sys.version_info.major}.{sys.version_info.minor} cannot read this: {error.msg}",
            hint="It may be right for the newer Python that the ADK runs on; gitagent cannot tell with this one.",
            severity=Severity.WARNING,
        )
    return _broken(path, line, column, "python-syntax", error.msg)


def _broken(
    path: str,
    line: int,
    column: int,
    code: str,
    message: str,
    *,
    hint: str | None = None,
    severity: Severity = Severity.ERROR,
) -> Function:
    return Function(path, (Problem(path, line, column, code, message, hint, severity),))


def _goings(tree: ast.AST, lines: list[str]) -> Iterator[Going]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            yield from _going(node.func.attr, node.args[0], lines)
        elif isinstance(node, ast.Dict):
            keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
            pairs = dict(zip(keys, node.values, strict=True))
            # A step beside a flow is a step of that flow, not of the function's own.
            for verb in ("goto_flow",) if "goto_flow" in pairs else ("goto_step",):
                yield from _going(verb, pairs.get(verb), lines)


def _going(verb: str, target: ast.expr | None, lines: list[str]) -> Iterator[Going]:
    if verb in _VERBS and isinstance(target, ast.Constant) and isinstance(target.value, str):
        # Python counts the bytes before it, people count characters.
        before = lines[target.lineno - 1].encode()[: target.col_offset].decode()
        yield Going(verb, target.value, target.lineno, len(before) + 1)
