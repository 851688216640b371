"""Marks: the lines that show both sides of a conflict in a file, written and found again."""

from __future__ import annotations

import itertools
import re
from collections.abc import Container
from typing import NamedTuple

Labels = tuple[str, str]
"""What the two sides are called in the marks: 'your draft', 'v8'."""

_BESIDE = re.compile(r"\.theirs(?:-[0-9]+)?(?:/|$)")
_START, _MIDDLE, _END = b"<<<<<<< ", b"=======", b">>>>>>> "
_MARK = re.compile(rb"^(?:<{7} .*|={7}(?=\r?$)|>{7} .*)", re.MULTILINE)


class Marked(NamedTuple):
    """A conflict that is marked in a file: the lines, from 1, of its three marks."""

    start: int
    middle: int
    end: int


def has_conflict_markers(content: bytes) -> bool:
    """Whether a merge was left unfinished in a file."""
    return _START in content and bool(marked_conflicts(content))


def marked_conflicts(content: bytes) -> tuple[Marked, ...]:
    """The conflicts that are marked in a file, in their order; marks that are not complete count for nothing."""
    found: list[Marked] = []
    start = middle = line = seen = 0
    for match in _MARK.finditer(content):
        line += content.count(b"\n", seen, match.start())
        seen = match.start()
        mark = match[0]
        if mark.startswith(_START):
            start, middle = line + 1, 0
        elif mark == _MIDDLE and start and not middle:
            middle = line + 1
        elif mark.startswith(_END) and middle:
            found.append(Marked(start, middle, line + 1))
            start = middle = 0
    return tuple(found)


def is_beside(path: str) -> bool:
    """Whether this is where a merge puts the other side's file, for one file could not hold both."""
    return _BESIDE.search(path) is not None


def beside(path: str, taken: Container[str]) -> str:
    """Where to put the other side's file: 'logo.png.theirs', with a number if there is one already."""
    names = itertools.chain((f"{path}.theirs",), (f"{path}.theirs-{number}" for number in itertools.count(2)))
    return next(name for name in names if name not in taken)


def marked(ours: str, theirs: str, labels: Labels) -> str:
    """Both sides of a conflict, each in whole lines, between marks."""
    return f"<<<<<<< {labels[0]}\n{_whole(ours)}=======\n{_whole(theirs)}>>>>>>> {labels[1]}\n"


def _whole(lines: str) -> str:
    return lines if not lines or lines.endswith("\n") else lines + "\n"
