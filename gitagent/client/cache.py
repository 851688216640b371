"""The cache: what a server said last, and which call was answered with what. In memory, and on disk if there is one."""

from __future__ import annotations

import time
from collections import OrderedDict
from hashlib import sha256
from threading import Lock
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.client.shelf import Shelf
from gitagent.client.values import Call, Configuration, Form, Resolution, call_form, call_of, resolution_of
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gitagent.client.shelf import Stamp

MOST_ANSWERS, MOST_CONFIGURATIONS, MOST_PINS = 20_000, 2_000, 20_000
ROOM = 256 * 1024 * 1024
"""How many bytes of each kind may be kept on disk."""
_FRESH = 24 * 3600
"""Seconds after which what is still so is written again, lest it be taken for what nobody uses any more."""
_LOOK_AFTER = 500
"""After so many new files it is looked whether there are too many."""


def folder_of(cache: Path, server: str) -> Path:
    """Where in a cache what concerns one server is: calls are told to the server that answers for them."""
    return cache / sha256(server.encode()).hexdigest()[:16]


class Pin(NamedTuple):
    """With what a call was answered. `asked` is what it began with; `from_cache` that the server did not say it."""

    asked: str
    call: Call
    from_cache: bool
    recorded: bool


class Cache:
    """What is needed while the server is away. Threads and processes can share it.

    `trouble` is why the disk could not take something; it is kept in memory then.
    """

    def __init__(self, folder: Path | None) -> None:
        def kept(name: str, most: int) -> _Kept:
            return _Kept(None if folder is None else Shelf(folder / name), most)

        self._answers = kept("answers", MOST_ANSWERS)
        self._configurations = kept("configurations", MOST_CONFIGURATIONS)
        self._pins = kept("pins", MOST_PINS)

    @property
    def trouble(self) -> OSError | None:
        """Why the disk could not take something, the last time."""
        return self._answers.trouble or self._configurations.trouble or self._pins.trouble

    def answer(self, key: str) -> tuple[Resolution, Configuration] | None:
        """What answered a key last: a number, an environment or a version, as `key_of` names it."""
        found = self._answers.get(key)
        configuration = None if found is None else self.configuration(found["commit"])
        return None if found is None or configuration is None else (resolution_of(dict(found)), configuration)

    def configuration(self, commit: str) -> Configuration | None:
        """A configuration that was seen once."""
        found = self._configurations.get(commit)
        if found is None:
            return None
        return Configuration(
            VersionNumber.parse(found["version"]), commit, found["body"].encode("utf-8", "surrogatepass")
        )

    def keep(self, key: str, answer: Resolution, configuration: Configuration) -> None:
        """What a server said just now. The configuration goes first: an answer without one would be none."""
        body = configuration.body.decode("utf-8", "surrogatepass")
        self._configurations.put(configuration.commit, {"version": str(configuration.version), "body": body})
        self._answers.put(key, _form(answer))

    def forget(self, key: str) -> None:
        """What a server said is not so any more."""
        self._answers.remove(key)

    def pin(self, call_id: str) -> Pin | None:
        """With what a call was answered; None where that was elsewhere, or long ago."""
        found = self._pins.get(call_id)
        if found is None:
            return None
        return Pin(found["asked"], call_of(found["call"]), found["from_cache"], found["recorded"])

    def keep_pin(self, pin: Pin) -> None:
        """A call was answered."""
        self._pins.put(pin.call.call_id, {**pin._asdict(), "call": call_form(pin.call)})


def own_headers(merged: Mapping[str, str], came: Mapping[str, str], before: Mapping[str, str]) -> Mapping[str, str]:
    """The SIP headers of a number itself, of all that its call was answered with. `before` are those known so far."""
    own = {name: value for name, value in merged.items() if came.get(name) != value or before.get(name) == value}
    return MappingProxyType(own)


def with_own(came: Mapping[str, str], own: Mapping[str, str]) -> Mapping[str, str]:
    """The SIP headers that came with a call, and over them the number's own: a caller cannot change these."""
    names = {name.lower() for name in own}
    return MappingProxyType({**{name: value for name, value in came.items() if name.lower() not in names}, **own})


def _form(answer: Resolution) -> Form:
    return {
        **answer._asdict(),
        "version": str(answer.version),
        "environment": None if answer.environment is None else str(answer.environment),
        "number": None if answer.number is None else str(answer.number),
        "sip_headers": dict(answer.sip_headers),
    }


class _Entry(NamedTuple):
    value: Mapping[str, Any]
    stamp: Stamp | None
    """Of its file; None while the disk has not taken it."""


class _Kept:
    """Values by key: those used last in memory, all of them on a shelf. What another process wrote there counts."""

    def __init__(self, shelf: Shelf | None, most: int) -> None:
        self._shelf = shelf
        self._most = most
        self._known: OrderedDict[str, _Entry] = OrderedDict()
        self._lock = Lock()
        self._new = 0
        self.trouble: OSError | None = None

    def get(self, key: str) -> Mapping[str, Any] | None:
        with self._lock:
            known = self._known.get(key)
        stamp = None if self._shelf is None else self._shelf.stamp(key)
        if self._shelf is None or stamp is None or (known is not None and known.stamp == stamp):
            return None if known is None else known.value
        if (found := self._shelf.get(key)) is None:
            return None if known is None else known.value
        self._remember(key, _Entry(found, stamp))
        return found

    def put(self, key: str, value: Mapping[str, Any]) -> None:
        with self._lock:
            known = self._known.get(key)
        if known is not None and known.value == value and (self._shelf is None or self._is_on(self._shelf, key, known)):
            return
        stamp = None if self._shelf is None else self._written(self._shelf, key, value)
        self._remember(key, _Entry(value, stamp))

    def remove(self, key: str) -> None:
        with self._lock:
            self._known.pop(key, None)
        if self._shelf is not None:
            try:
                self._shelf.remove(key)
            except OSError as error:
                self.trouble = error

    def _is_on(self, shelf: Shelf, key: str, known: _Entry) -> bool:
        if known.stamp is None or shelf.stamp(key) != known.stamp:
            return False
        _, written_at, _ = known.stamp
        return time.time() - written_at / 1e9 < _FRESH

    def _written(self, shelf: Shelf, key: str, value: Mapping[str, Any]) -> Stamp | None:
        try:
            shelf.put(key, dict(value))
            self._new += 1
            if self._new % _LOOK_AFTER == 1:
                shelf.keep_below(most=self._most, room=ROOM)
        except OSError as error:
            self.trouble = error
            return None
        self.trouble = None
        return shelf.stamp(key)

    def _remember(self, key: str, entry: _Entry) -> None:
        with self._lock:
            self._known[key] = entry
            self._known.move_to_end(key)
            while len(self._known) > self._most:
                self._known.popitem(last=False)
