"""Rules: which event may follow which state, and the state that is true after it. Pure over values; knows no git."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.access import person
from gitagent.agent.assignments import assigned, released
from gitagent.agent.breaches import known_version, refuse, target_of
from gitagent.agent.events import (
    Event,
    Operation,
    checked_message,
    checked_name,
    checked_reason,
    checked_time,
)
from gitagent.agent.roles import check_role, given
from gitagent.agent.settings import Settings
from gitagent.agent.states import EnvironmentState, State, VersionRecord
from gitagent.errors import InvalidName
from gitagent.names import VersionNumber, is_ulid

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitagent.agent.gates import Known
    from gitagent.agent.results import Result
    from gitagent.names import EnvironmentName

LONGEST_PIPELINE = 12
FACTS: Mapping[Operation, tuple[frozenset[str], frozenset[str]]] = {
    Operation.INIT: (frozenset({"to_version", "tag"}), frozenset()),
    Operation.SAVE: (frozenset({"to_version", "tag"}), frozenset()),
    Operation.PUBLISH: (frozenset({"environment", "to_version"}), frozenset({"from_version", "tag", "forced"})),
    Operation.PROMOTE: (frozenset({"environment", "to_version"}), frozenset({"from_version", "forced"})),
    Operation.ROLLBACK: (frozenset({"environment", "from_version", "to_version"}), frozenset()),
    Operation.RULES: (frozenset({"environment", "detail"}), frozenset()),
    Operation.ASSIGN_NUMBER: (frozenset({"environment", "number"}), frozenset({"detail"})),
    Operation.RELEASE_NUMBER: (frozenset({"environment", "number"}), frozenset()),
    Operation.APPROVE: (frozenset({"environment", "to_version"}), frozenset()),
    Operation.GRANT: (frozenset({"detail"}), frozenset({"environment"})),
    Operation.REVOKE: (frozenset({"detail"}), frozenset({"environment"})),
    Operation.TEST: (frozenset({"tree", "detail"}), frozenset({"to_version"})),
}
"""What an event of each operation has to say, and what it may say besides."""
_TOLD = ("environment", "from_version", "to_version", "tag", "number", "tree", "detail", "forced")


class Snapshot(NamedTuple):
    """What is known before an event: where the ledger stands, and what is true there.

    `seq`, `id` and `commit` are those of the newest event. `record` returns what is kept of a version, None where it
    was never made; `environment_at` an environment as a ledger commit has it; `author` the e-mail in a version's
    commit; `known` what there is to test in a version's commit, and the newest result of that; `recorder` the ledger
    commit that recorded the newest result of a tree. All are asked for little, whatever the ledger's length, so they
    may read on demand. `tree` is the ledger commit's, for those who compare trees.
    """

    seq: int
    id: str
    commit: str
    tree: str
    state: State
    record: Callable[[VersionNumber], VersionRecord | None]
    environment_at: Callable[[str, EnvironmentName], EnvironmentState]
    author: Callable[[str], str]
    known: Callable[[str], Known]
    recorder: Callable[[str], str]


class Followed(NamedTuple):
    """What has to be true after an event: the whole state, the versions' records that it changes, its result."""

    state: State
    records: Mapping[VersionNumber, VersionRecord]
    result: Result | None = None


def following(
    before: Snapshot | None,
    event: Event,
    *,
    pipeline: Callable[[], tuple[EnvironmentName, ...]],
    environment: Callable[[EnvironmentName], EnvironmentState],
    result: Callable[[str], Result | None] | None = None,
    signed: Callable[[str], bool] | None = None,
) -> Followed:
    """What has to be true after an event that follows `before`; the first event follows None.

    What no event tells is taken from what stands beside it: the first event's `pipeline`, the `environment` that is
    assigned a number, for the SIP headers, the `result` of a tree, for the names of its cases, and whether the object
    of an id is `signed`, by whomever; without it none is. LedgerInvalid with the broken rule's code.
    """
    _check_form(event)
    if before is None:
        return _begun(event, pipeline())
    if event.operation is Operation.INIT:
        refuse(event, "rule-begin", "only the first event begins an agent")
    if event.seq != before.seq + 1:
        refuse(event, "rule-sequence", f"it follows event {before.seq}")
    if event.id == before.id:
        refuse(event, "rule-op-id", f"event {before.seq} has the same operation id, {event.id}")
    check_role(before.state, event)
    if event.operation is Operation.TEST:
        from gitagent.agent.proofs import tested

        return Followed(before.state, {}, tested(before, event, result))
    followed = _followed(before, event, environment)
    _check_signatures(before, event, followed, signed or _unsigned)
    return followed


