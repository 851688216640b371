"""Documents: a configuration file's values together with the place of each of them in the file."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from gitagent.config.problems import Problem, Severity

Path = tuple[str | int, ...]
"""The way from a document's top to a value: keys and positions in lists."""

_BREAK = re.compile(r"\r\n|\n|\r")


class Lines:
    """Where the lines of a text begin."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self._text))]

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, from 1, of the character at `index`; the end of the text for an index beyond it."""
        index = min(max(index, 0), len(self._text))
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


class Spot(NamedTuple):
    """Where a value stands: its first character, the one after its last, its key's first, and its source."""

    start: int
    end: int
    key: int
    source: str | None


WHOLE = Spot(0, 0, -1, None)
"""The spot of a file that could not be read."""

Spots = Mapping[str | int, Spot]
"""The spots of what a mapping or a list holds, by key or by position."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file's value. `complete` says that the whole file was read; otherwise `value` is of no use."""

    path: str
    text: str
    value: object
    complete: bool
    problems: tuple[Problem, ...]
    root: Spot = WHOLE
    spots: Mapping[int, Spots] = field(default_factory=dict, repr=False)
    lines: Lines = field(default_factory=lambda: Lines(""), repr=False)

    def place(self, at: Path = (), *, on_key: bool = False) -> tuple[int, int]:
        """Line and column of the value at `at` (or of its key); of what would contain it where it is not there."""
        spot = self._spot(at)
        return self.lines.place(spot.key if on_key and spot.key >= 0 else spot.start)

    def find(self, at: Path, needle: str) -> tuple[int, int]:
        """Line and column of a text inside the value at `at`; of the value where it is written in another way."""
        spot = self._spot(at)
        found = self.text.find(needle, spot.start, spot.end)
        return self.lines.place(spot.start if found < 0 else found)

    def source(self, at: Path) -> str | None:
        """What a number, truth value or null was written as; None for a text."""
        return self._spot(at).source

    def is_quoted(self, at: Path) -> bool:
        """Whether the value at `at` is a text in quotes."""
        return self.text.startswith(('"', "'"), self._spot(at).start)

    def problem(
        self,
        code: str,
        message: str,
        *,
        at: Path = (),
        on_key: bool = False,
        find: str | None = None,
        hint: str | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A problem of this file, at a value, at its key, or at a text inside it."""
        line, column = self.place(at, on_key=on_key) if find is None else self.find(at, find)
        return Problem(self.path, line, column, code, message, hint, severity)

    def _spot(self, at: Path) -> Spot:
        spot, value = self.root, self.value
        for part in at:
            inside = self.spots.get(id(value), {})
            if part not in inside:
                break
            spot = inside[part]
            value = value[part]  # type: ignore[index]  # what has spots inside is a mapping or a list
        return spot
