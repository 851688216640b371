"""What of a foreign text may reach a screen: every character that could steer it is shown, never sent."""

from __future__ import annotations

from functools import lru_cache

_JOINERS = "\u200c\u200d"
_KEPT_SPACES = " \u3000"
_NO_BREAK_SPACE = "\u237d"


def visible(text: str) -> str:
    """`text` with nothing in it that a terminal would obey or hide.

    Control characters become their pictures (`␛` for escape, `␍` for a carriage return), invisible and
    direction-changing ones their code point (`<U+202E>`), and a byte that was no UTF-8 its value (`\\xe9`).
    A line feed becomes `␊`: the result is one line.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() or _joins(text, index) else _picture(character)
        for index, character in enumerate(text)
    )


def _joins(text: str, index: int) -> bool:
    """Whether a joiner stands where writing needs one: inside an emoji, or in a script that is not Latin."""
    return (
        text[index] in _JOINERS
        and 0 < index < len(text) - 1
        and not text[index - 1].isascii()
        and not text[index + 1].isascii()
        and text[index + 1] not in _JOINERS
    )


@lru_cache(maxsize=512)
def _picture(character: str) -> str:
    code = ord(character)
    if character in _KEPT_SPACES:
        return character
    if character == "\xa0":
        return _NO_BREAK_SPACE
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:  # surrogateescape: a byte that could not be decoded
        return f"\\x{code - 0xDC00:02x}"
    return f"<U+{code:04X}>"
