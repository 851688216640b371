"""Layouts: entries put together again as lines or in brackets, in the way of the file that they are put into."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from gitagent.config.merging.pieces import Fork, Pieces, side
from gitagent.config.merging.trees import Entry, Kind, Node, UnmergeableError, Value
from gitagent.config.scalars import Scalar


class Made(NamedTuple):
    """An entry of the merged file, and what it means with every conflict decided for either side.

    `only_ours` is None where both sides have the entry, and else says which one has it: that is a conflict, too.
    `place` is where it stands in our file, from 0; None for what comes from theirs.
    """

    name: Scalar
    lead: str
    pieces: Pieces
    ours: Value
    theirs: Value
    only_ours: bool | None = None
    place: int | None = None

    def text(self, *, ours: bool) -> str:
        """The entry as one side has it."""
        return "" if self.only_ours is (not ours) else side(self.pieces, ours=ours)

    def is_in(self, *, ours: bool) -> bool:
        """Whether a side has the entry at all."""
        return self.only_ours is not (not ours)


def kept(entry: Entry, place: int | None, into: Node) -> Made:
    """One of our own entries, as it stands."""
    body = entry.body + entry.rest if into.in_brackets else entry.body
    return Made(entry.name, entry.lead, (body,), entry.node.value, entry.node.value, place=place)


def taken(entry: Entry, source: Node, into: Node) -> Made:
    """An entry of theirs, laid out as what it is put into."""
    value = entry.node.value
    if source.in_brackets and into.in_brackets:
        return Made(entry.name, entry.lead, (entry.body + entry.rest,), value, value)
    if into.in_brackets:
        key = "" if source.kind is Kind.LIST else json.dumps(entry.name, ensure_ascii=False) + ": "
        return Made(entry.name, "", (key + json.dumps(_plain(entry.node), ensure_ascii=False),), value, value)
    if source.in_brackets:
        return Made(entry.name, "", (_as_lines(entry, source, into),), value, value)
    by = into.column - source.column
    lead = shifted(" " * source.column + entry.lead, by)[into.column :] if entry.lead else ""
    return Made(entry.name, lead, (shifted(entry.body, by),), value, value)


def _as_lines(entry: Entry, source: Node, into: Node) -> str:
    from gitagent.config.dumping import dump

    value = _plain(entry.node)
    return shifted(dump([value] if source.kind is Kind.LIST else {entry.name: value}), into.column)


def _plain(node: Node) -> Any:
    if node.kind is Kind.MAPPING:
        return {entry.name: _plain(entry.node) for entry in node.entries}
    if node.kind is Kind.LIST:
        return [_plain(entry.node) for entry in node.entries]
    if node.value != (type(node.plain).__name__, repr(node.plain)):
        raise UnmergeableError("an alias or a tag in another layout")
    return node.plain


def shifted(text: str, by: int) -> str:
    """All lines but the first set in by so many columns more; or less, as far as they are set in."""
    if by == 0:
        return text
    first, *rest = text.splitlines(keepends=True)
    return first + "".join(_moved(line, by) for line in rest)


def _moved(line: str, by: int) -> str:
    if by > 0:
        return " " * by + line if line.strip() else line
    return line[min(-by, len(line) - len(line.lstrip(" "))) :]


def in_lines(node: Node, made: Sequence[Made], tail: str) -> Pieces:
    """Entries as lines, at the column of `node`."""
    if node.inline and made and made[0].only_ours is not None:
        # Which entry stands right after the dash depends on the side.
        sides = [_of_side(made, ours=ours) for ours in (True, False)]
        return (Fork(*(side(in_lines(node, entries, tail), ours=True) for entries in sides)),)
    out: list[str | Fork] = []
    for place, each in enumerate(made):
        prefix = each.lead + " " * node.column
        if node.inline and place == 0:
            prefix = "\n" + prefix if each.lead.strip() else ""
        if each.only_ours is None:
            out += [prefix, *each.pieces]
        else:
            whole = prefix + side(each.pieces, ours=each.only_ours)
            out.append(Fork(whole, "") if each.only_ours else Fork("", whole))
    return (*out, tail)


def in_brackets(node: Node, made: Sequence[Made], other: Node) -> Pieces:
    """Entries in brackets, with the spaces of `node`; of the `other` side where it had no entries."""
    if all(each.only_ours is None for each in made):
        return _bracketed(node, [(each, each.pieces) for each in made], other)
    sides = [[(each, each.pieces) for each in _of_side(made, ours=ours)] for ours in (True, False)]
    return (Fork(*(side(_bracketed(node, entries, other), ours=True) for entries in sides)),)


def _of_side(made: Sequence[Made], *, ours: bool) -> list[Made]:
    """The entries with every conflict decided for one side."""
    held = (each for each in made if each.is_in(ours=ours))
    return [each._replace(pieces=(each.text(ours=ours),), only_ours=None) for each in held]


def _bracketed(node: Node, entries: Sequence[tuple[Made, Pieces]], other: Node) -> Pieces:
    closing = "}" if node.kind is Kind.MAPPING else "]"
    if not entries:
        return (node.opening + closing,)
    style = node if node.entries or not other.in_brackets else other
    first = style.entries[0].lead if style.entries and not style.entries[0].lead.strip() else ""
    after = first if "\n" in first else " "
    if len(style.entries) > 1 and not style.entries[1].lead.strip():
        after = style.entries[1].lead
    out: list[str | Fork] = [node.opening]
    for place, (each, pieces) in enumerate(entries):
        is_at_home = each.place is not None and (each.place == 0) == (place == 0)
        lead = each.lead if is_at_home or each.lead.strip() else (after if place else first)
        out += ["," if place else "", lead, *pieces]
    return (*out, style.tail + closing)
