"""Assignments: the rules by which an environment is given a phone number, and gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.breaches import refuse, target_of
from gitagent.config.headers import is_core_sip_name, is_header_value, is_sip_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.events import Event
    from gitagent.agent.states import AssignedNumber, EnvironmentState, State
    from gitagent.names import EnvironmentName

LONGEST_HEADER = 1000


def headers_detail(old: Mapping[str, str], new: Mapping[str, str]) -> str | None:
    """What an assignment says of a number's SIP headers, so that one can be told from the next."""
    if not new:
        return "no sip-headers" if old else None
    return "sip-headers " + ", ".join(f"{name}={value}" for name, value in new.items())


def assigned(state: State, event: Event, after: Callable[[EnvironmentName], EnvironmentState]) -> State:
    """The state after a number was assigned, or given other SIP headers, which stand in the environment `after` it."""
    place, held = target_of(state, event), _held(state, event)
    if event.number is None or (held is not None and held.environment != place.name):
        refuse(event, "rule-number-held", f"{event.number} belongs to {held and held.environment}")
    given = next((each for each in after(place.name).numbers if each.number == event.number), None)
    if given is None:
        refuse(event, "rule-number-held", f"{place.name} does not have {event.number} after it")
    if not _are_headers(given.sip_headers):
        refuse(event, "rule-headers", f"{event.number} is given SIP headers that there cannot be")
    if held is not None and held.sip_headers == given.sip_headers:
        refuse(event, "rule-unchanged", f"{place.name} has {event.number} already, with the same SIP headers")
    if event.detail != headers_detail(held.sip_headers if held else {}, given.sip_headers):
        refuse(event, "rule-detail", f"it does not tell the SIP headers that {event.number} is given")
    kept = [each for each in place.numbers if each.number != event.number]
    numbers = tuple(sorted([*kept, given], key=lambda each: each.number))
    return state.with_environment(place._replace(numbers=numbers))


def released(state: State, event: Event) -> State:
    """The state after a number was released."""
    place, held = target_of(state, event), _held(state, event)
    if held is None or held.environment != place.name:
        refuse(event, "rule-number-held", f"{place.name} does not have {event.number}")
    left = tuple(each for each in place.numbers if each.number != event.number)
    if place.requires_number and place.version is not None and not left:
        refuse(event, "rule-phone-number", f"{event.number} is the last one of {place.name}, which has to have one")
    return state.with_environment(place._replace(numbers=left))


def _held(state: State, event: Event) -> AssignedNumber | None:
    numbers = (each for environment in state.environments for each in environment.numbers)
    return next((each for each in numbers if each.number == event.number), None)


def _are_headers(headers: Mapping[str, object]) -> bool:
    """Whether these can be SIP headers. Taken from a file, a value can be anything that JSON has."""
    if len({name.lower() for name in headers}) < len(headers):
        return False
    return all(
        isinstance(value, str)
        and is_sip_name(name)
        and not is_core_sip_name(name)
        and is_header_value(value)
        and value == value.strip()
        and len(value) <= LONGEST_HEADER
        for name, value in headers.items()
    )
