"""Trials: suites run on exactly the files that are to be served, their results recorded, and moves that need one."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import operations, results, selectors
from gitagent.agent.access import Role, Verb, refuse_without
from gitagent.agent.events import Operation
from gitagent.agent.evidence import is_signed, weighed
from gitagent.agent.files import tree_files
from gitagent.agent.gates import DRAFT, MISSING, Known, Shortfall, shortfall
from gitagent.agent.results import format_result, result_path
from gitagent.agent.versions import version_made_by
from gitagent.config.cases import Cases, cases_of
from gitagent.errors import DraftEdited, RuleBroken, Untested
from gitagent.git.exact import tree_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from gitagent.agent.draft import Checked
    from gitagent.agent.environments import Move, Moved
    from gitagent.agent.events import Event
    from gitagent.agent.files import Tree
    from gitagent.agent.results import Result
    from gitagent.agent.states import EnvironmentState
    from gitagent.agent.store import Store
    from gitagent.agent.versions import Version
    from gitagent.agent.words import Words
    from gitagent.names import Actor, EnvironmentName, VersionNumber

MOST_LOOKED_AT = 1000
"""Commits among which the version of a tree is looked for."""
MOST_ATTEMPTS = 5


class Candidate(NamedTuple):
    """What is to be tested: all files of a tree, as they will stay, and their cases."""

    tree: str
    files: Tree
    cases: Cases

    def result(
        self, *, responder: str, seconds: float, failing: Iterable[str] = (), skipping: Iterable[str] = ()
    ) -> Result:
        """The result of a run of all its cases, of which those that are named did not pass."""
        return results.result_of(
            self.tree, self.cases, responder=responder, seconds=seconds, failing=failing, skipping=skipping
        )


class Gate(NamedTuple):
    """What an environment that asks for tests finds recorded of what is to go in.

    `tree` is that of the files to go in, `result` the newest of it, if that counts, `short` what it lacks, and
    `untested` are the trees whose suites have to be run.
    """

    tree: str
    result: Result | None
    short: Shortfall | None
    untested: tuple[str, ...] = ()


class Recorded(NamedTuple):
    """A result that was recorded, the newest version of that tree, if there is one, and the event."""

    result: Result
    version: VersionNumber | None
    event: Event


def candidate(store: Store, selector: str) -> Candidate:
    """What a selector names, as it is to be tested. The draft's files are taken into the repository as they stand."""
    commit = selectors.select(store, selector).commit
    if commit is None:
        return _candidate(store, store.working_tree.write_tree()[0])
    return _candidate(store, store.repository.commit(commit).tree)


def result(store: Store, selector: str) -> Result | None:
    """The newest result of the files that a selector names; None where there is none that its event bears out."""
    commit = selectors.select(store, selector).commit
    tree = tree_id(store.working_tree.entries()) if commit is None else store.repository.commit(commit).tree
    found, _ = weighed(store.repository, store.ledger.tip(), tree)
    return found


def record(store: Store, found: Result, words: Words) -> Recorded:
    """Record what came of a run, for whatever version has that tree, or will have it. Nothing moves.

    Refused for a result that cannot be, or that is not of the very cases of its tree.
    """

    def act() -> Recorded:
        operations.permit(store, words.actor, Operation.TEST)
        _refuse_false(store, found)
        version, commit = _version_of(store, found.tree)
        event = operations.event_of(store, Operation.TEST, words)._replace(
            to_version=version, to_commit=commit, tree=found.tree, detail=found.detail
        )
        beside = {result_path(found.tree): format_result(found)}
        event = store.commit(event, store.ledger.state(), {}, beside=beside, signer=words.signer)
        return Recorded(found, version, event)

    return store.in_turn(act)


def gate(store: Store, target: EnvironmentState, to: Version, made_of: Checked | None) -> Gate:
    """What an environment finds of a version, or of the draft's files that it will be `made_of`."""
    if made_of is None:
        label, new = str(to.number), _known(store, target, store.repository.commit(to.commit).tree)
    else:
        label, new = DRAFT, _known(store, target, tree_id(made_of.files.entries), made_of.files)
    known = [new]
    if target.not_worse and target.commit is not None:
        known.append(_known(store, target, store.repository.commit(target.commit).tree))
    short = shortfall(target, label, new, known[1] if len(known) > 1 else None)
    missing = short is not None and short.code == MISSING
    untested = [each.tree for each in known if each.cases.names and each.proof is None] if missing else []
    return Gate(new.tree, new.result, short, tuple(dict.fromkeys(untested)))


