"""What differs between two versions of an agent's files, as values, as a patch and in short."""

from __future__ import annotations

from gitagent.agent.compare.comparison import ChangeKind, Comparison, Counts, FileChange, Note, NoteKind, compare

__all__ = ["ChangeKind", "Comparison", "Counts", "FileChange", "Note", "NoteKind", "compare"]
