"""Reading: an agent's files taken apart value by value, so that whatever was not taken can be named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gitagent.config.links import follow
from gitagent.config.meaning.values import Unread
from gitagent.config.texts import LARGEST, decode
from gitagent.config.yaml import parse

if TYPE_CHECKING:
    from gitagent.config.documents import Document, Path
    from gitagent.config.files import Files

BESIDE = "a file beside what the layout has"
_SCALAR = (str, int, float)


class Reading:
    """One pass over an agent's files: each is asked for once, and what nobody asked for is left."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._asked: set[str] = set()
        self._unread: list[Unread] = []

    @property
    def unread(self) -> tuple[Unread, ...]:
        """What was left so far, by place."""
        return tuple(sorted(self._unread, key=lambda left: (left.path, left.line, left.key or "")))

    def has(self, path: str) -> bool:
        """Whether anything stands at a path."""
        return path in self._files

    def paths(self, pattern: str) -> list[str]:
        """The paths that a regular expression matches as a whole, sorted."""
        match = re.compile(pattern).fullmatch
        return sorted(path for path in self._files if match(path))

    def mapping(self, path: str) -> Part | None:
        """The mapping that a YAML or JSON file holds; None where it holds none, which is then left."""
        data = self._read(path)
        if data is None:
            return None
        document = parse(data, path)
        if not document.complete:
            first = document.problems[-1]
            self.leave(path, None, f"cannot be read: {first.message}", line=first.line, broken=True)
            return None
        if not isinstance(document.value, dict):
            if document.value is not None:
                self.leave(path, None, "holds no keys", broken=True)
            return None
        return Part(self, document, (), document.value)

    def text(self, path: str) -> str | None:
        """The text in a file; None where there is none, which is then left."""
        data = self._read(path)
        if data is None:
            return None
        text, problem = decode(data, path)
        if problem is not None:
            self.leave(path, None, f"cannot be read: {problem.message}", line=problem.line, broken=True)
            return None
        return text

    def leave(
        self,
        path: str,
        key: str | None,
        why: str,
        *,
        line: int = 0,
        value: object = None,
        broken: bool = False,
    ) -> None:
        """Name something that the model has not."""
        self._asked.add(path)
        self._unread.append(Unread(path, key, why, line, value, broken))

    def leave_the_rest(self) -> None:
        """Name every file that nobody asked for."""
        for path in self._files:
            if path not in self._asked:
                self.leave(path, None, BESIDE)

    def _read(self, path: str) -> bytes | None:
        if path not in self._files:
            return None
        self._asked.add(path)
        file = follow(self._files, path)
        if file is None:
            self.leave(path, None, "leads to no file", broken=True)
        elif file.size > LARGEST:
            self.leave(path, None, "larger than a configuration file may be", broken=True)
        else:
            return file.read()
        return None


