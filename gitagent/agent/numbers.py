"""Numbers: which environment a phone number reaches, with which SIP headers, and an environment's rules."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gitagent.agent import operations, selectors
from gitagent.agent.events import Event, Operation
from gitagent.agent.states import AssignedNumber
from gitagent.errors import InvalidName, NumberNotFound, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.agent.operations import Words
    from gitagent.agent.store import Store
    from gitagent.names import PhoneNumber

# RFC 3261, section 25.1: a header's name is a token.
_TOKEN = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
LONGEST_HEADER = 1000


def assign(store: Store, number: PhoneNumber, environment: str, words: Words, sip_headers: Mapping[str, str]) -> Event:
    """Assign a number to an environment, or give one that it has other SIP headers."""
    headers = _checked_headers(sip_headers)
    with store.writing():
        name = selectors.select_environment(store, environment)
        state = store.ledger.state()
        target = state.environment(name)
        holder = _holder(store, number)
        if holder is not None and holder.environment != name:
            raise RuleBroken(
                f"{number} belongs to {holder.environment}",
                hint=f"Release it first: gitagent numbers release {number}",
                code="number-taken",
            )
        assigned = AssignedNumber(number, name, headers)
        if holder == assigned:
            raise RuleBroken(f"{name} has {number} already, with the same SIP headers", code="number-taken")
        others = [each for each in target.numbers if each.number != number]
        changed = target._replace(numbers=tuple(sorted([*others, assigned], key=lambda each: each.number)))
        return operations.change(
            store, Operation.ASSIGN_NUMBER, words, state.with_environment(changed), environment=name, number=number
        )


def release(store: Store, number: PhoneNumber, words: Words) -> Event:
    """Take a number from its environment. Refused for the last one of an environment that has to have one."""
    with store.writing():
        holder = _holder(store, number)
        if holder is None:
            raise NumberNotFound(
                f"{number} is assigned to no environment", hint="List the numbers with: gitagent numbers"
            )
        state = store.ledger.state()
        target = state.environment(holder.environment)
        left = tuple(each for each in target.numbers if each.number != number)
        if target.requires_number and target.version is not None and not left:
            raise RuleBroken(
                f"{number} is the last number of {target.name}, and its rules ask for one",
                hint=f"Assign another first, or: gitagent environments set {target.name} --no-requires-number",
                code="number-required",
            )
        changed = state.with_environment(target._replace(numbers=left))
        return operations.change(
            store, Operation.RELEASE_NUMBER, words, changed, environment=target.name, number=number
        )


def set_rules(store: Store, environment: str, words: Words, *, requires_number: bool) -> Event:
    """Change whether an environment needs a number before a version may go into it."""
    with store.writing():
        name = selectors.select_environment(store, environment)
        state = store.ledger.state()
        target = state.environment(name)
        if target.requires_number == requires_number:
            raise RuleBroken(f"the rules of {name} are so already", code="unchanged")
        changed = state.with_environment(target._replace(requires_number=requires_number))
        detail = f"requires-number {'on' if requires_number else 'off'}"
        return operations.change(store, Operation.RULES, words, changed, environment=name, detail=detail)


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
