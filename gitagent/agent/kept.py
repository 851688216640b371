"""Kept drafts: snapshots of drafts that were about to be overwritten, and the overwriting itself."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from gitagent.agent import lineage
from gitagent.errors import DraftNotFound, IdentityMissing, InvalidName, RuleBroken, StorageFailed
from gitagent.git.disk import sync_directory
from gitagent.names import Actor, VersionNumber, is_ulid, new_ulid

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.agent.store import Store
    from gitagent.git.objects import Commit
    from gitagent.git.worktree import Entries

_Taken = TypeVar("_Taken")
DRAFTS = "refs/gitagent/drafts/"
PENDING = "refs/gitagent/pending/"
SHORTEST_PREFIX = 6
_SUBJECT = "Draft kept before: "
_BASE = "Gitagent-Draft-Base: "


class KeptDraft(NamedTuple):
    """A snapshot of a draft: why and when it was taken, and the version that the draft was based on.

    `commit` holds its files; it stays until it is dropped.
    """

    id: str
    commit: str
    at: datetime
    actor: Actor
    reason: str
    base: VersionNumber | None


class Overwriting(NamedTuple):
    """The working tree, which held the files of `was`, is being made to hold those of the tree `tree`.

    After that it is based on `base` (None: on the newest version of its line), and main is at `main` (None: where it
    is).
    """

    was: str
    tree: str
    base: str | None
    last_version: str
    reason: str
    main: str | None = None


def keep(store: Store, tree: str, *, reason: str, base: VersionNumber | None, actor: Actor, at: datetime) -> KeptDraft:
    """Take a snapshot of a draft whose files are in `tree`."""
    head = store.repository.ref("HEAD")
    message = f"{_SUBJECT}{reason}\n" + (f"\n{_BASE}{base}\n" if base else "")
    commit = store.repository.write_commit(
        tree=tree, parents=() if head is None else (head,), message=message, actor=actor, at=at
    )
    store.repository.sync_objects()
    return _referred(store, commit, reason)


def keep_commit(store: Store, commit: str, *, reason: str) -> KeptDraft:
    """Keep a commit that somebody else made and that is about to lose its branch."""
    found = store.repository.commit(commit)
    message = f"{_SUBJECT}{reason}\n"
    made = store.repository.write_commit(
        tree=found.tree, parents=(commit,), message=message, actor=person(found), at=found.at
    )
    return _referred(store, made, reason)


def kept_drafts(store: Store) -> tuple[KeptDraft, ...]:
    """All kept drafts, newest first."""
    ids = sorted((ref.removeprefix(DRAFTS) for ref in store.repository.refs(DRAFTS)), reverse=True)
    return tuple(kept_draft(store, id_) for id_ in ids if is_ulid(id_))


def kept_draft(store: Store, id_: str) -> KeptDraft:
    """The kept draft of that id; DraftNotFound when there is none."""
    commit = store.repository.ref(DRAFTS + id_)
    if commit is None:
        raise DraftNotFound(f"no kept draft has the id {id_}", hint="List them with: gitagent drafts")
    return _parsed(id_, store.repository.commit(commit))


def find_draft(store: Store, prefix: str) -> KeptDraft | None:
    """The one kept draft whose id begins with `prefix`, upper or lower case; None when the text cannot be an id.

    DraftNotFound when none begins so, or several do.
    """
    wanted = prefix.upper()
    if is_ulid(wanted):
        return kept_draft(store, wanted)
    if len(wanted) < SHORTEST_PREFIX or not is_ulid(wanted.ljust(26, "0")):
        return None
    ids = [ref.removeprefix(DRAFTS) for ref in store.repository.refs(DRAFTS + wanted)]
    if len(ids) > 1:
        raise DraftNotFound(f"{len(ids)} kept drafts begin with {wanted}", hint="Give more of the id: gitagent drafts")
    return kept_draft(store, ids[0]) if ids else None


def locked_drafts(store: Store) -> list[str]:
    """The refs of kept drafts, and of saves that wait, that are locked, by a living process or a dead one."""
    top = store.repository.git_directory
    return [f"{refs}{lock.stem}" for refs in (DRAFTS, PENDING) for lock in (top / refs).glob("*.lock")]


def drop(store: Store, draft: KeptDraft) -> None:
    """Remove a kept draft for good."""
    store.repository.move_ref(DRAFTS + draft.id, to=None, expected=draft.commit, why="drop draft")


def overwrite(store: Store, target: Overwriting, *, now: Entries, wanted: Entries) -> None:
    """Replace the working tree's files; an interruption is finished by the next command."""
    write_note(_note(store.folder), target._asdict())
    _carry_out(store, target, now=now, wanted=wanted)


