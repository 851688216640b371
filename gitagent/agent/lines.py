"""Lines: how what others saved comes into the draft, three ways, with nothing of either side lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept, lineage, unresolved
from gitagent.agent.draft import Change, changes_between
from gitagent.agent.files import MODES, draft_files, tree_files
from gitagent.agent.versions import version_made_by
from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.agent.files import Tree
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
    repository, remote, main = store.repository, store.remote, lineage.main_of(store)
    if repository.is_ancestor(newest, main):
        return Brought()
    if not repository.is_ancestor(main, newest):
        raise RuleBroken(
            "main has commits of its own, and others have saved versions meanwhile",
            hint=f"Bring the two together with git: git pull --no-rebase {remote.name if remote else ''} main",
            code="main-diverged",
        )
    working_tree = store.working_tree
    working_tree.refuse_unfinished()
    kept.refuse_interrupted(store)
    base, theirs = (repository.entries(repository.commit(each).tree) for each in (main, newest))
    now = working_tree.entries()
    wanted, conflicts = (theirs, ()) if now == base else merged(store, newest, base, None, theirs)
    ignored = working_tree.ignored(path for path in wanted if path not in now and working_tree.entry(path))
    now |= {path: entry for path in ignored if (entry := working_tree.entry(path)) is not None}
    store.refuse_in_the_way(now, wanted, "the newest version")
    snapshot, was = None, repository.commit(main).tree
    if now != base:
        was, _ = working_tree.write_tree(ignored)
        snapshot = kept.keep(store, was, reason="sync", base=kept.base_of_draft(store), actor=actor, at=at)
    tree = repository.write_entries(wanted)
    repository.sync_objects()
    if conflicts:
        unresolved.remember(store, conflicts)
    target = kept.Overwriting(was, tree, None, str(lineage.line(store)), "sync", newest)
    kept.overwrite(store, target, now=now, wanted=wanted)
    store.tell_uncovered(wanted, "the newest version")
    return Brought(changes_between(now, wanted), conflicts, snapshot)


def merged(
    store: Store, newest: str, base: Entries, ours: Entries | None, theirs: Entries
) -> tuple[Entries, tuple[str, ...]]:
    """The files with both sides' changes, and those that somebody has to decide on.

    `ours` are the draft's where they are None, and `theirs` those of the commit `newest`.
    """
    from gitagent.config.merging import is_beside, merge_files
    from gitagent.git.merging import merge_text

    old, new = (_tree(store, each) for each in (base, theirs))
    mine = draft_files(store.working_tree) if ours is None else _tree(store, ours)
    version = version_made_by(store.repository.commit(newest).message)
    labels = ("your draft", str(version) if version else "main of the shared remote")
    merged = merge_files(old, mine, new, labels=labels, merge_text=merge_text)
    entries: Entries = {}
    for path, file in merged.files.items():
        known = next((each.entries[path] for each in (mine, old, new) if each.get(path) is file), None)
        entries[path] = known or (MODES[file.kind], store.repository.write_blob(file.read()))
    conflicts = {each.path for each in merged.conflicts}
    return entries, tuple(sorted(path for path in entries if path in conflicts or is_beside(path)))


def _tree(store: Store, entries: Entries) -> Tree:
    return tree_files(store.repository, store.repository.write_entries(entries))
