"""Every sample agent passes its own suites with the embedded responder, and a fault in it is caught by them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gitagent import templates
from gitagent.chat.answers import Conversation
from gitagent.chat.embedded import THRESHOLD, Embedded
from gitagent.config.files import File, MemoryFile
from gitagent.config.meaning import meaning_of
from gitagent.suites.playing import Stage

FAULTS = [
    ("restaurant", "agent.yaml", "this is Lantern House", "this is us"),
    ("restaurant", "topics/opening_hours.yaml", "closed on Mondays", "open every day"),
    ("restaurant", "topics/dietary_needs.yaml", "enabled: true", "enabled: false"),
    ("restaurant", "topics/reservations.yaml", "${grace_period}", "ten minutes"),
    ("clinic", "topics/emergencies.yaml", "dial 999", "wait"),
    ("clinic", "topics/emergencies.yaml", "our duty nurse", "our desk"),
    ("clinic", "topics/test_results.yaml", "given by a nurse", "normal"),
    ("clinic", "agent.yaml", "dial 999", "wait"),
]
CAUGHT = [
    "introduces itself and says what it can do",
    "says that Monday is the day off",
    "never promises that a dish is safe",
    "says for how long a table is held",
    "sends chest pain to the emergency services",
    "offers the duty nurse to a caller who cannot hang up",
    "does not read out a result",
    "names the emergency number in the greeting",
]
IN_OTHER_WORDS = {
    "restaurant": {
        "do you have parking?": "directions and parking",
        "can i park my car close by": "directions and parking",
        "what time do you open tomorrow": "opening hours",
        "until when can I order food": "opening hours",
        "Hi, I'd like to make a booking for four people on Saturday please": "reservations",
        "tabel for two pls": "reservations",
        "can I move my booking to another day": "changing or cancelling",
        "is there a problem with a nut allergy": "dietary needs and allergies",
        "are dogs allowed": "children and dogs",
        "can we rent the glass room": "groups and private events",
        "what's the weather like on Mars": None,
        "who won the football match": None,
        "tell me a joke": None,
    },
    "clinic": {
        "can i come in today": "appointments",
        "I'm going to be late": "changing or cancelling an appointment",
        "my chest hurts badly": "emergencies",
        "I took too many pills": "emergencies",
        "i need more of my tablets": "repeat prescriptions",
        "result of my x-ray": "test results",
        "I'm new in town and want to register": "new patients",
        "complaint": "speaking to a person",
        "what is the capital of France": None,
        "what's the meaning of life": None,
    },
}


def failed(files: Mapping[str, File]) -> list[str]:
    """The names of the cases that fail, in their order."""
    meaning = meaning_of(files)
    stage = Stage(meaning, Embedded())
    played = [(case.name, stage.play(suite, case, seconds=60)) for suite in meaning.suites for case in suite.cases]
    return [name for name, each in played if each.misses or each.unanswered is not None]


def number_of_cases(name: str) -> int:
    return sum(len(suite.cases) for suite in meaning_of(templates.load(name)).suites)


@pytest.mark.parametrize("name", ["restaurant", "clinic"])
def test_a_sample_agent_passes_its_own_suites(name: str) -> None:
    assert number_of_cases(name) >= 15
    assert failed(templates.load(name)) == []


@pytest.mark.parametrize(("fault", "case"), list(zip(FAULTS, CAUGHT, strict=True)))
def test_a_fault_in_a_sample_agent_is_caught(fault: tuple[str, str, str, str], case: str) -> None:
    name, path, old, new = fault
    files = templates.load(name)
    text = files[path].read().decode()
    assert old in text

    assert case in failed({**files, path: MemoryFile(text.replace(old, new).encode())})


@pytest.mark.parametrize(
    ("name", "said", "topic"),
    [(name, said, topic) for name, asked in IN_OTHER_WORDS.items() for said, topic in asked.items()],
)
def test_callers_are_understood_in_their_own_words(name: str, said: str, topic: str | None) -> None:
    answer = Embedded().answer(Conversation.begin(meaning_of(templates.load(name))), said)

    assert answer.topic == topic
    assert (answer.score or 0) >= THRESHOLD or topic is None