def _followed(before: Snapshot, event: Event, environment: Callable[[EnvironmentName], EnvironmentState]) -> Followed:
    match event.operation:
        case Operation.SAVE:
            state, number, record = _made(before, event)
            return Followed(state, {number: record})
        case Operation.RULES:
            return Followed(_ruled(before.state, event), {})
        case Operation.ASSIGN_NUMBER:
            return Followed(assigned(before.state, event, environment), {})
        case Operation.RELEASE_NUMBER:
            return Followed(released(before.state, event), {})
        case Operation.APPROVE:
            return Followed(before.state, _approved(before, event))
        case Operation.GRANT | Operation.REVOKE:
            return Followed(given(before.state, event), {})
    return _moved(before, event)


def _check_form(event: Event) -> None:
    """What an event says of itself, whatever it follows."""
    required, optional = FACTS[event.operation]
    told = {fact for fact in _TOLD if getattr(event, fact) is not None}
    if wrong := sorted(required - told | told - required - optional):
        does, fact = "lacks" if wrong[0] in required else "must not name", wrong[0].removesuffix("_version")
        refuse(event, "rule-facts", f"it {does} its {fact}")
    if event.name is not None and event.tag is None:
        refuse(event, "rule-facts", "it names a version that it does not make")
    if not is_ulid(event.id):
        refuse(event, "rule-op-id", f"{event.id!r} is not a ULID")
    try:
        texts = (checked_name(event.name), checked_message(event.message), checked_reason(event.forced))
        checked_time(event.at)
    except InvalidName as error:
        refuse(event, "rule-words", error.message, error)
    if texts != (event.name, event.message, event.forced):
        refuse(event, "rule-words", "its name, message or reason is not trimmed")


def _check_signatures(before: Snapshot, event: Event, followed: Followed, signed: Callable[[str], bool]) -> None:
    """An environment that requires signatures is changed by signed events alone, and moves to signed versions.

    Where it asks for tests, what it relies on is signed, too.
    """
    target = next((each for each in before.state.environments if each.name == event.environment), None)
    if target is None or not target.requires_signature:
        return
    if not signed(event.commit):
        refuse(event, "rule-signature", f"it is not signed, and {target.name} requires signatures")
    if event.operation is Operation.APPROVE:
        return
    for number, record in followed.records.items():
        if not signed(record.tag):
            refuse(event, "rule-signature", f"{number} is not signed, and {target.name} requires signatures")
        if target.tests or target.not_worse:
            from gitagent.agent.proofs import check_signed

            check_signed(before, event, target, record, signed)


def _unsigned(_: str) -> bool:
    return False


def _begun(event: Event, pipeline: tuple[EnvironmentName, ...]) -> Followed:
    if event.operation is not Operation.INIT:
        refuse(event, "rule-begin", "the first event has to begin the agent")
    if event.seq != 1:
        refuse(event, "rule-sequence", "the first event has to be number 1")
    if not 1 <= len(pipeline) <= LONGEST_PIPELINE or len(set(pipeline)) < len(pipeline):
        refuse(event, "rule-pipeline", f"a pipeline is 1 to {LONGEST_PIPELINE} different environments")
    alone = len(pipeline) == 1
    environments = tuple(EnvironmentState(name, requires_number=alone) for name in pipeline)
    number, record = _new_version(event, VersionNumber(1))
    return Followed(State(environments, number), {number: record})


def _made(before: Snapshot, event: Event) -> tuple[State, VersionNumber, VersionRecord]:
    number, record = _new_version(event, before.state.last_version.next())
    return before.state._replace(last_version=number), number, record


def _new_version(event: Event, due: VersionNumber) -> tuple[VersionNumber, VersionRecord]:
    if event.to_version != due or event.to_commit is None or event.tag is None:
        refuse(event, "rule-number", f"it makes {event.to_version}, and {due} is the next number")
    return due, VersionRecord(event.to_commit, event.tag)


