"""Colleagues: many people, each with a clone of their own, at work through one shared remote at once."""

from __future__ import annotations

import json
import random
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.building import START
from support.crashing import side_by_side

from gitagent import Actor, Agent
from gitagent.agent.store import Store
from gitagent.errors import Conflict, GitagentError, RuleBroken

MOST_ATTEMPTS = 500


def publish_all(path: Path, number: int, operations: int) -> list[int]:
    """Publish edits of files of one's own, as often as it takes; the attempts that each took."""
    agent, actor = Agent.open(path), Actor(path.name, f"{path.name}@example.com")
    attempts = []
    for edit in range(operations):
        (path / f"file-{number}-{edit}.md").write_text(f"{number} {edit}\n")
        for attempt in range(1, MOST_ATTEMPTS):
            try:
                agent.publish(actor=actor, at=START)
            except Conflict:
                agent.sync(actor=actor, at=START)
            else:
                attempts.append(attempt)
                break
    return attempts


def publish_in_turn(path: Path, number: int, operations: int) -> list[tuple[int, float]]:
    """Publish edits of files of one's own, each in one operation; the attempts and the seconds that each took."""
    agent, actor, attempts = Agent.open(path), Actor(path.name, f"{path.name}@example.com"), Attempts()
    told = []
    for edit in range(operations):
        (path / f"file-{number}-{edit}.md").write_text(f"{number} {edit}\n")
        began = time.monotonic()
        agent.publish(actor=actor, at=START, sync=True)
        told.append((attempts.count(), time.monotonic() - began))
    return told


def publish_over_conflicts(path: Path, number: int, operations: int) -> list[tuple[str, str]]:
    """Publish edits of the one line that all edit, once each, deciding for one's own where it was refused.

    What was tried each time, and what the draft held after it was refused; nothing where it was published.
    """
    agent, actor, notes = Agent.open(path), Actor(path.name, f"{path.name}@example.com"), path / "notes.md"
    told = []
    for edit in range(operations):
        text, left = f"{number} {edit}\n", ""
        notes.write_text(text)
        try:
            agent.publish(actor=actor, at=START, sync=True)
        except RuleBroken:
            left = notes.read_text()
            notes.write_text(text)
        told.append((text, left))
    return told


class Attempts:
    """Counts how often an operation of this process is tried."""

    def __init__(self) -> None:
        self._tried, catch_up = 0, Store.catch_up

        def counted(store: Store) -> None:
            self._tried += 1
            catch_up(store)

        Store.catch_up = counted  # type: ignore[assignment, method-assign]  # each attempt begins with it, once

    def count(self) -> int:
        """How often since it was asked last."""
        tried, self._tried = self._tried, 0
        return tried


def move_about(path: Path, number: int, operations: int) -> list[str]:
    """Promote live, and roll it back, at random; what was done, or the code of the refusal."""
    agent, actor, chance = Agent.open(path), Actor(path.name, f"{path.name}@example.com"), random.Random(number)
    told = []
    for _ in range(operations):
        act = partial(agent.promote, version=f"v{chance.randint(2, 4)}") if chance.random() < 0.5 else agent.rollback
        try:
            told.append(act("live", actor=actor, at=START).event.id)
        except GitagentError as error:
            told.append(error.code)
    return told


ACTS = {"publish": publish_all, "in-turn": publish_in_turn, "conflict": publish_over_conflicts, "move": move_about}


def main(what: str, folder: Path, people: int, operations: int) -> Any:
    act = ACTS[what]
    return side_by_side([partial(act, folder / f"clone-{number}", number, operations) for number in range(people)])


if __name__ == "__main__":
    json.dump(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])), sys.stdout)
