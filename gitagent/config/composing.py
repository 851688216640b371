"""Composing: events put together into one value, with the place of everything in it and all that is wrong.

Nothing here calls itself: the depth of a file is counted, never trusted to the stack. An alias is the same object
again, so what it stands for is counted each time but made once.
"""

from __future__ import annotations

from typing import NamedTuple

from gitagent.config.documents import WHOLE, Document, Lines, Spot
from gitagent.config.events import Event, EventKind, Events, TextSyntaxError
from gitagent.config.problems import MOST_PROBLEMS, Problem, Severity

DEEPEST = 100
MOST_VALUES = 100_000
_MERGE = "<<"
_TEXT_TAG = "tag:yaml.org,2002:str"
_CORE_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("str", "map", "seq", "int", "float", "bool", "null"))


class _Frame:
    """A mapping, or a list, that is still being read; `size` and `height` count what aliases stand for, too."""

    __slots__ = (
        "anchor",
        "height",
        "items",
        "key",
        "key_start",
        "mapping",
        "merges",
        "merging",
        "size",
        "spots",
        "start",
    )

    def __init__(self, start: int, anchor: str | None, mapping: dict[str, object] | None) -> None:
        self.start = start
        self.anchor = anchor
        self.mapping = mapping
        self.items: list[object] = []
        self.spots: dict[str | int, Spot] = {}
        self.key: str | None = None
        self.key_start = -1
        self.merging = False
        self.merges: list[tuple[object, int]] = []
        self.size = 1
        self.height = 1

    @property
    def value(self) -> object:
        return self.items if self.mapping is None else self.mapping

    @property
    def awaits_key(self) -> bool:
        return self.mapping is not None and self.key is None


class _Anchored(NamedTuple):
    value: object
    size: int
    height: int
    done: bool = True


class _StopError(Exception):
    """Reading on is of no use."""


