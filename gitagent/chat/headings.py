"""Headings: the line in which a model names the topic of its answer, taken off before anybody hears it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

NONE = "none"
INSTRUCTION = (
    f"Begin every answer with a line of its own that names the topic of this list that the answer comes from, as"
    f" `topic: NAME`, or `topic: {NONE}`. The user does not get to see that line."
)
_BEGINNING = re.compile(r"[\s*_`\[#>-]*topic[*_`]*\s*:[*_`\s]*", re.IGNORECASE)
_SO_FAR = re.compile(r"[\s*_`\[#>-]*(?:t|to|top|topi|topic[*_`\s]*)?$", re.IGNORECASE)
_AROUND = " \t*_`[]\"'.,:;-–—"
_LONGEST = 300


class Heading:
    """Reads pieces of an answer, and gives them on without the line that names the topic."""

    def __init__(self, topics: Iterable[str], give: Callable[[str], None]) -> None:
        self.topic: str | None = None
        self._names = sorted(topics, key=len, reverse=True)
        self._give = give
        self._held: str | None = "" if self._names else None
        self._begun = not self._names

    def piece(self, text: str) -> None:
        """A piece came."""
        if self._held is None:
            self._pass_on(text)
            return
        self._held += text
        if "\n" in self._held.lstrip() or len(self._held) > _LONGEST or not _may_begin(self._held):
            self.end()

    def end(self) -> None:
        """No more comes that could belong to the line."""
        held, self._held = self._held or "", None
        if (begins := _BEGINNING.match(held)) is None:
            self._pass_on(held)
            return
        line, newline, after = held[begins.end() :].partition("\n")
        self.topic, rest = self._named(line)
        self._pass_on(f"{rest}{newline}{after}" if rest else after)

    def _pass_on(self, text: str) -> None:
        if not self._begun:
            text = text.lstrip()
        if text:
            self._begun = True
            self._give(text)

    def _named(self, line: str) -> tuple[str | None, str]:
        """The topic that a line begins with, and what it says after that; a line that names no topic says nothing."""
        for name in (*self._names, NONE):
            rest = line[len(name) :]
            if line[: len(name)].casefold() == name.casefold() and not rest[:1].isalnum():
                return (name if name in self._names else None), rest.lstrip(_AROUND)
        return None, ""


def _may_begin(text: str) -> bool:
    """Whether a text may still become the line, however much of it came."""
    return _SO_FAR.match(text) is not None or _BEGINNING.match(text) is not None
