"""Replay: one ledger commit checked whole, against the one that it follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import states
from gitagent.agent.events import parse_event
from gitagent.agent.rules import Snapshot, following
from gitagent.errors import LedgerInvalid, ObjectMissing
from gitagent.git.armor import signature_of
from gitagent.git.exact import is_plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.events import Event
    from gitagent.agent.gates import Known
    from gitagent.agent.results import Result
    from gitagent.agent.states import EnvironmentState, State, VersionRecord
    from gitagent.git.exact import Trees
    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository
    from gitagent.names import Actor, EnvironmentName, VersionNumber

MOST_PATHS_TOLD = 3
_TRIMMED = " ,:;<>\"\\'"
"""What libgit2 takes off both ends of a name or an e-mail."""


class Replayed(NamedTuple):
    """An event that follows the rules, what is known after it, and those of its objects that are not here."""

    event: Event
    after: Snapshot
    missing: tuple[str, ...]


def replayed(trees: Trees, commit: Commit, before: Snapshot | None) -> Replayed:
    """The event of a ledger commit, checked in full: its form, its author, its rules and its tree to the byte.

    LedgerInvalid, its code naming the rule, or ObjectMissing for what was needed to tell. The costs are the same
    however long the ledger is.
    """
    repository = trees.repository
    event = parse_event(commit)
    _check_commit(repository, commit, before, event.actor)
    followed = following(
        before,
        event,
        pipeline=lambda: state_of(repository, commit.tree).pipeline,
        environment=lambda name: states.parse_environment(name, _reader(repository, commit.tree)),
        result=lambda tree: result_at(repository, commit.tree, tree),
        signed=lambda id_: signature_of(repository, id_) is not None,
    )
    files = states.format_state(followed.state, since=None if before is None else before.state)
    records = followed.records.items()
    files |= {states.version_path(number): states.format_record(record) for number, record in records}
    if followed.result is not None:
        files |= _result_file(followed.result)
    expected = trees.with_files(None if before is None else before.tree, files)
    if expected.id != commit.tree:
        paths = list(trees.differing(expected.id, commit.tree))
        more = f" and {len(paths) - MOST_PATHS_TOLD} more" if len(paths) > MOST_PATHS_TOLD else ""
        raise LedgerInvalid(
            f"event {event.seq}, {event.subject}: not what it says: {', '.join(paths[:MOST_PATHS_TOLD])}{more}",
            code="rule-tree",
            hint=f"See: git show {commit.id[:12]}",
        )
    missing = tuple(id_ for id_ in expected.new if not repository.has(id_))
    return Replayed(event, _snapshot(repository, event.seq, event.id, commit, followed.state), missing)


def snapshot(repository: Repository, commit: str) -> Snapshot:
    """What is known at a ledger commit that was checked before; what it names is read when it is asked for."""
    found = repository.commit(commit)
    event = parse_event(found)
    return _snapshot(repository, event.seq, event.id, found, state_of(repository, found.tree))


def unchecked(repository: Repository, commit: Commit, before: Snapshot | None) -> Snapshot | None:
    """What a ledger commit that breaks the rules claims, as far as it can be read, so that others can follow it.

    None where nothing can be: it comes first, and its state cannot be read.
    """
    try:
        state = state_of(repository, commit.tree)
    except (LedgerInvalid, ObjectMissing):
        if before is None:
            return None
        state = before.state
    try:
        event = parse_event(commit)
    except LedgerInvalid:
        return _snapshot(repository, before.seq + 1 if before is not None else 1, "", commit, state)
    return _snapshot(repository, event.seq, event.id, commit, state)


def state_of(repository: Repository, tree: str) -> State:
    """The state that a ledger commit's tree holds."""
    return states.parse_state(_reader(repository, tree))


def is_by(actor: Actor, name: str, email: str) -> bool:
    """Whether a commit or tag with that name and e-mail is the actor's."""
    return all(
        one.strip(_TRIMMED) == other.strip(_TRIMMED) for one, other in ((name, actor.name), (email, actor.email))
    )


