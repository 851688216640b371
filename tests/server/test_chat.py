"""Chat over HTTP: what an environment answers in a conversation that is told whole, each time."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, Any

import pytest
from support.asking import Asker, code
from support.building import Built
from support.ferries import PROJECT

from gitagent import templates
from gitagent.chat.embedded import Embedded
from gitagent.server import rehearsing
from gitagent.server.rehearsing import THREADS
from gitagent.server.served import Served, now
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx

    from gitagent.chat.answers import Answer

LIVE = "/v1/agents/bistro/environments/live/chat"
TABLE = "A table for two tomorrow at eight, please"
WANTED = {"date": "tomorrow", "time": "at eight", "guests": 2}


@pytest.fixture(scope="module")
def bistro(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A restaurant that is live, and an edited version of it in its sandbox alone; beside it an ADK project."""
    folder = tmp_path_factory.mktemp("agents")
    Built(folder / "ferries", files=dict(PROJECT)).publish()
    texts = {path: file.read().decode() for path, file in templates.load("restaurant").items()}
    built = Built(folder / "bistro", files=texts).publish().promote("pre-release", "live")
    return built.publish(texts["topics/opening_hours.yaml"].replace("closed on Mondays", "open on Mondays"))


@pytest.fixture(scope="module")
def chatting(bistro: Built) -> Iterator[Asker]:
    with Asker(Served.of(Settings(str(bistro.path.parent)))) as asker:
        yield asker


def says(chatting: Asker, *said: str, path: str = LIVE, **more: Any) -> dict[str, Any]:
    """The answer to what the user says last, the agent's own messages left out."""
    messages = [{"role": "user", "content": each} for each in said]
    response = chatting.post(path, json={"messages": messages, **more})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def test_an_answer_says_which_version_gave_it_and_how_it_came_about(chatting: Asker, bistro: Built) -> None:
    found = says(chatting, "Are you open on Mondays?")

    assert "closed on Mondays" in found["message"]["content"]
    assert found["candidates"][0] == {"topic": "opening hours", "score": 100.0, "like": "Are you open on Mondays?"}
    assert {key: value for key, value in found.items() if key not in ("message", "candidates")} == {
        "format": "gitagent.chat/1",
        "agent": "bistro",
        "environment": "live",
        "version": "v1",
        "commit": bistro.git("rev-parse", "v1^{commit}").strip(),
        "responder": "embedded",
        "topic": "opening hours",
        "score": 100.0,
        "tool_calls": [],
        "handoff": None,
    }


def test_each_environment_answers_by_what_it_serves(chatting: Asker) -> None:
    assert says(chatting, "Are you open on Mondays?")["version"] == "v1"
    assert says(chatting, "Are you open on Mondays?", path=LIVE.replace("live", "sandbox"))["version"] == "v2"


def test_a_conversation_goes_on_from_what_the_user_said_before(chatting: Asker) -> None:
    found = {"tables": ["20:00"]}
    first = says(chatting, TABLE, fixtures={"find_table": found})
    last = says(chatting, TABLE, "Ada Lovelace", "+447700900123", "yes", fixtures={"book_table": {"reference": "LH-7"}})

    assert "the name that the table is kept under?" in first["message"]["content"]
    assert first["tool_calls"] == [{"name": "find_table", "arguments": WANTED, "result": found, "problem": None}]
    assert "LH-7" in last["message"]["content"]
    assert [each["arguments"] for each in last["tool_calls"]] == [
        {**WANTED, "name": "Ada Lovelace", "telephone": "+447700900123"}
    ]


def test_a_tool_without_a_fixture_is_not_called(chatting: Asker) -> None:
    assert [each["problem"] for each in says(chatting, TABLE)["tool_calls"]] == ["no fixture says what it answers"]


def test_what_the_agent_said_may_be_left_out_or_told(chatting: Asker) -> None:
    messages = [
        {"role": "user", "content": TABLE},
        {"role": "assistant", "content": "Under which name?"},
        {"role": "user", "content": "Ada"},
    ]
    greeted = [{"role": "assistant", "content": "Good day"}, *messages]

    answers = [chatting.post(LIVE, json={"messages": each}).json() for each in (messages, greeted)]
    assert answers == [says(chatting, TABLE, "Ada")] * 2


def test_a_conversation_that_has_not_begun_begins_with_the_greeting(chatting: Asker) -> None:
    found = says(chatting)

    assert "Lantern House" in found["message"]["content"]
    assert (found["topic"], found["score"], found["candidates"]) == (None, None, [])


def test_variables_replace_the_agents_own(chatting: Asker) -> None:
    found = says(chatting, "What are your opening hours?", variables={"opening_hours": "noon to ten"})

    assert "noon to ten" in found["message"]["content"]


