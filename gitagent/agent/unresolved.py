"""Unresolved: the files in which a sync left both sides standing, until somebody has decided."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from gitagent.errors import RuleBroken, StorageFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.agent.store import Store

CONFLICTS = "conflicts"
MOST_NAMED = 5


def remember(store: Store, paths: Sequence[str]) -> None:
    """Keep in mind which files hold both sides; those of an earlier sync that still do stay there."""
    path = store.folder / CONFLICTS
    try:
        path.write_text(json.dumps(sorted({*paths, *unresolved(store)})), encoding="utf-8")
    except OSError as error:
        raise StorageFailed(
            f"cannot write {path}: {error.strerror}", hint="Check that the disk is neither full nor read-only."
        ) from error


def unresolved(store: Store) -> tuple[str, ...]:
    """The files that still hold both sides: with marks in them, or put beside another."""
    path = store.folder / CONFLICTS
    if not path.exists():
        return ()
    from gitagent.config.merging.marks import has_conflict_markers, is_beside

    try:
        paths = [str(each) for each in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError) as error:
        raise StorageFailed(f"{path} cannot be read: {error}", hint="Remove it; no version depends on it.") from error
    tree = store.working_tree
    standing = [each for each in paths if tree.entry(each) is not None]
    return tuple(
        each for each in standing if is_beside(each) or (tree.is_file(each) and has_conflict_markers(tree.read(each)))
    )


def refuse_unresolved(store: Store) -> None:
    """Refuse to make a version of a draft in which both sides of a merge still stand."""
    if paths := unresolved(store):
        raise RuleBroken(
            f"both sides of a merge, yours and others', still stand in {_listed(paths)}",
            hint="Where <<<<<<< stands, keep what is right and remove the marks; remove a file named .theirs.",
            code="draft-conflicted",
        )


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - MOST_NAMED
    named = [*paths[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
    return " and ".join([", ".join(named[:-1]), named[-1]] if len(named) > 1 else named)
