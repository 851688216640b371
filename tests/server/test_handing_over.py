"""Handing a number from one agent to another: somebody answers it all the time, and everybody is told."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from support.asking import Asker, code
from support.hosting import NUMBERS, Host, fleet, hosting, wait_until

from gitagent.names import PhoneNumber
from gitagent.server.served import Served, now
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from support.building import Built

NUMBER = NUMBERS[0]


class Callers:
    """Somebody who calls a number again and again; what answered, in order: a status and an agent each."""

    def __init__(self, host: Host, name: str) -> None:
        self.answers: list[tuple[int, str]] = []
        self._url, self._name = f"http://127.0.0.1:{host.port}/v1/calls?configuration=false", name
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._call)
        self._thread.start()

    def stop(self) -> None:
        self._end.set()
        self._thread.join()

    def _call(self) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._end.is_set():
                body = {"call_id": f"{self._name}-{len(self.answers)}", "to": NUMBER}
                answer = client.post(self._url, json=body)
                self.answers.append((answer.status_code, answer.json().get("call", {}).get("agent", "none")))


def assign(built: Built, number: str = NUMBER) -> None:
    built.agent.assign_number(PhoneNumber(number), "live", actor=built.actor, at=built.clock())


def release(built: Built, number: str = NUMBER) -> None:
    built.agent.release_number(PhoneNumber(number), actor=built.actor, at=built.clock())


def begin(host: Host, call_id: str) -> str:
    """The agent that answers a call now."""
    url = f"http://127.0.0.1:{host.port}/v1/calls"
    agent: str = httpx.post(url, json={"call_id": call_id, "to": NUMBER}, timeout=30).json()["call"]["agent"]
    return agent


def test_a_number_goes_from_one_agent_to_another_and_every_call_on_the_way_is_answered(tmp_path: Path) -> None:
    desk, shop = fleet(tmp_path / "agents", "desk", "shop")
    with hosting(tmp_path / "agents", tmp_path / "log", workers=2) as host:
        callers = [Callers(host, name) for name in ("one", "two", "three")]
        try:
            assign(shop)
            host.wait_until_degraded()
            wait_until(lambda: "desk, which had it first, answers it" in host.log, host)
            assert begin(host, "contested") == "desk"
            release(desk)
            assert {begin(host, f"released-{each}") for each in range(20)} == {"shop"}
            host.wait_until_ready()
        finally:
            for each in callers:
                each.stop()
    for each in callers:
        assert {status for status, _ in each.answers} == {201}
        agents = [agent for _, agent in each.answers]
        assert agents == sorted(agents)  # desk, and from some call on shop
        assert set(agents) == {"desk", "shop"}


@pytest.fixture
def contested(tmp_path: Path) -> Iterator[tuple[Asker, dict[str, dict[str, Any]]]]:
    """A server of desk and of shop, which was given desk's number, too; and the headers of a token for each of them."""
    _, shop = fleet(tmp_path, "desk", "shop")
    assign(shop)
    with Asker(Served.of(Settings(str(tmp_path)))) as asker:
        added = {
            name: asker.served.tokens.add(name, [Scope.CALL, Scope.READ], agents=[name], at=now()).text
            for name in ("desk", "shop")
        }
        yield asker, {name: {"headers": {"Authorization": f"Bearer {text}"}} for name, text in added.items()}


def test_a_token_for_the_first_agent_begins_as_if_there_were_no_other(
    contested: tuple[Asker, dict[str, dict[str, Any]]],
) -> None:
    asker, tokens = contested
    begun = asker.post("/v1/calls", json={"call_id": "a", "to": NUMBER}, **tokens["desk"])
    assert (begun.status_code, begun.json()["call"]["agent"]) == (201, "desk")
    assert "shop" not in begun.text
    assert asker.get(f"/v1/numbers/{NUMBER}", **tokens["desk"]).json()["agent"] == "desk"


def test_a_token_for_the_second_agent_hears_that_it_is_not_the_only_one_and_not_which_is(
    contested: tuple[Asker, dict[str, dict[str, Any]]],
) -> None:
    asker, tokens = contested
    for refused in (
        asker.post("/v1/calls", json={"call_id": "b", "to": NUMBER}, **tokens["shop"]),
        asker.get(f"/v1/numbers/{NUMBER}", **tokens["shop"]),
    ):
        assert code(refused) == (409, "number-contested")
        assert "desk" not in refused.text
