"""Words: texts of any script taken apart into what can be compared."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 4000
"""So many characters of a message are looked at."""

_ASCII = re.compile(r"[a-z0-9]+")
# Accents, and the vowel marks of Hebrew and Arabic: people leave them out as they type.
_LEFT_OUT = re.compile("[\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u0652]")
# Scripts that put no spaces between words: Thai to Tibetan, Burmese, Khmer, kana, and Chinese characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
)


def words(text: str) -> list[str]:
    """The words of a text in order, each in its simplest form; pairs of characters where a script has no spaces."""
    text = text[:LONGEST]
    if text.isascii():
        return [_stem(word) for word in _ASCII.findall(text.lower())]
    plain = unicodedata.normalize("NFC", _LEFT_OUT.sub("", unicodedata.normalize("NFKD", text))).casefold()
    spaced = "".join(char if char.isalnum() or unicodedata.category(char)[0] == "M" else " " for char in plain)
    return [part for word in spaced.split() for part in _parts(word)]


def _parts(word: str) -> list[str]:
    if not _UNSPACED.search(word):
        return [_stem(word)]
    found: list[str] = []
    rest = 0
    for run in _UNSPACED.finditer(word):
        found += [word[rest : run.start()]] if run.start() > rest else []
        characters = run[0]
        found += [characters[at : at + 2] for at in range(len(characters) - 1)] or [characters]
        rest = run.end()
    return found + ([word[rest:]] if rest < len(word) else [])


def _stem(word: str) -> str:
    """The word without the s of a plural: what else differs, likeness bridges."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word