def _moved(before: Snapshot, event: Event) -> Followed:
    target = target_of(before.state, event)
    if (event.from_version, event.from_commit) != (target.version, target.commit):
        refuse(event, "rule-from", f"{target.name} serves {target.version or 'nothing'}, not {_from(event)}")
    if event.tag is None:
        state, (number, record) = before.state, known_version(before, event)
    else:
        state, number, record = _made(before, event)
    if number == target.version:
        refuse(event, "rule-unchanged", f"{target.name} serves {number} already")
    pointer = _allowed(before, event, target, number, record)
    if event.operation is not Operation.ROLLBACK and target.requires_number and not target.numbers:
        refuse(event, "rule-phone-number", f"{target.name} has no phone number, and its rules ask for one")
    if event.operation is not Operation.ROLLBACK and len(record.approved(target.name)) < target.approvals:
        asks = f"{target.name} asks for {target.approvals} approval{'s' * (target.approvals != 1)}"
        has = f"{number} has {len(record.approved(target.name))}"
        hint = f"Others than its author approve it with: gitagent approve {number} --for {target.name}"
        refuse(event, "rule-approvals", f"{asks}, and {has}", hint=hint)
    if target.tests or target.not_worse or event.forced is not None:
        from gitagent.agent.proofs import check_tests

        check_tests(before, event, target, number, record)
    moved = target._replace(version=number, commit=record.commit, since=event.at, by=event.actor, before=pointer)
    state = state.with_environment(moved)
    if event.operation is Operation.PUBLISH:
        state = state._replace(last_published=number)
    served = tuple(name for name in state.pipeline if name in {*record.served, target.name})
    return Followed(state, {number: record._replace(served=served)})


def _allowed(
    before: Snapshot, event: Event, target: EnvironmentState, number: VersionNumber, record: VersionRecord
) -> str | None:
    """Refuse a move that its operation does not make; else the ledger commit that a rollback would then go back to."""
    pipeline, name = before.state.pipeline, target.name
    position = pipeline.index(name)
    if event.operation is Operation.ROLLBACK:
        if name not in record.served:
            refuse(event, "rule-served", f"{name} never served {number}")
        return _pointer_after_rollback(before, event, target, number)
    if event.operation is Operation.PUBLISH:
        if position > 0:
            refuse(event, "rule-first", f"a version is published into {pipeline[0]}, not into {name}")
        return before.commit
    if position == 0:
        refuse(event, "rule-first", f"nothing is promoted into {name}, the first environment")
    if pipeline[position - 1] not in record.served:
        refuse(event, "rule-served", f"{pipeline[position - 1]} never served {number}")
    if target.version is not None and number < target.version:
        refuse(event, "rule-forward", f"{name} serves {target.version}, which is newer than {number}")
    return before.commit


def _pointer_after_rollback(
    before: Snapshot, event: Event, target: EnvironmentState, number: VersionNumber
) -> str | None:
    """Where the next rollback goes after one to `number`: to what was served before that.

    A rollback goes to an older version, or to the one served just before, which may be newer where an older version
    had been published again. The pointers that it passes over are never followed again, so that all rollbacks of a
    ledger together follow each pointer once.
    """
    pointer = target.before
    below = None if pointer is None else before.environment_at(pointer, target.name)
    if below is not None and below.version == number:
        return below.before
    if target.version is None or number > target.version:
        refuse(event, "rule-backward", f"{number} is newer than {target.version}, and was not served just before it")
    while below is not None and below.version is not None:
        if below.version <= number:
            return below.before if below.version == number else pointer
        pointer = below.before
        below = None if pointer is None else before.environment_at(pointer, target.name)
    return None


def _ruled(state: State, event: Event) -> State:
    target = target_of(state, event)
    asked = Settings.parse(event.detail or "")
    if asked is None:
        refuse(event, "rule-detail", f"'{event.detail}' is no rule of an environment")
    if asked != asked.unlike(target):
        refuse(event, "rule-unchanged", f"the rules of {target.name} are so already")
    return state.with_environment(asked.set_in(target))


def _approved(before: Snapshot, event: Event) -> Mapping[VersionNumber, VersionRecord]:
    target, (number, record) = target_of(before.state, event), known_version(before, event)
    author, who = before.author(record.commit), person(event.actor)
    if who == author.casefold():
        refuse(event, "rule-own-version", f"{number} is by {author}, and others have to approve it")
    if who in record.approved(target.name):
        refuse(event, "rule-unchanged", f"{event.actor} has approved {number} for {target.name} already")
    return {number: record.with_approval(target.name, who)}


def _from(event: Event) -> str:
    return f"{event.from_version} {str(event.from_commit)[:12]}" if event.from_version else "nothing"
