"""What every responder promises, tried with the sample agents: by rules, and by a model on a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from support.chat_server import chat_server
from support.reading_model import read_and_answer

from gitagent import templates
from gitagent.chat.answers import Conversation
from gitagent.chat.responders import Responder, responder_of
from gitagent.config.meaning import meaning_of

AGENTS = {name: meaning_of(templates.load(name)) for name in ("restaurant", "clinic")}


class Heard:
    """Who listens."""

    def __init__(self) -> None:
        self.text = ""

    def piece(self, text: str) -> None:
        self.text += text

    def void(self) -> None:
        self.text = ""


@pytest.fixture(scope="module", params=["embedded", "openai"])
def responder(request: pytest.FixtureRequest) -> Iterator[Responder]:
    with chat_server(read_and_answer) as server:
        responder = responder_of(request.param, server.environ)
        yield responder
        responder.close()
        responder.close()


@pytest.mark.parametrize("name", AGENTS)
def test_the_suites_of_a_sample_agent_are_answered_from_the_topics_that_they_expect(
    responder: Responder, name: str
) -> None:
    wrong = []
    for case in [case for suite in AGENTS[name].suites for case in suite.cases if not case.fixtures]:
        conversation = Conversation.begin(AGENTS[name], variables=case.variables)
        for turn in case.turns:
            answer = responder.answer(conversation, turn.user)
            conversation = conversation.after(turn.user, answer)
            expected = {each.kind: str(each.value) for each in turn.expect}
            if expected.get("topic", answer.topic) != answer.topic:
                wrong.append((case.name, answer.topic))
            if expected.get("contains", "").lower() not in answer.text.lower():
                wrong.append((case.name, answer.text))

    assert wrong == []


@pytest.mark.parametrize("said", [None, "When are you open?", "What is the meaning of life?", "", "Ω\n\x00" * 50])
def test_who_listens_hears_the_text_of_the_answer(responder: Responder, said: str | None) -> None:
    heard = Heard()
    answer = responder.answer(Conversation.begin(AGENTS["clinic"]), said, listener=heard)

    assert heard.text.strip() == answer.text.strip() != ""


def test_the_same_conversation_is_answered_alike_and_stays_as_it_is(responder: Responder) -> None:
    conversation = Conversation.begin(AGENTS["restaurant"])
    first, second = (responder.answer(conversation, "When are you open?") for _ in range(2))

    assert first._replace(seconds=0) == second._replace(seconds=0)
    assert (first.topic, conversation.turns) == ("opening hours", ())


def test_a_user_who_asks_for_it_is_handed_over(responder: Responder) -> None:
    answer = responder.answer(Conversation.begin(AGENTS["restaurant"]), "Please put me through to the front desk")

    assert answer.handoff == "front desk"


@pytest.mark.parametrize(
    ("package", "name", "live_tools"), [("openai", "openai:a-model", False), ("httpx", "embedded", True)]
)
def test_without_the_extra_what_to_install_is_said(package: str, name: str, live_tools: bool) -> None:
    code = f"import sys; sys.modules[{package!r}] = None; from gitagent.chat.responders import responder_of\n"
    code += "from gitagent.errors import ExtraMissing\n"
    code += f"try: responder_of({name!r}, {{'OPENAI_API_KEY': 'sk-x'}}, live_tools={live_tools})\n"
    code += "except ExtraMissing as missing: print(missing.message, missing.hint, sep='; ')"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout.endswith(f"{package}, which is not installed; pip install 'gitagent-config[chat]'\n")


def test_the_embedded_responder_brings_no_package_that_asks_servers() -> None:
    code = "import sys; from gitagent.chat.responders import responder_of; responder_of('embedded', {})\n"
    code += "print({'openai', 'httpx', 'asyncio'} & sys.modules.keys())"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert done.stdout == "set()\n"
