"""Keys: two trees brought together key by key and item by item, and the keys that both changed differently."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gitagent.config.merging.conflicts import Conflict, ConflictKind
from gitagent.config.merging.layouts import Made, in_brackets, in_lines, kept, shifted, taken
from gitagent.config.merging.orders import OrdersDifferError, merged_order
from gitagent.config.merging.pieces import Fork, Pieces, side
from gitagent.config.merging.sequences import Part, Taken, merge_sequences
from gitagent.config.merging.strings import merge_lines, merge_strings
from gitagent.config.merging.trees import (
    Entry,
    Kind,
    Node,
    Tree,
    UnmergeableError,
    Value,
    list_value,
    mapping_value,
    with_properties,
)
from gitagent.config.scalars import Scalar

_SIMPLE = re.compile(r"[^\W\d][\w $-]*|\d+")
_NAMES = ("name", "id")
_EMPTY = {Kind.MAPPING: "{}", Kind.LIST: "[]", Kind.SCALAR: ""}


class MergedTree(NamedTuple):
    """The merged text in pieces, what it means with all conflicts decided for either side, and the conflicts."""

    pieces: Pieces
    ours: Value
    theirs: Value
    conflicts: tuple[Conflict, ...]


def merge_trees(base: Tree | None, ours: Tree, theirs: Tree, *, path: str) -> MergedTree:
    """What both sides made of the base. UnmergeableError where it cannot be written in the way of our file."""
    merge = _Merge(path)
    root = merge.node(base.root if base else None, ours.root, theirs.root, "")
    preamble, tail = (
        merged_comments(getattr(base, part, ""), getattr(ours, part), getattr(theirs, part))
        for part in ("preamble", "tail")
    )
    if ours.root.in_lines and not all(root.held):
        if not any(root.held):
            raise UnmergeableError("nothing is left")
        tail = ours.tail
    pieces = _or_empty(root.pieces, ours.root, root.held, _EMPTY[ours.root.kind] + "\n")
    return MergedTree((preamble, *pieces, tail), root.ours, root.theirs, tuple(merge.conflicts))


def merged_comments(base: str, ours: str, theirs: str) -> str:
    """Lines that mean nothing: those of both sides where they differ, for nobody wants to decide about comments."""
    if theirs in (base, ours):
        return ours
    if ours == base:
        return theirs
    split = [tuple(text.splitlines(keepends=True)) for text in (base, ours, theirs)]
    return "".join(_both(piece) if isinstance(piece, Fork) else piece for piece in merge_lines(*split))


def _both(fork: Fork) -> str:
    ours = fork.ours.splitlines(keepends=True)
    return fork.ours + "".join(line for line in fork.theirs.splitlines(keepends=True) if line not in ours)


class _Merged(NamedTuple):
    """`held` is whether either side has anything in it: what stands in lines cannot be written when it is empty."""

    pieces: Pieces
    ours: Value
    theirs: Value
    held: tuple[bool, bool] = (True, True)


class _Sides(NamedTuple):
    """The mappings or lists that are merged, and where they stand."""

    base: Node | None
    ours: Node
    theirs: Node
    at: str


class _Merge:
    def __init__(self, path: str) -> None:
        self._path = path
        self.conflicts: list[Conflict] = []

    def node(self, base: Node | None, ours: Node, theirs: Node, at: str) -> _Merged:
        """A value that both sides have."""
        if base is not None and (picked := _picked(base, ours, theirs)) is not None:
            return _Merged((picked.text,), picked.value, picked.value)
        if _are_alike(ours, theirs):
            usable = base if base is not None and base.kind is ours.kind else None
            return self._collection(_Sides(usable, ours, theirs, at))
        if ours.value == theirs.value:
            return _Merged((ours.text,), ours.value, ours.value)
        self._conflict(at, base, ours, theirs)
        return _Merged((Fork(ours.text, theirs.text),), ours.value, theirs.value)

    def _conflict(self, at: str, base: Node | None, ours: Node | None, theirs: Node | None) -> None:
        said = [None if node is None else node.text.rstrip() for node in (base, ours, theirs)]
        self.conflicts.append(Conflict(self._path, ConflictKind.KEY, at, *said))

    def _collection(self, sides: _Sides) -> _Merged:
        if sides.ours.kind is Kind.MAPPING:
            made = self._named(sides, *(_by_name(node, None) for node in sides[:3]))
        elif (field := _name_field([node for node in sides[:3] if node is not None])) is not None:
            try:
                made = self._named(sides, *(_by_name(node, field) for node in sides[:3]))
            except OrdersDifferError:
                return self._whole(sides)
        else:
            made = self._items(sides)
        held = [[each for each in made if each.is_in(ours=ours)] for ours in (True, False)]
        if sides.ours.kind is Kind.MAPPING:
            values = [mapping_value((each.name, each.ours) for each in held[0])]
            values.append(mapping_value((each.name, each.theirs) for each in held[1]))
        else:
            values = [list_value(each.ours for each in held[0]), list_value(each.theirs for each in held[1])]
        meant = [with_properties(value, sides.ours.properties) for value in values]
        return _Merged(self._laid_out(sides, made), meant[0], meant[1], (bool(held[0]), bool(held[1])))

    def _laid_out(self, sides: _Sides, made: Sequence[Made]) -> Pieces:
        if sides.ours.in_brackets:
            return in_brackets(sides.ours, made, sides.theirs)
        if not made:
            return ()
        if sides.theirs.in_brackets:
            return in_lines(sides.ours, made, sides.ours.tail)
        base = sides.base.tail if sides.base is not None and sides.base.in_lines else ""
        return in_lines(sides.ours, made, merged_comments(base, sides.ours.tail, sides.theirs.tail))

    def _whole(self, sides: _Sides) -> _Merged:
        """A list that both put into another order: nobody but they can say which one it should be."""
        if sides.ours.in_brackets is not sides.theirs.in_brackets or sides.ours.inline is not sides.theirs.inline:
            raise UnmergeableError("two layouts of one list")
        self._conflict(sides.at, *sides[:3])
        by = sides.ours.column - sides.theirs.column
        theirs = shifted("\n" + sides.theirs.text, by)[1:] if sides.theirs.in_lines else sides.theirs.text
        return _Merged((Fork(sides.ours.text, theirs),), sides.ours.value, sides.theirs.value)

    def _named(
        self, sides: _Sides, base: dict[Scalar, Entry], ours: dict[Scalar, Entry], theirs: dict[Scalar, Entry]
    ) -> list[Made]:
        is_list = sides.ours.kind is Kind.LIST
        order = merged_order([*base], [*ours], [*theirs], {**ours, **theirs}, strict=is_list)
        places = {name: place for place, name in enumerate(ours)}
        made = []
        for name in order:
            written = _written(name)
            at = f"{sides.at}[{written}]" if is_list else f"{sides.at}.{written}".removeprefix(".")
            each = self._entry(
                sides._replace(at=at), base.get(name), ours.get(name), theirs.get(name), places.get(name)
            )
            if each is not None:
                made.append(each)
        return made

    def _entry(
        self, sides: _Sides, base: Entry | None, ours: Entry | None, theirs: Entry | None, place: int | None
    ) -> Made | None:
        if ours is not None and theirs is not None:
            return self._both(sides, base, ours, theirs, place)
        entry = ours or theirs
        if entry is None:
            return None
        made = kept(entry, place, sides.ours) if ours is not None else taken(entry, sides.theirs, sides.ours)
        if base is None:
            return made
        if base.node.value == entry.node.value:
            return None
        nodes = [None if each is None else each.node for each in (base, ours, theirs)]
        self._conflict(sides.at, *nodes)
        return made._replace(only_ours=ours is not None)

    def _both(self, sides: _Sides, base: Entry | None, ours: Entry, theirs: Entry, place: int | None) -> Made:
        """An entry that both sides have, in our place."""
        mine, other = kept(ours, place, sides.ours), taken(theirs, sides.theirs, sides.ours)
        if not (sides.ours.in_brackets or sides.theirs.in_brackets):
            mine = mine._replace(lead=self._lead(sides, base, ours, other))
        if base is not None:
            if ours.body == base.body and ours.rest == base.rest:
                return other._replace(lead=mine.lead, place=place)
            if theirs.body == base.body and theirs.rest == base.rest:
                return mine
        if _are_alike(ours.node, theirs.node):
            inner = base.node if base is not None and base.node.kind is ours.node.kind else None
            return self._nested(mine, ours, self._collection(_Sides(inner, ours.node, theirs.node, sides.at)))
        if ours.node.value == theirs.node.value:
            return mine
        return self._changed(sides, base, ours, theirs, mine, other._replace(lead=mine.lead, place=place))

    def _lead(self, sides: _Sides, base: Entry | None, ours: Entry, other: Made) -> str:
        if base is None or sides.base is None or sides.base.in_brackets:
            return ours.lead or other.lead
        if sides.ours.inline or sides.theirs.inline or sides.base.inline:
            return ours.lead
        before = taken(base, sides.base, sides.ours).lead
        return merged_comments(before, ours.lead, other.lead)

    def _nested(self, mine: Made, ours: Entry, inner: _Merged) -> Made:
        empty = f"{ours.mark} {_EMPTY[ours.node.kind]}\n"
        pieces = _or_empty((ours.head, *inner.pieces, ours.rest), ours.node, inner.held, empty)
        return mine._replace(pieces=pieces, ours=inner.ours, theirs=inner.theirs)

    def _changed(self, sides: _Sides, base: Entry | None, ours: Entry, theirs: Entry, mine: Made, other: Made) -> Made:
        """An entry whose value differs between the sides, and is not the same kind of mapping or list on both."""
        if base is not None:
            if base.node.value == theirs.node.value:
                return mine
            if base.node.value == ours.node.value:
                return _reframed(sides, ours, theirs, base, other)
            if (text := merge_strings(base.node, ours.node, theirs.node)) is not None:
                if not text.is_clean:
                    self._conflict(sides.at, base.node, ours.node, theirs.node)
                rest = "" if text.in_lines else ours.rest
                return mine._replace(pieces=(ours.head, *text.pieces, rest), ours=text.ours, theirs=text.theirs)
        self._conflict(sides.at, None if base is None else base.node, ours.node, theirs.node)
        fork = Fork(mine.text(ours=True), other.text(ours=False))
        return mine._replace(pieces=(fork,), theirs=theirs.node.value)

    def _items(self, sides: _Sides) -> list[Made]:
        """The items of a list that have no names."""
        base, ours, theirs = ([] if node is None else node.entries for node in sides[:3])
        values = [[entry.node.value for entry in entries] for entries in (base, ours, theirs)]
        made: list[Made] = []
        for part in merge_sequences(*values):
            here, there = ours[part.ours], theirs[part.theirs]
            mine = [kept(entry, place, sides.ours) for place, entry in enumerate(here, part.ours.start)]
            others = [taken(entry, sides.theirs, sides.ours) for entry in there]
            if part.taken is Taken.CONFLICT or len(base[part.base]) == len(here) == len(there):
                made += self._region(sides, part, (base[part.base], here, there), (mine, others))
            else:
                made += others if part.taken is Taken.THEIRS else mine
        return made

    def _region(
        self,
        sides: _Sides,
        part: Part,
        entries: tuple[Sequence[Entry], Sequence[Entry], Sequence[Entry]],
        made: tuple[Sequence[Made], Sequence[Made]],
    ) -> list[Made]:
        """A run of items that both sides have, or both changed: item by item where they are as many as before."""
        base, ours, theirs = entries
        if len(base) == len(ours) == len(theirs):
            first = part.ours.start
            return [
                self._both(sides._replace(at=f"{sides.at}[{place + 1}]"), before, here, there, place)
                for place, (before, here, there) in enumerate(zip(base, ours, theirs, strict=True), first)
            ]
        held = {entry.node.value for entry in ours}
        others = [each for each in made[1] if each.theirs not in held]
        if not base and all(entry.node.kind is Kind.SCALAR for entry in (*ours, *theirs)):
            return [*made[0], *others]
        said = ("\n".join(entry.node.text.strip() for entry in each) or None for each in entries)
        self.conflicts.append(Conflict(self._path, ConflictKind.KEY, sides.at, *said))
        mine = [each._replace(only_ours=True) for each in made[0]]
        return [*mine, *(each._replace(only_ours=False) for each in made[1])]


def _or_empty(pieces: Pieces, ours: Node, held: tuple[bool, bool], empty: str) -> Pieces:
    """The pieces of what stands in lines, and `empty` for a side that has nothing left in it."""
    if not ours.in_lines or all(held):
        return pieces
    here, there = (side(pieces, ours=is_ours) if held[not is_ours] else empty for is_ours in (True, False))
    return (here if here == there else Fork(here, there),)


def _are_alike(ours: Node, theirs: Node) -> bool:
    """Whether what both hold can be brought together: two mappings or two lists, of the same anchor and tag."""
    return ours.kind is theirs.kind is not Kind.SCALAR and ours.properties == theirs.properties


def _picked(base: Node, ours: Node, theirs: Node) -> Node | None:
    if ours.text == base.text and not (ours.in_lines or theirs.in_lines):
        return theirs
    return ours if theirs.text == base.text else None


def _reframed(sides: _Sides, ours: Entry, theirs: Entry, base: Entry, other: Made) -> Made:
    """Their value, behind our key and before our comment."""
    is_simple = not (ours.node.in_lines or theirs.node.in_lines or sides.ours.in_brackets or sides.theirs.in_brackets)
    texts = (ours.node.text, theirs.node.text)
    if not (is_simple and all(texts)) or "\n" in "".join(texts):
        return other
    rest = theirs.rest if ours.rest == base.rest else ours.rest
    return other._replace(pieces=(ours.head, theirs.node.text, rest))


def _name_field(lists: Sequence[Node]) -> str | None:
    """The key by which the items of all these lists are known; None where they have no names."""
    return next((field for field in _NAMES if all(_are_named(node, field) for node in lists)), None)


def _are_named(node: Node, field: str) -> bool:
    names = [_name(entry, field) for entry in node.entries]
    return None not in names and len(set(names)) == len(names)


def _name(item: Entry, field: str) -> Scalar:
    found = next((entry.node for entry in item.node.entries if entry.name == field), None)
    return found.plain if found is not None and isinstance(found.plain, str) else None


def _by_name(node: Node | None, field: str | None) -> dict[Scalar, Entry]:
    if node is None:
        return {}
    return {entry.name if field is None else _name(entry, field): entry for entry in node.entries}


def _written(name: Scalar) -> str:
    """A key or a name as a path shows it: in quotes where it could be taken for more than one."""
    text = str(name)
    if _SIMPLE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
