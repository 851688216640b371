"""Access: who holds which role, and which role an operation asks for."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.agent.events import Operation
from gitagent.errors import InvalidName, RuleBroken
from gitagent.names import Actor, EnvironmentName

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FORMAT = 1
EVERYBODY = "*"


class Verb(StrEnum):
    """What a role lets its holders do. An admin may do everything, and alone says who else may."""

    ADMIN = "admin"
    SAVE = "save"
    PUBLISH = "publish"
    PROMOTE = "promote"
    ROLLBACK = "rollback"
    APPROVE = "approve"
    NUMBERS = "numbers"
    RULES = "rules"
    TEST = "test"
    FORCE = "force"


OF_ENVIRONMENTS = frozenset({Verb.PROMOTE, Verb.ROLLBACK, Verb.APPROVE, Verb.NUMBERS, Verb.RULES, Verb.FORCE})
"""The roles that can be given for one environment alone; that one then no longer follows the general role."""
LATER: Mapping[Verb, tuple[str, ...]] = {Verb.TEST: (EVERYBODY,), Verb.FORCE: ()}
"""Roles that came later, with who has them until they are given or taken: the ledger keeps them from then on only, so
that older ledgers are still as they should be."""
_NEEDED: Mapping[Operation, Verb] = {
    Operation.SAVE: Verb.SAVE,
    Operation.PUBLISH: Verb.PUBLISH,
    Operation.PROMOTE: Verb.PROMOTE,
    Operation.ROLLBACK: Verb.ROLLBACK,
    Operation.APPROVE: Verb.APPROVE,
    Operation.ASSIGN_NUMBER: Verb.NUMBERS,
    Operation.RELEASE_NUMBER: Verb.NUMBERS,
    Operation.RULES: Verb.RULES,
    Operation.GRANT: Verb.ADMIN,
    Operation.REVOKE: Verb.ADMIN,
    Operation.TEST: Verb.TEST,
}


class Role(NamedTuple):
    """A role, everywhere or for one environment. Its text is `promote` or `promote live`."""

    verb: Verb
    environment: EnvironmentName | None = None

    def __str__(self) -> str:
        return str(self.verb) if self.environment is None else f"{self.verb} {self.environment}"


class Access(NamedTuple):
    """Who holds which role: e-mails in lower case, sorted, or `*` for everybody."""

    holders: Mapping[Role, tuple[str, ...]]

    @property
    def admins(self) -> tuple[str, ...]:
        return self.holders[Role(Verb.ADMIN)]

    def listed(self) -> Iterator[tuple[Role, tuple[str, ...]]]:
        """Each role with its holders, in the order of the verbs, those for one environment after the general one."""
        for role in sorted(self.holders, key=lambda each: (list(Verb).index(each.verb), str(each.environment or ""))):
            yield role, self.holders[role]

    def of(self, role: Role) -> tuple[str, ...]:
        """Who holds a role: for an environment that nobody was named for, those who hold it everywhere."""
        found = self.holders.get(role)
        return self.holders[Role(role.verb)] if found is None else found

    def who_could(self, role: Role) -> str:
        """Where to turn without a role."""
        return f"Who could do it: {', '.join(sorted({*self.of(role), *self.admins}))}. See: gitagent access"

    def allows(self, actor: Actor, role: Role) -> bool:
        """Whether somebody may do what the role is for."""
        return not {EVERYBODY, person(actor)}.isdisjoint((*self.of(role), *self.admins))


class RoleChange(NamedTuple):
    """A role given to somebody, or taken from them. Without `who`, an environment's own list is to be gone."""

    operation: Operation
    role: Role
    who: str | None

    @property
    def detail(self) -> str:
        """What the event says besides the environment."""
        return str(self.role.verb) if self.who is None else f"{self.role.verb} {self.who}"

    @classmethod
    def told(cls, operation: Operation, detail: str, environment: EnvironmentName | None) -> RoleChange | None:
        """The change that an event tells; None where it tells none."""
        verb, space, who = detail.partition(" ")
        if verb not in set(Verb) or (space and not is_who(who)):
            return None
        return cls(operation, Role(Verb(verb), environment), who if space else None)


def person(actor: Actor) -> str:
    """Who somebody is to the rules: their e-mail, upper and lower case being the same."""
    return actor.email.casefold()


def is_who(text: str) -> bool:
    """Whether a role can be given to this: everybody, or an e-mail in lower case."""
    if text == EVERYBODY:
        return True
    try:
        Actor("somebody", text)
    except InvalidName:
        return False
    return "@" in text[1:-1] and text == text.casefold()


def role_for(operation: Operation, environment: EnvironmentName | None) -> Role | None:
    """The role that an operation asks for; None for the beginning of an agent."""
    verb = _NEEDED.get(operation)
    return None if verb is None else Role(verb, environment if verb in OF_ENVIRONMENTS else None)


