"""Renames: which deleted file came back under another path."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from gitagent.config.files import File, FileKind, Files

_ALIKE = 0.5
_LARGEST = 256 * 1024
_MOST_PAIRS = 1_000
_PLAIN = frozenset({FileKind.FILE, FileKind.EXECUTABLE})


def renames(deleted: Files, added: Files) -> dict[str, str]:
    """The old path of every added file that is a deleted one: of the same content, or of very similar lines.

    Files are only read to find similar ones, and only while there are few and small enough of both.
    """
    found = _same_content(deleted, added)
    taken = set(found.values())
    left = {path: file for path, file in deleted.items() if path not in taken and _is_readable(file)}
    right = {path: file for path, file in added.items() if path not in found and _is_readable(file)}
    if left and right and len(left) * len(right) <= _MOST_PAIRS:
        found |= _similar(left, right)
    return found


def _is_readable(file: File) -> bool:
    return file.kind in _PLAIN and 0 < file.size <= _LARGEST


def _is_alike(old: File, new: File) -> bool:
    return old.kind == new.kind or (old.kind in _PLAIN and new.kind in _PLAIN)


def _same_content(deleted: Files, added: Files) -> dict[str, str]:
    by_id: dict[str, list[str]] = defaultdict(list)
    for path, file in deleted.items():
        if file.kind is not FileKind.SUBMODULE and file.size:
            by_id[file.id].append(path)
    found: dict[str, str] = {}
    for path in sorted(added) if by_id else ():
        candidates = [old for old in by_id[added[path].id] if _is_alike(deleted[old], added[path])]
        if candidates:
            found[path] = _closest(path, candidates)
            by_id[added[path].id].remove(found[path])
    return found


def _closest(path: str, candidates: Iterable[str]) -> str:
    name = PurePosixPath(path).name
    return min(candidates, key=lambda candidate: (PurePosixPath(candidate).name != name, candidate))


def _similar(deleted: Files, added: Files) -> dict[str, str]:
    """The best pairs first; ties by the paths, so that the answer never depends on the order of files."""
    here, there = _weighed(deleted), _weighed(added)
    scores = sorted(
        (-_score(here[old], there[new]), old, new)
        for old in deleted
        for new in added
        if 2 * min(deleted[old].size, added[new].size) >= max(deleted[old].size, added[new].size)
    )
    found: dict[str, str] = {}
    taken: set[str] = set()
    for score, old, new in scores:
        if -score >= _ALIKE and old not in taken and new not in found:
            found[new] = old
            taken.add(old)
    return found


def _weighed(files: Files) -> Mapping[str, Counter[bytes]]:
    """The lines of every file, each with the bytes it takes up in all; line ends do not count."""
    weighed = {}
    for path, file in files.items():
        counts = Counter(file.read().splitlines())
        weighed[path] = Counter({line: len(line.strip()) * count for line, count in counts.items()})
    return weighed


def _score(old: Counter[bytes], new: Counter[bytes]) -> float:
    larger = max(old.total(), new.total())
    return sum(min(weight, new[line]) for line, weight in old.items()) / larger if larger else 0.0
