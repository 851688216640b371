"""Operations: saving, publishing and moving, each carried out as one event."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import draft, environments
from gitagent.agent.events import Event, Operation
from gitagent.agent.signatures import refuse_unsigned
from gitagent.agent.states import State, VersionRecord
from gitagent.agent.versions import Version
from gitagent.errors import RuleBroken
from gitagent.names import new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.draft import Checked
    from gitagent.agent.environments import Move, Moved
    from gitagent.agent.store import Store
    from gitagent.agent.words import Words
    from gitagent.config.problems import Problem
    from gitagent.git.signing import Signer
    from gitagent.git.worktree import Index
    from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber


class Saved(NamedTuple):
    """A version that was made, what its draft was based on, and the warnings of its configuration."""

    version: Version
    base: VersionNumber
    event: Event
    problems: tuple[Problem, ...]


def save(store: Store, words: Words, *, sync: bool = False) -> Saved:
    """Make a version of the draft; nothing is served. With `sync`, what others saved comes into the draft first."""
    checked = None if sync else draft.plan_save(store)[1]

    def act() -> Saved:
        nonlocal checked
        permit(store, words.actor, Operation.SAVE)
        if sync:
            _bring_in(store, words)
        plan, checked = draft.plan_save(store, checked=checked)
        tree, index = draft.take(store, checked.files)
        return _save(store, tree, words, plan.base, plan.problems, index)

    return store.in_turn(act)


def save_tree(store: Store, tree: str, words: Words, problems: tuple[Problem, ...]) -> Saved:
    """Make a version of a tree that is no draft's. To be called while writing."""
    return _save(store, tree, words, store.ledger.state().last_version, problems, None)


def _save(
    store: Store, tree: str, words: Words, base: VersionNumber, problems: tuple[Problem, ...], index: Index | None
) -> Saved:
    number = store.ledger.state().last_version.next()
    event, version, record = _make_version(store, event_of(store, Operation.SAVE, words), number, tree, words.signer)
    state = store.ledger.state()._replace(last_version=number)
    event = store.commit(event, state, {number: record}, index=index, signer=words.signer)
    return Saved(version, base, event, problems)


def plan_draft_publication(store: Store, words: Words, checked: Checked | None = None) -> tuple[Move, Checked | None]:
    """The move that publishing the draft would be, and the files to make a version of.

    Where the draft is the same as the newest version, that one is published and nothing is made.
    """
    try:
        plan, checked = draft.plan_save(store, checked=checked)
    except RuleBroken as error:
        if error.code != "nothing-to-save":
            raise
        last = store.ledger.state().last_version
        if words.name is not None:
            raise RuleBroken(
                f"the draft is {last}, unedited, and {last} cannot be given another name",
                hint="Edit the draft first, or leave --name out.",
                code="version-immutable",
            ) from error
        return plan_version_publication(store, last, words), None
    to = Version(plan.number, "", words.name, words.message, words.actor, words.at)
    return environments.publication(store, to, made_of=checked), checked


def plan_version_publication(store: Store, number: VersionNumber, words: Words) -> Move:
    """The move that publishing a saved version would be."""
    if words.name is not None:
        raise RuleBroken(
            f"{number} exists already and cannot be given another name",
            hint="Leave --name out; a message is recorded with the publication.",
            code="version-immutable",
        )
    return environments.publication(store, store.version(number))


def publish_draft(store: Store, words: Words, expect: Move | None, *, sync: bool = False) -> Moved:
    """Make a version of the draft and put it into the first environment, in one event.

    With `sync`, what others saved comes into the draft first.
    """
    checked = None if sync else plan_draft_publication(store, words)[1]

    def plan() -> Move:
        nonlocal checked
        permit(store, words.actor, Operation.PUBLISH)
        if sync:
            _bring_in(store, words)
        move, checked = plan_draft_publication(store, words, checked)
        return move

    def carry_out(move: Move) -> Moved:
        if checked is None:
            return _carry_out(store, move, words)
        refuse_unsigned(store, move.environment, signed=words.signer is not None)
        forced = _admitted(store, move, words)
        event = event_of(store, Operation.PUBLISH, words)._replace(environment=move.environment, forced=forced)
        tree, index = draft.take(store, checked.files)
        _refuse_other_tree(move, tree)
        event, version, record = _make_version(store, _from(event, move), move.to_version.number, tree, words.signer)
        move = move._replace(to_version=version)
        state = _moved(store, move, words)._replace(last_version=version.number)
        records = {version.number: record._replace(served=(move.environment,))}
        event = store.commit(event, state, records, index=index, signer=words.signer)
        return environments.Moved(move, version, event)

    if sync:  # what others published is brought along, so there is no earlier plan to hold it to
        return store.in_turn(lambda: carry_out(plan()))
    return _as_agreed(store, plan, carry_out, expect)


def publish_version(store: Store, number: VersionNumber, words: Words, expect: Move | None) -> Moved:
    """Put a saved version into the first environment."""

    def plan() -> Move:
        permit(store, words.actor, Operation.PUBLISH)
        return plan_version_publication(store, number, words)

    return _move(store, plan, words, expect)


