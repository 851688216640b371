"""Trees: a YAML or JSON text cut along its keys and items, so that every character belongs to one of them.

Merging cuts texts and puts the cuttings together, rather than reading values and writing them again: what nobody
changed stays as it stands, comments, quotes, line breaks and all, which no writer of YAML promises.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from gitagent.config.composing import DEEPEST
from gitagent.config.events import Event, EventKind, TextSyntaxError
from gitagent.config.scalars import Scalar
from gitagent.config.yaml import events

_TO_LINE_END = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*)?(?:\n|\Z)")
_TO_DASH = re.compile(r"(?:[ \t\n]|(?<![^ \t\n])#[^\n]*)*(?=-)")
_TO_COMMA = re.compile(r"(?:[ \t\n]|(?<=[ \t\n])#[^\n]*)*")
_COMMENTS = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_AFTER_MARK = re.compile(r"[ \t]*(?:[ \t]#.*)?$")
_COMMENT_LINE = re.compile(r"( *)#[^\n]*(?:\n|\Z)|[ \t]*\n")

Value = Hashable
"""What a node means, kinds included, so that 1, 1.0, true and '1' all differ. The order of keys means nothing."""


class UnmergeableError(Exception):
    """The text is not of the kind that can be cut along its keys."""


class Kind(Enum):
    """What a node is, and how it is written: in lines, or in brackets."""

    SCALAR = auto()
    MAPPING = auto()
    LIST = auto()


@dataclass(slots=True)
class Node:
    """A value. `text` is its source; `entries` what it holds.

    A mapping or list that is written in lines has its `column`, and begins either on a line of its own or, `inline`,
    after the dash of a list's item. `tail` is what stands after the last entry: comments, or a space before a bracket.
    `properties` are its anchor and its tag.
    """

    kind: Kind
    start: int
    end: int
    text: str
    value: Value
    plain: Scalar = None
    entries: Sequence[Entry] = ()
    tail: str = ""
    in_brackets: bool = False
    column: int = 0
    inline: bool = False
    opening: str = ""
    properties: tuple[str | None, str | None] | None = None

    @property
    def in_lines(self) -> bool:
        """Whether this is a mapping or a list that is written in lines."""
        return self.kind is not Kind.SCALAR and not self.in_brackets


@dataclass(slots=True)
class Entry:
    """A key with its value, or an item of a list.

    `lead` is what stands before it: comments and blank lines, or the space after a comma. `head` goes from the key or
    the dash to the value, `rest` from the value to the end of the line, or to the comma.
    """

    name: Scalar
    column: int
    lead: str
    head: str
    node: Node
    rest: str
    body: str

    @property
    def mark(self) -> str:
        """The key with its colon, or the dash, and nothing after it."""
        return _AFTER_MARK.sub("", self.head.partition("\n")[0])


class Tree(NamedTuple):
    """A text: what stands before its value, the value, and what stands after it."""

    preamble: str
    root: Node
    tail: str


def read_tree(text: str, path: str) -> Tree:
    """The tree of a YAML or JSON text that has '\\n' at the end of each line. UnmergeableError where there is none."""
    try:
        found = list(events(text, path))
    except TextSyntaxError as error:
        raise UnmergeableError(error.message) from error
    if sum(event.kind is EventKind.DOCUMENT for event in found) != 1 or len(found) < 2:
        raise UnmergeableError("not one document")
    return _Reader(text, found).tree()


class _Reader:
    def __init__(self, text: str, found: list[Event]) -> None:
        self._text = text
        self._events = found
        self._at = 0
        self._anchors: set[str] = set()

    def tree(self) -> Tree:
        self._next()
        origin = self._origin()
        root = self._node(origin, parent=-1, depth=0)
        if root.in_lines:
            return Tree(self._text[: root.start], root, "")
        return Tree(self._text[: root.start], root, self._text[root.end :])

    def _origin(self) -> int:
        """Where a root that is written in lines begins: after the file's own first lines and their comments."""
        first = self._events[1]
        if _is_open_bracket(self._text, first):
            return first.start
        start = next((event.start for event in self._events[2:] if first.end <= event.start), first.start)
        start = first.start if first.kind is EventKind.SEQUENCE else start
        above = self._text[: self._line_start(start)]
        blank = above.rfind("\n\n") + 2 if "\n\n" in above else 0
        marker = max((match.end() for match in re.finditer(r"^---.*\n", above, re.MULTILINE)), default=0)
        properties = self._line_end(first.start) if first.anchor or first.tag else 0
        return max(blank, marker, properties)

    def _next(self) -> Event:
        event = self._events[self._at]
        self._at += 1
        return event

    def _peek(self) -> EventKind:
        return self._events[self._at].kind

    def _line_start(self, at: int) -> int:
        return self._text.rfind("\n", 0, at) + 1

    def _line_end(self, at: int) -> int:
        return self._text.find("\n", at) + 1 or len(self._text)

    def _node(self, origin: int, *, parent: int, depth: int) -> Node:
        """The next value. `origin` is where it begins if it is written in lines; `parent` the column around it."""
        event = self._next()
        if depth > DEEPEST:
            raise UnmergeableError("too deep")
        if event.kind is EventKind.SCALAR:
            return self._scalar(event)
        if event.kind is EventKind.ALIAS:
            name = event.anchor or self._text[event.start + 1 : event.end]
            if name not in self._anchors:
                raise UnmergeableError("an alias without its anchor")
            return Node(Kind.SCALAR, event.start, event.end, self._text[event.start : event.end], ("alias", name))
        if event.anchor is not None:
            self._anchors.add(event.anchor)
        if _is_open_bracket(self._text, event):
            return self._brackets(event, depth)
        return self._lines(event, origin, parent, depth)

    def _scalar(self, event: Event) -> Node:
        text = self._text[event.start : event.end]
        if "\n" in text and text.endswith("\n"):
            header = text.split("\n", 1)[0]
            text = text if "+" in header else text.rstrip("\n")
            text = text.removesuffix("\n")
        if event.anchor is not None:
            self._anchors.add(event.anchor)
        value = _tagged(event, (type(event.value).__name__, repr(event.value)))
        return Node(Kind.SCALAR, event.start, event.start + len(text), text, value, event.value)

    def _lines(self, event: Event, origin: int, parent: int, depth: int) -> Node:
        is_mapping = event.kind is EventKind.MAPPING
        if is_mapping:
            first = self._events[self._at].start
        else:
            match = _TO_DASH.match(self._text, event.start if event.anchor is None and event.tag is None else origin)
            first = match.end() if match else event.start
        inline = self._line_start(first) < origin
        start = first if inline else origin
        column = first - self._line_start(first)
        if column < parent + is_mapping or (inline and self._text[origin:first].strip()):
            raise UnmergeableError("an unusual layout")
        node = Node(Kind.MAPPING if is_mapping else Kind.LIST, start, start, "", None, column=column, inline=inline)
        entries: list[Entry] = []
        at = start
        while self._peek() is not EventKind.END:
            entry, at = self._entry(node, at, depth, is_first=not entries)
            entries.append(entry)
        self._next()
        end = self._tail(at, parent)
        node.entries = entries
        node.tail, node.end = self._text[at:end], end
        node.text = self._text[start:end]
        node.properties = _properties(event)
        node.value = with_properties(_held(node), node.properties)
        return node

    def _entry(self, node: Node, at: int, depth: int, *, is_first: bool) -> tuple[Entry, int]:
        name: Scalar = None
        if node.kind is Kind.MAPPING:
            name, begin, after = self._key()
        else:
            match = _TO_DASH.match(self._text, at)
            if match is None:
                raise UnmergeableError("a list's item without its dash")
            begin = match.end()
            after = begin + 1
        line = self._line_start(begin)
        is_first_inline = node.inline and is_first
        if not is_first_inline and (line < at or begin - line != node.column or self._text[line:begin].strip(" ")):
            raise UnmergeableError("an unusual layout")
        origin = self._value_origin(after)
        value = self._node(origin, parent=node.column, depth=depth + 1)
        if value.in_lines:
            end, rest = value.end, ""
        else:
            rest_match = _TO_LINE_END.match(self._text, value.end)
            if rest_match is None:
                raise UnmergeableError("more in the line than one value")
            end, rest = rest_match.end(), rest_match[0]
        lead = "" if is_first_inline else self._text[at:line]
        head = self._text[begin : value.start]
        return Entry(name, node.column, lead, head, value, rest, self._text[begin:end]), end

    def _key(self) -> tuple[Scalar, int, int]:
        event = self._next()
        if event.kind is not EventKind.SCALAR or not isinstance(event.value, str) or event.anchor or event.tag:
            raise UnmergeableError("a key that is no plain text")
        return event.value, event.start, event.end

    def _value_origin(self, after: int) -> int:
        """Where the value after a key or a dash begins if it is written in lines of its own."""
        event = self._events[self._at]
        if event.kind not in (EventKind.MAPPING, EventKind.SEQUENCE) or _is_open_bracket(self._text, event):
            return after
        if event.anchor is not None or event.tag is not None:
            return self._line_end(event.start)
        following = self._events[self._at + 1] if event.kind is EventKind.MAPPING else event
        line_end = self._line_end(after)
        if following.start < line_end:
            return after if self._text[after : following.start].strip(" ") == "" else following.start
        return line_end

    def _tail(self, at: int, parent: int) -> int:
        """The end of the comments after the last entry that belong to what holds it, for they are set in as it is."""
        if parent < 0:
            return len(self._text)
        end = at
        while match := _COMMENT_LINE.match(self._text, at):
            if match[1] is not None:
                if len(match[1]) <= parent:
                    break
                end = match.end()
            if match.end() == at:
                break
            at = match.end()
        return end

    def _brackets(self, event: Event, depth: int) -> Node:
        is_mapping = event.kind is EventKind.MAPPING
        kind = Kind.MAPPING if is_mapping else Kind.LIST
        opening = self._text[event.start : event.end]
        node = Node(kind, event.start, event.end, "", None, in_brackets=True, opening=opening)
        entries: list[Entry] = []
        at = event.end
        while self._peek() is not EventKind.END:
            entry, at = self._item(at, depth, is_mapping=is_mapping)
            entries.append(entry)
        node.entries = entries
        node.end = self._next().end
        trailing_comma = "," if node.entries and self._text[at - 1] == "," else ""
        node.tail = trailing_comma + self._text[at : node.end - 1]
        node.text = self._text[event.start : node.end]
        node.properties = _properties(event)
        node.value = with_properties(_held(node), node.properties)
        return node

    def _item(self, at: int, depth: int, *, is_mapping: bool) -> tuple[Entry, int]:
        name: Scalar = None
        if is_mapping:
            name, begin, _ = self._key()
        else:
            event = self._events[self._at]
            begin = event.start
            if event.kind is EventKind.MAPPING and not _is_open_bracket(self._text, event):
                raise UnmergeableError("a pair in brackets")
        value = self._node(begin, parent=0, depth=depth + 1)
        lead = self._text[at:begin]
        if value.in_lines or value.start < begin or _COMMENTS.fullmatch(lead) is None:
            raise UnmergeableError("an unusual layout")
        match = _TO_COMMA.match(self._text, value.end)
        end = match.end() if match else value.end
        body, head = self._text[begin : value.end], self._text[begin : value.start]
        if self._text[end : end + 1] == ",":
            rest = self._text[value.end : end]
            return Entry(name, 0, lead, head, value, rest, body), end + 1
        return Entry(name, 0, lead, head, value, "", body), value.end