class Part:
    """A mapping in a file. Values that are asked for but are of another type are left, and None or empty returned."""

    def __init__(self, reading: Reading, document: Document, at: Path, value: dict[str, Any]) -> None:
        self._reading = reading
        self._document = document
        self._at = at
        self._value = value
        self._taken: set[str] = set()

    @property
    def path(self) -> str:
        return self._document.path

    @property
    def line(self) -> int:
        return self._document.place(self._at)[0]

    def __contains__(self, key: str) -> bool:
        return key in self._value

    def line_of(self, key: str) -> int:
        """The line in which a key stands; the part's own where it has none."""
        return self._document.place((*self._at, key), on_key=True)[0]

    def raw(self, key: str) -> Any:
        """Whatever stands there."""
        self._taken.add(key)
        return self._value.get(key)

    def text(self, key: str, otherwise: str = "") -> str:
        """A text; a number or a truth value that its author left unquoted is taken as it is written."""
        value = self.raw(key)
        if value is None:
            return otherwise
        if not isinstance(value, _SCALAR):
            self._wrong(key, "not a text")
            return otherwise
        return self._as_text(value, key)

    def flag(self, key: str, *, otherwise: bool) -> bool:
        """True or false."""
        value = self.raw(key)
        if value is None or isinstance(value, bool):
            return otherwise if value is None else value
        self._wrong(key, "neither true nor false")
        return otherwise

    def whole(self, key: str, *, otherwise: int) -> int:
        """A whole number."""
        value = self.raw(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return otherwise if value is None else value
        self._wrong(key, "not a whole number")
        return otherwise

    def texts(self, key: str) -> tuple[str, ...]:
        """The texts of a list."""
        return tuple(text for _, text in self.lines(key))

    def lines(self, key: str) -> Iterator[tuple[int, str]]:
        """The texts of a list, each with the line in which it stands."""
        for number, item in enumerate(self._list(key)):
            if isinstance(item, _SCALAR):
                yield self._document.place((*self._at, key, number))[0], self._as_text(item, key, number)
            else:
                self._wrong(key, "not a text", number)

    def headers(self, key: str) -> dict[str, str]:
        """A mapping of names to texts."""
        inside = self.part(key)
        return {} if inside is None else {name: inside.text(name) for name in list(inside.values())}

    def scalars(self, key: str) -> dict[str, object]:
        """A mapping of names to texts, numbers and truth values."""
        inside = self.part(key)
        found = {} if inside is None else inside.values()
        for name in [name for name, value in found.items() if not isinstance(value, _SCALAR)]:
            if inside is not None:
                inside._wrong(name, "neither a text nor a number")
            del found[name]
        return found

    def mapping(self, key: str) -> dict[str, Any]:
        """A mapping of whatever."""
        inside = self.part(key)
        return {} if inside is None else inside.values()

    def part(self, key: str) -> Part | None:
        """A mapping, to be read key by key."""
        value = self.raw(key)
        if isinstance(value, dict):
            return Part(self._reading, self._document, (*self._at, key), value)
        if value is not None:
            self._wrong(key, "holds no keys")
        return None

    def parts(self, key: str) -> Iterator[Part]:
        """The mappings of a list, each to be read key by key."""
        for number, item in enumerate(self._list(key)):
            if isinstance(item, dict):
                yield Part(self._reading, self._document, (*self._at, key, number), item)
            else:
                self._wrong(key, "holds no keys", number)

    def values(self) -> dict[str, Any]:
        """Everything that it holds, by key."""
        self._taken |= self._value.keys()
        return dict(self._value)

    def leave(self, key: str, why: str) -> None:
        """Name a value that the model has not, where there is one."""
        if self.raw(key) is not None:
            self._leave(key, why)

    def leave_itself(self, why: str) -> None:
        """Name all of it, as something that the model has not."""
        self._reading.leave(self.path, _name(self._at), why, line=self.line, value=self._value)

    def leave_the_rest(self, why: str = "no key that is understood") -> None:
        """Name every key that nobody asked for."""
        for key in self._value.keys() - self._taken:
            self._leave(key, why)

    def _list(self, key: str) -> list[Any]:
        value = self.raw(key)
        if isinstance(value, list):
            return value
        if value is not None:
            self._wrong(key, "not a list")
        return []

    def _as_text(self, value: object, *at: str | int) -> str:
        return value if isinstance(value, str) else self._document.source((*self._at, *at)) or str(value)

    def _wrong(self, key: str, why: str, *inside: int) -> None:
        self._leave(key, why, *inside, broken=True)

    def _leave(self, key: str, why: str, *inside: int, broken: bool = False) -> None:
        at = (*self._at, key, *inside)
        value = self._value[key][inside[0]] if inside else self._value[key]
        line = self._document.place(at, on_key=not inside)[0]
        self._reading.leave(self.path, _name(at), why, line=line, value=value, broken=broken)


def _name(at: Path) -> str:
    """The name of a place within a file."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).removeprefix(".")
