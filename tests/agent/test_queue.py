"""The queue of a shared remote that gives no turns: one ref for each that waits, and none is left there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from support.refusing import refusal
from support.sharing import Team

from gitagent.agent import queue
from gitagent.agent.queue import WAITING, Queue
from gitagent.agent.store import Store
from gitagent.errors import LedgerMoved
from gitagent.git.remote import Remote
from gitagent.names import new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EARLIER, EARLIEST = "01J00000000000000000000002", "01J00000000000000000000001"


@pytest.fixture
def team(tmp_path: Path) -> Team:
    return Team(tmp_path)


@pytest.fixture
def remote(team: Team) -> Remote:
    """The shared remote, as Ada's clone reaches it."""
    remote = team.ada.agent._store.remote
    assert remote is not None
    return remote


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that were made, none of them really; each lets 15 seconds go by."""
    pauses = list[float]()
    monkeypatch.setattr(time, "sleep", pauses.append)
    monkeypatch.setattr(time, "monotonic", lambda: 15.0 * len(pauses))
    return pauses


def _waiting(team: Team) -> list[str]:
    return [ref.removeprefix(WAITING) for ref in team.refs() if ref.startswith(WAITING)]


def _put(team: Team, place: str) -> None:
    team.git("update-ref", WAITING + place, "refs/heads/main")


def _losing_once(store: Store, between: Callable[[], object]) -> Callable[[], str]:
    """An operation that is too late at first."""
    tried = list[int]()

    def act() -> str:
        tried.append(1)
        if len(tried) == 1:
            raise LedgerMoved("somebody was faster")
        between()
        return "done"

    return act


def test_who_was_too_late_stands_in_the_queue_for_as_long_as_it_takes(team: Team) -> None:
    store, seen = team.ada.agent._store, list[list[str]]()
    assert store.in_turn(_losing_once(store, lambda: seen.append(_waiting(team)))) == "done"
    assert [len(each) for each in seen] == [1]
    assert _waiting(team) == []


def test_who_is_refused_in_the_end_leaves_the_queue(team: Team) -> None:
    store = team.ada.agent._store

    def refuse() -> None:
        team.ada.agent.version("v9")

    assert refusal(lambda: store.in_turn(_losing_once(store, refuse))).code == "version-not-found"
    assert _waiting(team) == []


def test_who_is_interrupted_while_waiting_leaves_the_queue(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    _put(team, EARLIEST)
    store = team.ada.agent._store
    (store.folder / "crowd").write_text("0.5")

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.in_turn(lambda: None)
    assert _waiting(team) == [EARLIEST]


def test_who_is_interrupted_while_the_place_comes_there_leaves_the_queue(
    team: Team, remote: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    push, mine, ledger = Remote.push, Queue(remote), team.git("rev-parse", "gitagent/ledger").strip()

    def interrupted(*given: Any, **named: Any) -> None:
        push(*given, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(Remote, "push", interrupted)
    with pytest.raises(KeyboardInterrupt):
        mine.wait(ledger)
    monkeypatch.setattr(Remote, "push", push)
    assert len(_waiting(team)) == 1
    mine.leave()
    assert _waiting(team) == []


def test_those_who_came_before_go_first(
    team: Team, remote: Remote, paused: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (EARLIER, EARLIEST):
        _put(team, place)
    left = iter([EARLIEST, EARLIER])

    def pause(seconds: float) -> None:
        paused.append(seconds)
        team.git("update-ref", "-d", WAITING + next(left))

    monkeypatch.setattr(time, "sleep", pause)
    mine = Queue(remote)
    assert mine.wait(team.git("rev-parse", "main").strip())
    assert len(_waiting(team)) == 1
    halves = [seconds / queue.PAUSE for seconds in paused]
    assert [round(halves[0]) in {1, 2, 3}, halves[1] < 1.5] == [True, True]
    assert len(paused) == 2
    mine.leave()
    assert _waiting(team) == []


def test_who_comes_later_and_what_is_no_place_is_not_waited_for(
    team: Team, remote: Remote, paused: list[float]
) -> None:
    for place in ("7ZZZZZZZZZZZZZZZZZZZZZZZZZ", "00-first", "nested/place"):
        _put(team, place)
    mine = Queue(remote)
    assert mine.wait(team.git("rev-parse", "main").strip())
    assert paused == []


def test_who_stands_there_and_does_nothing_is_taken_to_have_died(
    team: Team, remote: Remote, paused: list[float]
) -> None:
    _put(team, EARLIEST)
    mine = Queue(remote)
    assert mine.wait(team.git("rev-parse", "main").strip())
    assert len(paused) == 3
    assert EARLIEST not in _waiting(team)


def test_who_stands_there_while_the_ledger_moves_is_waited_for(
    team: Team, remote: Remote, paused: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    _put(team, EARLIEST)

    def pause(seconds: float) -> None:
        paused.append(seconds)
        tree = team.git("rev-parse", "gitagent/ledger^{tree}").strip()
        commit = team.git("commit-tree", "-m", str(len(paused)), tree).strip()
        team.git("update-ref", "refs/heads/gitagent/ledger", commit)
        if len(paused) == 5:
            team.git("update-ref", "-d", WAITING + EARLIEST)

    monkeypatch.setattr(time, "sleep", pause)
    assert Queue(remote).wait(team.git("rev-parse", "main").strip())
    assert len(paused) == 5


def test_a_place_that_others_took_away_is_no_reason_to_fail(team: Team) -> None:
    store = team.ada.agent._store

    def take_away() -> None:
        for place in _waiting(team):
            team.git("update-ref", "-d", WAITING + place)

    assert store.in_turn(_losing_once(store, take_away)) == "done"


def test_a_remote_that_takes_no_such_refs_is_tried_again_after_a_pause(team: Team, paused: list[float]) -> None:
    hook = team.remote / "hooks/update"
    hook.write_text(f"#!/bin/sh\ncase $1 in {WAITING}*) exit 1 ;; esac\n")
    hook.chmod(0o755)
    store = team.ada.agent._store
    assert store.in_turn(_losing_once(store, lambda: None)) == "done"
    assert len(paused) >= 1
    assert _waiting(team) == []


def test_a_place_is_named_so_that_those_who_came_first_are_the_first() -> None:
    assert EARLIEST < EARLIER < new_ulid()
