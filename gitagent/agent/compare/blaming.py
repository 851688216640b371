"""Blaming: which of a file's revisions last changed each of its lines, or each of its keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.compare.keys import KeyChangeKind
from gitagent.agent.compare.matching import blocks
from gitagent.agent.compare.text import read_text
from gitagent.agent.compare.values import differences, leaves
from gitagent.config.yaml import parse

if TYPE_CHECKING:
    from gitagent.config.files import File


class Revision(NamedTuple):
    """A revision of a file: a label such as `v3`, and the file; None where that revision has not got it."""

    label: str
    file: File | None


class KeyOrigin(NamedTuple):
    """A key, its value, and the label of the revision that last changed it."""

    key: str
    value: object
    label: str


class LineOrigin(NamedTuple):
    """A line with its end, and the label of the revision that last changed it."""

    line: bytes
    label: str


def line_origins(revisions: Iterable[Revision]) -> list[LineOrigin]:
    """Each line of the newest revision, and which last changed it; revisions come newest first, and only as needed."""
    steps = _steps(revisions)
    newest, older = next(steps)
    lines = _lines(newest.file)
    labels = [newest.label] * len(lines)
    left = {place: place for place in range(len(lines))}
    """Of the lines of the newer revision, those that are still looked for, and their places in the newest."""
    for newer, before in chain([(newest, older)], steps):
        kept: dict[int, int] = {}
        for block in blocks(_lines(before), _lines(newer.file)):
            places = range(block.new_start, block.new_end) if block.same else ()
            kept |= {block.old_start + at: left.pop(place) for at, place in enumerate(places) if place in left}
        for place in left.values():
            labels[place] = newer.label
        if not (left := kept):
            break
    return [LineOrigin(line, label) for line, label in zip(lines, labels, strict=True)]


def key_origins(revisions: Iterable[Revision], path: str) -> list[KeyOrigin]:
    """Each key of the newest revision of a YAML or JSON file, and which last changed it.

    A list whose items have no names is one key: which of them is which cannot be followed. A revision that cannot be
    read is as if it had been empty.
    """
    steps = _steps(revisions)
    newest, older = next(steps)
    found = dict(leaves(_value(newest.file, path)))
    labels = dict.fromkeys(found, newest.label)
    left = set(found)
    for newer, before in chain([(newest, older)], steps):
        changes = differences(_value(before, path), _value(newer.file, path))
        changed = [each.path for each in changes if each.kind is not KeyChangeKind.MOVED]
        for key in [key for key in left if any(_touches(each, key) for each in changed)]:
            labels[key] = newer.label
            left.remove(key)
        if not left:
            break
    return [KeyOrigin(key, value, labels[key]) for key, value in found.items()]


def is_below(key: str, top: str) -> bool:
    """Whether a key is that key, or in it."""
    return key == top or (key.startswith(top) and key[len(top)] in ".[")


def _touches(changed: str, key: str) -> bool:
    return is_below(key, changed) or is_below(changed, key)


def _steps(revisions: Iterable[Revision]) -> Iterator[tuple[Revision, File | None]]:
    """Each revision in which the file became what it is, and what it was before; nothing before the first."""
    for newer, older in pairwise(chain(revisions, [Revision("", None)])):
        if newer.file is None or older.file is None or newer.file.id != older.file.id or not older.label:
            yield newer, older.file
            if older.file is None:
                return


def _lines(file: File | None) -> tuple[bytes, ...]:
    return () if file is None else read_text(file.read()).lines


def _value(file: File | None, path: str) -> object:
    document = None if file is None else parse(file.read(), path)
    return document.value if document is not None and document.complete else None
