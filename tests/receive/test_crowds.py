"""Many at once on a remote with hooks: the ledger tells one story, and every branch agrees with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.building import START, git
from support.rules import check_rules
from support.sharing import Member, Team

from gitagent import PhoneNumber
from gitagent.errors import Conflict, Refused
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLONES, ROUNDS = 4, 4


def _all_at_once(members: list[Member], act: Callable[[int, Member], None]) -> None:
    with ThreadPoolExecutor(len(members)) as pool:
        list(pool.map(act, range(len(members)), members))


@pytest.mark.scale
def test_what_many_do_at_once_is_all_recorded(tmp_path: Path) -> None:
    team = Team(tmp_path)
    install(team.remote, server=True)
    members = [team.clone(f"m{number}") for number in range(CLONES)]
    numbers = [[PhoneNumber(f"+4420794600{10 * one + each}") for each in range(ROUNDS)] for one in range(CLONES)]

    def assign(one: int, member: Member) -> None:
        for number in numbers[one]:
            member.agent.assign_number(number, "live", actor=member.actor, at=START)

    _all_at_once(members, assign)
    assert len(team.ledger()) == 1 + CLONES * ROUNDS
    members[0].agent.sync(actor=members[0].actor, at=START)
    assert {each.number for each in members[0].agent.numbers()} == {each for some in numbers for each in some}


@pytest.mark.scale
def test_concurrent_moves_of_live_leave_the_branch_where_the_ledger_has_it(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release")
    install(team.remote, server=True)
    members = [team.clone(f"m{number}") for number in range(CLONES)]
    refused: list[str] = []

    def move(one: int, member: Member) -> None:
        for _ in range(ROUNDS):
            try:
                member.promote("live") if one % 2 else member.rollback("live")
            except (Conflict, Refused) as error:
                refused.append(error.code)

    _all_at_once(members, move)
    moved = [line for line in team.ledger() if line.startswith(("promote live v2 -> v3", "rollback live v3 -> v2"))]
    assert all(one != other for one, other in pairwise(moved))
    assert len(moved) >= 1
    members[0].agent.sync(actor=members[0].actor, at=START)
    assert not any("remote" in code or code.startswith("rule-") for code in refused), refused
    check_rules(members[0].path)
    assert git(team.remote, "rev-parse", "live") == members[0].git("rev-parse", "live")
    assert git(team.remote, "fsck", "--strict", "--no-dangling", "--no-progress") == ""
