"""Pieces: a text in parts, of which some have two sides."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gitagent.config.merging.marks import Labels, marked


class Fork(NamedTuple):
    """A place where the two sides do not agree, and what each has there."""

    ours: str
    theirs: str


Pieces = tuple[str | Fork, ...]


def side(pieces: Iterable[str | Fork], *, ours: bool) -> str:
    """The text as it is when every conflict is decided for one side."""
    if ours:
        return "".join(piece if isinstance(piece, str) else piece.ours for piece in pieces)
    return "".join(piece if isinstance(piece, str) else piece.theirs for piece in pieces)


def with_marks(pieces: Iterable[str | Fork], labels: Labels) -> str:
    """The text with both sides of each conflict between marks, which stand around whole lines."""
    done: list[str] = []
    line, fork = "", None
    for piece in pieces:
        if isinstance(piece, Fork):
            ours, theirs = fork or (line, line)
            if fork is not None and _ends_line(ours) and _ends_line(theirs):
                done.append(_shown(fork, labels))
                ours = theirs = ""
            fork, line = Fork(ours + piece.ours, theirs + piece.theirs), ""
            continue
        text = piece
        if fork is not None:
            if not (_ends_line(fork.ours) and _ends_line(fork.theirs)):
                rest, text = _first_line(text)
                fork = Fork(fork.ours + rest, fork.theirs + rest)
            if not text and not (_ends_line(fork.ours) and _ends_line(fork.theirs)):
                continue
            done.append(_shown(fork, labels))
            fork = None
        whole, line = _last_line(line + text)
        done.append(whole)
    return "".join(done) + (line if fork is None else _shown(fork, labels))


def _ends_line(text: str) -> bool:
    return not text or text.endswith("\n")


def _first_line(text: str) -> tuple[str, str]:
    end = text.find("\n") + 1 or len(text)
    return text[:end], text[end:]


def _last_line(text: str) -> tuple[str, str]:
    start = text.rfind("\n") + 1
    return text[:start], text[start:]


def _shown(fork: Fork, labels: Labels) -> str:
    return fork.ours if fork.ours == fork.theirs else marked(fork.ours, fork.theirs, labels)
