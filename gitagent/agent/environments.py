"""Environments: what each serves, and the rules by which one may move."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.demands import refuse_unapproved, refuse_without_number
from gitagent.agent.events import Operation
from gitagent.errors import DraftEdited, EnvironmentMoved, NeverServed, Refused, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from gitagent.agent.draft import Checked
    from gitagent.agent.events import Event
    from gitagent.agent.states import AssignedNumber, EnvironmentState, State
    from gitagent.agent.store import Store
    from gitagent.agent.trials import Gate
    from gitagent.agent.versions import Version
    from gitagent.config.problems import Problem
    from gitagent.names import Actor, EnvironmentName, VersionNumber


class Environment(NamedTuple):
    """An environment as it stands: the version that it serves since when and by whom, its numbers and its rules.

    `position` counts from 0 along the pipeline. Where nothing is served yet, `version` and what goes with it is None.
    """

    name: EnvironmentName
    position: int
    version: VersionNumber | None
    commit: str | None
    version_name: str | None
    since: datetime | None
    by: Actor | None
    numbers: tuple[AssignedNumber, ...]
    requires_number: bool
    approvals: int = 0
    requires_signature: bool = False
    tests: int = 0
    not_worse: bool = False


class Move(NamedTuple):
    """A move that the rules allow: an environment from one version to another.

    `new` says that a publish still has to make the version. `unchanged` are the other environments, `numbers` those
    of the one that moves, `problems` the warnings of a new version's configuration, `draft` the files that it is
    made of. `planned_on` is the ledger commit by which the rules allow it. `approved` are the e-mails of those who
    approved the version for the environment. `gate` is what its tests come to, where the environment asks for them.
    """

    operation: Operation
    environment: EnvironmentName
    from_version: Version | None
    to_version: Version
    new: bool
    unchanged: tuple[Environment, ...]
    numbers: tuple[AssignedNumber, ...]
    problems: tuple[Problem, ...] = ()
    before: str | None = None
    draft: Mapping[str, object] | None = None
    planned_on: str = ""
    approved: tuple[str, ...] = ()
    gate: Gate | None = None

    @property
    def fast_forward(self) -> bool:
        """Whether the environment goes to a newer version."""
        return self.from_version is None or self.from_version.number < self.to_version.number


class Moved(NamedTuple):
    """A move that was made, and the event that records it."""

    move: Move
    version: Version
    event: Event


def environment_values(store: Store, state: State) -> tuple[Environment, ...]:
    """Every environment of the pipeline, in order."""
    return tuple(_environment(store, each, position) for position, each in enumerate(state.environments))


def publication(store: Store, to: Version, *, made_of: Checked | None = None) -> Move:
    """The move of the first environment to a version. Refused when it serves that one, or lacks a number.

    `made_of` are the draft's files, where the version is still to be made.
    """
    state = store.ledger.state()
    first = state.environments[0]
    if first.version == to.number:
        raise RuleBroken(
            f"{first.name} already serves {to.number}",
            hint="Edit the draft, or publish another version.",
            code="already-served",
        )
    move = _move(store, state, Operation.PUBLISH, first, to, before=store.ledger.tip(), made_of=made_of)
    if made_of is None:
        return move
    return move._replace(new=True, problems=made_of.problems, draft=made_of.files.entries)


def promotion(store: Store, name: EnvironmentName, version: VersionNumber | None) -> Move:
    """The move of an environment forward, to what the one before it serves, or served when `version` names it."""
    state = store.ledger.state()
    target = state.environment(name)
    position = state.pipeline.index(name)
    if position == 0:
        raise RuleBroken(
            f"{name} is the first environment; nothing can be promoted to it",
            hint="Publish puts a version into it: gitagent publish",
            code="first-environment",
        )
    source = state.environments[position - 1]
    number = version or source.version
    if number is None:
        raise NeverServed(
            f"{source.name} serves no version that could be promoted to {name}",
            hint=_how_to_fill(store, state, position - 1),
        )
    if source.name not in store.ledger.record(number).served:
        raise NeverServed(
            f"{source.name} never served {number}, so it cannot go to {name}",
            hint=_how_to_fill(store, state, position - 1, number),
        )
    if target.version is not None and number <= target.version:
        same = number == target.version
        raise RuleBroken(
            f"{name} already serves {number}"
            if same
            else f"{name} serves {target.version}, which is newer than {number}",
            hint="Nothing is left to promote." if same else _how_to_go_back(store, name, number),
            code="already-served" if same else "not-forward",
        )
    to = store.version(number)
    if target.commit is not None and not store.repository.is_ancestor(target.commit, to.commit):
        raise RuleBroken(
            f"{number} does not follow {target.version}",
            hint="See what is wrong: gitagent verify",
            code="not-fast-forward",
        )
    return _move(store, state, Operation.PROMOTE, target, to, before=store.ledger.tip())


def reversion(store: Store, name: EnvironmentName, version: VersionNumber | None) -> Move:
    """The move of an environment back to a version that it served; by default to the one served before."""
    state = store.ledger.state()
    target = state.environment(name)
    if target.version is None:
        raise NeverServed(
            f"{name} serves no version, so there is nothing to roll back", hint="See: gitagent environments"
        )
    if version is not None and name not in store.ledger.record(version).served:
        raise NeverServed(f"{name} never served {version}", hint=f"See: gitagent history --environment {name}")
    if version == target.version:
        raise RuleBroken(
            f"{name} already serves {version}",
            hint=f"What it served before: gitagent history --environment {name}",
            code="already-served",
        )
    if version is not None and version > target.version:
        forward = f"publish {version}" if name == state.pipeline[0] else f"promote {name} --version {version}"
        raise RuleBroken(
            f"{version} is newer than {target.version}, which {name} serves",
            hint=f"To go forward: gitagent {forward}",
            code="not-backward",
        )
    pointer, below = _below(store, target, version)
    number = version or (below.version if below is not None else None)
    if number is None:
        raise NeverServed(
            f"{name} served nothing before {target.version}",
            hint=f"All that it served: gitagent history --environment {name}",
        )
    back_to = below.before if below is not None and below.version == number else pointer
    to = store.version(number)
    return _move(store, state, Operation.ROLLBACK, target, to, before=back_to)


@contextmanager
def as_agreed(store: Store, expected: Move | None) -> Iterator[None]:
    """Plan once more what was agreed to: if it is refused now, somebody was faster (EnvironmentMoved)."""
    try:
        yield
    except Refused as error:
        if expected is None or store.ledger.tip() == expected.planned_on:
            raise
        faster = store.ledger.last_event()
        raise EnvironmentMoved(
            f"{faster.actor.name} was faster ({faster.subject}): {error.message}",
            hint=f"Look at it again: gitagent history --limit 5, then gitagent {expected.operation} once more.",
        ) from error


def refuse_unexpected(move: Move, expected: Move | None) -> None:
    """EnvironmentMoved when the move is no longer the one that was agreed to."""
    if expected is None:
        return
    agreed, now = _essence(expected), _essence(move)
    if agreed == now:
        return
    if agreed[:-1] == now[:-1]:
        raise DraftEdited(
            f"the draft was edited since you agreed to publish it as {move.to_version.number}",
            hint="Look at it again: gitagent status",
        )
    was, is_ = expected.from_version, move.from_version
    agreed_to, would = expected.to_version.number, move.to_version.number
    to = f", and it would go to {would} now" + (f", not to {agreed_to}" if agreed_to != would else "")
    raise EnvironmentMoved(
        f"{move.environment} serves {is_.number if is_ else 'nothing'}"
        + (f"; it served {was.number if was else 'nothing'} when you agreed" if was != is_ else " as when you agreed")
        + to,
        hint=f"Look at it again: gitagent status, then gitagent {move.operation} once more.",
    )


def moved_state(state: State, move: Move, *, commit: str, actor: Actor, at: datetime) -> State:
    """The state after a move to the version whose commit is `commit`."""
    environment = state.environment(move.environment)._replace(
        version=move.to_version.number,
        commit=commit,
        since=at,
        by=actor,
        before=move.before,
    )
    changed = state.with_environment(environment)
    if move.operation is Operation.PUBLISH:
        changed = changed._replace(last_published=move.to_version.number)
    return changed


def _move(
    store: Store,
    state: State,
    operation: Operation,
    target: EnvironmentState,
    to: Version,
    *,
    before: str | None,
    made_of: Checked | None = None,
) -> Move:
    approved = store.ledger.record(to.number).approved(target.name) if to.commit else ()
    if operation is not Operation.ROLLBACK:
        refuse_without_number(target)
        refuse_unapproved(target, to, approved)
    if target.requires_signature and to.commit:
        from gitagent.agent.signatures import refuse_unsigned_version

        refuse_unsigned_version(store, target, to.number)
    if target.version is None:
        store.refuse_branches_below(target.name)
    gate = None
    if (target.tests or target.not_worse) and operation is not Operation.ROLLBACK:
        from gitagent.agent import trials

        gate = trials.gate(store, target, to, made_of)
    now = store.version(target.version) if target.version else None
    others = tuple(each for each in environment_values(store, state) if each.name != target.name)
    return Move(
        operation,
        target.name,
        now,
        to,
        False,
        others,
        target.numbers,
        before=before,
        planned_on=store.ledger.tip(),
        approved=approved,
        gate=gate,
    )


def _below(
    store: Store, target: EnvironmentState, wanted: VersionNumber | None
) -> tuple[str | None, EnvironmentState | None]:
    """What was served before, going back until a version not newer than `wanted`, and the ledger commit that has it."""
    pointer = target.before
    while pointer is not None:
        found = store.ledger.environment_at(pointer, target.name)
        if found.version is None:
            break
        if wanted is None or found.version <= wanted:
            return pointer, found
        pointer = found.before
    return None, None


def _environment(store: Store, state: EnvironmentState, position: int) -> Environment:
    version = store.version(state.version) if state.version else None
    return Environment(
        name=state.name,
        position=position,
        version=state.version,
        commit=state.commit,
        version_name=version.name if version else None,
        since=state.since,
        by=state.by,
        numbers=state.numbers,
        requires_number=state.requires_number,
        approvals=state.approvals,
        requires_signature=state.requires_signature,
        tests=state.tests,
        not_worse=state.not_worse,
    )


def _essence(move: Move) -> tuple[object, ...]:
    return (move.operation, move.environment, move.from_version, move.to_version.number, move.new, move.draft)


def _how_to_fill(store: Store, state: State, position: int, number: VersionNumber | None = None) -> str:
    """The first step that works, where environments before that one lack the version, too."""
    first = position
    while first > 0 and not _has_served(store, state.environments[first - 1], number):
        first -= 1
    on_the_way = state.environments[max(first, 1) : position + 2]
    if number is not None and any(each.version is not None and each.version > number for each in on_the_way):
        return _as_new_version(number)
    name, version = state.pipeline[first], "" if number is None else f" {number}"
    if first == 0:
        return f"Publish {'one' if number is None else 'it'} first: gitagent publish{version}"
    return f"Promote it there first: gitagent promote {name}{version and ' --version'}{version}"


def _has_served(store: Store, environment: EnvironmentState, number: VersionNumber | None) -> bool:
    """Whether the environment has what could be promoted from it: that version, or any."""
    if number is None:
        return environment.version is not None
    return environment.name in store.ledger.record(number).served


def _how_to_go_back(store: Store, name: EnvironmentName, number: VersionNumber) -> str:
    if name in store.ledger.record(number).served:
        return f"To go back: gitagent rollback {name} {number}"
    return _as_new_version(number)


def _as_new_version(number: VersionNumber) -> str:
    return f"To take up what it holds as a new version: gitagent restore {number}, then gitagent publish"