class Composer:
    """Puts the events of one file together.

    `strict` is for an agent's own files: one document, text as keys, no tags, and a bound on the number of values.
    Other people's files may be as they like, as long as they can be read.
    """

    def __init__(self, path: str, text: str, *, strict: bool) -> None:
        self._path = path
        self._text = text
        self._strict = strict
        self._lines = Lines(text)
        self._problems: list[Problem] = []
        self._spots: dict[int, dict[str | int, Spot]] = {}
        self._frames: list[_Frame] = []
        self._anchors: dict[str, _Anchored] = {}
        self._root: object = None
        self._root_spot = WHOLE
        self._documents = 0
        self._values = 0

    def compose(self, events: Events) -> Document:
        """The document, whole or as far as it could be read."""
        complete = True
        try:
            for event in events:
                self._take(event)
        except TextSyntaxError as error:
            language = "json" if self._path.endswith(".json") else "yaml"
            self._report(f"{language}-syntax", error.message, error.index, hint=error.hint)
            complete = False
        except _StopError:
            complete = False
        return Document(
            self._path,
            self._text,
            self._root if complete else None,
            complete,
            tuple(self._problems),
            self._root_spot if complete else WHOLE,
            self._spots if complete else {},
            self._lines,
        )

    def _report(
        self, code: str, message: str, index: int, *, hint: str | None = None, severity: Severity = Severity.ERROR
    ) -> None:
        if len(self._problems) > MOST_PROBLEMS:
            return
        line, column = self._lines.place(index)
        self._problems.append(Problem(self._path, line, column, code, message, hint, severity))

    def _take(self, event: Event) -> None:
        kind = event.kind
        if kind is EventKind.SCALAR:
            self._scalar(event)
        elif kind is EventKind.END:
            self._end(event)
        elif kind is EventKind.ALIAS:
            self._alias(event)
        elif kind is EventKind.DOCUMENT:
            self._document(event)
        else:
            self._begin(event)

    def _document(self, event: Event) -> None:
        self._documents += 1
        self._anchors.clear()
        if self._documents == 2 and self._strict:
            self._report(
                "several-documents",
                "a second document begins here",
                event.start,
                hint="Keep one document in each file: remove the line '---' or move what follows to another file.",
            )
            raise _StopError

    def _count(self, values: int, depth: int, index: int) -> None:
        self._values += values
        if depth > DEEPEST:
            self._report(
                "too-deep", f"more than {DEEPEST} values inside each other", index, hint="Nest the file less deeply."
            )
            raise _StopError
        if self._values > MOST_VALUES and self._strict:
            self._report(
                "too-many-values",
                f"more than {MOST_VALUES:,} values, counting what aliases stand for",
                index,
                hint="Use fewer aliases, or several files.",
            )
            raise _StopError

    def _check_tag(self, event: Event) -> None:
        if self._strict and event.tag is not None and event.tag not in _CORE_TAGS:
            name = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._report("tag-refused", f"the tag '{name[:60]}' is not allowed", event.start, hint="Remove the tag.")

    def _scalar(self, event: Event) -> None:
        value, source = event.value, event.source
        if event.tag is not None:
            self._check_tag(event)
            if event.tag == _TEXT_TAG:
                value, source = source if source is not None else value, None
        if isinstance(value, str):
            self._check_characters(value, event.start)
            source = None
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.awaits_key:
            self._begin_pair(frame, event, value, source)
            return
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._count(1, len(self._frames), event.start)
        self._attach(value, Spot(event.start, event.end, -1, source))

    def _check_characters(self, text: str, index: int) -> None:
        if text.isascii() or not self._strict:
            return
        try:
            text.encode()
        except UnicodeEncodeError as error:
            code = ord(text[error.start])
            self._report("bad-character", f"half of a character (\\u{code:04x})", index, hint="Write it whole.")
            raise _StopError from error

    def _begin_pair(self, frame: _Frame, event: Event, value: object, source: str | None) -> None:
        key = value if isinstance(value, str) else (source or "")
        if source is not None and self._strict:
            self._report(
                "key-not-text",
                f"the key {source or 'null'} is not a text",
                event.start,
                hint=f'Quote it: "{source}"' if source else "Write a key before the colon.",
            )
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, 1, 0)
        self._set_key(frame, key, event.start, merging=key == _MERGE and event.source is not None)

    def _set_key(self, frame: _Frame, key: str, index: int, *, merging: bool = False) -> None:
        if not merging and key in frame.spots:
            line, _ = self._lines.place(frame.spots[key].key)
            self._report(
                "duplicate-key",
                f"the key '{_short(key)}' is given twice, first in line {line}",
                index,
                hint="Keep one of the two.",
            )
        frame.key, frame.key_start, frame.merging = key, index, merging

    def _begin(self, event: Event) -> None:
        self._check_tag(event)
        self._count(1, len(self._frames) + 1, event.start)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(None, 0, 0, done=False)
        self._frames.append(_Frame(event.start, event.anchor, {} if event.kind is EventKind.MAPPING else None))

    def _end(self, event: Event) -> None:
        frame = self._frames.pop()
        value = frame.value
        if frame.mapping is not None and self._strict:
            self._merge(frame, frame.mapping)
        if frame.anchor is not None:
            self._anchors[frame.anchor] = _Anchored(value, frame.size, frame.height)
        self._spots[id(value)] = frame.spots
        self._attach(value, Spot(frame.start, event.end, -1, None), size=frame.size, height=frame.height)

    def _alias(self, event: Event) -> None:
        name = event.anchor or ""
        anchored = self._anchors.get(name)
        if anchored is None or not anchored.done:
            code, message, hint = (
                ("unknown-anchor", f"no anchor '&{_short(name)}' comes before this alias", "Define the anchor first.")
                if anchored is None
                else ("alias-loop", f"the alias '*{_short(name)}' stands inside what it stands for", "Remove it.")
            )
            self._report(code, message, event.start, hint=hint)
            raise _StopError
        frame = self._frames[-1] if self._frames else None
        if frame is not None and frame.awaits_key:
            if isinstance(anchored.value, str):
                self._set_key(frame, anchored.value, event.start)
            else:
                self._refuse_key(frame, event.start)
            return
        self._count(anchored.size, len(self._frames) + anchored.height, event.start)
        self._attach(anchored.value, Spot(event.start, event.end, -1, None), size=anchored.size, height=anchored.height)

    def _attach(self, value: object, spot: Spot, *, size: int = 1, height: int = 0) -> None:
        if not self._frames:
            if self._documents == 1:
                self._root, self._root_spot = value, spot
            return
        frame = self._frames[-1]
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if frame.mapping is None:
            frame.spots[len(frame.items)] = spot
            frame.items.append(value)
        elif frame.key is None:
            self._refuse_key(frame, spot.start)
        elif frame.merging:
            frame.merges.append((value, spot.start))
            frame.key, frame.merging = None, False
        else:
            frame.spots[frame.key] = Spot(spot.start, spot.end, frame.key_start, spot.source)
            frame.mapping[frame.key] = value
            frame.key = None

    def _refuse_key(self, frame: _Frame, index: int) -> None:
        if self._strict:
            self._report(
                "key-not-text",
                "a mapping or a list stands where a key is expected",
                index,
                hint="If this is a text that begins with '{' or '[', quote it.",
            )
        frame.key, frame.key_start = f"\0{index}", index

    def _merge(self, frame: _Frame, mapping: dict[str, object]) -> None:
        for merged, index in frame.merges:
            for source in merged if isinstance(merged, list) else [merged]:
                if not isinstance(source, dict):
                    self._report(
                        "bad-merge", "'<<' takes a mapping or a list of mappings", index, hint="Name an alias of one."
                    )
                    break
                spots = self._spots[id(source)]
                for key in [key for key in source if key not in mapping]:
                    mapping[key], frame.spots[key] = source[key], spots[key]


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
