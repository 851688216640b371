"""The server of a model, asked by the `openai` package: what it streams, and what happens where it does not."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import pytest
from support.chat_server import KEY, MODEL, Act, Call, ChatServer, Cut, Dribble, Fail, Raw, Say, Silent, chat_server

from gitagent.chat.budget import Budget
from gitagent.chat.openai import Endpoint
from gitagent.chat.replies import LONGEST, Asked
from gitagent.chat.servers import Hearer, Patience, Server
from gitagent.errors import BudgetSpent, ModelRefused, ModelUnreachable

PATIENT = Patience(first_pause=1, attempts=3)
HELLO = [{"role": "user", "content": "Hello"}]


class Talk(NamedTuple):
    """An endpoint of a server, what was heard of it, and how long it paused."""

    server: ChatServer
    endpoint: Endpoint
    heard: list[str]
    pauses: list[float]

    def ask(self, *acts: Act) -> str:
        self.server.will(*acts)
        return self.endpoint.ask(HELLO, hearer=Hearer(self.heard.append, self.heard.clear)).text


@pytest.fixture(scope="module")
def server() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


@pytest.fixture
def talk(server: ChatServer) -> Iterator[Talk]:
    server.forget()
    pauses: list[float] = []
    endpoint = Endpoint(
        Server(server.url, KEY, MODEL, 0.5), budget=Budget(200_000), patience=PATIENT, sleep=pauses.append
    )
    yield Talk(server, endpoint, [], pauses)
    endpoint.close()


def test_a_reply_is_streamed_piece_by_piece_and_its_tokens_are_counted(talk: Talk) -> None:
    reply = talk.endpoint.ask(HELLO, hearer=Hearer(talk.heard.append))

    assert (reply.text, reply.finish, reply.tokens) == ("Certainly.", "stop", 100)
    assert talk.heard == ["Certa", "inly."]
    assert talk.endpoint.budget.spent == 100
    assert talk.server.asked[0].body == {
        "model": MODEL,
        "messages": HELLO,
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.5,
        "max_completion_tokens": 4000,
    }
    assert talk.server.asked[0].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("numbered", [True, False])
def test_calls_are_put_together_from_their_pieces(talk: Talk, numbered: bool) -> None:
    talk.server.will(
        Call([("find", {"day": "Monday"}), ("find", {"day": "Tuesday"})], "One moment.", numbered=numbered)
    )

    reply = talk.endpoint.ask(HELLO, [{"type": "function", "function": {"name": "find"}}])

    assert (reply.text, reply.calls) == (
        "One moment.",
        (Asked("call_find_0", "find", '{"day": "Monday"}'), Asked("call_find_1", "find", '{"day": "Tuesday"}')),
    )
    assert talk.server.asked[0].body["tool_choice"] == "auto"


@pytest.mark.parametrize(
    "failure",
    [
        Fail(429, "slow down", "rate_limit_exceeded"),
        Fail(500),
        Fail(503, "overloaded"),
        Fail(408),
        Cut("I am "),
        Cut(""),
        Say("I am gone", finish=None),
        Raw(b'data: {"error": {"message": "overloaded"}}\n\n'),
        Raw(b'data: {"choices": [{"delta": {"content": "I am "\n\n'),
        Raw(b"<html>Bad gateway</html>", "text/html"),
        Raw(b""),
        Raw(b"data: 5\n\ndata: null\n\ndata: []\n\ndata: [DONE]\n\n"),
        Raw(b"\xff\xfe\x00data: \xc3\x28\n\n"),
    ],
    ids=lambda act: f"{type(act).__name__}-{act[0]!r}"[:40] if len(act) else type(act).__name__,
)
def test_what_may_pass_is_asked_again_and_what_came_before_is_void(talk: Talk, failure: Act) -> None:
    assert talk.ask(failure, Say("I am here.")) == "I am here."

    assert "".join(talk.heard) == "I am here."
    assert len(talk.server.asked) == 2
    assert len(talk.pauses) == 1
    assert 0.75 <= talk.pauses[0] <= 1.25


@pytest.mark.parametrize(
    ("act", "patience"),
    [
        (Silent("I am "), Patience(silence=0.2, attempts=99)),
        (Silent(), Patience(silence=0.2, attempts=99)),
        (Dribble(), Patience(whole=0.5, attempts=99)),
    ],
)
def test_a_server_that_is_too_slow_is_asked_again(server: ChatServer, act: Act, patience: Patience) -> None:
    heard: list[str] = []
    endpoint = Endpoint(Server(server.url, KEY, MODEL), patience=patience, sleep=lambda _: None)
    server.will(act, Say("I am here."))

    assert endpoint.ask(HELLO, hearer=Hearer(heard.append, heard.clear)).text == "I am here."
    assert "".join(heard) == "I am here."
    endpoint.close()


def test_pauses_double_and_after_the_last_attempt_the_reason_is_told(talk: Talk) -> None:
    with pytest.raises(ModelUnreachable) as caught:
        talk.ask(Fail(500), Fail(502), Fail(503, "we are\nfull"))

    assert caught.value.message == "the model 'a-model' gave no answer: it answered 503: we are full (asked 3 times)"
    assert caught.value.hint == f"Try again later, or check OPENAI_BASE_URL: {talk.server.url}."
    assert [round(pause / doubled) for pause, doubled in zip(talk.pauses, (1, 2), strict=True)] == [1, 1]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "7"}, 7),
        ({"retry-after-ms": "1500", "Retry-After": "2"}, 1.5),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
    ],
)
def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(talk: Talk, headers: dict[str, str], pause: float) -> None:
    assert talk.ask(Fail(429, headers=headers), Say("Yes?")) == "Yes?"
    assert talk.pauses == [pause]


def test_a_server_that_wants_to_be_left_alone_for_long_is_not_waited_for(talk: Talk) -> None:
    with pytest.raises(ModelUnreachable, match=r"it answered 429: later \(asked once\)"):
        talk.ask(Fail(429, "later", headers={"Retry-After": "3600"}))

    assert talk.pauses == []


@pytest.mark.parametrize(
    ("act", "code", "message"),
    [
        (Fail(400, "no such role"), "model-refused", "it answered 400: no such role"),
        (Fail(403, "not for you"), "model-key-refused", "not for you"),
        (Fail(404, "no such model"), "model-refused", "it answered 404: no such model"),
        (Fail(429, "pay first", "insufficient_quota"), "model-refused", "it answered 429: pay first"),
        (Say("I am", finish="length"), "answer-too-long", "its answer is longer than it may be"),
        (Say("I am", finish="content_filter"), "answer-filtered", "a filter kept its answer back"),
    ],
)
def test_what_will_not_pass_is_refused_at_once(talk: Talk, act: Act, code: str, message: str) -> None:
    with pytest.raises(ModelRefused) as caught:
        talk.ask(act)

    assert (caught.value.code, caught.value.message) == (code, f"the model 'a-model' was refused: {message}")
    assert talk.pauses == []


def test_a_key_that_is_refused_is_not_told(server: ChatServer) -> None:
    endpoint = Endpoint(Server(server.url, "sk-another-key", MODEL))
    with pytest.raises(ModelRefused) as caught:
        endpoint.ask(HELLO)
    endpoint.close()

    assert caught.value.message == "the model 'a-model' was refused: Incorrect API key provided: …"
    assert "OPENAI_API_KEY" in (caught.value.hint or "")


def test_a_model_that_there_is_not_is_named(server: ChatServer) -> None:
    endpoint = Endpoint(Server(server.url, KEY, "another-model"))
    with pytest.raises(ModelRefused, match="The model `another-model` does not exist") as caught:
        endpoint.ask(HELLO)
    endpoint.close()

    assert "GITAGENT_MODEL" in (caught.value.hint or "")


def test_a_server_that_is_not_there_is_named_with_the_reason() -> None:
    with chat_server() as gone:
        url = gone.url
    pauses: list[float] = []
    endpoint = Endpoint(Server(url, KEY, MODEL), patience=PATIENT, sleep=pauses.append)
    with pytest.raises(ModelUnreachable, match=r"it cannot be reached \(.+\) \(asked 3 times\)"):
        endpoint.ask(HELLO)
    endpoint.close()

    assert len(pauses) == 2


def test_what_a_server_does_not_know_is_left_out_from_then_on(talk: Talk) -> None:
    unknown = [Fail(400, param=name) for name in ("temperature", "max_completion_tokens", "stream_options")]

    assert talk.ask(*unknown, Say("Yes?", usage=None)) == "Yes?"
    assert talk.ask(Say("And?")) == "And?"

    assert talk.pauses == []
    assert [set(asked.body) - {"model", "messages", "stream"} for asked in talk.server.asked] == [
        {"temperature", "max_completion_tokens", "stream_options"},
        {"max_completion_tokens", "stream_options"},
        {"max_tokens", "stream_options"},
        {"max_tokens"},
        {"max_tokens"},
    ]


def test_tokens_that_no_server_counts_are_estimated(talk: Talk) -> None:
    talk.ask(Say("x" * 400, piece=100, usage=None))

    assert 100 < talk.endpoint.budget.spent < 200


def test_what_was_cut_off_is_counted_too_and_what_never_began_is_not(talk: Talk) -> None:
    talk.ask(Fail(500), Cut("x" * 400), Say("Yes?"))

    assert 200 < talk.endpoint.budget.spent < 300


def test_a_run_ends_where_its_budget_does(server: ChatServer) -> None:
    endpoint = Endpoint(Server(server.url, KEY, MODEL), budget=Budget(250))
    server.forget()
    endpoint.ask(HELLO)
    endpoint.ask(HELLO)
    with pytest.raises(BudgetSpent, match=r"250 tokens is not enough: 200 are used, and the next request needs 1\d\d$"):
        endpoint.ask([{"role": "user", "content": "x" * 400}])
    server.will(Say("I am", finish="length"))
    with pytest.raises(BudgetSpent):
        endpoint.ask(HELLO)
    endpoint.close()

    assert len(server.asked) == 3  # nothing was sent for which there was no budget
    assert server.asked[1].body["max_completion_tokens"] < 150


def test_the_connection_is_kept_between_replies_and_closed_once(talk: Talk) -> None:
    talk.ask(Say("One"))
    talk.ask(Say("Two"))
    talk.endpoint.close()
    talk.endpoint.close()

    assert talk.ask(Say("Three")) == "Three"


def test_what_a_server_refuses_in_words_alone_is_left_out_too(talk: Talk) -> None:
    refused = Fail(400, "'temperature' is not supported by this model")

    assert talk.ask(refused, Say("Yes?")) == "Yes?"
    assert "temperature" not in talk.server.asked[1].body


def test_a_reply_without_end_is_broken_off(talk: Talk) -> None:
    with pytest.raises(ModelRefused, match="its answer is longer than it may be"):
        talk.ask(Say("x" * 300_000, piece=50_000))

    assert len("".join(talk.heard)) == LONGEST
    assert talk.ask(Say("Yes?")) == "Yes?"


def test_somebody_who_interrupts_an_answer_can_ask_again(server: ChatServer) -> None:
    def interrupt(_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    budget = Budget(20_000)
    endpoint = Endpoint(Server(server.url, KEY, MODEL), budget=budget)
    server.will(Silent("I am "), Say("Yes?"))
    with pytest.raises(KeyboardInterrupt):
        endpoint.ask(HELLO, hearer=Hearer(interrupt))

    assert endpoint.ask(HELLO).text == "Yes?"
    assert 100 < budget.spent < 200  # with what was read for the answer that nobody heard
    endpoint.close()


def test_what_goes_wrong_with_a_listener_is_no_failure_of_the_model(talk: Talk) -> None:
    def full(_: str) -> None:
        raise UnicodeEncodeError("ascii", "é", 0, 1, "no such character")

    with pytest.raises(UnicodeEncodeError):
        talk.endpoint.ask(HELLO, hearer=Hearer(full))

    assert len(talk.server.asked) == 1


def test_threads_share_an_endpoint(talk: Talk) -> None:
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda _: talk.endpoint.ask(HELLO).text, range(12)))

    assert replies == ["Certainly."] * 12
    assert talk.endpoint.budget.spent == 1200


def test_a_server_that_wants_no_key_is_asked_without_one(server: ChatServer) -> None:
    endpoint = Endpoint(Server(server.url, "", MODEL))
    with pytest.raises(ModelRefused, match="Incorrect API key provided: none"):
        endpoint.ask(HELLO)
    endpoint.close()
