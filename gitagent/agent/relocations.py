"""Relocations: a phone number moved from one environment to another, in one step.

The ledger has two events of it, a release and an assignment, so that each is held to the rules of its environment. It
goes from before the first to after the second at once: at no time does nobody answer the number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import numbers, operations, selectors
from gitagent.agent.assignments import headers_detail
from gitagent.agent.events import Event, Operation
from gitagent.agent.numbers import EnvironmentChange
from gitagent.agent.signatures import refuse_unsigned
from gitagent.agent.states import AssignedNumber
from gitagent.errors import RuleBroken
from gitagent.names import new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.store import Store
    from gitagent.agent.words import Words
    from gitagent.names import PhoneNumber


class NumberMove(NamedTuple):
    """A number that goes from one environment to another: what is released, and what is assigned."""

    released: EnvironmentChange
    assigned: EnvironmentChange


def relocation(store: Store, number: PhoneNumber, environment: str, headers: Mapping[str, str] | None) -> NumberMove:
    """Taking a number from its environment and assigning it to another; None keeps the SIP headers that it has."""
    target = store.ledger.state().environment(selectors.select_environment(store, environment))
    released = numbers.release(store, number)
    if released.environment == target.name:
        raise RuleBroken(
            f"{target.name} has {number} already",
            hint=f"To change its SIP headers: gitagent numbers assign {number} --environment {target.name}",
            code="number-taken",
        )
    old = released.old_headers or {}
    assigned = AssignedNumber(number, target.name, old if headers is None else numbers.checked_headers(headers))
    after = target._replace(numbers=tuple(sorted([*target.numbers, assigned], key=lambda each: each.number)))
    detail = headers_detail({}, assigned.sip_headers)
    return NumberMove(released, EnvironmentChange(Operation.ASSIGN_NUMBER, target.name, number, detail, after, old))


def carry_out(store: Store, words: Words, plan: Callable[[], NumberMove]) -> Event:
    """Make the move that `plan` finds to be right under the lock; the second of both events."""

    def act() -> Event:
        released, assigned = plan()
        for change in (released, assigned):
            operations.permit(store, words.actor, change.operation, change.environment)
            refuse_unsigned(store, change.environment, signed=words.signer is not None)
        between = store.ledger.state().with_environment(released.after)
        seq = store.ledger.last_event().seq
        first = _event(seq + 1, new_ulid(), words, released)
        last = _event(seq + 2, store.turn or new_ulid(), words, assigned)
        state = between.with_environment(assigned.after)
        return store.commit(last, state, {}, signer=words.signer, preceded_by=(first, between))

    return store.in_turn(act)


def _event(seq: int, id_: str, words: Words, change: EnvironmentChange) -> Event:
    return Event(
        seq,
        id_,
        change.operation,
        words.actor,
        words.at,
        environment=change.environment,
        number=change.number,
        detail=change.detail,
        message=words.message,
    )
