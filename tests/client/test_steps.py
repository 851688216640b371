"""Steps: how often a server is asked, how long for, and when it is left alone. With a clock of the test's own."""

from __future__ import annotations

from typing import Any

import pytest

from gitagent.client import requests
from gitagent.client.answers import Answer, Silence, is_worth_another, pause_of
from gitagent.client.cache import own_headers, with_own
from gitagent.client.keys import environment_key, key_of, number_key
from gitagent.client.steps import Patience, Pause, Send, Watch, attempted
from gitagent.client.values import call_form, call_of

GET = requests.get("CA1")
LATE = Silence("nothing came")
FINE = Answer(200, {}, b"{}")


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def asked(patience: Patience, *outcomes: Any) -> tuple[Any, list[float], list[float], float]:
    """What came of it, how long each attempt had, how long was paused in between, and all of the time together."""
    clock, outcome = Clock(), None
    steps, attempts, pauses, left = attempted(GET, patience, clock), [], [], list(outcomes)
    try:
        while True:
            step = steps.send(outcome)
            if isinstance(step, Send):
                attempts.append(step.seconds)
                outcome = left.pop(0)
                clock.now += step.seconds if outcome is LATE else 0.01
            elif isinstance(step, Pause):
                pauses.append(step.seconds)
                clock.now += step.seconds
                outcome = None
    except StopIteration as end:
        return end.value, attempts, pauses, clock.now


def test_an_answer_is_taken_at_once() -> None:
    assert asked(Patience(2.0, 3), FINE) == (FINE, [1.0], [], 0.01)


def test_all_attempts_together_take_no_longer_than_somebody_waits() -> None:
    found, attempts, pauses, time = asked(Patience(2.0, 3), LATE, LATE, LATE)
    assert found is LATE
    assert len(attempts) == 3
    assert attempts[0] == 1.0
    assert sum(attempts) + sum(pauses) == pytest.approx(time)
    assert time == pytest.approx(2.0)


def test_one_attempt_has_all_of_the_time() -> None:
    assert asked(Patience(2.0, 1), LATE) == (LATE, [2.0], [], 2.0)


@pytest.mark.parametrize(
    ("said", "paused"), [("1", 1.0), ("0", 0.0), ("Mon, 23 Nov 2026 19:00:00 GMT", 0.0), ("-1", 0.0)]
)
def test_a_server_that_says_when_is_asked_then(said: str, paused: float) -> None:
    busy = Answer(429, {"retry-after": said}, b"")
    found, _, (pause,), _ = asked(Patience(2.0, 3), busy, FINE)
    assert found is FINE
    assert pause == paused if paused else 0 < pause <= 0.05
    assert pause_of(LATE) == 0.0


def test_nobody_waits_for_a_server_that_wants_more_time_than_there_is() -> None:
    busy = Answer(503, {"retry-after": "30"}, b"")
    assert asked(Patience(2.0, 3), busy)[:3] == (busy, [1.0], [])


@pytest.mark.parametrize(
    ("status", "again"),
    [
        (200, False),
        (400, False),
        (404, False),
        (408, True),
        (409, False),
        (429, True),
        (500, False),
        (502, True),
        (504, True),
    ],
)
def test_only_what_may_pass_is_asked_again(status: int, again: bool) -> None:
    assert is_worth_another(Answer(status, {}, b"")) is again


def test_after_a_failure_one_tries_now_and_then_and_nobody_else() -> None:
    clock = Clock()
    watch = Watch(clock, pause=1.0)
    assert watch.may_ask(within=2.0)
    watch.failed()
    assert not watch.may_ask(within=2.0)
    clock.now = 1.0
    assert [watch.may_ask(within=2.0) for _ in range(3)] == [True, False, False]
    clock.now = 2.9  # the one that tries has until 3.0, and failed meanwhile
    watch.failed()
    assert not watch.may_ask(within=2.0)
    clock.now = 4.0
    assert watch.may_ask(within=2.0)
    watch.answered()
    assert [watch.may_ask(within=2.0) for _ in range(3)] == [True, True, True]


@pytest.mark.parametrize(
    "number",
    ["+442079460018", "+44 20 7946 0018", "+44 (20) 7946-0018", "tel:+44.20.7946.0018", "SIP:+442079460018@x;y=1"],
)
def test_a_number_is_known_however_it_is_written(number: str) -> None:
    assert number_key(number) == "number +442079460018"


def test_what_a_call_begins_with_is_told_apart() -> None:
    inbound = requests.beginning("CA1", number="+442079460018", caller="+447700900123")
    outbound = requests.beginning("CA1", number="+442079460018", caller="+447700900123", direction="outbound")
    assert (inbound["to"], inbound["from"]) == (outbound["from"], outbound["to"])
    assert key_of(inbound) == key_of(outbound) == "number +442079460018"
    assert key_of(requests.beginning("CA1", agent="shop", environment="pre_release")) == environment_key(
        "shop", "pre-release"
    )
    version = requests.beginning("CA1", agent="shop", version="v7", caller="+447700900123")
    assert (key_of(version), version["to"]) == ("version shop 7", "+447700900123")


def test_a_numbers_own_headers_are_told_from_those_that_came() -> None:
    own = own_headers({"X-Tenant": "shop", "X-Trunk": "7"}, {"X-Trunk": "7", "x-tenant": "forged"}, {})
    assert own == {"X-Tenant": "shop"}
    same = own_headers({"X-Tenant": "shop"}, {"X-Tenant": "shop"}, {})
    known = own_headers({"X-Tenant": "shop"}, {"X-Tenant": "shop"}, {"X-Tenant": "shop"})
    assert (same, known) == ({}, {"X-Tenant": "shop"})
    assert with_own({"x-tenant": "forged", "Via": "a"}, own) == {"Via": "a", "X-Tenant": "shop"}


def test_a_call_comes_back_from_its_form_as_it_was() -> None:
    form = {
        "call_id": "CA1",
        "agent": "shop",
        "environment": None,
        "version": "v7",
        "commit": "c" * 40,
        "direction": "outbound",
        "number": None,
        "caller": None,
        "sip_headers": {"X": "1"},
        "began_at": "2026-03-02T10:15:00.123456+00:00",
        "ended_at": "2026-03-02T10:16:00+00:00",
        "outcome": "completed",
        "success": True,
        "duration": 60.0,
        "score": None,
        "attributes": {"a": None},
    }
    assert call_form(call_of(form)) == form
