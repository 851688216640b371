"""Underway: the version whose push to the shared remote is under way, so that a lost answer is found again."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from gitagent.agent import kept
from gitagent.agent.lineage import MAIN

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent.agent.store import Store


def begin(store: Store, commit: str) -> None:
    """Note the commit of a version of this draft, before it is pushed."""
    kept.write_note(_note(store.folder), {"commit": commit})


def end(store: Store) -> None:
    """What became of it is known. Where the note cannot be removed, the next command finds out once more."""
    with suppress(OSError):
        _note(store.folder).unlink(missing_ok=True)


def waiting(store: Store) -> str | None:
    """The commit whose push was left without an answer, if there is one."""
    return kept.read_note(_note(store.folder), lambda values: str(values["commit"]))


def end_at(store: Store, commit: str | None) -> None:
    """What became of it is known, and main is there; where main could not come there, the next command sees to it."""
    main = store.repository.ref(MAIN)
    if commit is None or main is None or main == commit or not store.repository.is_ancestor(main, commit):
        end(store)


def follow(store: Store) -> None:
    """Where the remote took the version after all, main comes to it; the draft was made of it, and stays as it is."""
    if (commit := waiting(store)) is None:
        return
    repository, main = store.repository, store.repository.ref(MAIN)
    last = store.ledger.record(store.ledger.state().last_version).commit
    taken = repository.has(commit) and repository.is_ancestor(commit, last)
    if taken and main is not None and repository.is_ancestor(main, commit):
        store.projection.move_main(commit)
    end(store)


def _note(folder: Path) -> Path:
    return folder / "pushing"
