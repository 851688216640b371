"""Draft: the working tree as its owner edits it, and how it differs from the version that it is based on."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept, lineage, unresolved
from gitagent.agent.files import draft_files
from gitagent.errors import InvalidConfiguration, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gitagent.agent.files import Tree
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.store import Store
    from gitagent.config.problems import Problem
    from gitagent.git.worktree import Index
    from gitagent.names import Actor, VersionNumber

MAIN = "main"


class ChangeKind(StrEnum):
    """What happened to a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"


class Change(NamedTuple):
    """A file that differs."""

    path: str
    kind: ChangeKind


class Draft(NamedTuple):
    """The draft's state: the version that it is based on, and the files that differ from that one.

    `branch` is where the working tree stands: None on no branch. Anywhere but on main it is not the draft, and
    cannot be saved. `unfinished` is the reason why git has to be finished with first, if it has.
    """

    base: VersionNumber
    changes: tuple[Change, ...]
    branch: str | None = MAIN
    unfinished: str | None = None

    @property
    def in_place(self) -> bool:
        """Whether the working tree stands on main."""
        return self.branch == MAIN

    @property
    def edited(self) -> bool:
        return bool(self.changes)

    @property
    def label(self) -> str:
        """`Draft`, or `Draft edited since v7`."""
        return f"Draft edited since {self.base}" if self.edited else "Draft"


class SavePlan(NamedTuple):
    """What a save would make: the number, the files that differ from the newest version, and warnings."""

    number: VersionNumber
    base: VersionNumber
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]


class Checked(NamedTuple):
    """Files that were found valid, and the warnings about them."""

    files: Tree
    problems: tuple[Problem, ...]


class RestorePlan(NamedTuple):
    """What a restore or a discard would do: the files of the draft that would change.

    `target` names what would be restored; `version` is its number, if it is one. `draft_edited` says that the draft
    holds what would be overwritten and no version holds, and so would be kept first.
    """

    target: str
    version: VersionNumber | None
    draft_edited: bool
    changes: tuple[Change, ...]


class Restored(NamedTuple):
    """A draft that was replaced; `kept` is the snapshot of what it was, where it had been edited."""

    target: str
    version: VersionNumber | None
    kept: KeptDraft | None
    changes: tuple[Change, ...]


def changes_between(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Change, ...]:
    """The differing files of two sets of entries, by path."""
    return tuple(
        Change(path, _kind(path in old, path in new))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
    )


def look(store: Store) -> Draft:
    """The draft as it stands."""
    base = kept.base_of_draft(store)
    tree = store.repository.commit(store.ledger.record(base).commit).tree
    head = store.repository.head_name()
    branch = None if head is None else head.removeprefix("refs/heads/")
    changes = changes_between(store.repository.entries(tree), store.working_tree.entries())
    try:
        store.working_tree.refuse_half_done()
        unresolved.refuse_unresolved(store)
    except RuleBroken as error:
        return Draft(base, changes, branch, error.message)
    return Draft(base, changes, branch)


def checked_problems(files: Tree) -> tuple[Problem, ...]:
    """The warnings of a configuration; InvalidConfiguration with everything when there are errors."""
    from gitagent.config.problems import Severity
    from gitagent.config.validation import validate

    problems = tuple(validate(files))
    if errors := sum(problem.severity is Severity.ERROR for problem in problems):
        plural, them = ("s", "them") if errors > 1 else ("", "it")
        raise InvalidConfiguration(
            f"the configuration has {errors} problem{plural}, and a version has to be valid",
            problems=problems,
            hint=f"Correct {them} and try again.",
        )
    return problems


def plan_save(store: Store, *, checked: Checked | None = None, waits: bool = False) -> tuple[SavePlan, Checked]:
    """What a save would make of the draft, and the draft's files, checked. Refused when there is nothing to save.

    Files that are the same as those in `checked` are not checked again. A save that `waits` for its number may miss
    what others have saved.
    """
    store.working_tree.refuse_unfinished()
    kept.refuse_interrupted(store)
    if not waits:
        store.refuse_grown_line()
    unresolved.refuse_unresolved(store)
    last = store.ledger.state().last_version
    store.refuse_foreign_tag(last.next())
    files = draft_files(store.working_tree)
    newest = store.repository.entries(store.repository.commit(store.ledger.record(last).commit).tree)
    if not (changes := changes_between(newest, files.entries)):
        raise RuleBroken(
            f"there is nothing to save: the draft is the same as {last}", hint="Edit it first.", code="nothing-to-save"
        )
    if checked is None or checked.files.entries != files.entries:
        checked = Checked(files, checked_problems(files))
    return SavePlan(last.next(), kept.base_of_draft(store), changes, checked.problems), checked


def take(store: Store, files: Tree) -> tuple[str, Index]:
    """The tree of the draft, and git's index for it.

    What was checked is what is taken: files that were edited in between are checked again.
    """
    tree, index = store.working_tree.write_tree()
    taken = store.repository.entries(tree)
    if taken != files.entries:
        from gitagent.agent.files import tree_files

        checked_problems(tree_files(store.repository, tree))
    return tree, index


def plan_restore(store: Store, target: str, version: VersionNumber | None, commit: str) -> RestorePlan:
    """What restoring a commit's files would change in the draft."""
    store.working_tree.refuse_unfinished()
    wanted = store.repository.entries(store.repository.commit(commit).tree)
    now = store.working_tree.entries()
    store.refuse_in_the_way(now, wanted, target)
    changes = changes_between(now, wanted)
    for change in changes:
        if change.path in wanted and not store.repository.has(id_ := wanted[change.path][1]):
            store.repository.blob(id_)  # ObjectMissing, before anything was overwritten
    return RestorePlan(target, version, bool(changes) and look(store).edited, changes)


def restore(store: Store, plan: RestorePlan, commit: str, *, reason: str, actor: Actor, at: datetime) -> Restored:
    """Replace the draft's files by a commit's; an edited draft is kept first."""
    working_tree = store.working_tree
    tree = store.repository.commit(commit).tree
    wanted = store.repository.entries(tree)
    ignored = working_tree.ignored(path for path in wanted if working_tree.entry(path) != wanted[path])
    now = working_tree.entries() | _entries(store, ignored)
    snapshot, was_based_on = None, kept.base_of_draft(store)
    was = store.repository.commit(store.ledger.record(was_based_on).commit).tree
    if now == wanted:
        was = tree
    elif now != store.repository.entries(was):
        was, _ = working_tree.write_tree(ignored)
        snapshot = kept.keep(store, was, reason=reason, base=was_based_on, actor=actor, at=at)
    base = str(plan.version) if plan.version is not None else None
    target = kept.Overwriting(was, tree, base, str(lineage.line(store)), reason)
    # What is edited from here on is noticed file by file.
    kept.overwrite(store, target, now=now, wanted=wanted)
    store.tell_uncovered(wanted, plan.target)
    return Restored(plan.target, plan.version, snapshot, plan.changes)


def _entries(store: Store, paths: list[str]) -> dict[str, tuple[int, str]]:
    return {path: entry for path in paths if (entry := store.working_tree.entry(path)) is not None}


def _kind(was: bool, is_: bool) -> ChangeKind:
    if was and is_:
        return ChangeKind.MODIFIED
    return ChangeKind.ADDED if is_ else ChangeKind.DELETED
