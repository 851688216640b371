"""Texts of any script taken apart into words."""

from __future__ import annotations

import pytest

from gitagent.chat.words import LONGEST, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        (" \t\n", []),
        ("?!… 👋", []),
        ("Are you open on Mondays?", ["are", "you", "open", "on", "monday"]),
        ("A glass of bass, 7 buses", ["a", "glass", "of", "bass", "7", "buse"]),
        ("don't", ["don", "t"]),
        ("Café CAFE cafe\u0301", ["cafe", "cafe", "cafe"]),
        ("Straße \uff21\uff22", ["strasse", "ab"]),
        ("Öffnungszeiten", ["offnungszeiten"]),
        ("мы открыты", ["мы", "открыты"]),
        ("ἀνοικτά", ["ανοικτα"]),
        ("مَفْتُوح", ["مفتوح"]),
        ("पार्किंग है", ["पार्किंग", "है"]),
        ("한국어 시간", ["한국어", "시간"]),
        ("何時に開きますか", ["何時", "時に", "に開", "開き", "きま", "ます", "すか"]),
        ("営", ["営"]),
        ("OK日本x", ["ok", "日本", "x"]),
        ("เปิดกี่โมง", ["เป", "ปิ", "ิด", "ดก", "กี", "ี่", "่โ", "โม", "มง"]),
    ],
)
def test_words_are_found_in_every_script(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_only_the_beginning_of_a_very_long_text_is_looked_at() -> None:
    assert words("a " * LONGEST) == ["a"] * (LONGEST // 2)
    assert len(words("語" * 1_000_000)) == LONGEST - 1
    assert words("x" * 1_000_000) == ["x" * LONGEST]
