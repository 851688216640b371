"""Working tree: the draft's files as they stand on the disk, against git's index."""

from __future__ import annotations

import os
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pygit2
from pygit2.enums import DiffOption, FileMode, RepositoryState

from gitagent.errors import AgentBusy, RuleBroken, StorageFailed
from gitagent.git.disk import sync_directory, sync_file
from gitagent.git.folder import Folder, refuse_edited
from gitagent.git.hidden import hidden_paths
from gitagent.git.refs import is_locked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_Result = TypeVar("_Result")
_ATTEMPTS = 20
# What libgit2 says when a file grew, shrank or vanished between two looks.
_CHANGED_MEANWHILE = (
    "file changed before we could read it",
    "error reading file for hashing",
    "failed to read file into stream",
    "No such file",
)
_SPARSE = "core.sparseCheckout"
Index = pygit2.Index
Entries = dict[str, tuple[int, str]]
"""Files by path: git file mode and object id, as in a tree."""


class WorkingTree(Folder):
    """The files of a repository that is not bare."""

    def entries(self) -> Entries:
        """What a tree made of the working tree would hold. Ignored files are left out; nothing is written.

        A file that the index knows unchanged is not read again. A nested repository stands as a submodule.
        """
        index = self._index()
        found: Entries = {item.path: (int(item.mode), str(item.id)) for item in index}
        options = DiffOption.INCLUDE_UNTRACKED | DiffOption.RECURSE_UNTRACKED_DIRS | DiffOption.INCLUDE_TYPECHANGE
        try:
            changed = _steadily(lambda: list(index.diff_to_workdir(options).deltas))
        except pygit2.GitError as error:
            raise StorageFailed(f"cannot read the draft: {error}", hint="Nothing was changed; try again.") from error
        for patch in changed:
            path = (patch.new_file.path or patch.old_file.path).rstrip("/")
            found.pop(path, None)
            if (entry := self.entry(path)) is not None:
                found[path] = entry
        _refuse_unreadable_names(found)
        return dict(sorted(found.items()))

    def refuse_unfinished(self) -> None:
        """Refuse while git itself is in the middle of something, or HEAD is not on main."""
        self.refuse_half_done()
        if (head := self._repository.head_name()) != "refs/heads/main":
            where = "no branch" if head is None else head.removeprefix("refs/heads/")
            raise RuleBroken(
                f"the working tree is on {where}; the draft is what stands on main",
                hint="Go back to it with: git switch main",
                code="head-not-on-main",
            )

    def refuse_half_done(self) -> None:
        """Refuse while git itself is in the middle of something, or leaves files out of the working tree."""
        if (state := self._raw.state()) != RepositoryState.NONE:
            raise RuleBroken(
                f"git is in the middle of a {state.name.lower().replace('_', ' ')}",
                hint="Finish it or abort it with git first; git status says how.",
                code="git-unfinished",
            )
        if self._is_sparse():
            raise RuleBroken(
                "this is a sparse checkout, so the draft is not complete",
                hint="Get all files with: git sparse-checkout disable",
                code="sparse-checkout",
            )
        if hidden := hidden_paths(Path(self._raw.path) / "index"):
            raise RuleBroken(
                f"git was told not to look at {hidden[0][0]}, so what you edit there would be lost",
                hint=f"git update-index --no-{hidden[0][1]} -- {shlex.quote(hidden[0][0])}",
                code="file-hidden",
            )
        if self._index().conflicts is not None:
            raise RuleBroken(
                "the draft has unresolved merge conflicts", hint="git status lists them.", code="draft-conflicted"
            )

    def write_tree(self, also: Iterable[str] = ()) -> tuple[str, pygit2.Index]:
        """A tree of the working tree, and the index that goes with it, not yet on the disk.

        `also` names ignored files to take along.
        """
        index = self._index()
        try:
            _steadily(index.add_all)
            for path in also:
                index.add(path)
            return str(index.write_tree()), index
        except (pygit2.GitError, OSError, ValueError) as error:
            if "invalid path" in str(error):
                raise RuleBroken(
                    f"git cannot take the draft: {error}",
                    hint="Rename that file or folder, move it out, or let git ignore it.",
                    code="file-unfit",
                ) from error
            raise StorageFailed(
                f"cannot take the draft into the repository: {error}",
                hint="Check that the disk is neither full nor read-only; nothing was changed.",
            ) from error

    def reset_index(self, tree: str) -> None:
        """Let git's index hold the tree, without touching a file."""
        index = self._index()
        index.read_tree(pygit2.Oid(hex=tree))
        self.write_index(index)

    def write_index(self, index: pygit2.Index) -> None:
        """Put an index from `write_tree` on the disk; AgentBusy while git itself has it locked."""
        try:
            index.write()
            # libgit2 leaves the index out of what it syncs.
            sync_file(Path(self._raw.path) / "index")
            sync_directory(Path(self._raw.path))
        except (pygit2.GitError, OSError) as error:
            if isinstance(error, pygit2.GitError) and is_locked(error):
                raise AgentBusy(
                    "git's index is locked by another git process",
                    hint=f"If none is running, remove {self._raw.path}index.lock and try again.",
                ) from error
            raise StorageFailed(f"cannot write git's index: {error}") from error

    def replace(self, *, now: Mapping[str, tuple[int, str]], wanted: Mapping[str, tuple[int, str]]) -> None:
        """Make the working tree hold `wanted` where it holds `now`, and sync it.

        Git's index stays as it is, but for files that git would ignore and has to know; so do ignored files that
        `wanted` does not name. DraftEdited when a file is no longer as `now` has it. libgit2's own checkout is of
        no use for this: it reads paths as patterns (`!a`, `#a`, a backslash), and leaves out a file that takes the
        place of a folder in HEAD.
        """
        gone = [path for path in now if path not in wanted]
        # Attributes decide on the line ends of the files that are written after them.
        changed = sorted(
            (path for path, entry in wanted.items() if now.get(path) != entry),
            key=lambda path: not path.endswith(".gitattributes"),
        )
        # What a file is to git depends on attributes, which may be among what is written: all are looked at before.
        stamps = {path: self._stamp(path) for path in (*gone, *changed)}
        for path in stamps:
            if (found := self.entry(path)) not in (None, now.get(path)) and found[0] != FileMode.COMMIT:
                refuse_edited(path)
        try:
            for path in gone:
                self._overwriting(path, stamps)
                self._remove(path)
            for path in changed:
                self._overwriting(path, stamps)
                self._write(path, *wanted[path])
            self.track(changed)
            self._sync_folders([*gone, *changed])
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(
                f"cannot write the draft: {error}", hint="The next command carries on where this one stopped."
            ) from error

    def ignored(self, paths: Iterable[str]) -> list[str]:
        """Those of the paths that stand on the disk but that git ignores."""
        return [path for path in paths if self._is_file_or_link(path) and self._raw.path_is_ignored(path)]

    def track(self, paths: Iterable[str]) -> None:
        """Let the index know those of the files that git ignores: they are in a version, and so in the draft."""
        index = self._index()
        if unknown := [path for path in self.ignored(paths) if path not in index]:
            for path in unknown:
                index.add(path)
            self.write_index(index)

    def _is_sparse(self) -> bool:
        # `git sparse-checkout` writes to a file of the working tree's own, which libgit2 does not read.
        own = Path(self._raw.path) / "config.worktree"
        configs = [pygit2.Config(str(own)), self._raw.config] if own.exists() else [self._raw.config]
        return next((config.get_bool(_SPARSE) for config in configs if _SPARSE in config), False)


def _steadily(read: Callable[[], _Result]) -> _Result:
    """What `read` returns, tried again where an editor or another command changed a file while it was read."""
    for _ in range(_ATTEMPTS):
        try:
            return read()
        except pygit2.GitError as error:
            if not any(words in str(error) for words in _CHANGED_MEANWHILE):
                raise
            time.sleep(0.01)
    return read()


def _refuse_unreadable_names(paths: Iterable[str]) -> None:
    for path in paths:
        try:
            path.encode()
        except UnicodeEncodeError as error:
            shown = os.fsencode(path).decode("utf-8", "backslashreplace")
            raise RuleBroken(
                f"the name of the file '{shown}' is not UTF-8",
                hint="Rename it, or let git ignore it.",
                code="name-not-utf-8",
            ) from error
