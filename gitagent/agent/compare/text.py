"""Text: a file's content as lines, and how those lines end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Endings(StrEnum):
    """How the lines of a text end. A text of less than one whole line has none."""

    NONE = "none"
    LF = "LF"
    CRLF = "CRLF"
    MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its exact lines, with their ends, in bytes."""

    lines: tuple[bytes, ...]
    endings: Endings

    @property
    def is_ended(self) -> bool:
        """Whether the last line ends with a line break. True when there is no line at all."""
        return not self.lines or self.lines[-1].endswith(b"\n")

    @property
    def is_utf8(self) -> bool:
        """Whether every line is valid UTF-8."""
        try:
            for line in self.lines:
                line.decode()
        except UnicodeDecodeError:
            return False
        return True


def is_binary(content: bytes) -> bool:
    """Whether `content` is no text: it holds a NUL, which is git's own test."""
    return b"\0" in content


def read_text(content: bytes) -> Text:
    """Split `content` into lines as git does: at line feeds alone."""
    lines = content.split(b"\n")
    last = lines.pop()
    exact = tuple(line + b"\n" for line in lines) + ((last,) if last else ())
    return Text(exact, _endings(len(lines), content.count(b"\r\n")))


def _endings(feeds: int, with_return: int) -> Endings:
    if not feeds:
        return Endings.NONE
    if not with_return:
        return Endings.LF
    return Endings.CRLF if with_return == feeds else Endings.MIXED


def bare_lines(text: Text, *, keep_returns: bool) -> list[bytes]:
    """The lines without their ends. With `keep_returns`, a carriage return counts as part of its line."""
    if keep_returns or text.endings is Endings.LF:
        return [line.removesuffix(b"\n") for line in text.lines]
    return [line[:-2] if line.endswith(b"\r\n") else line.removesuffix(b"\n") for line in text.lines]


def decode(line: bytes) -> str:
    """A line as text; a byte that is no UTF-8 becomes a lone surrogate, which `visible` shows as `\\xNN`."""
    return line.decode("utf-8", "surrogateescape")
