"""Health and figures: a server says whether it can answer, by code alone to anybody, and counts what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families as parsed
from support.asking import Asker, code
from support.building import ADA, Built
from support.calling_agents import NUMBER

from gitagent.names import PhoneNumber
from gitagent.server import health
from gitagent.server.served import Served, now
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, build: Callable[..., Built]) -> Path:
    """A folder with the agent `shop`, whose live serves v1 and answers a number."""
    built = build("agents/shop")
    built.publish().promote("pre-release", "live")
    built.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=built.clock())
    return tmp_path / "agents"


@pytest.fixture
def server(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asker]:
    """A server of that folder, whose health is looked at anew each time."""
    monkeypatch.setattr(health, "GOOD_FOR", -1.0)
    with Asker(Served.of(Settings(str(folder), poll=0))) as asker:
        yield asker


def ready(asker: Asker) -> dict[str, object]:
    answer = asker.get("/readyz")
    assert answer.status_code == 200
    found = answer.json()
    assert isinstance(found, dict)
    assert found.pop("format") == "gitagent.ready/1"
    return found


def figures(asker: Asker, **more: object) -> dict[str, float]:
    """Each sample's value by its name and labels."""
    answer = asker.get("/metrics", **more)
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    samples = [sample for family in parsed(answer.text) for sample in family.samples]
    return {" ".join([each.name, *each.labels.values()]): each.value for each in samples}


def test_a_server_that_lives_says_so(server: Asker) -> None:
    assert server.get("/healthz").json() == {"format": "gitagent.health/1", "status": "ok"}


def test_a_server_that_has_all_it_needs_is_ready(server: Asker) -> None:
    assert ready(server) == {"status": "ready", "store": "ready", "agents": 1, "waiting": 0, "troubles": []}


def test_without_its_store_it_still_answers_calls(server: Asker, folder: Path) -> None:
    (folder / ".gitagent/calls.db").mkdir(parents=True)
    assert server.begin("c1").status_code == 201
    assert ready(server) == {"status": "degraded", "store": "away", "agents": 1, "waiting": 1, "troubles": []}
    assert figures(server)["gitagent_calls_waiting"] == 1
    assert figures(server)["gitagent_calls_begun_unrecorded_total shop live v1"] == 1


def test_a_store_that_hangs_keeps_nobody_waiting(server: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    let_go, asked = threading.Event(), []

    def hang() -> None:
        asked.append(1)
        let_go.wait(60)

    monkeypatch.setattr(health, "LONGEST", 0.01)
    monkeypatch.setattr(server.served.calls, "check", hang)
    assert [ready(server)["store"] for _ in range(3)] == ["away"] * 3
    assert asked == [1]
    let_go.set()


def test_what_is_in_trouble_is_told_by_its_code_alone(server: Asker, folder: Path) -> None:
    other = Built(folder / "bank")
    other.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=other.clock())
    server.served.calls.agents._listed = float("-inf")
    found = ready(server)
    assert (found["status"], found["agents"]) == ("degraded", 2)
    assert found["troubles"] == [{"code": "number-contested", "count": 1}]
    assert figures(server)["gitagent_troubles  number-contested"] == 1


def test_calls_that_waited_and_could_not_be_recorded_are_told_of(server: Asker, folder: Path) -> None:
    aside = folder / ".gitagent/spool/0.refused"
    aside.parent.mkdir(parents=True)
    aside.touch()
    assert ready(server)["troubles"] == [{"code": "calls-set-aside", "count": 1}]
    assert figures(server)["gitagent_troubles  calls-set-aside"] == 1


def test_a_server_without_agents_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with Asker(Served.of(Settings(str(tmp_path / "empty"), poll=0))) as asker:
        assert code(asker.get("/readyz")) == (503, "unready")
        assert asker.get("/healthz").status_code == 200


def test_calls_are_counted_once_by_agent_environment_and_version(server: Asker) -> None:
    for call_id in ("c1", "c2", "c1"):
        server.begin(call_id)
    server.patch("/v1/calls/c1", json={"outcome": "completed", "duration": 12.5})
    server.patch("/v1/calls/c1", json={"outcome": "completed", "duration": 12.5})
    server.patch("/v1/calls/c2", json={"outcome": "transferred", "duration": 0.5})
    found = figures(server)
    assert found["gitagent_calls_begun_total shop live v1"] == 2
    assert found["gitagent_calls_ended_total shop live yes v1"] == 1
    assert found["gitagent_calls_ended_total shop live unknown v1"] == 1
    assert found["gitagent_call_duration_seconds_count shop live v1"] == 2
    assert found["gitagent_call_duration_seconds_sum shop live v1"] == 13
    assert not [name for name in found if "c1" in name or NUMBER in name or name.endswith("_created")]


def test_requests_are_counted_by_endpoint_and_status_and_no_path_is_a_label(server: Asker) -> None:
    server.get("/v1/agents/shop")
    server.get("/v1/agents/nobody-has-this-name")
    server.get("/no/such/path")
    found = figures(server)
    assert found["gitagent_http_requests_total agent 200"] == 1
    assert found["gitagent_http_requests_total agent 404"] == 1
    assert found["gitagent_http_request_seconds_count agent"] == 2
    assert not [name for name in found if "nobody" in name or "such" in name]


def test_what_is_served_now_is_a_figure(server: Asker) -> None:
    found = figures(server)
    assert found["gitagent_served_version shop live"] == 1
    assert [name for name in found if name.startswith("gitagent_info ")]


def test_an_agent_that_goes_while_figures_are_read_is_in_none_of_them(
    server: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    agents = server.served.calls.agents
    names = agents.names()
    monkeypatch.setattr(agents, "names", lambda: [*names, "gone"])
    told = [name.split()[1] for name in figures(server) if name.startswith("gitagent_served_version ")]
    assert set(told) == set(names)


def test_a_token_for_one_agent_sees_the_figures_of_no_other(server: Asker, folder: Path) -> None:
    Built(folder / "bank").publish()
    server.served.calls.agents._listed = float("-inf")
    server.begin("c1")
    assert {"gitagent_served_version bank sandbox", "gitagent_served_version shop live"} <= figures(server).keys()
    tokens = {
        name: server.served.tokens.add(name, [scope], at=now(), agents=[name]).text
        for name, scope in (("bank", Scope.READ), ("shop", Scope.CALL))
    }
    mine = figures(server, headers={"Authorization": f"Bearer {tokens['bank']}"})
    assert "gitagent_served_version bank sandbox" in mine
    assert not [name for name in mine if "shop" in name]
    assert code(server.get("/metrics", headers={"Authorization": f"Bearer {tokens['shop']}"})) == (403, "scope-missing")
    assert code(server.get("/metrics")) == (401, "token-missing")
