"""Breaches: how an event that breaks a rule is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from gitagent.errors import LedgerInvalid

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.agent.rules import Snapshot
    from gitagent.agent.states import EnvironmentState, State, VersionRecord
    from gitagent.names import VersionNumber


def refuse(event: Event, code: str, why: str, cause: Exception | None = None, *, hint: str | None = None) -> NoReturn:
    """Refuse an event by the code of the rule that it breaks. Without a hint, it leads to the event."""
    where = f"git show {event.commit[:12]}" if event.commit else "git log gitagent/ledger"
    message = f"event {event.seq}, {event.subject}: {why}"
    raise LedgerInvalid(message, code=code, hint=hint or f"See: {where}") from cause


def target_of(state: State, event: Event) -> EnvironmentState:
    """The environment that an event names; refused when the pipeline has none of that name."""
    found = next((each for each in state.environments if each.name == event.environment), None)
    if found is None:
        refuse(event, "rule-environment", f"{event.environment} is not in the pipeline")
    return found


def known_version(before: Snapshot, event: Event) -> tuple[VersionNumber, VersionRecord]:
    """The version, made before, that an event is about."""
    number = event.to_version
    record = before.record(number) if number is not None and number <= before.state.last_version else None
    if number is None or record is None:
        refuse(event, "rule-to", f"{number} was never made")
    if record.commit != event.to_commit:
        refuse(event, "rule-to", f"{number} is commit {record.commit[:12]}, not {str(event.to_commit)[:12]}")
    return number, record