def promote(
    store: Store, name: EnvironmentName, version: VersionNumber | None, words: Words, expect: Move | None
) -> Moved:
    """Move an environment forward."""

    def plan() -> Move:
        permit(store, words.actor, Operation.PROMOTE, name)
        return environments.promotion(store, name, version)

    return _move(store, plan, words, expect)


def roll_back(
    store: Store, name: EnvironmentName, version: VersionNumber | None, words: Words, expect: Move | None
) -> Moved:
    """Move an environment back."""

    def plan() -> Move:
        permit(store, words.actor, Operation.ROLLBACK, name)
        return environments.reversion(store, name, version)

    return _move(store, plan, words, expect)


def change(
    store: Store,
    operation: Operation,
    words: Words,
    state: State,
    *,
    environment: EnvironmentName | None,
    number: PhoneNumber | None = None,
    detail: str | None = None,
    version: VersionNumber | None = None,
    record: VersionRecord | None = None,
) -> Event:
    """Record what moves nothing: rules, numbers, roles, or an approval. To be called while writing.

    `record` is what is kept of the `version` from then on.
    """
    permit(store, words.actor, operation, environment)
    if environment is not None:
        refuse_unsigned(store, environment, signed=words.signer is not None)
    event = event_of(store, operation, words)._replace(environment=environment, number=number, detail=detail)
    if version is None or record is None:
        return store.commit(event, state, {}, signer=words.signer)
    event = event._replace(to_version=version, to_commit=record.commit)
    return store.commit(event, state, {version: record}, signer=words.signer)


def permit(store: Store, actor: Actor, operation: Operation, environment: EnvironmentName | None = None) -> None:
    """Refuse who has not the role for an operation, by the ledger as it stands."""
    if (access := store.ledger.state().access) is not None:
        from gitagent.agent.access import refuse_without_role

        refuse_without_role(access, actor, operation, environment)


def _move(store: Store, plan: Callable[[], Move], words: Words, expect: Move | None) -> Moved:
    return _as_agreed(store, plan, lambda move: _carry_out(store, move, words), expect)


def _as_agreed(
    store: Store, plan: Callable[[], Move], carry_out: Callable[[Move], Moved], expect: Move | None
) -> Moved:
    """Carry a plan out in turn, if it still is the one that was agreed to, however often it has to be tried."""

    def act() -> Moved:
        nonlocal expect
        with environments.as_agreed(store, expect):
            move = plan()
        environments.refuse_unexpected(move, expect)
        expect = move
        return carry_out(move)

    return store.in_turn(act)


def _carry_out(store: Store, move: Move, words: Words) -> Moved:
    refuse_unsigned(store, move.environment, signed=words.signer is not None)
    to = move.to_version
    event = _from(event_of(store, move.operation, words), move)._replace(
        forced=_admitted(store, move, words),
        environment=move.environment,
        to_version=to.number,
        to_commit=to.commit,
    )
    record = store.ledger.record(to.number)
    served = tuple(name for name in store.ledger.state().pipeline if name in {*record.served, move.environment})
    records = {to.number: record._replace(served=served)}
    event = store.commit(event, _moved(store, move, words), records, signer=words.signer)
    return environments.Moved(move, to, event)


def _admitted(store: Store, move: Move, words: Words) -> str | None:
    """Refuse what the tests do not allow; else why it is made all the same, if it has to be forced."""
    if move.gate is None:
        return None
    from gitagent.agent import trials

    return trials.admit(store, move, words)


def _refuse_other_tree(move: Move, tree: str) -> None:
    if move.gate is not None:
        from gitagent.agent import trials

        trials.refuse_other_tree(move, tree)


def _make_version(
    store: Store, event: Event, number: VersionNumber, tree: str, signer: Signer | None
) -> tuple[Event, Version, VersionRecord]:
    commit, tag = store.write_version(event, number, tree, signer=signer)
    version = Version(number, commit, event.name, event.message, event.actor, event.at, signer is not None)
    return event._replace(to_version=number, to_commit=commit, tag=tag), version, VersionRecord(commit, tag)


def _bring_in(store: Store, words: Words) -> None:
    """Bring what others saved into the draft, in the same turn."""
    from gitagent.agent import authority

    authority.bring_in(store, known=store.ledger.last_event().seq, actor=words.actor, at=words.at)


def event_of(store: Store, operation: Operation, words: Words) -> Event:
    """The event that comes next, as far as it is the same for every operation. To be called while writing."""
    seq = store.ledger.last_event().seq + 1
    id_ = store.turn or new_ulid()
    return Event(seq, id_, operation, words.actor, words.at, name=words.name, message=words.message)


def _from(event: Event, move: Move) -> Event:
    if move.from_version is None:
        return event
    return event._replace(from_version=move.from_version.number, from_commit=move.from_version.commit)


def _moved(store: Store, move: Move, words: Words) -> State:
    return environments.moved_state(
        store.ledger.state(), move, commit=move.to_version.commit, actor=words.actor, at=words.at
    )
