"""Merging: what two people made of the same configuration, brought together three ways."""

from __future__ import annotations

from gitagent.config.merging.configurations import Merged, merge_files, unresolved
from gitagent.config.merging.conflicts import Conflict, ConflictKind
from gitagent.config.merging.contents import MergedFile, MergeText, merge
from gitagent.config.merging.marks import Labels, Marked, has_conflict_markers, is_beside, marked_conflicts

__all__ = [
    "Conflict",
    "ConflictKind",
    "Labels",
    "Marked",
    "MergeText",
    "Merged",
    "MergedFile",
    "has_conflict_markers",
    "is_beside",
    "marked_conflicts",
    "merge",
    "merge_files",
    "unresolved",
]
