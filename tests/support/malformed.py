"""Malformed files: each a sound one with a single fault, made from the lines of the sound one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from support.checking import Contents

_LINE = re.compile(r"(?P<dent>[ -]*)(?P<key>[\w-]+):(?: (?P<value>.+))?")
TEXT = {
    "7": "not-text", "1.5": "not-text", "true": "not-text", "[a, b]": "not-text", "{a: b}": "not-text",
    "+447700900123": "unquoted-number",
}  # fmt: skip
NOTHING = {"": "not-text", "null": "not-text"}
SAID = {"''": "empty", "' '": "empty"}
LIST = {"7": "not-list", "x": "not-list", "{a: b}": "not-list", "true": "not-list"}
MAPPING = {"7": "not-mapping", "x": "not-mapping", "[a]": "not-mapping", "true": "not-mapping"}
MAPPINGS = {**LIST, "[7]": "not-mapping", "[x]": "not-mapping", "[[]]": "not-mapping"}
TRUTH = {"yes": "not-truth-value", "0": "not-truth-value", "'true'": "not-truth-value", "[]": "not-truth-value"}
NUMBER = {"many": "not-number", "'3'": "not-number", "[3]": "not-number", "true": "not-number"}
BROKEN = {
    '"open': "yaml-syntax", "'open": "yaml-syntax", "[a]]": "yaml-syntax", "{a: b}}": "yaml-syntax",
    "a: b": "yaml-syntax",
    "@a": "yaml-syntax", "`a`": "yaml-syntax", "%a": "yaml-syntax", '"\\q"': "yaml-syntax", "'a' b": "yaml-syntax",
    "*gone": "unknown-anchor", "!!binary aGk=": "tag-refused", "!mine a": "tag-refused", "a\x07": "bad-character",
    '"\\ud800"': "yaml-syntax", "a\udcff": "not-utf-8", "{a: 1, a: 2}": "duplicate-key", "{[a]: b}": "key-not-text",
}  # fmt: skip
"""What no value can be, in any line."""


class Fault(NamedTuple):
    """A configuration with one fault: where it is, and by which code it has to be told."""

    name: str
    contents: Contents
    path: str
    line: int
    code: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.name}"


class Sound(NamedTuple):
    """A sound file of a sound configuration, and which values each of its keys cannot have, with their codes."""

    path: str
    text: str
    others: Contents
    wrong: Mapping[str, Mapping[str, str]]
    unknown: Mapping[str, str]
    """By which code a misspelt key is told, where it is another than `unknown-key`; empty where any may stand there."""

    def faults(self) -> Iterator[Fault]:
        """Every fault, one at a time."""
        lines = self.text.splitlines()
        for number, line in enumerate(lines):
            if (found := _LINE.fullmatch(line)) is None:
                continue
            dent, key = found["dent"], found["key"]
            for value, code in {**self.wrong.get(key, {}), **(BROKEN if found["value"] else {})}.items():
                new = [*lines[:number], f"{dent}{key}: {value}".rstrip(" "), *lines[_end(lines, number, dent) :]]
                yield self._fault(f"{key}: {value}", new, number, code)
            twice = [
                *lines[:number],
                f"{dent}{key}: again",
                dent.replace("-", " ") + line.lstrip(" -"),
                *lines[number + 1 :],
            ]
            yield self._fault(f"{key} twice", twice, number + 1, "duplicate-key")
            for other in _misspelt(key) if self.unknown.get(key, "unknown-key") else ():
                new = [*lines[:number], line.replace(key, other, 1), *lines[number + 1 :]]
                yield self._fault(f"{other} for {key}", new, number, self.unknown.get(key, "unknown-key"))
            yield self._fault(
                f"a tab before {key}", [*lines[:number], f"\t{line}", *lines[number + 1 :]], number, "yaml-syntax"
            )
            merged = [*lines[:number], "<<<<<<< ours", *lines[number:]]
            yield self._fault(f"a merge before {key}", merged, number, "merge-conflict")

    def _fault(self, name: str, lines: list[str], number: int, code: str) -> Fault:
        content = ("\n".join(lines) + "\n").encode("utf-8", "surrogateescape")
        return Fault(name, {**self.others, self.path: content}, self.path, number + 1, code)


def _end(lines: list[str], number: int, dent: str) -> int:
    """The first line after all that a key holds."""
    inner = len(dent)
    for after in range(number + 1, len(lines)):
        own = len(lines[after]) - len(lines[after].lstrip(" "))
        if own < inner or (own == inner and not lines[after].lstrip().startswith("- ")):
            return after
    return len(lines)


def _misspelt(key: str) -> tuple[str, ...]:
    return key[:-1] + "z", key + "s", key[1:]
