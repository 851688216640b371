"""Calls that a client answered while the server was away, told over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.asking import code

if TYPE_CHECKING:
    from support.asking import Asker
    from support.building import Built

AT = "2026-03-02T10:15:00+00:00"


def answered(**facts: Any) -> dict[str, Any]:
    return {"version": "v1", "at": AT, "agent": "shop", "environment": "live", **facts}


def test_a_call_is_recorded_with_what_answered_it_and_when(asker: Asker, shop: Built) -> None:
    shop.publish("two\n").promote("pre-release", "live")
    told = asker.begin("told", answered=answered())
    assert told.status_code == 201
    call = told.json()["call"]
    assert (call["version"], call["environment"], call["began_at"]) == ("v1", "live", "2026-03-02T10:15:00.000+00:00")
    assert asker.begin("told", answered=answered()).status_code == 200
    assert asker.get("/v1/calls/told").json()["call"] == call


def test_a_time_to_come_is_now(asker: Asker) -> None:
    call = asker.begin("early", answered=answered(at="2999-01-01T00:00:00+00:00")).json()["call"]
    assert call["began_at"] < "2990"


def test_a_version_that_the_environment_never_served_is_a_conflict(asker: Asker) -> None:
    assert code(asker.begin("never", answered=answered(version="v99"))) == (409, "version-not-served")


@pytest.mark.parametrize(
    "wrong", [{"version": "v1"}, {"at": AT}, answered(at="today"), answered(at="2026-03-02T10:15:00"), answered(more=1)]
)
def test_what_is_no_such_fact_is_refused(asker: Asker, wrong: dict[str, Any]) -> None:
    assert code(asker.begin("wrong", answered=wrong)) == (422, "body-invalid")
