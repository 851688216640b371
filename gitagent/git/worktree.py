"""Working tree: the draft's files as they stand on the disk, against git's index."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

import pygit2
from pygit2.enums import CheckoutStrategy, DiffOption, FileMode, ObjectType, RepositoryState

from gitagent.errors import RuleBroken, StorageFailed
from gitagent.git.repository import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from gitagent.git.repository import Repository

Index = pygit2.Index
Entries = dict[str, tuple[int, str]]
"""Files by path: git file mode and object id, as in a tree."""


class WorkingTree:
    """The files of a repository that is not bare."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._raw = repository.raw
        self.top: Path = repository.top

    def entries(self) -> Entries:
        """What a tree made of the working tree would hold. Ignored files are left out; nothing is written.

        A file that the index knows unchanged is not read again. A nested repository stands as a submodule.
        """
        index = self._index()
        found: Entries = {item.path: (int(item.mode), str(item.id)) for item in index}
        options = DiffOption.INCLUDE_UNTRACKED | DiffOption.RECURSE_UNTRACKED_DIRS | DiffOption.INCLUDE_TYPECHANGE
        for patch in index.diff_to_workdir(options).deltas:
            path = (patch.new_file.path or patch.old_file.path).rstrip("/")
            found.pop(path, None)
            if (entry := self.entry(path)) is not None:
                found[path] = entry
        return dict(sorted(found.items()))

    def entry(self, path: str) -> tuple[int, str] | None:
        """Mode and object id of one file as it stands on the disk; None when there is none."""
        full = self.top / path
        try:
            mode = full.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(mode):
            return FileMode.LINK, str(pygit2.hash(os.fsencode(full.readlink())))
        if stat.S_ISDIR(mode):
            return (FileMode.COMMIT, "0" * 40) if (full / ".git").exists() else None
        if not stat.S_ISREG(mode):
            return None
        kind = FileMode.BLOB_EXECUTABLE if mode & stat.S_IXUSR else FileMode.BLOB
        try:
            return kind, str(self._raw.hashfile(path, ObjectType.BLOB, path))
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot read {full}: {error}") from error

    def read(self, path: str) -> bytes:
        """The bytes on the disk; of a link, its target."""
        full = self.top / path
        try:
            return os.fsencode(full.readlink()) if full.is_symlink() else full.read_bytes()
        except OSError as error:
            raise StorageFailed(f"cannot read {full}: {error.strerror}") from error

    def size(self, path: str) -> int:
        """The size on the disk in bytes; 0 when the file is gone."""
        with contextlib.suppress(OSError):
            return (self.top / path).lstat().st_size
        return 0

    def refuse_unfinished(self) -> None:
        """Refuse while git itself is in the middle of something, or HEAD is not on main."""
        if (state := self._raw.state()) != RepositoryState.NONE:
            raise RuleBroken(
                f"git is in the middle of a {state.name.lower().replace('_', ' ')}",
                hint="Finish it or abort it with git first; git status says how.",
                code="git-unfinished",
            )
        if self._index().conflicts is not None:
            raise RuleBroken(
                "the draft has unresolved merge conflicts", hint="git status lists them.", code="draft-conflicted"
            )
        if (head := self._repository.head_name()) != "refs/heads/main":
            where = "no branch" if head is None else head.removeprefix("refs/heads/")
            raise RuleBroken(
                f"the working tree is on {where}; the draft is what stands on main",
                hint="Go back to it with: git switch main",
                code="head-not-on-main",
            )

    def write_tree(self, also: Iterable[str] = ()) -> tuple[str, pygit2.Index]:
        """A tree of the working tree, and the index that goes with it, not yet on the disk.

        `also` names ignored files to take along.
        """
        index = self._index()
        try:
            index.add_all()
            for path in also:
                index.add(path)
            return str(index.write_tree()), index
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(
                f"cannot take the draft into the repository: {error}",
                hint="Nothing was changed. A nested git repository has to be moved out or ignored first.",
            ) from error

    def reset_index(self, tree: str) -> None:
        """Let git's index hold the tree, without touching a file."""
        index = self._index()
        index.read_tree(pygit2.Oid(hex=tree))
        index.write()

    def write_index(self, index: pygit2.Index) -> None:
        """Put an index from `write_tree` on the disk."""
        try:
            index.write()
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot write git's index: {error}") from error

    def replace(self, tree: str, *, now: Mapping[str, tuple[int, str]], wanted: Mapping[str, tuple[int, str]]) -> None:
        """Make the working tree hold `wanted`, the entries of `tree`, where it holds `now`; syncs what it wrote.

        Git's index stays as it is, and so do ignored files that `wanted` does not name.
        """
        for path in now:
            if path not in wanted:
                self._remove(path)
        changed = [path for path, entry in wanted.items() if now.get(path) != entry]
        if changed:
            strategy = (
                CheckoutStrategy.FORCE
                | CheckoutStrategy.DONT_UPDATE_INDEX
                | CheckoutStrategy.DISABLE_PATHSPEC_MATCH
                | CheckoutStrategy.DONT_REMOVE_EXISTING
                | CheckoutStrategy.RECREATE_MISSING
            )
            try:
                # pygit2 leaves this method without types.
                self._raw.checkout_tree(self._raw[tree], strategy=strategy, paths=changed)  # type: ignore[no-untyped-call]
            except (pygit2.GitError, OSError) as error:
                raise StorageFailed(
                    f"cannot write the draft: {error}", hint="The next command carries on where this one stopped."
                ) from error
        self._sync(changed)

    def ignored(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that stand on the disk but that git ignores."""
        return [path for path in paths if (self.top / path).is_file() and self._raw.path_is_ignored(path)]

    def _index(self) -> pygit2.Index:
        index: Index = self._raw.index
        index.read(False)
        return index

    def _remove(self, path: str) -> None:
        full = self.top / path
        if full.is_dir() and not full.is_symlink():
            return  # a nested repository, or a folder that took the file's place
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            full.unlink()
        for folder in full.parents:
            if folder == self.top or not _removed_empty(folder):
                return

    def _sync(self, paths: Iterable[str]) -> None:
        folders = set()
        for path in paths:
            full = self.top / path
            folders.add(full.parent)
            if not full.is_symlink():
                with full.open("rb") as file:
                    os.fsync(file.fileno())
        for folder in folders:
            sync_directory(folder)


def _removed_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