def interrupted(folder: Path) -> Overwriting | None:
    """The overwriting that a command began and did not end, if there is one."""
    return read_note(_note(folder), lambda values: Overwriting(**values))


def refuse_interrupted(store: Store) -> None:
    """Refuse to take a draft that is half overwritten, because a restore was interrupted and cannot be finished."""
    if (target := interrupted(store.folder)) is not None:
        raise RuleBroken(
            f"the draft is half overwritten: {target.reason} was interrupted",
            hint="Make its files writable, and the next command finishes it; or put another version there: "
            "gitagent restore v1",
            code="draft-half-overwritten",
        )


def finish(store: Store, target: Overwriting) -> str:
    """Carry an interrupted overwriting to its end. Says what it did.

    Files that are neither as they were nor as they become are kept first: half-written ones, or edits made since.
    Files that were not there when it began stay.
    """
    tree = store.working_tree
    was, wanted = store.repository.entries(target.was), store.repository.entries(target.tree)
    now = {path: entry for path in was | wanted if (entry := tree.entry(path)) is not None}
    aside = [path for path in sorted(was | wanted) if now.get(path) not in (was.get(path), wanted.get(path))]
    told = ""
    if aside:
        mixed, _ = tree.write_tree(tree.ignored(wanted))
        at, reason = datetime.now(UTC), f"{target.reason}, interrupted"
        snapshot = keep(store, mixed, reason=reason, base=None, actor=_whoever(store), at=at)
        more = f" and {len(aside) - 1} more" if len(aside) > 1 else ""
        told = f" {aside[0]}{more} had been edited since, and is kept: gitagent restore {snapshot.id}"
    _carry_out(store, target, now=now, wanted=wanted)
    return f"Finished what had been interrupted: {target.reason}.{told}"


def base_of_draft(store: Store) -> VersionNumber:
    """The version that the draft was made from: the newest, unless another was restored since that was made."""
    line = lineage.line(store)
    found = read_note(store.folder / "base", lambda values: (values["base"], values["last_version"]))
    if found is None or found[1] != str(line) or found[0] is None:
        return line
    return VersionNumber.parse(found[0])


def _carry_out(store: Store, target: Overwriting, *, now: Entries, wanted: Entries) -> None:
    store.working_tree.replace(now=now, wanted=wanted)
    write_note(store.folder / "base", {"base": target.base, "last_version": target.last_version})
    if target.main is not None:
        store.projection.move_main(target.main)
        store.working_tree.track(wanted)
    _remove_note(_note(store.folder))


def _note(folder: Path) -> Path:
    return folder / "overwriting"


def write_note(path: Path, values: dict[str, str | None]) -> None:
    """Write a small file of gitagent's own, whole or not at all."""
    new = path.with_suffix(".new")
    try:
        with new.open("w", encoding="utf-8") as file:
            json.dump(values, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_directory(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _remove_note(path: Path) -> None:
    try:
        path.unlink()
        sync_directory(path.parent)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> StorageFailed:
    return StorageFailed(
        f"cannot write {path}: {error.strerror}", hint="Check that the disk is neither full nor read-only."
    )


def read_note(path: Path, taken: Callable[[dict[str, Any]], _Taken]) -> _Taken | None:
    """What is taken from the values of a file of `write_note`; None when there is none."""
    try:
        return taken(json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise StorageFailed(f"{path} cannot be read: {error}", hint="Remove it; no version depends on it.") from error


def _referred(store: Store, commit: str, reason: str) -> KeptDraft:
    id_ = new_ulid()
    store.repository.move_ref(DRAFTS + id_, to=commit, expected=None, why=reason)
    return kept_draft(store, id_)


def _parsed(id_: str, commit: Commit) -> KeptDraft:
    first, _, rest = commit.message.partition("\n")
    base = rest.strip().removeprefix(_BASE)
    by_us = first.startswith(_SUBJECT)
    return KeptDraft(
        id=id_,
        commit=commit.id,
        at=commit.at,
        actor=person(commit),
        reason=first.removeprefix(_SUBJECT),
        base=VersionNumber.parse(base) if by_us and VersionNumber.matches(base) else None,
    )


def person(commit: Commit) -> Actor:
    """Who made a commit; git lets through names and e-mails that are no one's."""
    try:
        return Actor(commit.name or "unknown", commit.email or "unknown")
    except InvalidName:
        return Actor("unknown", "unknown")


def _whoever(store: Store) -> Actor:
    """Who acts, as far as git's configuration says; finishing what was interrupted needs nobody's name."""
    from gitagent.git.identity import identity

    try:
        return identity(store.repository, {})
    except (IdentityMissing, StorageFailed):
        return Actor("unknown", "unknown")
