"""Numbers: which environment a phone number reaches, with which SIP headers, and an environment's rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import operations, selectors
from gitagent.agent.assignments import LONGEST_HEADER, headers_detail
from gitagent.agent.events import Operation
from gitagent.agent.settings import MOST_APPROVALS, Settings
from gitagent.agent.states import AssignedNumber
from gitagent.config.headers import is_core_sip_name, is_header_value, is_sip_name
from gitagent.errors import InvalidName, NumberNotFound, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.events import Event
    from gitagent.agent.states import EnvironmentState
    from gitagent.agent.store import Store
    from gitagent.agent.words import Words
    from gitagent.names import EnvironmentName, PhoneNumber


class EnvironmentChange(NamedTuple):
    """A change of an environment that leaves what it serves alone: a number assigned or released, or a rule.

    `old_headers` are the SIP headers that a number had; None where it was assigned to no environment.
    """

    operation: Operation
    environment: EnvironmentName
    number: PhoneNumber | None
    detail: str | None
    after: EnvironmentState
    old_headers: Mapping[str, str] | None = None

    @property
    def new_headers(self) -> Mapping[str, str]:
        """The SIP headers that the number will have; none where it is released."""
        return next((each.sip_headers for each in self.after.numbers if each.number == self.number), {})


def assignment(
    store: Store, number: PhoneNumber, environment: str, sip_headers: Mapping[str, str] | None
) -> EnvironmentChange:
    """Assigning a number to an environment, or giving one that it has other SIP headers; None keeps those it has."""
    given = None if sip_headers is None else checked_headers(sip_headers)
    target = store.ledger.state().environment(selectors.select_environment(store, environment))
    holder = _holder(store, number)
    if holder is not None and holder.environment != target.name:
        raise RuleBroken(
            f"{number} belongs to {holder.environment}",
            hint=f"Move it: gitagent numbers move {number} --environment {target.name}",
            code="number-taken",
        )
    old = None if holder is None else holder.sip_headers
    headers = old or {} if given is None else given
    assigned = AssignedNumber(number, target.name, headers)
    if holder == assigned:
        raise RuleBroken(f"{target.name} has {number} already, with the same SIP headers", code="number-taken")
    others = [each for each in target.numbers if each.number != number]
    after = target._replace(numbers=tuple(sorted([*others, assigned], key=lambda each: each.number)))
    detail = headers_detail(old or {}, headers)
    return EnvironmentChange(Operation.ASSIGN_NUMBER, target.name, number, detail, after, old)


def release(store: Store, number: PhoneNumber) -> EnvironmentChange:
    """Taking a number from its environment. Refused for the last one of an environment that has to have one."""
    holder = _holder(store, number)
    if holder is None:
        raise NumberNotFound(f"{number} is assigned to no environment", hint="List the numbers with: gitagent numbers")
    target = store.ledger.state().environment(holder.environment)
    left = tuple(each for each in target.numbers if each.number != number)
    if target.requires_number and target.version is not None and not left:
        raise RuleBroken(
            f"{number} is the last number of {target.name}, and its rules ask for one",
            hint=f"Assign another first, or: gitagent environments set {target.name} --no-requires-number",
            code="number-required",
        )
    after = target._replace(numbers=left)
    return EnvironmentChange(Operation.RELEASE_NUMBER, target.name, number, None, after, holder.sip_headers)


def rules(store: Store, environment: str, asked: Settings) -> EnvironmentChange:
    """Changing what an environment asks for before a version may go into it."""
    target = store.ledger.state().environment(selectors.select_environment(store, environment))
    changed = asked.unlike(target)
    if changed == Settings():
        raise RuleBroken(f"{target.name} {_as_it_is(asked)}", hint="See: gitagent environments", code="unchanged")
    # Taken as the event tells it: 1 and True are the same here, but not in the ledger, which could not be read then.
    if (told := Settings.parse(changed.detail)) is None:
        raise _cannot_ask(target.name, changed)
    return EnvironmentChange(Operation.RULES, target.name, None, told.detail, told.set_in(target))


def carry_out(store: Store, words: Words, plan: Callable[[], EnvironmentChange]) -> Event:
    """Make the change that `plan` finds to be right under the lock."""

    def act() -> Event:
        change = plan()
        return operations.change(
            store,
            change.operation,
            words,
            store.ledger.state().with_environment(change.after),
            environment=change.environment,
            number=change.number,
            detail=change.detail,
        )

    return store.in_turn(act)


def _holder(store: Store, number: PhoneNumber) -> AssignedNumber | None:
    return next(
        (each for one in store.ledger.state().environments for each in one.numbers if each.number == number), None
    )


def _cannot_ask(name: EnvironmentName, asked: Settings) -> RuleBroken:
    if asked.tests is not None and not 0 <= asked.tests <= 100:
        return RuleBroken(
            f"{name} cannot ask for {asked.tests} % of the cases to pass",
            hint="Ask for 0 to 100.",
            code="invalid-tests",
        )
    return RuleBroken(
        f"{name} cannot ask for {asked.approvals} approvals",
        hint=f"Ask for 0 to {MOST_APPROVALS}.",
        code="invalid-approvals",
    )


def _as_it_is(asked: Settings) -> str:
    """What has no need to be asked for: `requires a phone number already`."""
    match asked:
        case Settings(bool(on), None, None, None, None):
            return f"requires {'a' if on else 'no'} phone number already"
        case Settings(None, int(count), None, None, None):
            return f"asks for {count or 'no'} approval{'' if count == 1 else 's'} already"
        case Settings(None, None, bool(on), None, None):
            return f"requires {'' if on else 'no '}signatures already"
        case Settings(None, None, None, int(rate), None):
            return f"asks for {'tests' if rate == 100 else f'{rate} % of the tests' if rate else 'no tests'} already"
        case Settings(None, None, None, None, bool(on)):
            return f"takes {'nothing' if on else 'what is'} worse than it serves already"
    return "has these rules already"


def checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """SIP headers that a number may have, trimmed. InvalidName for any other."""
    seen: set[str] = set()
    for name, value in headers.items():
        if not is_sip_name(name):
            raise InvalidName(
                f"'{name}' is not a SIP header's name",
                hint="Use letters, digits and - . ! % * _ + ` ' ~ only, such as X-Environment.",
                code="invalid-sip-header",
            )
        if is_core_sip_name(name):
            raise InvalidName(
                f"the SIP header {name} belongs to the call itself",
                hint=f"Use a name of your own, such as X-{name}.",
                code="invalid-sip-header",
            )
        if name.lower() in seen:
            raise InvalidName(
                f"the SIP header {name} stands twice: upper and lower case are the same",
                hint="Give each header once.",
                code="invalid-sip-header",
            )
        seen.add(name.lower())
        if not is_header_value(value) or len(value) > LONGEST_HEADER:
            raise InvalidName(
                f"the value of SIP header {name} has a line break or is too long",
                hint=f"A value is one line of at most {LONGEST_HEADER} characters.",
                code="invalid-sip-header",
            )
    return {name: value.strip() for name, value in headers.items()}
