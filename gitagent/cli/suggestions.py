"""Suggestions: what somebody who mistyped a word probably meant."""

from __future__ import annotations

from collections.abc import Iterable


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
