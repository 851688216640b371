"""Mishaps: what can happen to the draft: notes and an index that cannot be read, and what did not come to its end."""

from __future__ import annotations

import json
import shlex
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from gitagent.agent import kept
from gitagent.agent.ailments import Ailment, Aside, Repair, named
from gitagent.agent.unresolved import CONFLICTS, remember
from gitagent.errors import ObjectMissing, RuleBroken, StorageFailed
from gitagent.git import leftovers
from gitagent.git.hidden import hidden_paths
from gitagent.git.staging import staged_entries
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.store import Store


def unreadable_notes(store: Store) -> Iterator[Ailment]:
    """gitagent's own notes about the draft, where they hold something else."""
    then = {
        "overwriting": "the draft is what stands in the working tree",
        "base": "the draft then counts as made from the newest version",
        "pushing": "the next gitagent sync shows whether the shared remote took it",
        CONFLICTS: "the files that still hold both sides are looked for anew",
    }
    for name, what in then.items():
        path = store.folder / name
        if path.exists() and not _is_readable(store, name):
            yield Ailment(
                Repair(
                    "note-unreadable",
                    named(store, path),
                    f"the note {named(store, path)} cannot be read",
                    f"Move it aside; {what}.",
                ),
                partial(_put_note_aside, store, name),
            )


def _is_readable(store: Store, name: str) -> bool:
    path = store.folder / name
    try:
        if name == "overwriting":
            return kept.interrupted(store.folder) is not None
        values = json.loads(path.read_text(encoding="utf-8"))
        if name == CONFLICTS:
            return isinstance(values, list)
        if name == "pushing":
            return isinstance(values["commit"], str)
        base = values["base"]
        return "last_version" in values and (base is None or VersionNumber.matches(base))
    except (StorageFailed, OSError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _put_note_aside(store: Store, name: str, aside: Aside) -> None:
    aside.take(store.folder / name)
    if name == CONFLICTS and not store.repository.is_bare:
        from gitagent.config.merging.marks import has_conflict_markers, is_beside

        tree = store.working_tree
        if both := [each for each in tree.entries() if is_beside(each) or has_conflict_markers(tree.read(each))]:
            remember(store, both)


def broken_index(store: Store) -> Iterator[Ailment]:
    """git's index, where it cannot be read or is missing."""
    repository = store.repository
    if repository.is_bare or (head := _head(store)) is None:
        return
    path = leftovers.private_folder(repository) / "index"
    tree = repository.commit(head).tree
    with suppress(StorageFailed, ObjectMissing):
        if staged_entries(repository, {}) or path.exists() or not repository.entries(tree):
            return
    name = named(store, path)
    first = "Move it aside, and make" if path.exists() else "Make"

    def rebuild(aside: Aside) -> None:
        if path.exists():
            aside.take(path)
        store.working_tree.reset_index(tree)

    yield Ailment(
        Repair(
            "index-broken",
            name,
            f"git's index, {name}, " + ("cannot be read" if path.exists() else "is missing"),
            f"{first} a new one from {'main' if repository.head_name() == 'refs/heads/main' else 'HEAD'}; "
            "no file of the draft is touched.",
            f"rm -f {shlex.quote(name)} && git reset",
        ),
        rebuild,
    )


def _head(store: Store) -> str | None:
    """The commit that HEAD is on, where it can be read."""
    try:
        head = store.repository.ref("HEAD")
    except StorageFailed:
        return None
    return head if head is not None and store.repository.has(head) else None


def interrupted(store: Store) -> Iterator[Ailment]:
    """A restore or a sync that began to overwrite the draft and did not end."""
    with suppress(StorageFailed):  # its note cannot be read: `unreadable_notes` says so
        if (target := store.projection.interrupted()) is not None:
            place = named(store, store.folder / "overwriting")
            if _can_be_finished(store, target):
                wrong = f"{target.reason} was interrupted while it overwrote the draft"
                remedy = "Finish it; files that were edited since are kept in gitagent drafts."
                yield Ailment(Repair("draft-half-overwritten", place, wrong, remedy), partial(_finish, store, target))
            else:
                wrong = f"{target.reason} was interrupted, and objects that it needs are missing"
                remedy = "Keep the draft as it stands in gitagent drafts, and give it up; no file is touched."
                yield Ailment(Repair("draft-half-overwritten", place, wrong, remedy), partial(_give_up, store, target))


def _can_be_finished(store: Store, target: kept.Overwriting) -> bool:
    repository = store.repository
    try:
        was, wanted = repository.entries(target.was), repository.entries(target.tree)
    except ObjectMissing:
        return False
    submodule = 0o160000
    here = all(repository.has(id_) for path, (mode, id_) in wanted.items() if mode != submodule and path not in was)
    changed = all(repository.has(wanted[path][1]) for path in was if path in wanted and wanted[path] != was[path])
    return here and changed and (target.main is None or repository.has(target.main))


def _finish(store: Store, target: kept.Overwriting, _: Aside) -> None:
    store.notices.append(kept.finish(store, target))


def _give_up(store: Store, target: kept.Overwriting, aside: Aside) -> None:
    last = store.ledger.last_event()
    mixed, _ = store.working_tree.write_tree()
    reason = f"{target.reason}, given up"
    draft = kept.keep(store, mixed, reason=reason, base=None, actor=last.actor, at=last.at)
    aside.take(store.folder / "overwriting")
    store.notices.append(
        f"{target.reason} is given up; the draft as it stands is kept: gitagent drafts show {draft.id}"
    )


def in_the_way_of_saving(store: Store) -> Iterator[Ailment]:
    """What git is in the middle of, and files that it was told not to look at: somebody's own doing."""
    if store.repository.is_bare:
        return
    with suppress(StorageFailed):  # an index that cannot be read: `broken_index` says so
        staged_entries(store.repository, {})
        hidden = hidden_paths(leftovers.private_folder(store.repository) / "index")
        for path, mark in hidden:
            wrong = f"git was told not to look at {path} ({mark}), so what is edited there is in no version"
            command = f"git update-index --no-{mark} -- {shlex.quote(path)}"
            yield Ailment(Repair("file-hidden", path, wrong, "Let git look at it again.", command, automatic=False))
        try:
            store.working_tree.refuse_half_done()
        except RuleBroken as error:
            if error.code != "file-hidden":
                remedy = error.hint or ""
                yield Ailment(Repair(error.code, "HEAD", error.message, remedy, automatic=False))
