"""Folder: the files of a working tree, each as git sees it, and each put in its place."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NoReturn, cast

import pygit2
from pygit2.enums import FileMode, FilterMode, ObjectType

from gitagent.errors import DraftEdited, StorageFailed
from gitagent.git.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gitagent.git.repository import Repository


class Folder:
    """The files below the top of a repository that is not bare, one by one."""

    def __init__(self, repository: Repository) -> None:
        self._repository = repository
        self._raw = repository.raw
        self.top: Path = repository.top
        config = self._raw.config
        self._trusts_modes = config.get_bool("core.fileMode") if "core.fileMode" in config else True

    def entry(self, path: str) -> tuple[int, str] | None:
        """Mode and object id of one file as it stands on the disk; None when there is none."""
        full = self.top / path
        try:
            mode = full.lstat().st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if self._beyond_link(path):
            return None
        if stat.S_ISLNK(mode):
            return FileMode.LINK, str(pygit2.hash(os.fsencode(full.readlink())))
        if stat.S_ISDIR(mode):
            return (FileMode.COMMIT, "0" * 40) if (full / ".git").exists() else None
        if not stat.S_ISREG(mode):
            return None
        kind = FileMode.BLOB_EXECUTABLE if self._is_executable(path, mode) else FileMode.BLOB
        try:
            return kind, str(self._raw.hashfile(path, ObjectType.BLOB, os.fsencode(path).decode("utf-8", "replace")))
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot read {full}: {error}") from error

    def read(self, path: str) -> bytes:
        """The bytes that a version would hold: those on the disk, with git's own line ends; of a link, its target."""
        full = self.top / path
        try:
            if full.is_symlink():
                return os.fsencode(full.readlink())
            content = full.read_bytes()
            filters = self._raw.load_filter_list(path, FilterMode.TO_ODB)
            # pygit2 cuts what it filters off at a zero byte; git leaves files with one alone, unless it is told to.
            return content if filters is None or b"\0" in content else filters.apply_to_buffer(content)
        except OSError as error:
            raise StorageFailed(f"cannot read {full}: {error.strerror}") from error
        except pygit2.GitError as error:
            raise StorageFailed(f"cannot read {full}: {error}") from error

    def is_file(self, path: str) -> bool:
        """Whether a file or link stands there."""
        return self._is_file_or_link(path)

    def size(self, path: str) -> int:
        """The size on the disk in bytes; 0 when the file is gone."""
        with contextlib.suppress(OSError):
            return (self.top / path).lstat().st_size
        return 0

    def in_the_way(self, *, now: Mapping[str, tuple[int, str]], wanted: Mapping[str, tuple[int, str]]) -> list[str]:
        """What stands where `replace` would have to write, and is not in `now`: it would be lost."""
        found: set[str] = set()
        for path, entry in wanted.items():
            if now.get(path) == entry:
                continue
            for folder in _folders_above(path):
                if folder not in now and _stands(self.top / folder) and not _is_folder(self.top / folder):
                    found.add(folder)
            full = self.top / path
            if _is_folder(full):
                found.update(each for each in self._below(full) if each not in now)
            elif _stands(full) and not (full.is_file() or full.is_symlink()):
                found.add(path)
        return sorted(found)

    def _is_file_or_link(self, path: str) -> bool:
        return _stands(self.top / path) and not _is_folder(self.top / path) and not self._beyond_link(path)

    def _is_executable(self, path: str, mode: int) -> bool:
        if self._trusts_modes:
            return bool(mode & stat.S_IXUSR)
        index = self._index()
        return path in index and index[path].mode == FileMode.BLOB_EXECUTABLE

    def _below(self, folder: Path) -> Iterator[str]:
        for here, _, names in os.walk(folder):
            yield from ((Path(here) / name).relative_to(self.top).as_posix() for name in names)

    def _beyond_link(self, path: str) -> bool:
        """Whether the path leads through a symbolic link, and so out of what git looks at."""
        return any((self.top / folder).is_symlink() for folder in _folders_above(path))

    def _stamp(self, path: str) -> tuple[int, ...] | None:
        """What changes with every edit of a file; None where none stands."""
        try:
            found = (self.top / path).lstat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        return None if stat.S_ISDIR(found.st_mode) else (found.st_ino, found.st_mtime_ns, found.st_size, found.st_mode)

    def _overwriting(self, path: str, stamps: Mapping[str, tuple[int, ...] | None]) -> None:
        if (found := self._stamp(path)) is not None and found != stamps[path]:
            refuse_edited(path)

    def _remove_empty_folders(self, path: str) -> None:
        """Make way for a file where only empty folders stand."""
        if _is_folder(self.top / path):
            for here, _, _ in os.walk(self.top / path, topdown=False):
                _removed_empty(Path(here))

    def _index(self) -> pygit2.Index:
        try:
            index: pygit2.Index = self._raw.index
            index.read(False)
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(
                f"cannot read git's index: {error}",
                hint=f"It holds nothing that git cannot make again: rm {self._raw.path}index && git reset",
            ) from error
        return index

    def _remove(self, path: str) -> None:
        full = self.top / path
        if _is_folder(full) or self._beyond_link(path):
            return  # a nested repository, or a folder or link that took the file's place
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            full.unlink()
        for folder in full.parents:
            if folder == self.top or not _removed_empty(folder):
                return

    def _write(self, path: str, mode: int, id_: str) -> None:
        if mode == FileMode.COMMIT:
            return  # the files of a submodule are in no version
        full = self.top / path
        content = self._content(path, id_, filtered=mode != FileMode.LINK)
        self._remove_empty_folders(path)
        full.parent.mkdir(parents=True, exist_ok=True)
        full.unlink(missing_ok=True)
        if mode == FileMode.LINK:
            full.symlink_to(os.fsdecode(content))
            return
        executable = 0o777 if mode == FileMode.BLOB_EXECUTABLE else 0o666
        with os.fdopen(os.open(full, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, executable), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _content(self, path: str, id_: str, *, filtered: bool) -> bytes:
        """A blob as it stands in the working tree: with the line ends that git's attributes ask for."""
        content = self._repository.blob(id_)
        if not filtered or self._raw.load_filter_list(path, FilterMode.TO_WORKTREE) is None:
            return content
        blob = cast("pygit2.Blob", self._raw[id_])  # it is one: its content was read
        with pygit2.BlobIO(blob, as_path=path) as stream:
            return stream.read()

    def _sync_folders(self, paths: Iterable[str]) -> None:
        folders = {self.top / folder for path in paths for folder in [".", *_folders_above(path)]}
        for folder in folders:
            if _is_folder(folder):
                sync_directory(folder)


def refuse_edited(path: str) -> NoReturn:
    raise DraftEdited(
        f"{path} was edited while it was about to be overwritten",
        hint="Your edit stands. The next command keeps it in gitagent drafts and carries on.",
    )


def _folders_above(path: str) -> list[str]:
    return [str(folder) for folder in PurePosixPath(path).parents][:-1]


def _stands(path: Path) -> bool:
    return os.path.lexists(path)


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def _removed_empty(folder: Path) -> bool:
    try:
        folder.rmdir()
    except OSError:
        return False
    return True
