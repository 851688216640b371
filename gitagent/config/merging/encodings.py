"""Encodings: byte order mark, line ends and the end of the last line, set aside for a merge and put back after it."""

from __future__ import annotations

import codecs
from typing import NamedTuple

_BINARY_WITHIN = 8000  # git's own measure: a NUL among the first bytes


class Encoding(NamedTuple):
    """How a text is written, apart from what it says."""

    has_mark: bool = False
    line_end: bytes = b"\n"


def is_binary(content: bytes) -> bool:
    """Whether a file is no text, as git tells it."""
    return b"\0" in content[:_BINARY_WITHIN]


def plain(content: bytes) -> tuple[bytes, Encoding]:
    """The text with '\\n' at the end of each line, where all its lines ended alike, and how it was written."""
    has_mark = content.startswith(codecs.BOM_UTF8)
    content = content.removeprefix(codecs.BOM_UTF8)
    ends = content.count(b"\r\n")
    if ends and ends == content.count(b"\n"):
        return content.replace(b"\r\n", b"\n"), Encoding(has_mark, b"\r\n")
    return content, Encoding(has_mark)


def encoded(content: bytes, encoding: Encoding) -> bytes:
    """The text as it is written in that encoding."""
    mark = codecs.BOM_UTF8 if encoding.has_mark else b""
    return mark + (content if encoding.line_end == b"\n" else content.replace(b"\n", encoding.line_end))


def merged_encoding(base: Encoding, ours: Encoding, theirs: Encoding) -> Encoding:
    """How the merged text is written: as the side that changed it has it, else as ours."""
    return Encoding(
        theirs.has_mark if ours.has_mark is base.has_mark else ours.has_mark,
        theirs.line_end if ours.line_end == base.line_end else ours.line_end,
    )