def refuse_without_role(
    access: Access, actor: Actor, operation: Operation, environment: EnvironmentName | None = None
) -> None:
    """Refuse an operation to somebody who has not the role that it asks for, saying who has."""
    role = role_for(operation, environment)
    if role is not None:
        refuse_without(access, actor, role)


def refuse_without(access: Access, actor: Actor, role: Role) -> None:
    """Refuse what a role is for to somebody who has it not, saying who has."""
    if access.allows(actor, role):
        return
    raise RuleBroken(f"{actor} does not have the role '{role}'", hint=access.who_could(role), code="role-missing")


def changed(access: Access | None, change: RoleChange) -> Access:
    """What a change of roles leads to. RuleBroken when it cannot be made."""
    verb, environment = change.role
    if environment is not None and verb not in OF_ENVIRONMENTS:
        raise RuleBroken(
            f"the role '{verb}' is not given for one environment",
            hint="Leave the environment out.",
            code="invalid-role",
        )
    if verb is Verb.ADMIN and change.who == EVERYBODY:
        raise RuleBroken("not everybody can be an admin", hint="Name a person's e-mail.", code="invalid-role")
    if change.who is None and (environment is None or change.operation is Operation.GRANT):
        raise RuleBroken(
            f"it does not say whose the role '{change.role}' is", hint="Name a person's e-mail.", code="invalid-role"
        )
    if access is None:
        return _begun(change)
    return _granted(access, change) if change.operation is Operation.GRANT else _revoked(access, change)


def _begun(change: RoleChange) -> Access:
    """Roles as they are from the first one on: who is to give out the others has to be known."""
    if change.operation is not Operation.GRANT or change.role.verb is not Verb.ADMIN or change.who is None:
        raise RuleBroken(
            "there are no roles yet, and the first one has to be an admin's",
            hint="Make yourself one: gitagent access grant admin YOUR@E-MAIL",
            code="admin-first",
        )
    holders = {Role(verb): LATER.get(verb, (EVERYBODY,)) for verb in Verb}
    return Access({**holders, Role(Verb.ADMIN): (change.who,)})


def _granted(access: Access, change: RoleChange) -> Access:
    held = access.holders.get(change.role, ())
    if change.who is None or change.who in held:
        raise RuleBroken(
            f"{change.who} has the role '{change.role}' already", hint="See: gitagent access", code="unchanged"
        )
    return Access({**access.holders, change.role: tuple(sorted([*held, change.who]))})


def _revoked(access: Access, change: RoleChange) -> Access:
    held = access.holders.get(change.role)
    if change.who is None:
        if held is None:
            raise RuleBroken(
                f"{change.role.environment} has no '{change.role.verb}' of its own",
                hint="See: gitagent access",
                code="unchanged",
            )
        return Access({role: who for role, who in access.holders.items() if role != change.role})
    if held is None or change.who not in held:
        raise RuleBroken(
            f"{change.who} was not given the role '{change.role}'", hint="See: gitagent access", code="unchanged"
        )
    left = tuple(each for each in held if each != change.who)
    if not left and change.role.verb is Verb.ADMIN:
        raise RuleBroken(
            f"{change.who} is the only admin, and somebody has to be",
            hint="Give the role to somebody else first: gitagent access grant admin E-MAIL",
            code="last-admin",
        )
    return Access({**access.holders, change.role: left})


def access_values(access: Access) -> dict[str, Any]:
    """What stands in the ledger's file."""
    roles = {str(role): list(who) for role, who in access.listed() if not _is_untouched(role, who)}
    return {"format": FORMAT, "roles": roles}


def _is_untouched(role: Role, who: tuple[str, ...]) -> bool:
    return role.environment is None and LATER.get(role.verb) == who


def parse_access(values: Mapping[str, Any]) -> Access:
    """What the ledger's file says. ValueError, KeyError or TypeError when it is not what gitagent writes."""
    if values["format"] != FORMAT:
        raise ValueError(f"its format is {values['format']!r}; this gitagent reads {FORMAT}")
    holders: dict[Role, tuple[str, ...]] = {}
    for text, who in values["roles"].items():
        verb, space, name = text.partition(" ")
        role = Role(Verb(verb), EnvironmentName.parse(name) if space else None)
        if not isinstance(who, list) or not all(is_who(each) for each in who):
            raise ValueError(f"{who!r} is nobody who could have the role {role}")
        holders[role] = tuple(who)
        if _is_untouched(role, holders[role]):
            raise ValueError(f"the role {role} is told although nobody changed it")
    holders = {**{Role(verb): who for verb, who in LATER.items()}, **holders}
    if missing := [verb for verb in Verb if Role(verb) not in holders]:
        raise ValueError(f"the role {missing[0]} is missing")
    if not holders[Role(Verb.ADMIN)]:
        raise ValueError("nobody is an admin")
    return Access(holders)
