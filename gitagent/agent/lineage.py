"""Lineage: which version main has come to, and what a new one follows."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from gitagent.agent.versions import version_made_by

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.agent.store import Store
    from gitagent.git.objects import Commit
    from gitagent.names import VersionNumber

MAIN = "refs/heads/main"
MOST_LOOKED_AT = 1000
"""Commits among which the versions of trees are looked for."""


def main_of(store: Store) -> str:
    """The commit that main is on; that of the newest version where there is no main."""
    return store.repository.ref(MAIN) or store.ledger.record(store.ledger.state().last_version).commit


def line(store: Store) -> VersionNumber:
    """The newest version on main: the one that the draft's line has come to."""
    last = store.ledger.state().last_version
    main = store.repository.ref(MAIN)
    if store.remote is None or main is None or _holds(store, main, last):
        return last
    found = next(filter(None, (_version_at(store, each) for each in store.repository.first_parents(main))), None)
    # A merge made by git may have brought newer ones, by its second parent.
    while found and _holds(store, main, found.next()):
        found = found.next()
    return found or last


def parents(store: Store, *, first: bool) -> tuple[str, ...]:
    """A version follows the one before it by first parents; commits made on main meanwhile are taken along.

    The `first` one follows main as it stands.
    """
    main = store.repository.ref(MAIN)
    if first:
        return () if main is None else (main,)
    last = store.ledger.record(store.ledger.state().last_version).commit
    if main is None or store.repository.is_ancestor(main, last):
        return (last,)
    return (main,) if _leads_to(store, main, last) else (last, main)


def versions_of(store: Store, trees: Iterable[str]) -> dict[str, VersionNumber]:
    """The version that has each of these trees, among the newest; a tree of none is left out."""
    wanted = {*trees}
    found: dict[str, VersionNumber] = {}
    newest = store.repository.first_parents(store.ledger.record(store.ledger.state().last_version).commit)
    for commit in islice(newest, MOST_LOOKED_AT) if wanted else ():
        if commit.tree in wanted and (number := _version_at(store, commit)) is not None:
            found.setdefault(commit.tree, number)
            if len(found) == len(wanted):
                break
    return found


def _holds(store: Store, main: str, number: VersionNumber) -> bool:
    return store.repository.is_ancestor(store.ledger.record(number).commit, main)


def _version_at(store: Store, commit: Commit) -> VersionNumber | None:
    number = version_made_by(commit.message)
    if number is None or number > store.ledger.state().last_version:
        return None
    return number if store.ledger.record(number).commit == commit.id else None


def _leads_to(store: Store, start: str, commit: str) -> bool:
    """Whether the first parents of `start` lead to `commit`."""
    return store.repository.is_ancestor(commit, start) and any(
        each.id == commit for each in store.repository.first_parents(start)
    )
