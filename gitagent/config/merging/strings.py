"""Strings: texts of several lines inside a value, such as a prompt, brought together line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

from gitagent.config.merging.pieces import Fork, Pieces, side
from gitagent.config.merging.sequences import Taken, merge_sequences
from gitagent.config.merging.trees import Node, UnmergeableError, Value, read_tree

_HEADER = re.compile(r"[|>][-+]?[ \t]*(?:#.*)?")


class MergedText(NamedTuple):
    """The source of the merged text, and what it means with every conflict decided for either side.

    `in_lines` says that the source has whole lines, the end of the last one included.
    """

    pieces: Pieces
    ours: Value
    theirs: Value
    in_lines: bool

    @property
    def is_clean(self) -> bool:
        """Whether the sides agree."""
        return not any(isinstance(piece, Fork) for piece in self.pieces)


def merge_strings(base: Node, ours: Node, theirs: Node) -> MergedText | None:
    """The text that both changed; None where they are no texts of several lines that are written the same way."""
    nodes = (base, ours, theirs)
    if not all(isinstance(node.plain, str) and node.value == ("str", repr(node.plain)) for node in nodes):
        return None
    blocks = [_block(node.text) for node in nodes]
    if all(blocks):
        return _merge_blocks(*(block for block in blocks if block))
    if any(blocks) or not any("\n" in str(node.plain) for node in nodes):
        return None
    return _merge_values(*(str(node.plain) for node in nodes))


class _Block(NamedTuple):
    header: str
    indent: str
    lines: tuple[str, ...]


def _block(text: str) -> _Block | None:
    """A text after '|' or '>', without the space before its lines; None where it is written in another way."""
    header, _, content = text.partition("\n")
    if _HEADER.fullmatch(header) is None:
        return None
    lines = content.split("\n")
    first = next((line for line in lines if line.strip(" ")), "")
    indent = first[: len(first) - len(first.lstrip(" "))]
    return _Block(header, indent, tuple(line.removeprefix(indent) if line.strip(" ") else "" for line in lines))


def _merge_blocks(base: _Block, ours: _Block, theirs: _Block) -> MergedText | None:
    if not base.header[0] == ours.header[0] == theirs.header[0]:
        return None
    header = theirs.header if ours.header == base.header else ours.header
    pieces = _merge_lines(base.lines, ours.lines, theirs.lines)
    indented = [
        Fork(_indented(piece.ours, ours.indent), _indented(piece.theirs, ours.indent))
        if isinstance(piece, Fork)
        else _indented(piece, ours.indent)
        for piece in pieces
    ]
    values = [_meaning(header, side(pieces, ours=whose)) for whose in (True, False)]
    if None in values:
        return None
    return MergedText((header + "\n", *indented), values[0], values[1], in_lines=True)


def _indented(lines: str, indent: str) -> str:
    return "".join(indent + line if line.strip() else line for line in lines.splitlines(keepends=True))


def _meaning(header: str, lines: str) -> Value:
    """What the lines mean after that header; None where the first one would be taken for more indented."""
    if lines.lstrip("\n").startswith(" "):
        return None
    try:
        return read_tree(f"a: {header}\n{_indented(lines, '  ')}", "a.yaml").root.entries[0].node.value
    except UnmergeableError:
        return None


def _merge_lines(base: Iterable[str], ours: Iterable[str], theirs: Iterable[str]) -> Pieces:
    ends = [tuple(line + "\n" for line in lines) for lines in (base, ours, theirs)]
    return merge_lines(*ends)


def merge_lines(base: tuple[str, ...], ours: tuple[str, ...], theirs: tuple[str, ...]) -> Pieces:
    """The lines of both sides, with a fork where they do not agree."""
    pieces: list[str | Fork] = []
    for part in merge_sequences(base, ours, theirs):
        here, there = "".join(ours[part.ours]), "".join(theirs[part.theirs])
        if part.taken is Taken.CONFLICT:
            pieces.append(Fork(here, there))
        else:
            pieces.append(there if part.taken is Taken.THEIRS else here)
    return tuple(pieces)


def _merge_values(base: str, ours: str, theirs: str) -> MergedText | None:
    """A text in quotes: only as a whole, for its lines are no lines of the file."""
    pieces = merge_lines(*(tuple(text.splitlines(keepends=True)) for text in (base, ours, theirs)))
    if any(isinstance(piece, Fork) for piece in pieces):
        return None
    merged = side(pieces, ours=True)
    value = ("str", repr(merged))
    return MergedText((json.dumps(merged, ensure_ascii=False),), value, value, in_lines=False)
