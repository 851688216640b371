"""Conversations: they begin with texts filled in, grow turn by turn, and end where they are handed over."""

from __future__ import annotations

import pytest

from gitagent.chat.answers import Answer, Conversation, Exchange
from gitagent.chat.responders import responder_of
from gitagent.config.layouts import Layout
from gitagent.config.meaning.values import Channel, Meaning
from gitagent.errors import NotFound

MEANING = Meaning(
    Layout.NATIVE,
    greeting="Hello, this is ${place}.",
    prompt="You work at ${place}.",
    variables={"place": "the inn"},
    channels=(Channel("webchat", greeting="Hi from ${place}!", style="Use emoji."),),
)


def test_a_conversation_begins_with_the_texts_of_its_channel_filled_in() -> None:
    voice = Conversation.begin(MEANING)
    chat = Conversation.begin(MEANING, channel="webchat", variables={"place": "the bar"})

    assert (voice.channel, voice.meaning.greeting, voice.meaning.prompt) == (
        "voice",
        "Hello, this is the inn.",
        "You work at the inn.",
    )
    assert (chat.meaning.greeting, chat.meaning.prompt) == ("Hi from the bar!", "You work at the bar.\n\nUse emoji.")


def test_a_conversation_grows_by_turns_and_ends_where_it_is_handed_to() -> None:
    before = Conversation.begin(MEANING)
    greeted = before.after(None, Answer("Hello"))
    handed = greeted.after("A person, please", Answer("Of course", handoff="desk"))

    assert before.turns == ()
    assert handed.turns == (Exchange(None, Answer("Hello")), Exchange("A person, please", handed.turns[1].answer))
    assert (before.handoff, greeted.handoff, handed.handoff) == (None, None, "desk")


@pytest.mark.parametrize("name", ["", "gpt-4o", "embedded:x", "Embedded"])
def test_a_responder_that_there_is_not_is_refused_by_its_name(name: str) -> None:
    with pytest.raises(NotFound) as caught:
        responder_of(name, {}, meaning=MEANING)

    assert (caught.value.code, caught.value.hint) == (
        "unknown-responder",
        "There are embedded, openai and openai:MODEL.",
    )


def test_the_embedded_responder_needs_nothing_and_greets() -> None:
    responder = responder_of("embedded", {}, meaning=MEANING)

    assert responder.name == "embedded"
    assert responder.answer(Conversation.begin(MEANING), None).text == "Hello, this is the inn."
