"""Problems: what is wrong in a configuration, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MOST_PROBLEMS = 500
"""The most problems of one file that are told; after these, one more says that there are more."""


class Severity(StrEnum):
    """An error keeps a configuration from becoming a version; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `line` and `column` count from 1; 0 means the whole file."""

    path: str
    line: int
    column: int
    code: str
    message: str
    hint: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}:{self.column}" if self.line else self.path
        return f"{place}: {self.code}: {self.message}"
