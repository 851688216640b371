"""Suggestions: what somebody who mistyped a word probably meant."""

from __future__ import annotations

from collections.abc import Iterable

_SYNONYMS = {
    "audit": "history",
    "check": "validate",
    "checkout": "restore",
    "commit": "save",
    "create": "init",
    "delete": "drop or release",
    "deploy": "publish or promote",
    "diff": "compare",
    "env": "environments",
    "envs": "environments",
    "lint": "validate",
    "log": "history",
    "ls": "versions or list",
    "new": "init",
    "pipeline": "environments",
    "release": "publish or promote",
    "remove": "drop or release",
    "reset": "discard",
    "revert": "rollback or restore",
    "rm": "drop or release",
    "stash": "drafts",
    "undo": "rollback or discard",
    "version": "versions",
}
"""What other programs call what a command does."""


def synonym(word: str, known: Iterable[str]) -> str | None:
    """A hint for a word that other programs use, where what it stands for is among the known ones."""
    meant = [each for each in _SYNONYMS.get(word.lower(), "").split(" or ") if each in {*known}]
    if not meant:
        return None
    own = " 'gitagent --version' shows gitagent's own." if meant == ["versions"] and word != "ls" else ""
    return f"Did you mean {listed(meant, last='or')}?{own}"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like `word`, or None when none is like it."""
    from difflib import get_close_matches  # only when something was mistyped

    matches = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str], *, otherwise: str) -> str:
    """A hint: the nearest known word as a question, or `otherwise` when none is near."""
    match = nearest(word, known)
    return f"Did you mean {match}?" if match else otherwise


def listed(words: Iterable[str], *, last: str = "and") -> str:
    """Words as a sentence lists them: "a", "a and b", "a, b and c"."""
    *head, tail = [*words] or [""]
    return f"{', '.join(head)} {last} {tail}" if head else tail
