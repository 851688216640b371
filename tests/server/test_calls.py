"""Calls over HTTP: each is pinned when it begins, and says so whenever it is asked for."""

from __future__ import annotations

from threading import Event
from typing import TYPE_CHECKING, NoReturn

import pytest
from support.asking import Asker, code

from gitagent.errors import CallNotFound
from gitagent.server.served import LOOKING, THREADS, Served
from gitagent.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built


def test_a_call_that_begins_is_answered_with_its_version_and_configuration(asker: Asker, shop: Built) -> None:
    answer = asker.begin("whole", **{"from": "+447700900123"}, sip_headers={"X-Queue": "3"}, attributes={"vip": True})
    body = answer.json()
    assert answer.status_code == 201
    assert (body["format"], body["recorded"]) == ("gitagent.call/1", True)
    assert body["configuration"]["files"] == {"notes.md": "one\n"}
    assert {name: body["call"][name] for name in ("agent", "environment", "version", "commit", "number", "caller")} == {
        "agent": "shop",
        "environment": "live",
        "version": "v1",
        "commit": shop.git("rev-parse", "v1^{commit}").strip(),
        "number": "+442079460018",
        "caller": "+447700900123",
    }
    assert (body["call"]["sip_headers"], body["call"]["attributes"]) == ({"X-Queue": "3"}, {"vip": True})


def test_a_call_that_is_begun_again_is_the_same_and_no_new_one(asker: Asker) -> None:
    first, second = asker.begin("again"), asker.begin("again", to="tel:+442079460018")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()


def test_the_configuration_can_be_left_out(asker: Asker) -> None:
    answer = asker.post("/v1/calls?configuration=false", json={"call_id": "short", "to": "+442079460018"})
    assert answer.json().keys() == {"format", "call", "recorded"}


def test_what_was_begun_for_something_else_is_a_conflict(asker: Asker) -> None:
    asker.begin("taken")
    assert code(asker.begin("taken", agent="shop", environment="live")) == (409, "call-id-taken")


def test_a_call_is_found_by_any_id_that_telephony_gives(asker: Asker) -> None:
    asker.begin("a/b?c%2F#1")
    found = asker.get("/v1/calls/a%2Fb%3Fc%252F%231")
    assert found.json()["call"]["call_id"] == "a/b?c%2F#1"
    assert asker.get("/v1/calls/a%2Fb%3Fc%252F%231/config").json()["files"] == {"notes.md": "one\n"}


def test_a_call_that_is_not_there_is_not_found(asker: Asker) -> None:
    assert code(asker.get("/v1/calls/none")) == (404, "call-not-found")
    assert code(asker.get("/v1/calls/none/config")) == (404, "call-not-found")


def test_a_begun_call_keeps_its_version_through_a_promotion(build: Callable[..., Built]) -> None:
    built = build("moving")
    built.publish().promote("pre-release", "live")
    with Asker(Served.of(Settings(str(built.path.parent)))) as own:
        asked = {"agent": "moving", "environment": "live"}
        assert own.begin("early", **asked).json()["call"]["version"] == "v1"
        built.publish("two\n").promote("pre-release", "live")
        assert own.begin("late", **asked).json()["call"]["version"] == "v2"
        assert own.begin("early", **asked).json()["configuration"]["files"] == {"notes.md": "one\n"}
        assert own.get("/v1/calls/early/config").headers["gitagent-version"] == "v1"


def test_an_outbound_call_can_name_its_version_and_whom_it_calls(asker: Asker) -> None:
    asked = {"agent": "shop", "version": "v1", "direction": "outbound", "to": "+447700900123"}
    call = asker.begin("outbound", **asked).json()["call"]
    assert (call["version"], call["direction"], call["caller"], call["number"]) == (
        "v1",
        "outbound",
        "+447700900123",
        None,
    )
    assert code(asker.begin("inbound", agent="shop", version="v1", direction="inbound")) == (400, "invalid-call")


def test_a_call_ends_with_an_outcome_and_what_is_known_later_is_added(asker: Asker) -> None:
    asker.begin("ending")
    ended = asker.patch("/v1/calls/ending", json={"outcome": "completed", "duration": 94, "attributes": {"a": 1}})
    call = ended.json()["call"]
    assert ended.json().keys() == {"format", "call"}
    assert (call["outcome"], call["success"], call["duration"], call["attributes"]) == (
        "completed",
        True,
        94.0,
        {"a": 1},
    )
    added = asker.patch("/v1/calls/ending", json={"score": 0.5, "attributes": {"a": None, "b": "x"}}).json()["call"]
    assert added == {**call, "score": 0.5, "attributes": {"b": "x"}}


