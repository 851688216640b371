"""Values: how two configuration values differ, key by key; items of lists are matched by their names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from gitagent.agent.compare.keys import KeyChange, KeyChangeKind
from gitagent.agent.compare.matching import blocks, longest_rising

_SIMPLE = re.compile(r"[^\W\d][\w $-]*|\d+")
_NAMES = ("name", "id")

Name = str | int


def differences(old: object, new: object) -> Iterator[KeyChange]:
    """Every key in which two values differ, in the order of the new value, removed ones last in their mapping.

    What one side lacks altogether is one change, with the whole value.
    """
    yield from _differences("", {} if old is None else old, {} if new is None else new)


def _differences(path: str, old: object, new: object) -> Iterator[KeyChange]:
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _members(path, old, new)
    elif isinstance(old, list) and isinstance(new, list):
        names = _names(old), _names(new)
        if names[0] is not None and names[1] is not None:
            yield from _named(path, dict(zip(names[0], old, strict=True)), dict(zip(names[1], new, strict=True)))
        else:
            yield from _items(path, old, new)
    elif not is_same(old, new):
        yield KeyChange(path, KeyChangeKind.CHANGED, old, new)


def leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Every key that holds no further keys, with its value; a list of items without names is one."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, _join(path, key))
    elif isinstance(value, list) and value and (names := _names(value)) is not None:
        for name, item in zip(names, value, strict=True):
            yield from leaves(item, f"{path}[{_written(name)}]")
    elif path:
        yield path, value


def is_same(old: object, new: object) -> bool:
    """Whether two values are the same, kinds included: `1`, `1.0`, `true` and `"1"` all differ."""
    return _frozen(old) == _frozen(new)


def _frozen(value: object) -> object:
    """A value that can be hashed, and is equal to another one only where both are written the same."""
    if isinstance(value, dict):
        return frozenset((key, _frozen(item)) for key, item in value.items())
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return type(value), repr(value)


def _members(path: str, old: Mapping[Name, object], new: Mapping[Name, object]) -> Iterator[KeyChange]:
    for key, value in new.items():
        at = _join(path, key)
        if key in old:
            yield from _differences(at, old[key], value)
        else:
            yield KeyChange(at, KeyChangeKind.ADDED, None, value)
    for key, value in old.items():
        if key not in new:
            yield KeyChange(_join(path, key), KeyChangeKind.REMOVED, value, None)


def _names(items: Sequence[object]) -> list[str] | None:
    """The names of a list of mappings; None unless all have one and no two the same."""
    for key in _NAMES:
        names = [item[key] for item in items if isinstance(item, dict) and isinstance(item.get(key), str)]
        if len(names) == len(items) == len(set(names)):
            return names
    return None


def _named(path: str, old: Mapping[str, object], new: Mapping[str, object]) -> Iterator[KeyChange]:
    places = {name: place for place, name in enumerate(old)}
    both = [(place, places[name]) for place, name in enumerate(new) if name in places]
    stayed = {there for there, _ in longest_rising(both)}
    for place, (name, value) in enumerate(new.items()):
        at = f"{path}[{_written(name)}]"
        if name not in old:
            yield KeyChange(at, KeyChangeKind.ADDED, None, value)
            continue
        if place not in stayed:
            yield KeyChange(at, KeyChangeKind.MOVED, places[name] + 1, place + 1)
        yield from _differences(at, old[name], value)
    for name, value in old.items():
        if name not in new:
            yield KeyChange(f"{path}[{_written(name)}]", KeyChangeKind.REMOVED, value, None)


def _items(path: str, old: Sequence[object], new: Sequence[object]) -> Iterator[KeyChange]:
    """Items without names: the same ones are matched in order; the others by their place among these."""
    left, right = [_frozen(item) for item in old], [_frozen(item) for item in new]
    for block in blocks(left, right):
        if block.same:
            continue
        here, there = range(block.old_start, block.old_end), range(block.new_start, block.new_end)
        for old_index, new_index in zip(here, there, strict=False):
            yield from _differences(f"{path}[{new_index + 1}]", old[old_index], new[new_index])
        for index in there[len(here) :]:
            yield KeyChange(f"{path}[{index + 1}]", KeyChangeKind.ADDED, None, new[index])
        for index in here[len(there) :]:
            yield KeyChange(f"{path}[{index + 1}]", KeyChangeKind.REMOVED, old[index], None)


def _join(path: str, key: Name) -> str:
    written = _written(key)
    return f"{path}.{written}" if path else written


def _written(name: Name) -> str:
    """A key or a name as a path shows it: in quotes where it could be taken for more than one."""
    text = str(name)
    if _SIMPLE.fullmatch(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
