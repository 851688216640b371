"""Events: what a reader of YAML or JSON sees in a text, one after the other, before it is put together."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from gitagent.config.scalars import Scalar


class EventKind(Enum):
    """What an event stands for."""

    DOCUMENT = "document"
    MAPPING = "mapping"
    SEQUENCE = "sequence"
    END = "end"
    SCALAR = "scalar"
    ALIAS = "alias"


class Event(NamedTuple):
    """One event. `start` and `end` count characters from 0; `source` is what a scalar not in quotes was written as."""

    kind: EventKind
    start: int
    end: int = 0
    value: Scalar = None
    source: str | None = None
    anchor: str | None = None
    tag: str | None = None


Events = Iterator[Event]


class TextSyntaxError(Exception):
    """The text cannot be read on. `index` counts characters from 0."""

    def __init__(self, message: str, *, index: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.index = index
        self.hint = hint
