"""Pending: saves made while the shared remote was out of reach; unnumbered until the next sync."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import draft, kept, lines, operations
from gitagent.agent.events import Operation
from gitagent.agent.files import tree_files
from gitagent.agent.kept import PENDING
from gitagent.agent.lineage import main_of
from gitagent.agent.words import Words
from gitagent.errors import InvalidConfiguration, RuleBroken, SigningFailed, SigningKeyMissing
from gitagent.git.armor import signature_of
from gitagent.names import is_ulid, new_ulid

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.agent.operations import Saved
    from gitagent.agent.store import Store
    from gitagent.config.problems import Problem
    from gitagent.git.objects import Commit
    from gitagent.git.signing import Signer
    from gitagent.names import Actor

_SUBJECT = "Pending save"


class PendingSave(NamedTuple):
    """A save that waits for its number. `commit` holds its files; its parent is the save before it, or main.

    One that is `signed` is to be signed when it becomes a version, too.
    """

    id: str
    commit: str
    actor: Actor
    at: datetime
    name: str | None
    message: str | None
    problems: tuple[Problem, ...] = ()
    signed: bool = False


def keep(store: Store, words: Words) -> PendingSave:
    """Save the draft without a number; refused as any save would be, as far as that is known here."""
    with store.writing():
        operations.permit(store, words.actor, Operation.SAVE)
        plan, checked = draft.plan_save(store, waits=True)
        tree, _ = draft.take(store, checked.files)
        before = next((each.commit for each in reversed(pending_saves(store))), main_of(store))
        if store.repository.commit(before).tree == tree:
            raise RuleBroken(
                "there is nothing to save: the draft is the same as the save before it, which waits",
                hint="Edit it first, or give it its number: gitagent sync",
                code="nothing-to-save",
            )
        subject = f"{_SUBJECT}: {words.name}" if words.name else _SUBJECT
        commit = store.repository.write_commit(
            tree=tree,
            parents=(before,),
            message=subject + "\n" + (f"\n{words.message}\n" if words.message else ""),
            actor=words.actor,
            at=words.at,
            signer=words.signer,
        )
        store.repository.sync_objects()
        id_ = new_ulid()
        store.repository.move_ref(PENDING + id_, to=commit, expected=None, why="save, out of reach")
        said = (words.actor, words.at, words.name, words.message)
        return PendingSave(id_, commit, *said, plan.problems, words.signer is not None)


def pending_saves(store: Store) -> tuple[PendingSave, ...]:
    """All that wait, oldest first."""
    ids = [ref.removeprefix(PENDING) for ref in store.repository.refs(PENDING)]
    return tuple(_read(store, id_) for id_ in sorted(ids) if is_ulid(id_))


def number(store: Store, save: PendingSave, *, sign: bool = True) -> Saved | None:
    """Make a version of a save that waited, on what others saved meanwhile. To be called while writing.

    None where it is in the newest version already, or cannot be brought together with it, or is not valid then, or
    its author may not save any more: it is kept as a draft, and a notice says so. One that was signed is signed as a
    version, unless `sign` is false; where that cannot be, it goes on waiting, and a notice says why.
    """
    try:
        operations.permit(store, save.actor, Operation.SAVE)
    except RuleBroken:
        _set_aside(store, save, f"{save.actor.name} may not save any more")
        store.repository.move_ref(PENDING + save.id, to=None, expected=save.commit, why="set aside")
        return None
    try:
        return _numbered(store, save, _signer(store, save) if sign else None)
    except (SigningKeyMissing, SigningFailed) as error:
        store.notices.append(
            f"A save of {save.at:%Y-%m-%d %H:%M} still waits, since it is to be signed and cannot be: {error.message}. "
            "Try again: gitagent sync; or number it without a signature: gitagent sync --no-sign"
        )
        return None


def _numbered(store: Store, save: PendingSave, signer: Signer | None) -> Saved | None:
    repository = store.repository
    last = store.ledger.record(store.ledger.state().last_version).commit
    parent = repository.commit(save.commit).parents[0]
    trees = [repository.commit(each).tree for each in (parent, save.commit, last)]
    base, ours, theirs = (repository.entries(each) for each in trees)
    wanted, conflicts = (ours, ()) if base == theirs else lines.merged(store, last, base, ours, theirs)
    tree, saved = repository.write_entries(wanted), None
    if not conflicts and wanted != theirs:
        try:
            problems = draft.checked_problems(tree_files(repository, tree))
        except InvalidConfiguration:
            conflicts = tuple(sorted(path for path in wanted if wanted[path] != theirs.get(path)))
        else:
            words = Words(save.actor, save.at, save.name, save.message, signer)
            saved = operations.save_tree(store, tree, words, problems)
    if conflicts:
        _set_aside(store, save, f"others changed {conflicts[0]} too")
    repository.move_ref(PENDING + save.id, to=None, expected=save.commit, why="numbered")
    return saved


def _set_aside(store: Store, save: PendingSave, why: str) -> None:
    snapshot = kept.keep_commit(store, save.commit, reason="a save that could not be numbered")
    store.notices.append(
        f"A save of {save.at:%Y-%m-%d %H:%M} could not be numbered, since {why}; "
        f"it is kept: gitagent restore {snapshot.id}. Its edits are in the draft as well."
    )


def _signer(store: Store, save: PendingSave) -> Signer | None:
    if not save.signed:
        return None
    from gitagent.git.signing import Signer

    return Signer(store.repository, save.actor)


def _read(store: Store, id_: str) -> PendingSave:
    commit: Commit = store.repository.commit(str(store.repository.ref(PENDING + id_)))
    subject, _, message = commit.message.partition("\n")
    name = subject.removeprefix(_SUBJECT).removeprefix(": ")
    said = (kept.person(commit), commit.at, name or None, message.strip("\n") or None)
    return PendingSave(id_, commit.id, *said, signed=signature_of(store.repository, commit.id) is not None)
