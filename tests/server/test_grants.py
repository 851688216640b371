"""Grants: a token opens what its scopes and its agents are for, and of other agents there is no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.asking import Asker, code
from support.building import ADA, Built
from support.calling_agents import NUMBER

from gitagent.names import PhoneNumber
from gitagent.server.served import Served, now
from gitagent.server.settings import Settings
from gitagent.server.tokens import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator

OTHER = "+442079460019"
ASKED = ["GET /v1/agents", "GET /v1/calls/of-shop", "GET /v1/calls", "POST /v1/calls", "DELETE /v1/calls"]


class Doors(Asker):
    """A server of two agents, `shop` and `bank`, with a token for each scope, and some for `shop` alone."""

    def __init__(self, served: Served) -> None:
        super().__init__(served)
        self.tokens = {scope: self._token(scope) for scope in Scope}
        self.of_shop = {scope: self._token(scope, agents=["shop"]) for scope in Scope}

    def _token(self, *scopes: Scope, **more: Any) -> dict[str, str]:
        added = self.served.tokens.add("test", scopes, at=now(), **more)
        return {"Authorization": f"Bearer {added.text}"}


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    folder = tmp_path_factory.mktemp("agents")
    for name, number in (("shop", NUMBER), ("bank", OTHER)):
        built = Built(folder / name, files={"secret.md": f"{name}\n"})
        built.publish().promote("pre-release", "live")
        built.agent.assign_number(PhoneNumber(number), "live", actor=ADA, at=built.clock())
    with Doors(Served.of(Settings(str(folder)))) as doors:
        for name, number in (("shop", NUMBER), ("bank", OTHER)):
            doors.post("/v1/calls", json={"call_id": f"of-{name}", "to": number}, headers=doors.tokens[Scope.CALL])
        yield doors


def test_without_a_token_nothing_is_opened_but_the_description(doors: Doors) -> None:
    refused = doors.get("/v1/agents")
    assert code(refused) == (401, "token-missing")
    assert refused.headers["www-authenticate"] == 'Bearer realm="gitagent"'
    assert code(doors.get("/v1/agents", headers={"Authorization": "Bearer ga_x"})) == (401, "token-invalid")
    assert doors.get("/openapi.json").status_code == 200


@pytest.mark.parametrize(
    ("scope", "opened"),
    [
        (Scope.READ, ["GET /v1/agents", "GET /v1/calls/of-shop", "GET /v1/calls"]),
        (Scope.CALL, ["GET /v1/calls/of-shop", "POST /v1/calls"]),
        (
            Scope.ADMIN,
            ["GET /v1/agents", "GET /v1/calls/of-shop", "GET /v1/calls", "POST /v1/calls", "DELETE /v1/calls"],
        ),
    ],
)
def test_a_scope_opens_what_it_is_for_and_nothing_else(doors: Doors, scope: Scope, opened: list[str]) -> None:
    answers = {}
    for each in ASKED:
        method, _, path = each.partition(" ")
        more = {"json": {"call_id": "of-shop", "to": NUMBER}} if method == "POST" else {}
        query = "?before=2000-01-01T00:00:00Z" if method == "DELETE" else ""
        answers[each] = doors.ask(method, path + query, headers=doors.tokens[scope], **more)
    assert [each for each, answer in answers.items() if answer.status_code == 200] == opened
    assert {code(answer) for each, answer in answers.items() if each not in opened} <= {(403, "scope-missing")}


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/agents/bank", "agent-not-found"),
        ("/v1/agents/bank/environments/live/config", "agent-not-found"),
        ("/v1/agents/bank/versions/v1/config", "agent-not-found"),
        ("/v1/agents/bank/stats", "agent-not-found"),
        ("/v1/calls?agent=bank", "agent-not-found"),
        ("/v1/calls/of-bank", "call-not-found"),
        ("/v1/calls/of-bank/config", "call-not-found"),
        (f"/v1/numbers/{OTHER}", "number-not-found"),
    ],
)
def test_a_token_for_one_agent_finds_no_other(doors: Doors, path: str, answer: str) -> None:
    refused = doors.get(path, headers=doors.of_shop[Scope.ADMIN])
    assert code(refused) == (404, answer)
    none = doors.get(path.replace("bank", "none").replace(OTHER, "+442079460077"), headers=doors.of_shop[Scope.ADMIN])
    assert refused.text.replace("bank", "none").replace(OTHER, "+442079460077") == none.text


def test_a_token_for_one_agent_begins_and_changes_no_call_of_another(doors: Doors) -> None:
    mine = {"headers": doors.of_shop[Scope.CALL]}
    ways: list[tuple[dict[str, str], tuple[int, str]]] = [
        ({"call_id": "new", "to": OTHER}, (404, "number-not-found")),
        ({"call_id": "of-bank", "to": OTHER}, (404, "number-not-found")),
        ({"call_id": "new", "agent": "bank", "environment": "live"}, (404, "agent-not-found")),
        ({"call_id": "new", "agent": "bank", "version": "v1"}, (404, "agent-not-found")),
        ({"call_id": "of-bank", "to": NUMBER}, (409, "call-id-taken")),
    ]
    for body, answer in ways:
        assert code(doors.post("/v1/calls", json=body, **mine)) == answer
    assert code(doors.patch("/v1/calls/of-bank", json={"ended": True}, **mine)) == (404, "call-not-found")
    assert code(doors.get("/v1/calls/new", headers=doors.tokens[Scope.READ])) == (404, "call-not-found")


def test_a_token_for_one_agent_lists_and_prunes_its_own_alone(doors: Doors) -> None:
    read, admin = doors.of_shop[Scope.READ], doors.of_shop[Scope.ADMIN]
    assert [each["agent"] for each in doors.get("/v1/agents", headers=read).json()["agents"]] == ["shop"]
    assert {each["agent"] for each in doors.get("/v1/calls", headers=read).json()["calls"]} == {"shop"}
    everything = "/v1/calls?before=2200-01-01T00:00:00Z&open=true"
    assert doors.ask("DELETE", everything, headers=admin).json()["removed"] == 1
    left = doors.get("/v1/calls", headers=doors.tokens[Scope.READ]).json()["calls"]
    assert [each["call_id"] for each in left] == ["of-bank"]


def test_a_token_for_two_agents_lists_the_calls_of_both_in_one_order(doors: Doors) -> None:
    both = doors._token(Scope.READ, Scope.CALL, agents=["shop", "bank"])
    for call_id, number in (("both-1", NUMBER), ("both-2", OTHER), ("both-3", NUMBER), ("both-4", OTHER)):
        doors.post("/v1/calls", json={"call_id": call_id, "to": number}, headers=both)
    page = doors.get("/v1/calls?limit=3", headers=both).json()
    rest = doors.get(f"/v1/calls?limit=1&cursor={page['next']}", headers=both).json()
    ids = [each["call_id"] for each in [*page["calls"], *rest["calls"]]]
    assert ids == ["both-4", "both-3", "both-2", "both-1"]