def test_a_call_ends_once_and_to_end_it_again_in_the_same_way_changes_nothing(asker: Asker) -> None:
    asker.begin("once")
    first = asker.patch("/v1/calls/once", json={"ended": True, "success": False})
    assert first.json()["call"]["success"] is False
    assert asker.patch("/v1/calls/once", json={"ended": True, "success": False}).json() == first.json()
    assert code(asker.patch("/v1/calls/once", json={"outcome": "failed"})) == (409, "call-ended")


def test_a_call_that_would_end_is_left_alone_where_the_rest_cannot_be_taken(asker: Asker) -> None:
    asker.begin("whole-or-not")
    refused = asker.patch("/v1/calls/whole-or-not", json={"ended": True, "attributes": {"two\nlines": 1}})
    assert code(refused) == (400, "invalid-call")
    assert asker.get("/v1/calls/whole-or-not").json()["call"]["ended_at"] is None


@pytest.mark.parametrize("change", [{}, {"success": True}, {"ended": False}, {"duration": -1}, {"ended_at": "today"}])
def test_a_change_that_says_nothing_or_nothing_sensible_is_refused(asker: Asker, change: dict[str, object]) -> None:
    assert code(asker.patch("/v1/calls/none", json=change)) == (422, "body-invalid")


def test_calls_are_listed_newest_first_page_by_page(asker: Asker) -> None:
    for number in range(5):
        asker.begin(f"listed-{number}", agent="shop", environment="pre-release")
    page = asker.get("/v1/calls?environment=pre-release&limit=3").json()
    rest = asker.get(f"/v1/calls?environment=pre-release&limit=3&cursor={page['next']}").json()
    assert [call["call_id"] for call in page["calls"]] == ["listed-4", "listed-3", "listed-2"]
    assert [call["call_id"] for call in rest["calls"]] == ["listed-1", "listed-0"]
    assert rest["next"] is None


def test_calls_are_listed_by_what_is_known_of_them(asker: Asker) -> None:
    began = asker.begin("known", agent="shop", environment="sandbox").json()["call"]["began_at"]
    asker.patch("/v1/calls/known", json={"outcome": "known"})

    def ids(query: str) -> list[str]:
        return [call["call_id"] for call in asker.get(f"/v1/calls?{query}").json()["calls"]]

    assert ids("outcome=known&version=1&environment=sandbox&agent=shop") == ["known"]
    assert ids(f"outcome=known&since={began}") == ["known"]  # its + was not escaped, as people write it
    assert ids(f"outcome=known&until={began[:10]}T00:00:00Z") == []
    assert ids("outcome=known&number=%2B442079460018") == []


def test_old_calls_are_removed_and_open_ones_only_when_that_is_said(build: Callable[..., Built]) -> None:
    built = build("old")
    built.publish().promote("pre-release", "live")
    with Asker(Served.of(Settings(str(built.path.parent)))) as own:
        for call_id in ("open", "ended"):
            own.begin(call_id, agent="old", environment="live")
        own.patch("/v1/calls/ended", json={"ended": True})
        old = "/v1/calls?before=2200-01-01T00:00:00Z"
        assert own.ask("DELETE", "/v1/calls?before=2000-01-01T00:00:00Z").json()["removed"] == 0
        assert own.ask("DELETE", old).json() == {"format": "gitagent.calls-prune/1", "removed": 1}
        assert own.ask("DELETE", f"{old}&open=true").json()["removed"] == 1
        assert code(own.ask("DELETE", "/v1/calls")) == (400, "parameter-invalid")


def test_many_calls_that_begin_at_once_all_begin_once(asker: Asker) -> None:
    asked = [{"json": {"call_id": f"many-{number % 20}", "to": "+442079460018"}} for number in range(60)]
    answers = asker.together(*(("POST", "/v1/calls", each) for each in asked))
    assert sorted(each.status_code for each in answers) == [200] * 40 + [201] * 20
    pins = {(call["call_id"], call["began_at"]) for call in (each.json()["call"] for each in answers)}
    assert len(pins) == 20


def test_who_called_whom_is_kept_by_nothing_on_the_way(asker: Asker) -> None:
    asked = ("/v1/calls/private", "/v1/calls", "/v1/numbers/+442079460018", "/v1/agents/shop/stats")
    answers = [asker.begin("private"), *map(asker.get, asked)]
    assert {each.headers["cache-control"] for each in answers} == {"no-store"}


def test_one_call_is_answered_though_many_ask_for_what_takes_long(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    asker.begin("busy")
    go, waited = Event(), []
    asked: list[object] = []

    def slow(*_: object, **__: object) -> NoReturn:
        asked.append(1)
        waited.append(go.wait(5))
        raise CallNotFound("there are no calls yet")

    monkeypatch.setattr(asker.served.calls, "stats", slow)
    answered = asker.while_waiting(
        [("GET", "/v1/agents/shop/stats")] * (THREADS + 1),
        ("GET", "/v1/calls/busy"),
        until=lambda: len(asked) >= LOOKING,
        let_go=go.set,
    )
    assert (answered.status_code, waited) == (200, [True] * (THREADS + 1))
