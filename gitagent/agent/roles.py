"""Roles: the rules by which they are given and taken, and by which an event needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.access import Role, RoleChange, Verb, changed, role_for
from gitagent.agent.breaches import refuse, target_of
from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.agent.states import State


def check_role(state: State, event: Event) -> None:
    """Refuse an event of somebody without the role for it, or, where it is forced, without the role for that."""
    if (access := state.access) is None:
        return
    needed = [role_for(event.operation, event.environment)]
    needed += [Role(Verb.FORCE, event.environment)] if event.forced is not None else []
    for role in needed:
        if role is not None and not access.allows(event.actor, role):
            why, hint = f"{event.actor} does not have the role '{role}'", access.who_could(role)
            refuse(event, "rule-role", why, hint=hint)


def given(state: State, event: Event) -> State:
    """The state after a role was given to somebody, or taken."""
    if event.environment is not None:
        target_of(state, event)
    change = RoleChange.told(event.operation, event.detail or "", event.environment)
    if change is None:
        refuse(event, "rule-detail", f"'{event.detail}' is no role of somebody's")
    try:
        return state._replace(access=changed(state.access, change))
    except RuleBroken as error:
        refuse(event, f"rule-{error.code}", error.message, error, hint=error.hint)
