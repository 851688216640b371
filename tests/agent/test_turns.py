"""Operations on a shared remote where others were faster: the next attempt, and what others saved brought along."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest
from support.building import START
from support.refusing import Refusal, refusal
from support.sharing import Member, Team

from gitagent.agent import turns
from gitagent.agent.queue import Queue
from gitagent.agent.store import Store
from gitagent.agent.turns import Turns
from gitagent.errors import LedgerMoved
from gitagent.git.remote import Remote
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from support.building import Built

FILES = {"agent.yaml": "name: Desk\nprompt: Hello\ndescription: one\n"}


@pytest.fixture
def two(tmp_path: Path) -> tuple[Team, Member]:
    """Ada's team, and Grace, who knows v1 while Ada has published v2."""
    team = Team(tmp_path, files=FILES)
    grace = team.clone("grace")
    _edit(team.ada, "one", "two")
    team.ada.publish()
    return team, grace


def _edit(member: Built, old: str, new: str) -> None:
    path = member.path / "agent.yaml"
    path.write_text(path.read_text().replace(old, new))


def test_a_save_that_syncs_is_made_of_the_draft_with_what_others_saved(two: tuple[Team, Member]) -> None:
    team, grace = two
    _edit(grace, "Hello", "Good day")
    saved = grace.agent.save(actor=grace.actor, at=START, sync=True)
    assert (str(saved.version.number), str(saved.base)) == ("v3", "v2")
    assert team.git("show", "v3:agent.yaml") == "name: Desk\nprompt: Good day\ndescription: two\n"
    assert grace.agent.draft().changes == ()
    assert [draft.reason for draft in grace.agent.drafts()] == ["sync"]


def test_a_publication_that_syncs_replaces_what_others_published_meanwhile(two: tuple[Team, Member]) -> None:
    team, grace = two
    _edit(grace, "Hello", "Good day")
    moved = grace.agent.publish(actor=grace.actor, at=START, sync=True)
    assert moved.event.subject == "publish sandbox v2 -> v3"
    assert team.git("show", "sandbox:agent.yaml") == "name: Desk\nprompt: Good day\ndescription: two\n"


@pytest.mark.parametrize("verb", ["save", "publish"])
def test_what_conflicts_is_refused_and_both_sides_stay_in_the_draft(two: tuple[Team, Member], verb: str) -> None:
    team, grace = two
    _edit(grace, "one", "three")
    before = team.refs()
    found = refusal(lambda: getattr(grace.agent, verb)(actor=grace.actor, at=START, sync=True))
    assert (found.kind, found.code) == ("RuleBroken", "draft-conflicted")
    text = (grace.path / "agent.yaml").read_text()
    assert "description: three" in text
    assert "description: two" in text
    assert team.refs() == before


def test_there_is_nothing_to_sync_with_where_nothing_is_shared(build: Callable[[], Built]) -> None:
    built = build().edit("two\n")
    assert refusal(lambda: built.agent.save(actor=built.actor, at=START, sync=True)) == Refusal(
        "RuleBroken",
        "not-shared",
        "the agent is not shared, so there is nothing to catch up with",
        "Put it on a remote: gitagent share URL",
    )
    assert str(built.agent.status().last_version) == "v1"


def test_where_nothing_tells_whose_turn_it_is_who_lost_more_often_pauses_less(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(two[1].agent._store.repository)
    assert store.remote is not None
    now, pauses = iter([0.0, 0.5, 0.5, 1.0, 1.0, 61.0, 61.0]), list[float]()
    monkeypatch.setattr(time, "monotonic", lambda: next(now))
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(os, "urandom", lambda count: b"\x80" * count)
    monkeypatch.setattr(Queue, "wait", lambda queue, known: False)
    lost = Turns(store, store.remote)
    for _ in range(3):
        lost.wait()
    half = 0.5
    assert pauses == [half * turns.SPREAD * 0.5, half * turns.SPREAD * 0.5 / 2, half * turns.LONGEST_PAUSE]
    assert store.turn is None


def test_a_race_that_is_always_lost_ends(two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch) -> None:
    store, tried = Store(two[1].agent._store.repository), list[int]()
    monkeypatch.setattr(Turns, "wait", lambda turns: None)

    def lose() -> None:
        tried.append(1)
        raise LedgerMoved("others are faster")

    assert refusal(lambda: store.in_turn(lose)).code == "ledger-moved"
    assert len(tried) == 20


def test_who_was_too_late_a_moment_ago_asks_for_a_turn_right_away(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    team, grace = two
    install(team.remote, server=True)
    asked, ask = list[str](), Remote.ask_for_turn

    def counted(remote: Remote, operation: str, known: str) -> None:
        asked.append(operation)
        ask(remote, operation, known)

    monkeypatch.setattr(Remote, "ask_for_turn", counted)
    crowd = grace.path / ".git/gitagent/crowd"
    crowd.write_text("0.5")
    moved = grace.promote("pre-release").agent.history()
    assert asked == [next(moved).id]
    os.utime(crowd, (0, 0))
    grace.promote("live")
    assert len(asked) == 1


@pytest.mark.parametrize(("seconds", "times"), [(5.0, 2), (15.0, 1)])
def test_a_turn_that_was_not_used_is_given_back_unless_it_has_passed(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch, seconds: float, times: int
) -> None:
    store, asked, now = two[1].agent._store, list[str](), [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(Remote, "gives_turns", lambda remote: True)
    monkeypatch.setattr(Remote, "ask_for_turn", lambda remote, operation, known: asked.append(operation))
    assert store.remote is not None
    with Turns(store, store.remote) as mine:
        mine.wait()
        now[0] = seconds
    assert (len(asked), len(set(asked))) == (times, 1)


def test_where_nothing_tells_whose_turn_it_is_who_was_too_late_a_moment_ago_pauses_first(
    two: tuple[Team, Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    grace, pauses = two[1], list[float]()
    monkeypatch.setattr(os, "urandom", lambda count: b"\x80" * count)
    monkeypatch.setattr(Queue, "wait", lambda queue, known: False)
    monkeypatch.setattr(time, "sleep", pauses.append)
    (grace.path / ".git/gitagent/crowd").write_text("0.25")
    grace.promote("pre-release")
    assert pauses[0] == turns.SPREAD * 0.25 / 2
    (grace.path / ".git/gitagent/crowd").write_text("")
    pauses.clear()
    grace.promote("live")
    assert set(pauses) <= {0.0}
