"""Lines: how what others saved comes into the draft, three ways, with nothing of either side lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept, lineage
from gitagent.agent.draft import Change, changes_between
from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.store import Store
    from gitagent.git.worktree import Entries
    from gitagent.names import Actor


class Brought(NamedTuple):
    """What changed in the draft, the files that hold both sides, and the snapshot of the draft as it was."""

    changes: tuple[Change, ...] = ()
    conflicts: tuple[str, ...] = ()
    kept: KeptDraft | None = None


def bring(store: Store, newest: str, *, actor: Actor, at: datetime) -> Brought:
    """Let main come to the commit `newest`, and merge what changed on the way into the draft.

    RuleBroken when main has commits of its own that `newest` does not know, or git is in the middle of something.
    """
    repository, main = store.repository, lineage.main_of(store)
    if repository.is_ancestor(newest, main):
        return Brought()
    if not repository.is_ancestor(main, newest):
        raise RuleBroken(
            "main has commits of its own, and others have saved versions meanwhile",
            hint="Bring the two together with git: git pull --no-rebase",
            code="main-diverged",
        )
    working_tree = store.working_tree
    working_tree.refuse_unfinished()
    kept.refuse_interrupted(store)
    base, theirs = (repository.entries(repository.commit(each).tree) for each in (main, newest))
    now = working_tree.entries()
    wanted, conflicts = (theirs, ()) if now == base else _merged(store, base, now, theirs)
    store.refuse_in_the_way(now, wanted, "the newest version")
    snapshot, was = None, repository.commit(main).tree
    if now != base:
        was, _ = working_tree.write_tree()
        snapshot = kept.keep(store, was, reason="sync", base=kept.base_of_draft(store), actor=actor, at=at)
    tree = repository.write_entries(wanted)
    repository.sync_objects()
    target = kept.Overwriting(was, tree, None, str(lineage.line(store)), "sync", newest)
    kept.overwrite(store, target, now=now, wanted=wanted)
    return Brought(changes_between(now, wanted), conflicts, snapshot)


def _merged(store: Store, base: Entries, ours: Entries, theirs: Entries) -> tuple[Entries, tuple[str, ...]]:
    """The files with both sides' changes, and those where the two cannot be brought together."""
    merged: Entries = {}
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        was, mine, new = base.get(path), ours.get(path), theirs.get(path)
        if mine != new and was not in (mine, new):
            raise RuleBroken(
                f"{path} was changed in the draft and by others",
                hint=f"Put your change aside, sync, and make it again: gitagent restore {lineage.line(store)}",
                code="both-changed",
            )
        if (entry := new if mine == was else mine) is not None:
            merged[path] = entry
    return merged, ()
