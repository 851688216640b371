"""Moving a number from one environment to another: two events, one step, and each held to its environment's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, Built
from support.sharing import Team

from gitagent.errors import InvalidName, LedgerMoved, NumberNotFound, Refused, RuleBroken
from gitagent.names import PhoneNumber
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LONDON, PARIS = PhoneNumber("+442079460018"), PhoneNumber("+33142685300")


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent whose live answers a number, with a header."""
    return assign(build().publish().promote("pre-release", "live"))


def assign(built: Built, number: PhoneNumber = LONDON) -> Built:
    built.agent.assign_number(number, "live", actor=ADA, at=built.clock(), sip_headers={"X-Queue": "front"})
    return built


def numbers(built: Built) -> list[tuple[str, str, dict[str, str]]]:
    return [(str(each.number), str(each.environment), dict(each.sip_headers)) for each in built.agent.numbers()]


def test_a_number_moves_in_one_step_with_its_headers(built: Built) -> None:
    before = built.git("rev-parse", "gitagent/ledger").strip()
    event = built.agent.move_number(LONDON, "sandbox", actor=ADA, at=built.clock(), message="Trying it")
    assert numbers(built) == [(str(LONDON), "sandbox", {"X-Queue": "front"})]
    assert built.history()[-2:] == [f"release-number {LONDON} from live", f"assign-number {LONDON} to sandbox"]
    assert (event.subject, event.message) == (built.history()[-1], "Trying it")
    moved = built.git("reflog", "-1", "--format=%H", "gitagent/ledger").strip()
    assert [moved, built.git("rev-parse", f"{moved}~2").strip()] == [event.commit, before]
    assert built.serving() == {"sandbox": "v1", "pre-release": "v1", "live": "v1"}
    assert not built.agent.verify().findings


def test_a_number_can_be_given_other_headers_on_the_way(built: Built) -> None:
    headers = {"X-Desk": "2"}
    built.agent.move_number(LONDON, "pre_release", actor=ADA, at=built.clock(), sip_headers=headers)
    assert numbers(built) == [(str(LONDON), "pre-release", headers)]
    built.agent.move_number(LONDON, "live", actor=ADA, at=built.clock(), sip_headers={})
    assert numbers(built) == [(str(LONDON), "live", {})]
    assert not built.agent.verify().findings


def test_what_cannot_be_moved_is_refused_and_nothing_changes(built: Built) -> None:
    before = built.history()
    refused: list[tuple[type[Refused], PhoneNumber, str, dict[str, str] | None]] = [
        (NumberNotFound, PARIS, "sandbox", None),
        (RuleBroken, LONDON, "live", None),
        (InvalidName, LONDON, "sandbox", {"Via": "x"}),
    ]
    for error, number, environment, headers in refused:
        with pytest.raises(error):
            built.agent.move_number(number, environment, actor=ADA, at=built.clock(), sip_headers=headers)
    built.agent.set_rules("live", requires_number=True, actor=ADA, at=built.clock())
    with pytest.raises(RuleBroken, match="is the last number of live"):
        built.agent.move_number(LONDON, "sandbox", actor=ADA, at=built.clock())
    assert built.history()[:-1] == before
    assign(built, PARIS)
    built.agent.move_number(LONDON, "sandbox", actor=ADA, at=built.clock())
    assert [number for number, *_ in numbers(built)] == [str(LONDON), str(PARIS)]


def test_who_moves_a_number_has_the_role_for_both_environments(built: Built) -> None:
    built.agent.grant("admin", ADA.email, actor=ADA, at=built.clock())
    built.agent.grant("numbers", ADA.email, environment="live", actor=ADA, at=built.clock())
    for environment in ("sandbox", "pre-release"):
        with pytest.raises(Refused, match="numbers live"):
            built.agent.plan_move_number(LONDON, environment, actor=GRACE)
        with pytest.raises(Refused, match="numbers live"):
            built.agent.move_number(LONDON, environment, actor=GRACE, at=built.clock())
    built.agent.move_number(LONDON, "sandbox", actor=ADA, at=built.clock())
    with pytest.raises(Refused, match="numbers live"):
        built.agent.move_number(LONDON, "live", actor=GRACE, at=built.clock())
    built.agent.move_number(LONDON, "pre-release", actor=GRACE, at=built.clock())


def test_a_shared_remote_takes_both_events_in_one_push(tmp_path: Path) -> None:
    team = Team(tmp_path)
    install(team.remote, server=True)
    assign(team.ada.publish().promote("pre-release", "live"))
    grace = team.clone("grace")
    grace.agent.move_number(LONDON, "sandbox", actor=GRACE, at=grace.clock())
    assert team.ledger()[-2:] == [f"release-number {LONDON} from live", f"assign-number {LONDON} to sandbox"]
    with pytest.raises((RuleBroken, LedgerMoved)):
        team.ada.agent.move_number(LONDON, "sandbox", actor=ADA, at=team.ada.clock())
    assert numbers(team.ada) == [(str(LONDON), "sandbox", {"X-Queue": "front"})]
    team.ada.agent.move_number(LONDON, "live", actor=ADA, at=team.ada.clock())
    assert len(team.ledger()) == 9
    assert not team.ada.agent.verify().findings
