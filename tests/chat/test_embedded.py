"""The embedded responder: what it says, asks, calls and hands over, from an agent's files alone."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from support.ferries import PROJECT

from gitagent.chat.answers import Answer, Conversation, Pending, ToolCall
from gitagent.chat.embedded import Embedded
from gitagent.chat.phrases import ENGLISH, phrases_of
from gitagent.config.files import MemoryFile
from gitagent.config.layouts import Layout
from gitagent.config.meaning import meaning_of
from gitagent.config.meaning.values import Action, Handoff, Meaning, Request, Tool, Topic


def parameters(**properties: object) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(properties)}


DESK = Handoff("front_desk", "+442079460018")
EVENTS = Handoff("events team", "+442079460127")
FIND = Tool(
    "find_table",
    parameters=parameters(
        date={"type": "string", "format": "date"},
        time={"type": "string"},
        guests={"type": "integer", "description": "The number of guests."},
    ),
    request=Request("GET", "https://x.example/"),
)
BOOK = Tool(
    "book_table",
    parameters=parameters(date={"type": "string"}, name={"type": "string", "description": "The name."}),
    request=Request("POST", "https://x.example/"),
)
BY_FINDING, BY_BOOKING = Action("find_table", None), Action("book_table", None)
BISTRO = Meaning(
    Layout.NATIVE,
    language="en-GB",
    greeting=" Good day from the ${place}! ",
    variables={"place": "Bistro"},
    handoffs=(EVENTS, DESK),
    tools=(FIND, BOOK),
    topics=(
        Topic("hours", ("When are you open?",), "From noon.", (Action(None, "front_desk", "if it is a holiday"),)),
        Topic("tables", ("I want a table",), "When, and for how many?", (BY_FINDING, BY_BOOKING)),
        Topic("person", ("Let me speak to a person",), "Of course.", (Action(None, "front_desk", "at once"),)),
        Topic("cakes", ("Have you got cakes?",), ""),
        Topic("old", ("Is the old room open?",), "No.", enabled=False),
    ),
)


def answers(meaning: Meaning, *said: str | None, **options: Any) -> list[Answer]:
    """What is answered to each of these in turn, without the time that it took."""
    conversation, responder, found = Conversation.begin(meaning, **options), Embedded(), []
    for each in said:
        answer = responder.answer(conversation, each)
        assert 0 <= answer.seconds < 60
        conversation = conversation.after(each, answer)
        found.append(answer._replace(seconds=0.0))
    return found


def texts(meaning: Meaning, *said: str | None, **options: Any) -> list[str]:
    return [answer.text for answer in answers(meaning, *said, **options)]


def test_it_greets_with_the_agents_own_words_or_those_of_its_language() -> None:
    assert texts(BISTRO, None) == ["Good day from the Bistro!"]
    assert texts(BISTRO, None, variables={"place": "Inn"}) == ["Good day from the Inn!"]
    assert texts(BISTRO._replace(greeting="", language="de-CH"), None) == ["Guten Tag, wie kann ich Ihnen helfen?"]


def test_a_topic_answers_with_its_text_and_says_how_well_it_fits() -> None:
    (answer,) = answers(BISTRO, "When are you open")

    assert (answer.text, answer.topic, answer.score, answer.handoff) == ("From noon.", "hours", 100.0, None)
    assert answer.candidates[0]._asdict() == {"topic": "hours", "score": 100.0, "like": "When are you open?"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("One line\nand another. \n  A third.\n", "One line and another. A third."),
        ("A paragraph.\n\nAnother\r\none.", "A paragraph.\n\nAnother one."),
        ("We have:\n- soup\n* bread\n1. cake\nand tea", "We have:\n- soup\n* bread\n1. cake and tea"),
    ],
)
def test_lines_of_a_text_run_on_and_paragraphs_and_lists_do_not(content: str, said: str) -> None:
    meaning = BISTRO._replace(greeting=content, topics=(Topic("a", ("Tell me",), content),))
    assert texts(meaning, None, "Tell me") == [said, said]


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("", ENGLISH.unheard),
        (" \n", ENGLISH.unheard),
        ("🙂", ENGLISH.unheard),
        ("\x00\x1b[2J", ENGLISH.unknown),
        ("hello", ENGLISH.offering),
        ("Thanks!", ENGLISH.offering),
        ("who won the match in Leeds", ENGLISH.unknown),
        ("Is the old room open?", "From noon."),
        ("Have you got cakes?", ENGLISH.unknown),
        ("x" * 1_000_000, ENGLISH.unknown),
        ("a\n" * 100_000, ENGLISH.offering),
    ],
)
def test_it_has_something_to_say_to_everything(said: str, text: str) -> None:
    assert texts(BISTRO, said) == [text]


@pytest.mark.parametrize(
    ("said", "handoff"),
    [
        ("Please put me through to the events team", "events team"),
        ("can I speak to the front desk", "front_desk"),
        ("someone, please", "front_desk"),
        ("let me talk to a human", "front_desk"),
        ("does the events team work on sundays", None),
    ],
)
def test_who_asks_to_be_put_through_is(said: str, handoff: str | None) -> None:
    assert answers(BISTRO, said)[0].handoff == handoff


def test_a_person_is_the_handoff_that_stands_for_all_where_one_does() -> None:
    handoffs = (DESK, EVENTS._replace(default=True))
    (answer,) = answers(BISTRO._replace(handoffs=handoffs, topics=()), "I need to talk to somebody")

    assert (answer.text, answer.handoff) == (
        "I am putting you through to events team. Please stay on the line.",
        "events team",
    )


def test_without_handoffs_nobody_is_put_through() -> None:
    bare = BISTRO._replace(handoffs=(), topics=())
    assert answers(bare, "put me through to a person")[0][:2] == (ENGLISH.unknown, None)


def test_a_topic_hands_over_at_once_or_when_its_offer_is_taken() -> None:
    at_once, asked, taken = answers(BISTRO, "Let me speak to a person", "When are you open?", "yes please")

    assert (at_once.text, at_once.topic, at_once.handoff) == ("Of course.", "person", "front_desk")
    assert (asked.handoff, taken.handoff, taken.topic) == (None, "front_desk", "hours")


def test_what_a_tool_needs_is_asked_for_one_by_one() -> None:
    fixtures = {"find_table": {"free": ["19:30", "20:00"]}, "book_table": "Booked, reference AB1234."}
    said = ("I want a table", "tomorrow at eight", "for four", "It's Ann Lee.", "yes")
    asked, half, found, named, booked = answers(BISTRO, *said, fixtures=fixtures)

    assert (asked.text, asked.pending) == ("When, and for how many?", Pending("find_table", {}, "date"))
    assert half.text == "May I have this: the number of guests?"
    assert half.pending == Pending("find_table", {"date": "tomorrow", "time": "at eight"}, "guests")
    whole = {"date": "tomorrow", "time": "at eight", "guests": 4}
    assert found.tool_calls == (ToolCall("find_table", whole, {"free": ["19:30", "20:00"]}),)
    assert found.text == "Here is what I found: free: 19:30, 20:00. May I have this: the name?"
    assert named.text == "Shall I go ahead with book_table (date: tomorrow, name: Ann Lee)?"
    assert (booked.text, booked.pending) == ("Booked, reference AB1234.", None)
    assert booked.tool_calls == (
        ToolCall("book_table", {"date": "tomorrow", "name": "Ann Lee"}, "Booked, reference AB1234."),
    )
    assert {answer.topic for answer in (asked, half, found, named, booked)} == {"tables"}


def test_all_that_is_said_at_once_is_heard() -> None:
    (answer,) = answers(BISTRO, "I want a table for two on Friday at 19:30")

    assert answer.tool_calls == (
        ToolCall(
            "find_table",
            {"date": "on Friday", "time": "at 19:30", "guests": 2},
            problem="no fixture says what it answers",
        ),
    )
    noted = "Thank you. I have noted this: date: on Friday, time: at 19:30, guests: 2."
    assert answer.text == f"When, and for how many? {noted} May I have this: the name?"


def test_a_day_that_is_said_in_passing_is_nobodys_birth() -> None:
    find = FIND._replace(parameters=parameters(date_of_birth={"type": "string", "format": "date"}))
    asked, found = answers(BISTRO._replace(tools=(find,)), "I want a table today", "3 May 1980")

    assert asked.pending == Pending("find_table", {}, "date_of_birth")
    assert found.tool_calls[0].arguments == {"date_of_birth": "3 May 1980"}


def test_nothing_is_changed_without_a_yes() -> None:
    said = ("I want a table", "tomorrow at eight for two", "Ann")
    *_, asked = answers(BISTRO, *said)
    *_, unclear = answers(BISTRO, *said, "hm")
    *_, refused, after = answers(BISTRO, *said, "no, never mind", "yes")

    assert asked.text == unclear.text == "Shall I go ahead with book_table (date: tomorrow, name: Ann)?"
    assert (refused.text, refused.tool_calls, refused.pending) == (ENGLISH.left, (), None)
    assert (after.text, after.tool_calls) == (ENGLISH.offering, ())


def test_who_asks_for_a_person_in_between_is_put_through_and_a_party_of_one_is_not() -> None:
    said = ("I want a table", "tomorrow at eight")
    assert answers(BISTRO, *said, "someone please")[-1].handoff == "front_desk"
    assert answers(BISTRO, *said, "for one person")[-1].tool_calls[0].arguments["guests"] == 1


def test_what_is_like_the_topic_in_hand_is_an_answer_to_its_question() -> None:
    *_, answer = answers(BISTRO, "I want a table", "tomorrow at eight for two", "the table name is Smith")

    assert answer.text == "Shall I go ahead with book_table (date: tomorrow, name: the table name is Smith)?"


TYRE = Topic(
    "flat tyre",
    ("I have a flat tyre", "my front tyre is flat"),
    "We mend it while you wait. Tell me the day, what is broken. It takes an hour.",
)


@pytest.mark.parametrize("broken", ["the front tyre is flat", "my front tyre is flat", "flat tyre"])
def test_what_is_an_example_query_of_the_topic_in_hand_is_an_answer_to_its_question(broken: str) -> None:
    *_, last = answers(BISTRO._replace(topics=(TYRE,)), "I have a flat tyre", "Friday", broken)

    assert last.text == f"Thank you. I have noted this: the day: Friday, what is broken: {broken}."
    assert (last.topic, last.pending) == ("flat tyre", None)


def test_what_instructions_in_words_may_call_for_is_not_asked_for_at_once() -> None:
    words = "## If it is late\nCall {{fn:look_up}}(ticket)."
    topic = Topic("repairs", ("Is it ready?",), "We are quick.", (Action("look_up", None, words),), words)
    tool = Tool("look_up", parameters=parameters(ticket={"type": "integer"}))

    assert texts(BISTRO._replace(topics=(topic,), tools=(tool,)), "Is it ready?") == ["We are quick."]


def test_who_says_again_what_led_to_a_question_is_asked_it_again() -> None:
    said = ("I have a flat tyre", "Friday", "I have a flat tyre!")
    assert texts(BISTRO._replace(topics=(TYRE,)), *said)[-1] == "May I have this: what is broken?"


def test_who_comes_back_to_a_topic_is_asked_on_where_they_left_it() -> None:
    *_, back = answers(BISTRO, "I want a table", "tomorrow", "When are you open?", "I want a nice table")

    assert (back.text, back.pending) == ("May I have this: time?", Pending("find_table", {"date": "tomorrow"}, "time"))


def test_another_topic_that_clearly_fits_wins_over_an_open_question() -> None:
    assert texts(BISTRO, "I want a table", "When are you open?")[-1] == "From noon."


@pytest.mark.parametrize(
    ("content", "when", "asks"),
    [
        ("Let me look that up.", "", True),
        ("Let me look that up.", "the caller is sorry", True),
        ("", "", True),
        ("We keep all tickets.", "always", True),
        ("We keep all tickets.", "the ticket is known", True),
        ("We keep all tickets.", "the caller is sorry", False),
        ("Which ticket is it?", "", False),
        ("Please tell me your ticket. Let me look then.", "", False),
    ],
)
def test_what_a_tool_needs_is_asked_for_at_once_unless_the_text_asks(content: str, when: str, asks: bool) -> None:
    topic = Topic("repairs", ("Is my bicycle ready?",), content, (Action("look_up", None, when),))
    tool = Tool("look_up", parameters=parameters(ticket={"type": "integer"}))
    first, second = answers(BISTRO._replace(topics=(topic,), tools=(tool,)), "Is my bicycle ready?", "17")

    assert first.text == f"{content} {'May I have this: ticket?' if asks else ''}".strip()
    assert second.tool_calls[0].arguments == {"ticket": 17}


def test_another_question_in_between_is_answered_and_an_unclear_one_is_asked_again() -> None:
    _, between, after, *_, forgotten = answers(
        BISTRO, "I want a table", "When are you open?", "tomorrow", *["hours"] * 3, "for two"
    )
    _, unclear = answers(BISTRO, "I want a table", "hm")

    assert (between.topic, between.pending) == ("hours", None)
    assert after.pending == Pending("find_table", {"date": "tomorrow"}, "time")
    assert forgotten.text == ENGLISH.unknown
    assert (unclear.text, unclear.pending) == ("May I have this: date?", Pending("find_table", {}, "date"))


@pytest.mark.parametrize(
    ("schema", "said", "value"),
    [
        ({"type": "integer"}, "a party of twelve", 12),
        ({"type": "integer"}, "room 7", 7),
        ({"type": "number"}, "three", 3),
        ({"type": "boolean"}, "yes, please", True),
        ({"type": "boolean"}, "no", False),
        ({"enum": ["doctor", "nurse"]}, "The Nurse would be best", "nurse"),
        ({"type": "array"}, "aspirin, insulin and salt", ["aspirin", "insulin", "salt"]),
        ({"type": "string", "format": "date"}, "2026-03-01", "2026-03-01"),
        ({"type": "string", "format": "date"}, "we come on the 3rd of May 2026", "3rd of May 2026"),
        ({"type": "string", "format": "time"}, "half past something", "half past something"),
        ({"type": "string"}, "My name is Ann Lee!", "Ann Lee"),
        ({"type": ["string", "null"]}, "x", "x"),
        ({}, "x", "x"),
        ("not a schema", "x", "x"),
    ],
)
def test_values_are_taken_as_they_are_said(schema: object, said: str, value: object) -> None:
    tool = Tool("note", parameters=parameters(what=schema))
    meaning = BISTRO._replace(
        topics=(Topic("notes", ("Make a note",), "Go on.", (Action("note", None),)),), tools=(tool,)
    )

    assert answers(meaning, "Make a note", said)[1].tool_calls[0].arguments == {"what": value}


@pytest.mark.parametrize("said", ["many", "🙂", ""])
def test_what_is_no_number_is_asked_for_again(said: str) -> None:
    tool = Tool("note", parameters=parameters(many={"type": "integer"}))
    meaning = BISTRO._replace(
        topics=(Topic("notes", ("Make a note",), "Go on.", (Action("note", None),)),), tools=(tool,)
    )

    assert texts(meaning, "Make a note", said)[1] == "May I have this: many?"


@pytest.mark.parametrize("required", [None, "date", [7, {}], {"a": 1}, []])
@pytest.mark.parametrize("properties", [None, [], {"date": None}])
def test_parameters_of_any_shape_do_no_harm(required: object, properties: object) -> None:
    tool = FIND._replace(parameters={"required": required, "properties": properties})

    assert texts(BISTRO._replace(tools=(tool,)), "I want a table") == ["When, and for how many?"]


@pytest.mark.parametrize(
    ("content", "asked"),
    [
        ("I need the day, the time and a name. Then I call.", ["the day", "the time", "a name"]),
        ("May I have your name?", ["your name"]),
        ("Please tell me your full name and your date of birth, and when you would like to come.",
         ["your full name", "your date of birth", "when you would like to come"]),
        ("We need bread and butter.", ["bread and butter"]),
        ("We are open.", []),
        ("Tell me.", []),
        ("Tell me " + "x" * 100, []),
        ("I need " + ", ".join("abcdefghijk"), [*"abcdefgh"]),
    ],
)  # fmt: skip
def test_without_a_tool_a_topics_own_text_says_what_to_ask_for(content: str, asked: list[str]) -> None:
    meaning = BISTRO._replace(topics=(Topic("trips", ("I want a trip",), content),), tools=())
    first, *others = answers(meaning, "I want a trip", *["xyzzy"] * len(asked))

    assert first.text == content
    assert [answer.pending.asked for answer in (first, *others) if answer.pending] == asked
    if asked:
        noted = ", ".join(f"{each}: xyzzy" for each in asked)
        assert others[-1].text.startswith(f"Thank you. I have noted this: {noted}"[:200])
        assert [answer.tool_calls for answer in others] == [()] * len(asked)


def test_what_was_said_before_it_was_asked_for_is_not_asked_for_again() -> None:
    topic = Topic("tables", ("I want a table",), "I need the day, the time and a name.")
    said = ("I want a table tomorrow", "at eight", "Ann")
    asked = [answer.text for answer in answers(BISTRO._replace(topics=(topic,), tools=()), *said)]

    assert asked == [
        "I need the day, the time and a name.",
        "May I have this: a name?",
        "Thank you. I have noted this: the day: tomorrow, the time: at eight, a name: Ann.",
    ]


@pytest.mark.parametrize(
    ("language", "content", "asked"),
    [
        ("de", "Bitte nennen Sie mir den Tag, die Uhrzeit und Ihren Namen.", ["den Tag", "die Uhrzeit", "Ihren Namen"]),
        ("fr", "Donnez-moi votre nom et la date.", ["votre nom", "la date"]),
        ("es", "Dígame su nombre y la hora.", ["su nombre", "la hora"]),
    ],
)
def test_what_a_text_asks_for_is_heard_in_its_language(language: str, content: str, asked: list[str]) -> None:
    topic = Topic("x", ("xyzzy",), content)
    meaning = Meaning(Layout.NATIVE, language=language, topics=(topic,))

    found = answers(meaning, "xyzzy", *["plugh"] * (len(asked) - 1))
    assert [answer.pending.asked for answer in found if answer.pending] == asked


def test_a_tool_that_needs_nothing_is_called_where_there_is_no_condition() -> None:
    def asked(when: str) -> Answer:
        topic = Topic("menu", ("What is on the menu?",), "Let me see.", (Action("menu", None, when),))
        meaning = BISTRO._replace(topics=(topic,), tools=(Tool("menu"),))
        return answers(meaning, "What is on the menu?", fixtures={"menu": [1, None]})[0]

    assert asked("").text == asked("always").text == "Let me see. Here is what I found: 1, null."
    assert asked("the caller is hungry").tool_calls == ()


def test_a_very_long_result_is_cut() -> None:
    fixtures = {"find_table": ["x" * 10_000, {"a": {"b": [True, 1.5]}}]}
    (answer,) = answers(BISTRO, "I want a table for two today at noon", fixtures=fixtures)

    assert len(answer.text) < 500
    assert answer.tool_calls[0].result == fixtures["find_table"]


def test_the_same_is_answered_every_time() -> None:
    said = (None, "I want a table", "friday", "7", "seven", "bye", "When", "")
    assert answers(BISTRO, *said) == answers(BISTRO, *said)


def test_the_same_is_answered_in_every_process() -> None:
    code = """if True:
        from gitagent import templates
        from gitagent.chat.answers import Conversation
        from gitagent.chat.embedded import Embedded
        from gitagent.config.meaning import meaning_of
        begun = Conversation.begin(meaning_of(templates.load("restaurant")))
        for said in ("tabels for tonigt", "reservatoin", "is it far from the statoin", "can my childern come"):
            print(Embedded().answer(begun, said)._replace(seconds=0))
    """
    told = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in range(3)
    }
    assert len(told) == 1


def test_it_speaks_the_agents_language_where_it_knows_it() -> None:
    greetings = {tag: phrases_of(tag).greeting for tag in ("de", "en-GB", "es-MX", "FR", "nb-NO", "", None)}
    assert greetings["nb-NO"] == greetings[""] == greetings[None] == greetings["en-GB"]
    assert len(set(greetings.values())) == 4

    german = Meaning(
        Layout.NATIVE,
        language="de-DE",
        handoffs=(Handoff("Rezeption", "+4930123456"),),
        topics=(Topic("Tisch", ("Ich möchte einen Tisch",), "Gern.", (Action("finden", None),)),),
        tools=(Tool("finden", parameters=parameters(gäste={"type": "integer"}, date={"type": "string"})),),
    )
    said = ("Ich möchte bitte einen Tisch", "für vier", "am Freitag", "Verbinden Sie mich mit jemandem")
    assert texts(german, *said) == [
        "Gern. Sagen Sie mir bitte: gäste?",
        "Sagen Sie mir bitte: date?",
        "Danke. Das habe ich notiert: gäste: 4, date: am Freitag.",
        "Ich verbinde Sie: Rezeption. Bitte bleiben Sie am Apparat.",
    ]


def test_an_adk_project_answers_by_channel_and_variant() -> None:
    ferries = meaning_of({path: MemoryFile(text.encode()) for path, text in PROJECT.items()})

    assert texts(ferries, None) == ["Northsound Ferries at the east quay, how can I help?"]
    assert texts(ferries, None, channel="webchat") == ["Hello from Northsound Ferries."]
    assert texts(ferries, None, variant="West Quay") == ["Northsound Ferries at the west quay, how can I help?"]
    assert [each.topic for each in answers(ferries, "when is the next ferry", "can i take my dog", "parking?")] == [
        "Timetable",
        "Dogs & bicycles",
        "Parking at the west quay",
    ]
    assert answers(ferries, "someone please")[0].handoff == "booking_office"


def test_a_handoff_without_a_number_ends_the_call() -> None:
    topic = Topic("bye", ("Goodbye then",), "", (Action(None, "goodbye", "Say {{ho:goodbye}}"),), "Say {{ho:goodbye}}")
    meaning = BISTRO._replace(handoffs=(Handoff("goodbye"),), topics=(topic,))

    assert answers(meaning, "Goodbye then")[0].handoff == "goodbye"
    assert texts(meaning, "put me through to goodbye") == [ENGLISH.ending]


def test_who_listens_hears_the_answer() -> None:
    class Heard:
        def __init__(self) -> None:
            self.pieces: list[str] = []

        def piece(self, text: str, /) -> None:
            self.pieces.append(text)

        def void(self) -> None:
            self.pieces.clear()

    heard, responder = Heard(), Embedded()
    responder.answer(Conversation.begin(BISTRO), None, listener=heard)
    responder.close()

    assert heard.pieces == ["Good day from the Bistro!"]
