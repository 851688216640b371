"""Calls that a client answered itself, and tells of later: what the record says of them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from support.building import START
from support.calling_agents import NUMBER, Desk, pin

from gitagent.errors import AgentNotFound, GitagentError, InvalidName, NeverServed
from gitagent.runtime.asking import Answered
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.building import Built

V1 = Answered("v1", "agent", "live")


@pytest.fixture
def desk(build: Callable[..., Built], tmp_path: Path) -> Desk:
    return Desk(build(), open_store(str(tmp_path / "calls.db")), tmp_path)


def test_the_record_says_which_version_answered_and_when(desk: Desk) -> None:
    desk.live("two\n")
    began = START - timedelta(minutes=3)
    begun = desk.calls.begin("CA1", at=began, number=NUMBER, answered=V1)
    assert pin(begun) == ("v1", "one\n")
    assert (begun.call.began_at, str(begun.call.environment), str(begun.call.number)) == (began, "live", NUMBER)
    assert desk.calls.get("CA1") == begun.call


def test_a_call_in_an_environment_or_with_a_version_can_have_been_answered_too(desk: Desk) -> None:
    desk.live("two\n")
    assert pin(desk.begin("CA1", environment="live", answered=Answered("1")))[0] == "v1"
    assert pin(desk.begin("CA2", version="v1", answered=Answered("v1")))[0] == "v1"
    with pytest.raises(InvalidName, match="it asks for v1, and was answered with v2"):
        desk.begin("CA3", version="v1", answered=Answered("v2"))


def test_the_headers_are_those_that_it_had_then(desk: Desk) -> None:
    begun = desk.begin("CA1", answered=V1, sip_headers={"X-Tenant": "of then"})
    assert begun.call.sip_headers == {"X-Tenant": "of then"}


def test_a_number_that_went_elsewhere_since_is_recorded_as_it_was(desk: Desk) -> None:
    desk.release(NUMBER)
    begun = desk.begin("CA1", answered=V1)
    assert (str(begun.call.number), str(begun.call.environment)) == (NUMBER, "live")


def test_without_more_a_number_means_the_environment_that_it_reaches_now(desk: Desk) -> None:
    desk.live("two\n")
    assert str(desk.begin("CA1", answered=Answered("v1")).call.environment) == "live"


@pytest.mark.parametrize(
    ("asked", "refusal", "code"),
    [
        ({"answered": Answered("v2", "agent", "live")}, NeverServed, "version-not-served"),
        ({"answered": Answered("v9", "agent", "live")}, NeverServed, "version-not-served"),
        ({"answered": Answered("v1", "agent", "nowhere")}, NeverServed, "version-not-served"),
        ({"answered": Answered("v1", "other", "live")}, AgentNotFound, "agent-not-found"),
        ({"answered": Answered("new", "agent", "live")}, InvalidName, "invalid-version"),
        ({"environment": "live", "answered": Answered("v2")}, NeverServed, "version-not-served"),
    ],
)
def test_what_cannot_have_been_is_refused(
    desk: Desk, asked: dict[str, Any], refusal: type[GitagentError], code: str
) -> None:
    desk.built.save("two\n")
    with pytest.raises(refusal) as refused:
        desk.begin("CA1", **asked)
    assert refused.value.code == code


def test_a_call_that_began_here_meanwhile_keeps_its_version_and_says_the_other(desk: Desk) -> None:
    desk.live("two\n")
    desk.begin("CA1")
    for _ in range(2):
        begun = desk.begin("CA1", answered=V1)
        assert pin(begun) == ("v2", "two\n")
        assert begun.call.attributes == {"answered_with": "v1"}
    assert desk.calls.get("CA1") == begun.call


def test_it_is_told_once(desk: Desk) -> None:
    first = desk.begin("CA1", answered=V1)
    desk.live("two\n")
    again = desk.begin("CA1", answered=V1)
    assert (again.call, again.is_new) == (first.call, False)
    assert desk.calls.stats("v1").version.calls == 1