def admit(store: Store, move: Move, words: Words) -> str | None:
    """Refuse a move that the tests do not allow. The reason for it, where it is forced by who may do that."""
    if move.gate is None or move.gate.short is None:
        return None
    if words.forced is not None:
        permit_force(store, words.actor, move.environment)
        return words.forced
    raise refusal(move.gate)


def refuse_short(store: Store, move: Move, *, forced: str | None, actor: Actor | None, untested: bool) -> None:
    """Refuse a plan that the tests do not allow; with `untested` not for want of a result."""
    if move.gate is None or move.gate.short is None or (untested and move.gate.untested):
        return
    if forced is None:
        raise refusal(move.gate)
    if actor is not None:
        permit_force(store, actor, move.environment)


def permit_force(store: Store, actor: Actor, environment: EnvironmentName) -> None:
    """Refuse to let somebody override the tests of an environment who has not the role."""
    if (access := store.ledger.state().access) is not None:
        refuse_without(access, actor, Role(Verb.FORCE, environment))


def refuse_other_tree(move: Move, tree: str) -> None:
    """Refuse to make a version of files that were edited since its tests were looked at."""
    if move.gate is not None and move.gate.tree != tree:
        raise DraftEdited("the draft was edited while it was being published", hint="Look at it again: gitagent status")


def tried(store: Store, words: Words, run: Callable[[Candidate], Result] | None, act: Callable[[], Moved]) -> Moved:
    """What `act` moves. Where it lacks results, the suites are run first, recorded, and it is done then.

    Nobody has to wait for a run. Nothing moves by one that fails, or that is of other files.
    """
    done: set[str] = set()
    for _ in range(MOST_ATTEMPTS):
        try:
            return act()
        except Untested as error:
            if run is None or not (trees := [tree for tree in error.trees if tree not in done]):
                raise
        operations.permit(store, words.actor, Operation.TEST)  # before anybody waits for what cannot be recorded
        for tree in trees:
            done.add(tree)
            found = _candidate(store, tree)
            ran = run(found)
            if ran.tree != found.tree:
                raise _false(f"it is of the tree {ran.tree[:12]}, and {found.tree[:12]} was to be tested")
            record(store, ran, words._replace(name=None, message=None))
    return act()


def refusal(found: Gate) -> RuleBroken:
    """What is said where the tests do not allow a move."""
    short = found.short or Shortfall(MISSING, "", "")
    if found.untested:
        return Untested(short.message, hint=short.hint, trees=found.untested)
    return RuleBroken(short.message, hint=short.hint, code=short.code)


def _candidate(store: Store, tree: str) -> Candidate:
    if not store.repository.has(tree):
        tree = store.working_tree.write_tree()[0]  # the draft's, which nobody has taken yet
    files = tree_files(store.repository, tree)
    return Candidate(tree, files, cases_of(files))


def _known(store: Store, target: EnvironmentState, tree: str, files: Tree | None = None) -> Known:
    """What counts for an environment of what is known of a tree."""
    repository, tip = store.repository, store.ledger.tip()
    found, doubt = weighed(repository, tip, tree)
    unsigned = found is not None and target.requires_signature and not is_signed(repository, tip, tree)
    return Known(tree, cases_of(tree_files(repository, tree) if files is None else files), found, doubt, unsigned)


def _refuse_false(store: Store, found: Result) -> None:
    if (flaw := found.flaw) is not None:
        raise _false(flaw)
    if (lie := found.lie(cases_of(tree_files(store.repository, found.tree)))) is not None:
        raise _false(lie)


def _false(why: str) -> RuleBroken:
    return RuleBroken(
        f"this is no result that can be recorded: {why}", hint="Run the suites: gitagent test", code="result-invalid"
    )


def _version_of(store: Store, tree: str) -> tuple[VersionNumber | None, str | None]:
    """The version that has a tree, served or among the newest; nothing where it is a draft's, or was made long ago."""
    state = store.ledger.state()
    newest = store.repository.first_parents(store.ledger.record(state.last_version).commit)
    served = (store.repository.commit(each.commit) for each in state.environments if each.commit)
    for commit in (*islice(newest, MOST_LOOKED_AT), *served):
        number = version_made_by(commit.message) if commit.tree == tree else None
        if number is not None and number <= state.last_version and store.ledger.record(number).commit == commit.id:
            return number, commit.id
    return None, None
