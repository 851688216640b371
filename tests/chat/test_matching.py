"""Which topic a message is about."""

from __future__ import annotations

import pytest

from gitagent.chat.answers import Candidate
from gitagent.chat.matching import NAME, TEXT, Index
from gitagent.config.meaning.values import Topic

HOURS = Topic("opening hours", ("When are you open?", "Are you open on Mondays?"), "We open at noon.")
PARKING = Topic("parking", ("Is there parking nearby?",), "The car park behind the theatre is free after six.")
TABLES = Topic("tables", ("I would like to book a table", "A table for two, please"), "How many guests?")
LITTLE = "i you we are is a the for to would like please there do have"
INDEX = Index([HOURS, PARKING, TABLES], LITTLE)


def best(message: str, index: Index = INDEX) -> Candidate | None:
    return next(iter(index.candidates(message)), None)


@pytest.mark.parametrize(
    "message", ["When are you open?", "when ARE you open", "  When are you open?!  ", "Whén are you open"]
)
def test_an_example_query_fits_whole_however_it_is_written(message: str) -> None:
    assert best(message) == Candidate("opening hours", 100.0, "When are you open?")


@pytest.mark.parametrize(
    ("message", "topic"),
    [
        ("are you open on sunday", "opening hours"),
        ("i want to book a tabel", "tables"),
        ("bookings please", "tables"),
        ("could we have tables for nine of us please", "tables"),
        ("parking spaces", "parking"),
        ("the car park at the theatre", "parking"),
    ],
)
def test_a_message_in_other_words_is_most_like_its_topic(message: str, topic: str) -> None:
    found = best(message)
    assert found is not None
    assert found.topic == topic
    assert 41 <= found.score < 100


@pytest.mark.parametrize(
    "message", ["what is the capital of France", "you are the please", "do you like to fly a kite"]
)
def test_a_message_about_something_else_fits_little(message: str) -> None:
    found = best(message)
    assert found is None or found.score < 41


@pytest.mark.parametrize("message", ["", " ", "?!", "👋", "xyzzy", "日本"])
def test_a_message_that_shares_no_word_fits_nothing(message: str) -> None:
    assert INDEX.candidates(message) == ()


def test_a_topic_without_queries_is_found_by_its_name_and_its_text() -> None:
    index = Index([Topic("gift vouchers", content="They are valid for three years."), HOURS])

    assert best("Gift vouchers", index) == Candidate("gift vouchers", 100.0, NAME)
    assert best("valid for years", index) == Candidate("gift vouchers", 70.0, TEXT)


def test_a_disabled_topic_is_never_found() -> None:
    assert Index([HOURS._replace(enabled=False)]).candidates("When are you open?") == ()


def test_words_that_say_little_count_only_beside_others() -> None:
    index = Index([Topic("us", ("Would you please do it?",)), HOURS], LITTLE)

    assert index.candidates("you do please") == ()
    assert best("would you please do it", index) == Candidate("us", 100.0, "Would you please do it?")


def test_no_topics_and_empty_ones_fit_nothing() -> None:
    assert Index([]).candidates("anything") == ()
    assert Index([Topic(""), Topic("?", ("", "!!"), "…")]).candidates("anything") == ()


def test_a_query_without_words_is_found_by_its_very_characters() -> None:
    index = Index([Topic("party", ("🎉",)), HOURS])
    assert best(" 🎉 ", index) == Candidate("party", 100.0, "🎉")


def test_of_two_topics_that_fit_alike_the_first_is_taken() -> None:
    twins = [Topic("a", ("same words",)), Topic("b", ("same words",))]

    assert [each.topic for each in Index(twins).candidates("same words")] == ["a", "b"]
    assert [each.topic for each in Index(twins[::-1]).candidates("same words")] == ["b", "a"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("何時に開きますか", "何時に開くの"),
        ("Wann haben Sie geöffnet?", "wann geoffnet"),
        ("Когда вы открыты?", "когда открыто"),
        ("متى تفتحون؟", "متى تفتحون غدا"),
        ("आप कब खुलते हैं", "कब खुलते"),
        ("เปิดกี่โมง", "เปิดกี่โมงคะ"),
    ],
)
def test_topics_are_found_in_other_scripts(query: str, message: str) -> None:
    found = best(message, Index([Topic("hours", (query,)), PARKING]))
    assert found is not None
    assert found.topic == "hours"
    assert found.score >= 41


def test_a_thousand_topics_are_told_apart() -> None:
    topics = [Topic(f"topic {number}", (f"Where is shelf {number} please?",), "On the left.") for number in range(1000)]
    index = Index(topics, LITTLE)

    assert best("where is shelf 617 please", index) == Candidate("topic 617", 100.0, "Where is shelf 617 please?")
    assert best("shelf 42", index) == Candidate("topic 42", 95.4, "Where is shelf 42 please?")
