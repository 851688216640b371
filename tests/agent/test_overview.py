"""The overview: status, what is ahead of what, what is and was served, and history's filters."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.building import START, Built
from support.refusing import Refusal, refusal

from gitagent.agent.events import Operation
from gitagent.agent.overview import Ahead, Served, Status
from gitagent.names import EnvironmentName, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

SANDBOX, PRE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
V1, V2, V3 = (VersionNumber(number) for number in (1, 2, 3))


def _at(minutes: int) -> datetime:
    """The clock's time: minute 1 is the making of the agent."""
    return START + timedelta(minutes=minutes)


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v2 goes all the way at minutes 2 to 4, v3 is published at 5 and rolled back at 6."""
    return build().publish("two\n").promote("pre-release", "live").publish("three\n").rollback("sandbox")


def test_a_status_is_the_agent_at_a_glance(built: Built) -> None:
    agent = built.agent
    status = agent.status()
    assert status == Status(agent.name, agent.path, agent.draft(), agent.environments(), V3, V3, False, None, V3, 0)
    assert [(each.name, each.position, each.version, each.since) for each in status.environments] == [
        (SANDBOX, 0, V2, _at(6)),
        (PRE, 1, V2, _at(3)),
        (LIVE, 2, V2, _at(4)),
    ]


def test_what_was_edited_or_saved_alone_is_unpublished(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    seen = [built.agent.status().unpublished]
    seen.append(built.edit("three\n").agent.status().unpublished)
    seen.append(built.save().agent.status().unpublished)
    seen.append(built.publish(selector="v3").agent.status().unpublished)
    assert seen == [False, True, True, False]


def test_each_environment_is_ahead_of_the_next_by_its_number(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    assert built.agent.status().ahead == (Ahead(SANDBOX, PRE, 2),)
    built.promote("pre-release", "live").publish("three\n")
    assert built.agent.status().ahead == (Ahead(SANDBOX, PRE, 1),)
    built.promote("pre-release").rollback("sandbox")
    assert built.agent.status().ahead == (Ahead(SANDBOX, PRE, -1), Ahead(PRE, LIVE, 1))


def test_the_drafts_label_says_whether_it_was_edited(build: Callable[..., Built]) -> None:
    built = build()
    assert built.agent.draft().label == "Draft"
    assert built.edit("edited\n").agent.draft().label == "Draft edited since v1"
    assert built.save().agent.draft().label == "Draft"


def test_serving_names_the_versions_that_are_served(built: Built) -> None:
    assert built.agent.serving() == {V2: (SANDBOX, PRE, LIVE)}
    assert built.publish(selector="v1").agent.serving() == {V1: (SANDBOX,), V2: (PRE, LIVE)}


@pytest.mark.parametrize(
    ("environment", "minute", "expected"),
    [
        ("sandbox", 1, Served(None, None, _at(2))),
        ("sandbox", 2, Served(V2, _at(2), _at(5))),
        ("sandbox", 4, Served(V2, _at(2), _at(5))),
        ("sandbox", 5, Served(V3, _at(5), _at(6))),
        ("sandbox", 99, Served(V2, _at(6), None)),
        ("pre_release", 3, Served(V2, _at(3), None)),
        ("live", 3, Served(None, None, _at(4))),
    ],
)
def test_what_was_served_at_a_time_has_a_beginning_and_an_end(
    built: Built, environment: str, minute: int, expected: Served
) -> None:
    assert built.agent.serving_at(environment, _at(minute)) == expected


def test_an_environment_that_never_served_has_neither_beginning_nor_end(build: Callable[..., Built]) -> None:
    assert build().agent.serving_at("live", _at(9)) == Served(None, None, None)


def test_history_is_filtered_by_environment_operation_time_and_number(built: Built) -> None:
    agent = built.agent
    every = [event.seq for event in agent.history()]
    assert every == sorted(every, reverse=True)
    assert [event.at for event in agent.history(environment="sandbox")] == [_at(6), _at(5), _at(2)]
    assert [event.at for event in agent.history(operation=Operation.PROMOTE)] == [_at(4), _at(3)]
    assert [event.at for event in agent.history(since=_at(5))] == [_at(6), _at(5)]
    assert [event.seq for event in agent.history(limit=2)] == every[:2]
    assert [event.at for event in agent.history(environment="sandbox", operation=Operation.PUBLISH, limit=1)] == [
        _at(5)
    ]
    assert list(agent.history(limit=0)) == list(agent.history(since=_at(99))) == []


def test_an_environment_that_is_not_there_is_refused_everywhere(built: Built) -> None:
    agent = built.agent
    expected = Refusal(
        "EnvironmentNotFound",
        "environment-not-found",
        "no environment is called 'liv'",
        "Did you mean live?",
    )
    assert refusal(lambda: list(agent.history(environment="liv"))) == expected
    assert refusal(lambda: agent.serving_at("liv", START)) == expected
