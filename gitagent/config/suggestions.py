"""Suggestions: what was probably meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable

_LONGEST = 60
_SHORTEST_PART = 3
_LIKENESS = 0.61  # that of 'number' and 'name' is 0.6, which is too little


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """`Did you mean 'x'?` for the closest of the candidates; None where none is close."""
    if len(word) > _LONGEST:
        return None
    from difflib import get_close_matches  # only once something is wrong

    by_lower: dict[str, str] = {}
    for candidate in candidates:
        if len(candidate) <= _LONGEST:
            by_lower.setdefault(candidate.lower(), candidate)
    close = get_close_matches(word.lower(), by_lower, n=1, cutoff=_LIKENESS)
    if not close and len(word) >= _SHORTEST_PART:
        close = [candidate for candidate in by_lower if word.lower() in candidate]
    return f"Did you mean '{by_lower[close[0]]}'?" if close else None


def shortened(text: str, longest: int = _LONGEST) -> str:
    """A text for a message: one line without control characters, cut where it is too long."""
    line = "".join(char if char.isprintable() else "�" for char in text[: longest + 1])
    return line if len(line) <= longest else line[: longest - 1] + "…"
