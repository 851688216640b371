"""Grants: giving roles to people, and taking them back."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import operations, selectors
from gitagent.agent.access import (
    EVERYBODY,
    Access,
    Role,
    RoleChange,
    Verb,
    changed,
    is_who,
    person,
)
from gitagent.agent.events import Operation
from gitagent.errors import InvalidName, RuleBroken
from gitagent.names import Actor

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.agent.store import Store
    from gitagent.agent.words import Words


class Grant(NamedTuple):
    """A role to be given or taken, and who holds which role before that and after."""

    change: RoleChange
    before: Access | None
    after: Access


class Granted(NamedTuple):
    """A role that was given or taken, and the event that records it."""

    grant: Grant
    event: Event


def grant(store: Store, change: RoleChange, actor: Actor | None) -> Grant:
    """What a change of roles would lead to; refused where it cannot be made, or `actor` cannot make it."""
    before = store.ledger.state().access
    if actor is not None:
        operations.permit(store, actor, change.operation)
        if before is None and change.role.verb is not Verb.ADMIN:
            raise RuleBroken(
                "nobody has a role yet, and the first one to give out is an admin's",
                hint=f"Make yourself the admin: gitagent access grant admin {person(actor)}",
                code="admin-first",
            )
    return Grant(change, before, changed(before, change))


def carry_out(store: Store, change: RoleChange, words: Words) -> Granted:
    """Change who may do what."""

    def act() -> Granted:
        planned, environment = grant(store, change, words.actor), change.role.environment
        state = store.ledger.state()._replace(access=planned.after)
        event = operations.change(store, change.operation, words, state, environment=environment, detail=change.detail)
        return Granted(planned, event)

    return store.in_turn(act)


def read_change(store: Store, operation: Operation, role: str, who: str | None, environment: str | None) -> RoleChange:
    """The change that somebody asks for in words; refused where they name no role, nobody, or no environment."""
    name = None if environment is None else selectors.select_environment(store, environment)
    return RoleChange(operation, Role(_verb(role), name), None if who is None else _who(who))


def _verb(text: str) -> Verb:
    if text in set(Verb):
        return Verb(text)
    from difflib import get_close_matches

    close = get_close_matches(text.lower(), list(Verb), n=1, cutoff=0.6)
    hint = f"Did you mean {close[0]}?" if close else f"The roles are {', '.join(Verb)}."
    raise InvalidName(f"there is no role '{text}'", hint=hint, code="invalid-role")


def _who(text: str) -> str:
    """Whom somebody means: by their e-mail, alone or after their name, or everybody."""
    if text.lower() in {EVERYBODY, "everybody"}:
        return EVERYBODY
    try:
        who = person(Actor.parse(text))
    except InvalidName:
        who = text.casefold()
    if not is_who(who):
        raise InvalidName(
            f"'{text}' is nobody's e-mail",
            hint="Write it as git knows it, such as ada@example.com; or: everybody",
            code="invalid-person",
        )
    return who
