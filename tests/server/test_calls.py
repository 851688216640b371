"""Calls over HTTP: each is pinned when it begins, and says so whenever it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from support.asking import code

if TYPE_CHECKING:
    from support.asking import Asker
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