def _check_commit(repository: Repository, commit: Commit, before: Snapshot | None, actor: Actor) -> None:
    parents = () if before is None else (before.commit,)
    if commit.parents != parents:
        raise LedgerInvalid(
            f"ledger commit {commit.id} has {len(commit.parents)} parents, not {len(parents)}: the ledger is one line",
            code="rule-line",
            hint=f"See: git show {commit.id[:12]}",
        )
    if not is_by(actor, commit.name, commit.email) or not is_plain(repository, commit):
        raise LedgerInvalid(
            f"ledger commit {commit.id} is not written by {actor} alone, whom its event names",
            code="rule-actor",
            hint=f"See: git cat-file -p {commit.id[:12]}",
        )


def _snapshot(repository: Repository, seq: int, id_: str, commit: Commit, state: State) -> Snapshot:
    def record(number: VersionNumber) -> VersionRecord | None:
        blob = repository.entry(commit.tree, states.version_path(number))
        return None if blob is None else states.parse_record(repository.blob(blob))

    def environment_at(at: str, name: EnvironmentName) -> EnvironmentState:
        return states.parse_environment(name, _reader(repository, repository.commit(at).tree))

    def author(version: str) -> str:
        return repository.commit(version).email

    def known(version: str) -> Known:
        tree = repository.commit(version).tree
        return known_of(repository, tree, result_at(repository, commit.tree, tree))

    def recorded_by(tree: str) -> str:
        return recorder(repository, commit.id, tree).id

    return Snapshot(seq, id_, commit.id, commit.tree, state, record, environment_at, author, known, recorded_by)


def known_of(repository: Repository, tree: str, result: Result | None) -> Known:
    """What there is to test in a tree, with the result that is recorded of it."""
    from gitagent.agent.files import tree_files
    from gitagent.agent.gates import Known
    from gitagent.config.cases import cases_of

    return Known(tree, cases_of(tree_files(repository, tree)), result)


def result_at(repository: Repository, ledger: str, tree: str) -> Result | None:
    """The result of a tree that the ledger's tree `ledger` holds; LedgerInvalid where it cannot be read."""
    from gitagent.agent.results import parse_result, result_path

    blob = repository.entry(ledger, result_path(tree))
    return None if blob is None else parse_result(repository.blob(blob))


def recorder(repository: Repository, ledger: str, tree: str) -> Commit:
    """The newest ledger commit that tells of a test of the tree, or in whose parent its result is another or none.

    Who runs the same suites again may get the very same result. Ids are compared, below the folder of all results
    only where that differs, and nothing is parsed.
    """
    from gitagent.agent.results import RESULTS, result_path

    path, trailer = result_path(tree), f"\nGitagent-Tree: {tree}\n"
    line = repository.first_parents(ledger)
    found = next(line)
    above, is_ = repository.entry(found.tree, RESULTS), repository.entry(found.tree, path)
    try:
        while trailer not in found.message[found.message.rfind("\n\n") :]:  # what people write stands before that
            if (parent := next(line, None)) is None:
                break
            if (was_above := repository.entry(parent.tree, RESULTS)) != above:
                if repository.entry(parent.tree, path) != is_:
                    break
                above = was_above
            found = parent
    except ObjectMissing as error:
        raise ObjectMissing(
            f"the event that recorded a test of the tree {tree[:12]} is not in this clone",
            hint="Get the history: git fetch --unshallow",
        ) from error
    return found


def _result_file(result: Result) -> dict[str, bytes]:
    from gitagent.agent.results import format_result, result_path

    return {result_path(result.tree): format_result(result)}


def _reader(repository: Repository, tree: str) -> Callable[[str], bytes]:
    def read(path: str) -> bytes:
        if (blob := repository.entry(tree, path)) is None:
            raise KeyError(f"{path} is missing")
        return repository.blob(blob)

    return read
