"""Spans show the words that changed in a line, and never cut a character in two."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitagent.agent.compare.spans import Span, Spans, changed_spans, clusters, similarity, weigh

WORDS = st.lists(
    st.sampled_from(["speed", ":", " ", "1.0", "1.2", "é", "漢", "字", "👩‍🍳", "a\u0301", "-"]), max_size=15
)


def shown(text: str, spans: Spans) -> str:
    for span in reversed(spans):
        text = f"{text[: span.start]}[{text[span.start : span.end]}]{text[span.end :]}"
    return text


def both(old: str, new: str) -> tuple[str, str]:
    left, right = changed_spans(old, new)
    return shown(old, left), shown(new, right)


@pytest.mark.parametrize(
    ("old", "new", "marked_old", "marked_new"),
    [
        ("speed: 1.0", "speed: 1.2", "speed: [1.0]", "speed: [1.2]"),
        ("a b", "a new b", "a b", "a [new ]b"),
        ("greeting: Hello there", "greeting: Good day", "greeting: [Hello there]", "greeting: [Good day]"),
        ("open 10:00", "open 11:30", "open [10:00]", "open [11:30]"),
        ("text", "text  ", "text", "text[  ]"),
        ("  indented", "indented", "[  ]indented", "indented"),
        ("こんにちは", "こんばんは", "こん[にち]は", "こん[ばん]は"),
        ("ok 👩‍🍳 ok", "ok 👨‍🍳 ok", "ok [👩‍🍳] ok", "ok [👨‍🍳] ok"),
        ("ok 🇬🇧 ok", "ok 🇬🇷 ok", "ok [🇬🇧] ok", "ok [🇬🇷] ok"),
        ("the cafe\u0301 is", "the cafe is", "the [cafe\u0301] is", "the [cafe] is"),
        ("one, two", "six, ten", "one, two", "six, ten"),
        ("nothing alike", "", "nothing alike", ""),
        ("same", "same", "same", "same"),
    ],
)
def test_changed_words_are_marked(old: str, new: str, marked_old: str, marked_new: str) -> None:
    assert both(old, new) == (marked_old, marked_new)


def test_two_changes_with_a_single_sign_between_them_are_one() -> None:
    assert both("keep this a-b for all", "keep this c-d for all") == (
        "keep this [a-b] for all",
        "keep this [c-d] for all",
    )


def test_of_very_long_lines_the_part_between_equal_ends_is_marked() -> None:
    assert changed_spans("x" * 5_000 + "a" + "y" * 90, "x" * 5_000 + "bc" + "y" * 90) == (
        (Span(5_000, 5_001),),
        (Span(5_000, 5_002),),
    )
    assert changed_spans("x" * 5_000, "x" * 5_001) == ((), (Span(5_000, 5_001),))


def without(text: str, spans: Spans) -> str:
    return (
        shown(text, spans)
        if not spans
        else "".join(
            text[start:end]
            for start, end in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)
        )
    )


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS)
def test_what_is_not_marked_is_the_same_on_both_sides(old: list[str], new: list[str]) -> None:
    left, right = "".join(old), "".join(new)
    here, there = changed_spans(left, right)
    if here or there:
        assert without(left, here) == without(right, there)
    for text, spans in ((left, here), (right, there)):
        assert all(0 <= span.start < span.end <= len(text) for span in spans)
        assert list(spans) == sorted(spans)


@settings(max_examples=200, deadline=None)
@given(st.text())
def test_clusters_are_the_whole_text(text: str) -> None:
    assert "".join(clusters(text)) == text


def test_a_cluster_is_what_is_read_as_one_character() -> None:
    assert clusters("e\u0301🇬🇧👩‍🍳👍🏽☎️漢") == ["e\u0301", "🇬🇧", "👩‍🍳", "👍🏽", "☎️", "漢"]


def test_similarity_counts_words_by_their_length() -> None:
    assert similarity(weigh("alpha beta"), weigh("alpha gamma")) == pytest.approx(10 / 19)
    assert similarity(weigh(""), weigh("  ")) == 0.0
