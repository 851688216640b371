"""Configurations: all files of an agent as two sides have them, brought together file by file."""

from __future__ import annotations

from typing import NamedTuple

from gitagent.config.files import File, FileKind, Files, MemoryFile
from gitagent.config.merging.conflicts import Conflict, ConflictKind
from gitagent.config.merging.contents import MergeText, merge
from gitagent.config.merging.marks import Labels, beside, has_conflict_markers, is_beside

_PLAIN = (FileKind.FILE, FileKind.EXECUTABLE)
_CONFLICTS = {FileKind.LINK: ConflictKind.LINK, FileKind.SUBMODULE: ConflictKind.SUBMODULE}


class Merged(NamedTuple):
    """All files after the merge, and the conflicts, by path. A file that is as one side has it is that side's own."""

    files: Files
    conflicts: tuple[Conflict, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the sides agree."""
        return not self.conflicts


def merge_files(base: Files, ours: Files, theirs: Files, *, labels: Labels, merge_text: MergeText) -> Merged:
    """What both sides made of the base.

    Where one file cannot hold what both have, ours stays and theirs is put beside it, at `<path>.theirs`.
    """
    merge = _Merge(base, ours, theirs, labels, merge_text)
    for path in sorted({*base, *ours, *theirs}):
        merge.file(path)
    merge.separate_files_from_folders()
    return Merged(dict(sorted(merge.files.items())), tuple(sorted(merge.conflicts, key=lambda each: each.path)))


def unresolved(files: Files) -> tuple[str, ...]:
    """The paths at which a merge waits for somebody to decide: marks in a file, or a file put beside another."""
    return tuple(path for path, file in sorted(files.items()) if is_beside(path) or _is_marked(file))


def _is_marked(file: File) -> bool:
    return file.kind in _PLAIN and has_conflict_markers(file.read())


class _Merge:
    def __init__(self, base: Files, ours: Files, theirs: Files, labels: Labels, merge_text: MergeText) -> None:
        self._base = base
        self._ours = ours
        self._theirs = theirs
        self._labels = labels
        self._merge_text = merge_text
        self._taken = {*ours, *theirs}
        self.files: dict[str, File] = {}
        self.conflicts: list[Conflict] = []

    def file(self, path: str) -> None:
        """Decide what stands at a path."""
        base, ours, theirs = self._base.get(path), self._ours.get(path), self._theirs.get(path)
        if _is_same(theirs, ours) or _is_same(theirs, base):
            self._put(path, ours)
        elif _is_same(ours, base):
            self._put(path, theirs)
        elif all(file is None or file.kind in _PLAIN for file in (base, ours, theirs)):
            self._contents(path, base, ours, theirs)
        else:
            self._unlike(path, ours, theirs)

    def _put(self, path: str, file: File | None) -> None:
        if file is not None:
            self.files[path] = file

    def _put_beside(self, path: str, file: File) -> str:
        name = beside(path, self._taken)
        self._taken.add(name)
        self.files[name] = file
        return name

    def _contents(self, path: str, base: File | None, ours: File | None, theirs: File | None) -> None:
        contents = [None if file is None else file.read() for file in (base, ours, theirs)]
        merged = merge(*contents, path=path, labels=self._labels, merge_text=self._merge_text)
        kind = _kind(base, ours, theirs)
        if merged.content is not None:
            is_ours = ours is not None and ours.kind is kind and merged.content == contents[1]
            self.files[path] = ours if is_ours and ours is not None else MemoryFile(merged.content, kind)
        conflicts = merged.conflicts
        if merged.beside is not None:
            other = MemoryFile(merged.beside, FileKind.FILE if theirs is None else theirs.kind)
            name = self._put_beside(path, other)
            conflicts = tuple(conflict._replace(beside=name) for conflict in conflicts)
        self.conflicts += conflicts

    def _unlike(self, path: str, ours: File | None, theirs: File | None) -> None:
        """A link or a submodule on one side at least: there is nothing to bring together."""
        kinds = [file.kind for file in (ours, theirs, self._base.get(path)) if file is not None]
        kind = next(_CONFLICTS[each] for each in kinds if each in _CONFLICTS)
        self._put(path, ours)
        if theirs is None:
            other: File = MemoryFile(f"{path} is not in {self._labels[1]}.\n".encode())
        elif theirs.kind is FileKind.SUBMODULE:
            other = MemoryFile(f"{path} is a submodule in {self._labels[1]}: {theirs.id}\n".encode())
        else:
            other = theirs
        said = (_target(self._base.get(path)), _target(ours), _target(theirs))
        self.conflicts.append(Conflict(path, kind, None, *said, beside=self._put_beside(path, other)))

    def separate_files_from_folders(self) -> None:
        """Where one side has a file and the other one a folder, put theirs beside ours."""
        for path in sorted(self.files):
            if (at := next((above for above in _above(path) if above in self.files), None)) is None:
                continue
            self._move(at, path if at in self._ours else at)

    def _move(self, at: str, path: str) -> None:
        found = next((each for each in self.conflicts if each.path == at and each.kind is ConflictKind.FOLDER), None)
        if found is None or found.beside is None:
            name = beside(at, self._taken)
            self._taken.add(name)
            self.conflicts.append(Conflict(at, ConflictKind.FOLDER, beside=name))
        else:
            name = found.beside
        self.files[name + path.removeprefix(at)] = self.files.pop(path)


def _is_same(one: File | None, other: File | None) -> bool:
    if one is None or other is None:
        return one is other
    return one.kind is other.kind and one.id == other.id


def _kind(base: File | None, ours: File | None, theirs: File | None) -> FileKind:
    """Whether the merged file can be executed: as the side that changed it has it."""
    before, here, there = (None if file is None else file.kind for file in (base, ours, theirs))
    if here is None or (here is before and there is not None):
        here = there
    return here or FileKind.FILE


def _target(file: File | None) -> str | None:
    if file is None or file.kind is not FileKind.LINK:
        return None
    return file.read().decode("utf-8", "replace")


def _above(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
