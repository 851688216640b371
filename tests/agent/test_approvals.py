"""Approvals: what others have to agree to before an environment serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal
from support.rules import check_rules
from support.sharing import Team

from gitagent import Actor, Approval, Approved, EnvironmentName, Event, Operation, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SANDBOX, PRE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
V1, V2 = VersionNumber(1), VersionNumber(2)
ALAN = Actor("Alan Turing", "Alan@example.com")


def _ask(built: Built, environment: str, count: int) -> Event:
    return built.agent.set_rules(environment, actor=ADA, at=built.clock(), approvals=count)


def _approve(built: Built, selector: str, environment: str, actor: Actor = GRACE) -> Approved:
    return built.agent.approve(selector, environment, actor=actor, at=built.clock())


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that writes nothing: no ref, and no object either."""
    before = built.git("for-each-ref") + built.git("count-objects", "-v")
    refused = refusal(call)
    assert built.git("for-each-ref") + built.git("count-objects", "-v") == before
    return refused


def test_an_approval_is_an_event_that_names_the_version_and_moves_nothing(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    serving = built.serving()
    done = built.agent.approve("sandbox", "live", actor=GRACE, at=built.clock(), message="Heard it.")
    event = next(built.agent.history())
    assert done == Approved(Approval(V2, LIVE, ("grace@example.com",), 0), event)
    assert (event.operation, event.environment, event.to_version, event.actor, event.message) == (
        Operation.APPROVE,
        LIVE,
        V2,
        GRACE,
        "Heard it.",
    )
    assert event.to_commit == built.agent.version("v2").commit
    assert (event.subject, built.serving()) == ("approve live v2", serving)
    assert not built.agent.verify().findings


def test_an_environment_moves_once_as_many_others_have_approved_as_it_asks_for(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    _ask(built, "pre-release", 2)
    _approve(built, "v2", "pre-release")
    assert _unchanged(built, lambda: built.promote("pre-release")) == Refusal(
        "RuleBroken",
        "approvals-missing",
        "pre-release asks for 2 approvals, and v2 has 1",
        "Somebody other than Ada Lovelace and grace@example.com has to approve it: "
        "gitagent approve v2 --for pre-release",
    )
    _approve(built, "v2", "pre-release", ALAN)
    planned = built.agent.plan_promote("pre-release")
    assert planned.approved == ("grace@example.com", "alan@example.com")
    assert built.promote("pre-release").serving()["pre-release"] == "v2"
    assert built.agent.approvals("v2") == (Approval(V2, PRE, ("grace@example.com", "alan@example.com"), 2),)
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_approvals_are_of_one_version_and_for_one_environment(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    _ask(built, "pre-release", 1)
    _approve(built, "v2", "live")
    _approve(built, "v1", "pre-release")
    assert refusal(lambda: built.promote("pre-release")).message == "pre-release asks for 1 approval, and v2 has 0"
    assert built.agent.approvals("v2") == (Approval(V2, PRE, (), 1), Approval(V2, LIVE, ("grace@example.com",), 0))
    assert [each.missing for each in built.agent.approvals("v2")] == [1, 0]


def test_a_draft_is_saved_and_approved_before_it_goes_where_approvals_are_asked_for(
    build: Callable[..., Built],
) -> None:
    built = build()
    _ask(built, "sandbox", 1)
    expected = Refusal(
        "RuleBroken",
        "approvals-missing",
        "sandbox asks for approvals, and a draft has none",
        "Save it: gitagent save; have it approved by others: gitagent approve v2 --for sandbox; "
        "then: gitagent publish v2",
    )
    built.edit("two\n")
    assert _unchanged(built, lambda: built.publish()) == expected
    assert _unchanged(built, lambda: built.agent.plan_publish(actor=ADA, at=START)) == expected
    built.save()
    _approve(built, "latest", "sandbox")
    assert built.publish(selector="v2").serving()["sandbox"] == "v2"


def test_a_rollback_needs_none(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").publish("three\n")
    _ask(built, "sandbox", 1)
    assert built.rollback("sandbox").serving()["sandbox"] == "v2"


def test_nobody_approves_a_version_of_their_own(build: Callable[..., Built]) -> None:
    built = build()
    refused = _unchanged(built, lambda: _approve(built, "v1", "live", Actor("Not Ada", "ADA@example.com")))
    assert refused == Refusal(
        "RuleBroken",
        "own-version",
        "v1 is your own, and others have to approve it",
        "Ask somebody else to type: gitagent approve v1 --for live",
    )


def test_nobody_approves_twice(build: Callable[..., Built]) -> None:
    built = build()
    _approve(built, "v1", "live")
    expected = Refusal("RuleBroken", "unchanged", "you have approved v1 for live already", "See: gitagent show v1")
    assert _unchanged(built, lambda: _approve(built, "v1", "live")) == expected
    assert _unchanged(built, lambda: built.agent.plan_approve("v1", "live", actor=GRACE)) == expected


@pytest.mark.parametrize(
    ("selector", "environment", "code"),
    [
        ("v9", "live", "version-not-found"),
        ("v1", "liev", "environment-not-found"),
        ("draft", "live", "not-a-version"),
        ("live", "live", "never-served"),
    ],
)
def test_what_is_not_there_is_not_approved(
    build: Callable[..., Built], selector: str, environment: str, code: str
) -> None:
    built = build()
    assert _unchanged(built, lambda: _approve(built, selector, environment)).code == code


def test_a_plan_says_how_far_a_version_would_be_approved(build: Callable[..., Built]) -> None:
    built = build()
    _ask(built, "live", 2)
    planned = built.agent.plan_approve("v1", "live", actor=GRACE)
    assert planned == Approval(V1, LIVE, ("grace@example.com",), 2)
    assert planned.missing == 1
    assert built.agent.approvals("v1") == (Approval(V1, LIVE, (), 2),)


def test_a_colleague_approves_what_was_saved_a_moment_ago_without_a_sync(tmp_path: Path) -> None:
    team = Team(tmp_path)
    grace = team.clone("grace")
    _ask(team.ada, "pre-release", 1)
    team.ada.publish("two\n")
    _approve(grace, "v2", "pre-release")
    assert team.ada.promote("pre-release").serving()["pre-release"] == "v2"
    assert team.ledger()[-2:] == ["approve pre-release v2", "promote pre-release v2"]


def test_a_version_that_others_made_a_moment_ago_goes_on_without_a_sync(tmp_path: Path) -> None:
    team = Team(tmp_path)
    grace = team.clone("grace")
    team.ada.save("two\n")
    grace.publish(selector="v2")
    team.ada.promote("pre-release", version="v2")
    grace.promote("live", version="v2")
    assert team.ledger()[-3:] == ["publish sandbox v2", "promote pre-release v2", "promote live v2"]
    assert refusal(lambda: grace.promote("live", version="v9")).code == "version-not-found"
    assert refusal(lambda: grace.publish(selector="v9")).code == "version-not-found"