def test_a_handoff_is_named(chatting: Asker) -> None:
    assert says(chatting, "Can I speak to a person?")["handoff"] == "front desk"


def test_an_adk_project_answers_likewise(chatting: Asker) -> None:
    assert says(chatting, path="/v1/agents/ferries/environments/sandbox/chat")["message"]["content"]


def _sent(chatting: Asker, path: str = LIVE, **body: Any) -> tuple[int, str]:
    return code(chatting.post(path, json=body))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None},
        {"messages": "hello"},
        {"messages": ["hello"]},
        {"messages": [{"role": "user"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hello"}]}]},
        {"messages": [{"role": "system", "content": "You are a pirate."}, {"role": "user", "content": "hello"}]},
        {"messages": [{"role": "user", "content": "hello", "name": "Ada"}]},
        {"messages": [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "hi"}]},
        {"messages": [{"role": "user", "content": "hello"}] * 101},
        {"messages": [], "channel": "telegraph"},
        {"messages": [], "variables": {"opening_hours": ["noon"]}},
        {"messages": [], "variables": {"opening_hours": None}},
        {"messages": [], "sip_headers": {"X-Trunk": 7}},
        {"messages": [], "fixtures": ["book_table"]},
        {"messages": [], "model": "gpt"},
    ],
    ids=str,
)
def test_what_is_no_conversation_is_refused(chatting: Asker, body: dict[str, Any]) -> None:
    assert _sent(chatting, **body) == (422, "body-invalid")


@pytest.mark.parametrize("headers", [{"X Trunk": "7"}, {"X-Trunk": "7\r\nVia: x"}, {"": "7"}], ids=str)
def test_what_is_no_sip_header_of_a_conversation_is_refused_as_that_of_a_call(
    chatting: Asker, headers: dict[str, str]
) -> None:
    assert _sent(chatting, messages=[], sip_headers=headers) == (400, "invalid-call")


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (LIVE.replace("bistro", "none"), (404, "agent-not-found")),
        (LIVE.replace("live", "none"), (404, "environment-not-found")),
        (LIVE.replace("live", "v1"), (400, "invalid-environment")),
        (LIVE.replace("live", "NO"), (400, "invalid-environment")),
        ("/v1/agents/ferries/environments/live/chat", (409, "never-served")),
    ],
)
def test_what_cannot_answer_is_said_by_its_code(chatting: Asker, path: str, answer: tuple[int, str]) -> None:
    assert _sent(chatting, path, messages=[]) == answer


def test_a_variant_has_to_be_there(chatting: Asker) -> None:
    assert _sent(chatting, messages=[], variant="soho") == (404, "variant-not-found")


def test_a_conversation_is_no_larger_than_any_body(chatting: Asker) -> None:
    assert _sent(chatting, messages=[{"role": "user", "content": "a" * 70_000}]) == (413, "body-too-large")


def test_a_token_needs_the_scope_call_and_the_agent(tmp_path: Path) -> None:
    Built(tmp_path / "bistro").publish().promote("pre-release", "live")
    with Asker(Served.of(Settings(str(tmp_path)))) as asker:

        def asked(scope: Scope, agent: str) -> httpx.Response:
            token = asker.served.tokens.add("harness", [scope], at=now(), agents=[agent]).text
            return asker.post(LIVE, json={"messages": []}, headers={"Authorization": f"Bearer {token}"})

        assert asked(Scope.CALL, "bistro").status_code == 200
        assert code(asked(Scope.READ, "bistro")) == (403, "scope-missing")
        assert code(asked(Scope.CALL, "ferries")) == (404, "agent-not-found")


def test_nobody_waits_for_conversations_that_take_long(chatting: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    hang, asked, answer = Event(), list[object](), Embedded.answer

    def hanging(self: Embedded, *arguments: Any) -> Answer:  # as long as the test wants
        asked.append(arguments)
        hang.wait(30)
        return answer(self, *arguments)

    monkeypatch.setattr(Embedded, "answer", hanging)
    answered = chatting.while_waiting(
        [("POST", LIVE)] * (THREADS + 1),
        ("GET", "/v1/agents/ferries/environments/sandbox/config"),
        until=lambda: len(asked) == THREADS,
        let_go=hang.set,
        json={"messages": []},
    )
    assert (answered.status_code, len(asked)) == (200, THREADS + 1)


def test_a_version_that_was_let_go_is_read_again(bistro: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehearsing, "ROOM", 1)
    with Asker(Served.of(Settings(str(bistro.path.parent)))) as asker:
        before = says(asker, TABLE)
        says(asker, path=LIVE.replace("live", "sandbox"))

        assert says(asker, TABLE) == before
        assert len(asker.served.rehearsing._known) == 1
