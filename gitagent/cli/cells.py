"""Cells: how much room text takes on a terminal, where a character may take none, one or two places."""

from __future__ import annotations

import re
from collections.abc import Iterator

# Terminals act on control characters; names and messages come from other people.
_CONTROLS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))}
_BIDI = {code: f"\\u{code:04x}" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
_BYTES = {code: f"\\x{code - 0xDC00:02x}" for code in range(0xDC80, 0xDD00)}  # bytes that were not UTF-8
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_OUR_OWN = {ord(character): "-" for character in "─│┌┐└┘→↓…"}  # each takes one cell
_VISIBLE = {**_CONTROLS, **_BIDI, **_BYTES, 0x09: " "}


def plain(text: str) -> str:
    """The text on one line, with every character that would steer the terminal made visible."""
    return text if text.isascii() and text.isprintable() else text.translate(_VISIBLE)


def width(text: str) -> int:
    """How many cells the text takes; colours take none."""
    if "\x1b" in text:
        text = _COLOUR.sub("", text)
    if text.isascii() or text.translate(_OUR_OWN).isascii():
        return len(text)
    from rich.cells import cell_len  # 12 ms: only for text that needs it

    return cell_len(text)


def pad(text: str, cells: int) -> str:
    """The text with spaces after it, to fill `cells`; longer text stays as it is."""
    return text + " " * (cells - width(text))


def clip(text: str, cells: int) -> str:
    """The text, or its beginning and an ellipsis, in at most `cells`."""
    if width(text) <= cells:
        return text
    kept = ""
    for character in text:
        if width(kept + character) > cells - 1:
            break
        kept += character
    return kept.rstrip() + "…"


def wrap(text: str, cells: int) -> list[str]:
    """The text in lines of at most `cells`, broken at spaces, or within a word that is longer than a line."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if width(joined) <= cells:
            lines[-1] = joined
            continue
        pieces = list(_pieces(word, cells))
        lines = [*lines, *pieces] if lines[-1] else pieces
    return lines


def _pieces(word: str, cells: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and width(piece + character) > cells:
            yield piece
            piece = ""
        piece += character
    yield piece
