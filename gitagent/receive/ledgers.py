"""Ledgers: the events that a push adds to the ledger, each checked in full, and what is true after the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.events import parse_event
from gitagent.agent.ledger import LEDGER
from gitagent.agent.replay import replayed, snapshot
from gitagent.errors import LedgerInvalid, ObjectMissing, RuleBroken
from gitagent.git.exact import Trees

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.agent.events import Event
    from gitagent.agent.replay import Replayed
    from gitagent.agent.rules import Snapshot
    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository
    from gitagent.receive.pushes import Push, RefUpdate


class Grown(NamedTuple):
    """The ledger before a push, and after it, with the events that came: oldest first. None where there is none."""

    before: Snapshot | None
    after: Snapshot | None
    events: tuple[Event, ...]


def grown(push: Push) -> Grown:
    """What a push does to the ledger. Costs the same however long the ledger is; all of it is read when it is new."""
    repository, old, new = push.repository, push.before(LEDGER), push.after(LEDGER)
    before = None if old is None else snapshot(repository, old)
    if new is None and old is not None:
        raise RuleBroken(
            "the ledger cannot be deleted", code="rule-ledger-deleted", hint="Leave gitagent/ledger as it is."
        )
    if new is None or new == old:
        return Grown(before, before, ())
    trees, after = Trees(repository), before
    events: list[Event] = []
    for commit in reversed(_new_commits(repository, old, new)):
        found = _replayed(trees, commit, after)
        after = found.after
        events.append(found.event)
    return Grown(before, after, tuple(events))


def newest_operation(repository: Repository, updates: Iterable[RefUpdate]) -> str | None:
    """The id of the last operation that a push adds to the ledger; None where it adds none, or no event."""
    new = next((each.new for each in updates if each.ref == LEDGER), None)
    if new is None:
        return None
    try:
        return parse_event(repository.commit(new)).id
    except (LedgerInvalid, ObjectMissing):  # it is refused for that
        return None


def _replayed(trees: Trees, commit: Commit, before: Snapshot | None) -> Replayed:
    try:
        return replayed(trees, commit, before)
    except LedgerInvalid as error:
        if error.code.startswith("rule-"):
            raise
        raise LedgerInvalid(error.message, hint=error.hint, code="rule-event") from error


def _new_commits(repository: Repository, old: str | None, new: str) -> list[Commit]:
    """The commits that follow `old` up to `new`, newest first; each has to have the one before as its only parent."""
    commits: list[Commit] = []
    for commit in repository.first_parents(new):
        if commit.id == old:
            return commits
        if len(commit.parents) > 1:
            raise LedgerInvalid(
                f"ledger commit {commit.id} has {len(commit.parents)} parents: the ledger is one line",
                code="rule-line",
                hint="Undo the merge of gitagent/ledger, then: gitagent sync",
            )
        commits.append(commit)
    if old is None:
        return commits
    raise RuleBroken(
        "the ledger here has events that this push does not follow",
        code="rule-ledger-forward",
        hint="Catch up first: gitagent sync",
    )