def _is_open_bracket(text: str, event: Event) -> bool:
    is_collection = event.kind in (EventKind.MAPPING, EventKind.SEQUENCE)
    return is_collection and event.end > event.start and text[event.end - 1] in "{["


def _tagged(event: Event, value: Value) -> Value:
    return with_properties(value, _properties(event))


def _properties(event: Event) -> tuple[str | None, str | None] | None:
    return None if event.anchor is None and event.tag is None else (event.anchor, event.tag)


def with_properties(value: Value, properties: tuple[str | None, str | None] | None) -> Value:
    """What a value with this anchor and this tag means."""
    return value if properties is None else ("tagged", *properties, value)


def _held(node: Node) -> Value:
    if node.kind is Kind.LIST:
        return list_value(entry.node.value for entry in node.entries)
    names = [entry.name for entry in node.entries]
    if len(set(names)) != len(names):
        raise UnmergeableError("a key given twice")
    return mapping_value((entry.name, entry.node.value) for entry in node.entries)


def mapping_value(pairs: Iterable[tuple[Scalar, Value]]) -> Value:
    """What a mapping with these keys and values means."""
    return ("mapping", frozenset(pairs))


def list_value(items: Iterable[Value]) -> Value:
    """What a list of these items means."""
    return ("list", tuple(items))
