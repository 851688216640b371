"""No character of a file steers a terminal, and none hides."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitagent.agent.compare.visible import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x07", "␛[31mred␇"),
        ("a\nb\r\tc\0\x7f", "a␊b␍␉c␀␡"),
        ("\x9b31m", "<U+009B>31m"),
        ("user\u202etxt", "user<U+202E>txt"),
        ("zero\u200bwidth\ufeff", "zero<U+200B>width<U+FEFF>"),
        ("no\xa0break", "no⍽break"),
        ("thin\u2009space", "thin<U+2009>space"),
        ("全角\u3000空白", "全角\u3000空白"),
        ("line\u2028end", "line<U+2028>end"),
        ("caf\udce9", "caf\\xe9"),
        ("👩‍🍳", "👩‍🍳"),
        ("क्\u200cष", "क्\u200cष"),
        ("a\u200db", "a<U+200D>b"),
        ("\u200dé", "<U+200D>é"),
        ("é\u200d\u200dé", "é<U+200D>\u200dé"),
        ("\ue000\U000e0041", "<U+E000><U+E0041>"),
    ],
)
def test_what_could_do_harm_is_shown(text: str, shown: str) -> None:
    assert visible(text) == shown


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None)))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = visible(text)

    left = {unicodedata.category(character) for character in shown.replace("\u200c", "").replace("\u200d", "")}
    assert left.isdisjoint({"Cc", "Cf", "Cs", "Zl", "Zp"})
