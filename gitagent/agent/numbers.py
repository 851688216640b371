"""Numbers: which environment a phone number reaches, with which SIP headers, and an environment's rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import operations, selectors
from gitagent.agent.events import Operation
from gitagent.agent.states import AssignedNumber
from gitagent.errors import InvalidName, NumberNotFound, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.events import Event
    from gitagent.agent.operations import Words
    from gitagent.agent.states import EnvironmentState
    from gitagent.agent.store import Store
    from gitagent.names import EnvironmentName, PhoneNumber

# RFC 3261, section 25.1: a header's name is a token.
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
LONGEST_HEADER = 1000


class EnvironmentChange(NamedTuple):
    """A change of an environment that leaves what it serves alone: a number assigned or released, or a rule."""

    operation: Operation
    environment: EnvironmentName
    number: PhoneNumber | None
    detail: str | None
    after: EnvironmentState


def assignment(
    store: Store, number: PhoneNumber, environment: str, sip_headers: Mapping[str, str]
) -> EnvironmentChange:
    """Assigning a number to an environment, or giving one that it has other SIP headers."""
    headers = _checked_headers(sip_headers)
    target = store.ledger.state().environment(selectors.select_environment(store, environment))
    holder = _holder(store, number)
    if holder is not None and holder.environment != target.name:
        raise RuleBroken(
            f"{number} belongs to {holder.environment}",
            hint=f"Release it first: gitagent numbers release {number}",
            code="number-taken",
        )
    assigned = AssignedNumber(number, target.name, headers)
    if holder == assigned:
        raise RuleBroken(f"{target.name} has {number} already, with the same SIP headers", code="number-taken")
    others = [each for each in target.numbers if each.number != number]
    after = target._replace(numbers=tuple(sorted([*others, assigned], key=lambda each: each.number)))
    return EnvironmentChange(Operation.ASSIGN_NUMBER, target.name, number, None, after)


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
    return EnvironmentChange(Operation.RELEASE_NUMBER, target.name, number, None, target._replace(numbers=left))


def rules(store: Store, environment: str, *, requires_number: bool) -> EnvironmentChange:
    """Changing whether an environment needs a number before a version may go into it."""
    target = store.ledger.state().environment(selectors.select_environment(store, environment))
    if target.requires_number == requires_number:
        raise RuleBroken(f"the rules of {target.name} are so already", code="unchanged")
    after = target._replace(requires_number=requires_number)
    detail = f"requires-number {'on' if requires_number else 'off'}"
    return EnvironmentChange(Operation.RULES, target.name, None, detail, after)


def carry_out(store: Store, words: Words, plan: Callable[[], EnvironmentChange]) -> Event:
    """Make the change that `plan` finds to be right under the lock."""
    with store.writing():
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


def _holder(store: Store, number: PhoneNumber) -> AssignedNumber | None:
    return next(
        (each for one in store.ledger.state().environments for each in one.numbers if each.number == number), None
    )


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if _TOKEN.fullmatch(name) is None:
            raise InvalidName(
                f"'{name}' is not a SIP header's name",
                hint="Use letters, digits and - . ! % * _ + ` ' ~ only, such as X-Environment.",
                code="invalid-sip-header",
            )
        if _CONTROL.search(value) or len(value) > LONGEST_HEADER:
            raise InvalidName(
                f"the value of SIP header {name} has a line break or is too long",
                hint=f"A value is one line of at most {LONGEST_HEADER} characters.",
                code="invalid-sip-header",
            )
    return {name: value.strip() for name, value in headers.items()}
