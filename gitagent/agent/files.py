"""Files: the files of a version or of the draft, read from git or from the disk only when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from gitagent.config.files import File, FileKind

if TYPE_CHECKING:
    from gitagent.git.repository import Repository
    from gitagent.git.worktree import Entries, WorkingTree

MODES = {
    FileKind.FILE: 0o100644,
    FileKind.EXECUTABLE: 0o100755,
    FileKind.LINK: 0o120000,
    FileKind.SUBMODULE: 0o160000,
}
"""git's file mode of each kind."""
_KINDS = {mode: kind for kind, mode in MODES.items()}


class TreeFile:
    """A file of a version."""

    __slots__ = ("_repository", "id", "kind")

    def __init__(self, repository: Repository, mode: int, id_: str) -> None:
        self._repository = repository
        self.kind = _KINDS.get(mode, FileKind.FILE)
        self.id = id_

    @property
    def size(self) -> int:
        return 0 if self.kind is FileKind.SUBMODULE else self._repository.size(self.id)

    def read(self) -> bytes:
        return b"" if self.kind is FileKind.SUBMODULE else self._repository.blob(self.id)


class DraftFile:
    """A file of the draft, as it stands on the disk."""

    __slots__ = ("_path", "_tree", "id", "kind")

    def __init__(self, tree: WorkingTree, path: str, mode: int, id_: str) -> None:
        self._tree = tree
        self._path = path
        self.kind = _KINDS.get(mode, FileKind.FILE)
        self.id = id_

    @property
    def size(self) -> int:
        return 0 if self.kind is FileKind.SUBMODULE else self._tree.size(self._path)

    def read(self) -> bytes:
        return b"" if self.kind is FileKind.SUBMODULE else self._tree.read(self._path)


class Tree(Mapping[str, File]):
    """Files by path; `entries` has the git file mode and object id of each."""

    def __init__(self, entries: Entries, open_: Callable[[str, int, str], File]) -> None:
        self.entries = entries
        self._open = open_

    def __getitem__(self, path: str) -> File:
        return self._open(path, *self.entries[path])

    def __iter__(self) -> Iterator[str]:
        return iter(self.entries)

    def __len__(self) -> int:
        return len(self.entries)


def tree_files(repository: Repository, tree: str) -> Tree:
    """The files of a tree object."""
    return stored_files(repository, repository.entries(tree))


def stored_files(repository: Repository, entries: Entries) -> Tree:
    """Files whose contents are in the repository."""
    return Tree(entries, lambda _, mode, id_: TreeFile(repository, mode, id_))


def draft_files(tree: WorkingTree) -> Tree:
    """The files of the working tree, as they stand now."""
    return Tree(tree.entries(), lambda path, mode, id_: DraftFile(tree, path, mode, id_))
