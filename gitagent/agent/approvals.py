"""Approvals: who has approved a version for an environment, and whether that is as many as it asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import operations
from gitagent.agent.access import person
from gitagent.agent.events import Operation
from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.agent.states import VersionRecord
    from gitagent.agent.store import Store
    from gitagent.agent.words import Words
    from gitagent.names import Actor, EnvironmentName, VersionNumber


class Approval(NamedTuple):
    """How far a version is approved for an environment: by whom, by their e-mails, and how many have to."""

    version: VersionNumber
    environment: EnvironmentName
    by: tuple[str, ...]
    required: int

    @property
    def missing(self) -> int:
        """How many more have to approve it."""
        return max(0, self.required - len(self.by))


class Approved(NamedTuple):
    """An approval that was given, how far the version is approved with it, and the event that records it."""

    approval: Approval
    event: Event


def approvals(store: Store, number: VersionNumber) -> tuple[Approval, ...]:
    """How far a version is approved, for each environment that asks for approvals, or that it was approved for."""
    record = store.ledger.record(number)
    found = (
        Approval(number, each.name, record.approved(each.name), each.approvals)
        for each in store.ledger.state().environments
    )
    return tuple(each for each in found if each.by or each.required)


def plan(store: Store, number: VersionNumber, name: EnvironmentName, actor: Actor) -> Approval:
    """How far a version will be approved for an environment with this one more; refused where it cannot be given."""
    record = _approved(store, number, name, actor)
    return Approval(number, name, record.approved(name), store.ledger.state().environment(name).approvals)


def approve(store: Store, number: VersionNumber, name: EnvironmentName, words: Words) -> Approved:
    """Approve a version for an environment. Nothing moves."""

    def act() -> Approved:
        approval = plan(store, number, name, words.actor)
        record = _approved(store, number, name, words.actor)
        state = store.ledger.state()
        event = operations.change(
            store, Operation.APPROVE, words, state, environment=name, version=number, record=record
        )
        return Approved(approval, event)

    return store.in_turn(act)


def _approved(store: Store, number: VersionNumber, name: EnvironmentName, actor: Actor) -> VersionRecord:
    """What is kept of a version once somebody has approved it."""
    operations.permit(store, actor, Operation.APPROVE, name)
    record, who = store.ledger.record(number), person(actor)
    if store.repository.commit(record.commit).email.casefold() == who:
        raise RuleBroken(
            f"{number} is your own, and others have to approve it",
            hint=f"Ask somebody else to type: gitagent approve {number} --for {name}",
            code="own-version",
        )
    if who in record.approved(name):
        raise RuleBroken(
            f"you have approved {number} for {name} already", hint=f"See: gitagent show {number}", code="unchanged"
        )
    return record.with_approval(name, who)
