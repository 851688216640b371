"""Proofs: the rules by which the result of a test is recorded, and by which a version needs one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.breaches import known_version, refuse
from gitagent.agent.events import Operation
from gitagent.agent.gates import is_gated, shortfall

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.events import Event
    from gitagent.agent.results import Result
    from gitagent.agent.rules import Snapshot
    from gitagent.agent.states import EnvironmentState, VersionRecord
    from gitagent.names import VersionNumber


def tested(before: Snapshot, event: Event, result: Callable[[str], Result | None] | None) -> Result:
    """The result that an event tells of, which stands beside it.

    Refused unless it is whole and of the tree that the event names; where that names a version, of its very cases.
    Of a tree that is no version yet nobody may know more: it is looked at when a version of that tree moves.
    """
    found = None if result is None or event.tree is None else result(event.tree)
    if found is None or found.tree != event.tree:
        refuse(event, "rule-result", f"there is no result of the tree {event.tree} beside it")
    if (flaw := found.flaw) is not None:
        refuse(event, "rule-result", flaw)
    if event.detail != found.detail:
        refuse(event, "rule-detail", f"the result beside it is: {found.detail}")
    if event.to_version is not None:
        number, record = known_version(before, event)
        known = before.known(record.commit)
        if known.tree != found.tree:
            refuse(event, "rule-result", f"the tree of {number} is {known.tree[:12]}, not {found.tree[:12]}")
        if (lie := found.lie(known.cases)) is not None:
            refuse(event, "rule-result", lie)
    return found


def check_tests(
    before: Snapshot, event: Event, target: EnvironmentState, number: VersionNumber, record: VersionRecord
) -> None:
    """Refuse a version that has not passed its tests, where they are asked for and nobody forced it."""
    if not is_gated(target):
        if event.forced is not None:
            refuse(event, "rule-forced", f"{target.name} asks for no tests, and there is nothing to force")
        return
    if event.operation is Operation.ROLLBACK or event.forced is not None:
        return
    now = None if target.commit is None or not target.not_worse else before.known(target.commit)
    if (short := shortfall(target, str(number), before.known(record.commit), now)) is not None:
        refuse(event, "rule-tests", short.message, hint=short.hint)


def check_signed(
    before: Snapshot, event: Event, target: EnvironmentState, record: VersionRecord, signed: Callable[[str], bool]
) -> None:
    """Refuse a version by the tests of which nobody signed the result, where the environment requires signatures."""
    if event.operation not in (Operation.PUBLISH, Operation.PROMOTE) or event.forced is not None:
        return
    relied_on = [before.known(record.commit)]
    if target.not_worse and target.commit is not None:
        relied_on.append(before.known(target.commit))
    for known in relied_on:
        if known.cases.names and not signed(before.recorder(known.tree)):
            why = f"the result of the tree {known.tree[:12]} is not signed, and {target.name} requires signatures"
            refuse(event, "rule-signature", why)
