"""Refs: a repository's branches, tags and HEAD, read and moved under git's own locks."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2

from gitagent.errors import AgentBusy, LedgerMoved, RepositoryUnreadable, StorageFailed
from gitagent.git.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LONGEST_WAIT_FOR_GIT = 5.0
"""Seconds that a ref locked by git itself is waited for. git waits 0.1 s; libgit2 not at all."""


class Refs:
    """The refs of one git repository. `raw` is libgit2's; shared by linked working trees is `git_directory`."""

    raw: pygit2.Repository
    git_directory: Path

    def ref(self, name: str) -> str | None:
        """What the ref points at, symbolic refs followed; None when there is no such ref."""
        try:
            return str(self.raw.lookup_reference(name).resolve().target)
        except KeyError:
            return None
        except (pygit2.GitError, ValueError) as error:
            raise RepositoryUnreadable(f"cannot read {name}: {error}") from error

    def head_name(self) -> str | None:
        """The ref that HEAD stands on; None when HEAD is detached."""
        try:
            target = self.raw.lookup_reference("HEAD").target
        except (pygit2.GitError, KeyError, ValueError) as error:
            raise RepositoryUnreadable(
                f"cannot read HEAD: {error}", hint="See: git symbolic-ref HEAD; git's own main is refs/heads/main."
            ) from error
        return target if isinstance(target, str) else None

    def refs(self, prefix: str) -> list[str]:
        """The names of all refs that begin with `prefix`, sorted. Other refs, however many, cost next to nothing."""
        found: set[str] = set()
        for here, _, names in os.walk(self.git_directory / prefix.rpartition("/")[0]):
            folder = Path(here).relative_to(self.git_directory)
            found.update((folder / name).as_posix() for name in names if not name.endswith(".lock"))
        packed = self.git_directory / "packed-refs"
        if packed.is_file() and (lines := packed.read_bytes()).find(f" {prefix}".encode()) >= 0:
            found.update(line.partition(" ")[2] for line in lines.decode(errors="surrogateescape").split("\n"))
        return sorted(name for name in found if name.startswith(prefix))

    def move_ref(
        self, name: str, *, to: str | None, expected: str | None, why: str, first: Callable[[], None] | None = None
    ) -> None:
        """Set the ref, or delete it, if it still points at `expected`; LedgerMoved when it does not.

        The check is made under git's own lock on the ref, so a foreign git process cannot come between; neither can
        it between `first`, which is done after the check, and the move. What is locked, for `first` too, is waited for.
        """
        give_up = time.monotonic() + LONGEST_WAIT_FOR_GIT
        while True:
            try:
                self._move_ref(name, to, expected, why, first)
            except AgentBusy:
                if time.monotonic() >= give_up:
                    raise
                # The ref is let go meanwhile: git locks the index first and the ref then, the other way round.
                time.sleep(0.002 + os.urandom(1)[0] / 25_600)
            else:
                return

    def set_head(self, to: str) -> None:
        """Put HEAD on a branch's ref, or on a commit, without touching the working tree."""
        try:
            self.raw.set_head(to if to.startswith("refs/") else pygit2.Oid(hex=to))
        except pygit2.GitError as error:
            if is_locked(error):
                raise AgentBusy(
                    "HEAD is locked by another git process",
                    hint=f"If none is running, remove {self.raw.path}HEAD.lock and try again.",
                ) from error
            raise StorageFailed(f"cannot put HEAD on {to}: {error}") from error

    def clear_stale_locks(self, refs: Iterator[str]) -> None:
        """Remove the `.lock` files, and the half-written objects, that a gitagent process left when it died.

        What a live git process has there is gone within milliseconds, so each is given a moment first.
        """
        shared = [self.git_directory / f"{name}.lock" for name in (*refs, "packed-refs", "config")]
        own = [Path(self.raw.path) / f"{name}.lock" for name in ("HEAD", "index")]
        objects = (self.git_directory / "objects").glob("tmp_object_git2_*")
        left = {path: found for path in (*shared, *own, *objects) if (found := _identity(path)) is not None}
        if left:
            time.sleep(0.2)
        for path, found in left.items():
            if _identity(path) == found:
                path.unlink(missing_ok=True)

    def _move_ref(
        self, name: str, to: str | None, expected: str | None, why: str, first: Callable[[], None] | None
    ) -> None:
        folders = self._missing_folders(name)
        try:
            with self.raw.transaction() as transaction:
                transaction.lock_ref(name)
                if self.ref(name) != expected:
                    raise LedgerMoved(f"{name} was moved by somebody else meanwhile", hint="Try again.")
                if first is not None:
                    first()
                if to is None:
                    transaction.remove(name)
                else:
                    transaction.set_target(name, to, message=f"gitagent: {why}")
        except pygit2.GitError as error:
            if not is_locked(error):
                raise StorageFailed(f"cannot write {name}: {error}", hint=f"See: git for-each-ref {name}") from error
            raise AgentBusy(
                f"{name} is locked by another git process",
                hint=f"If none is running, remove {self.git_directory / (name + '.lock')} and try again.",
            ) from error
        # libgit2 syncs the folder of the ref, but not the ones above it that it had to make.
        try:
            for folder in folders:
                sync_directory(folder.parent)
        except OSError as error:
            raise StorageFailed(f"cannot make {name} durable: {error.strerror}") from error

    def _missing_folders(self, ref: str) -> list[Path]:
        folder = (self.git_directory / ref).parent
        return [each for each in (folder, *folder.parents) if not each.exists()]


def is_locked(error: pygit2.GitError) -> bool:
    """Whether libgit2 says that somebody else holds a lock; other errors speak of locks, too."""
    text = str(error)
    if "the index is locked" in text:
        return True
    return "failed to lock file" in text or ("failed to create locked file" in text and "File exists" in text)


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that takes its name later; None when there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
