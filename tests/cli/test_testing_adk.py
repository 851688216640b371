"""`gitagent test` with the tests of an ADK project, which a model plays and grades."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

from support.building import Built
from support.chat_server import MODEL, Call, ChatServer, Say, chat_server
from support.commandline import Cli
from support.ferries import PROJECT

PERSON = """\
name: Asks for a person
scenario: You do not like machines.
channel: voice
language: en-GB
prompt_assertions:
- The agent says goodbye before it hands over
"""
FILES = {**PROJECT, "test_suite/asks_for_a_person.yaml": PERSON}
OUT = f"""\
test_suite/asks_for_a_person.yaml:1: Asks for a person
  agent> Northsound Ferries at the east quay, how can I help?
  you> A person, please.
  agent> One moment.
    [check_sailing(sailing: next) → no fixture says what it answers]
    [handed over to booking_office, +441632960018: a call ends here]
  test_suite/asks_for_a_person.yaml:6: expected judge: The agent says goodbye before it hands over: no: It only says that it takes a moment.

test_suite/asks_for_a_person.yaml  0 of 1 case passed, 1 failed
test_suite/books_a_crossing.yaml   1 of 1 case passed
The draft, the same as v1: 1 of 2 cases passed, 1 failed, answered by openai:{MODEL}, <time>
"""  # noqa: E501  # as it is printed
BOOKING = (
    Say("Tomorrow, please."),
    Call([("check_sailing", {"sailing": "next"})]),
    Call([("check_sailing", {"sailing": "next"}), ("crossing_confirmed", {})]),
    Say("Tomorrow, with two children: it is booked."),
    Say("[over]"),
    Say("It says tomorrow.\nyes"),
)


def asking_for_a_person(server: ChatServer) -> None:
    server.will(
        Say("A person, please."),
        Call([("check_sailing", {"sailing": "next"}), ("hand_over", {"to": "booking_office"})], text="One moment."),
        Say("It only says that it takes a moment.\nno"),
    )


def test_a_scenario_is_played_and_graded_by_a_model(build: Callable[..., Built], at: Callable[[Path], Cli]) -> None:
    cli = at(build("ferries", files=FILES).path)
    with chat_server() as server:
        asking_for_a_person(server)
        server.will(*BOOKING)
        ran = cli("test", "--responder", "openai", environ=server.environ)

    assert (ran.code, ran.err) == (1, "")
    assert re.sub(r"\d+\.\d s\b", "<time>", ran.out) == OUT
    bodies = [asked.body["messages"] for asked in server.asked]
    assert json.loads(bodies[3][1]["content"])["scenario"] == "You want to travel tomorrow with two children."
    told = bodies[4][0]["content"]
    assert "It is 2030-01-15T09:30:00Z.\nThe user calls from +447700900456." in told
    assert "- Then: Confirm, when The caller has said on which day they travel" in told
    results = [json.loads(each["content"]) for each in bodies[6] if each["role"] == "tool"]
    assert results == [{"status": 503}, {"state": "goes ahead"}, {"error": "no fixture says what it answers"}]
    assert json.loads(bodies[8][1]["content"])["question"] == "The agent repeats the day before it books"


def test_without_a_model_scenarios_are_skipped(build: Callable[..., Built], at: Callable[[Path], Cli]) -> None:
    ran = at(build("ferries", files=FILES).path)("test")

    assert ran.code == 1
    assert ran.out.count("skipped: only a model can play the user of a scenario: --responder openai\n") == 2
