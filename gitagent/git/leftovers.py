"""Leftovers: what processes that died leave in a git repository, and refs that can no longer be read."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.git.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.git.repository import Repository

STALE_AFTER = 10.0
"""Seconds. git holds a lock for milliseconds, but while an editor waits for a commit's message: see `running_git`."""
ABANDONED_AFTER = 600.0
"""Seconds since a half-written object last grew."""
_TEMPORARY = ("objects/tmp_object_git2_*", "objects/*/tmp_obj_*", "objects/pack/tmp_*", "objects/pack/.tmp-*")
_OWN_TEMPORARY = "gitagent/*.new"
_READABLE = re.compile(rb"ref: refs/\S+\s*|[0-9a-f]{40}\s*")
_PACKED = re.compile(rb"#.*|[0-9a-f]{40} refs/\S+")
_PEELED = re.compile(rb"\^[0-9a-f]{40}")
_CHECKED_OUT = re.compile(rb"\tcheckout: moving from \S+ to (\S+)$", re.MULTILINE)
_OLDEST = "0" * 40


class Leftover(NamedTuple):
    """A file that may be left over: its path below git's folder, the seconds since it was written, and whose it is."""

    path: Path
    age: float
    inode: int

    def remove(self) -> bool:
        """Remove it, unless another has taken its place. Whether it is gone."""
        with contextlib.suppress(FileNotFoundError):
            if self.path.lstat().st_ino != self.inode:
                return False
            self.path.unlink()
            sync_directory(self.path.parent)
        return True


def lock_files(repository: Repository) -> list[Leftover]:
    """git's lock files of refs, index, HEAD, configuration and packed refs, whoever has them."""
    private, shared = private_folder(repository), repository.git_directory
    found = {*private.glob("*.lock"), *shared.glob("*.lock"), *(shared / "refs").rglob("*.lock")}
    return list(_left(sorted(found)))


def temporary_files(repository: Repository, *, died: bool = False) -> list[Leftover]:
    """Half-written objects, packs and notes that nobody has written to for a while; or who did has `died`."""
    folder = repository.git_directory
    objects = {path for pattern in _TEMPORARY for path in folder.glob(pattern)}
    found = [each for each in _left(sorted(objects)) if died or each.age >= ABANDONED_AFTER]
    return found + [each for each in _left(sorted(folder.glob(_OWN_TEMPORARY))) if died or each.age >= STALE_AFTER]


def broken_refs(repository: Repository) -> list[str]:
    """The refs whose own files hold nothing that git can read, or the id of an object that is not there."""
    found: list[str] = []
    for path in sorted((repository.git_directory / "refs").rglob("*")):
        if path.suffix == ".lock" or path.is_symlink() or not path.is_file():
            continue
        content = path.read_bytes()
        if not _READABLE.fullmatch(content) or (
            not content.startswith(b"ref:") and not repository.has(content[:40].decode())
        ):
            found.append(path.relative_to(repository.git_directory).as_posix())
    return found


def reflog(repository: Repository, ref: str) -> list[str]:
    """Where a ref was, as git noted it, newest first; nothing where git notes nothing, or the ref was deleted."""
    try:
        lines = (repository.git_directory / "logs" / ref).read_bytes().splitlines()
    except OSError:
        return []
    ids = [line[41:81].decode(errors="replace") for line in reversed(lines)]
    return [id_ for id_ in dict.fromkeys(ids) if _READABLE.fullmatch(id_.encode()) and id_ != _OLDEST]


def has_broken_head(repository: Repository) -> bool:
    """Whether HEAD holds neither a branch nor a commit."""
    return not _READABLE.fullmatch((private_folder(repository) / "HEAD").read_bytes())


def checked_out(repository: Repository) -> str:
    """The branch that was checked out last, as git noted it; main where that cannot be told."""
    with contextlib.suppress(OSError):
        names = _CHECKED_OUT.findall((private_folder(repository) / "logs/HEAD").read_bytes())
        if names and repository.refs(ref := f"refs/heads/{names[-1].decode(errors='replace')}"):
            return ref
    return "refs/heads/main"


def write_head(repository: Repository, ref: str) -> None:
    """Put HEAD on a branch. libgit2 and git refuse to where there is no HEAD that they can read."""
    _write(private_folder(repository) / "HEAD", f"ref: {ref}\n".encode())


def readable_packed_refs(repository: Repository) -> bytes | None:
    """What can be read of a packed-refs file that holds something else, too; None where all of it can be.

    A last line that does not end may be half a name. What a tag leads to goes with the tag, on the line before it:
    git would take it for what the ref before that leads to.
    """
    try:
        *lines, cut = (repository.git_directory / "packed-refs").read_bytes().split(b"\n")
    except OSError:
        return None
    pairs = zip([b"", *lines], lines, strict=False)
    readable = [line for before, line in pairs if _PACKED.fullmatch(line if not _PEELED.fullmatch(line) else before)]
    return None if not cut and len(readable) == len(lines) else b"".join(line + b"\n" for line in readable)


def write_packed_refs(repository: Repository, content: bytes) -> None:
    """Give git another packed-refs file."""
    _write(repository.git_directory / "packed-refs", content)


def private_folder(repository: Repository) -> Path:
    """The folder of this working tree's own index and HEAD."""
    return Path(repository.raw.path)


def is_held(lock: Path) -> bool:
    """Whether a living process holds gitagent's lock."""
    try:
        file = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    else:
        return False
    finally:
        os.close(file)


def running_git(repository: Repository) -> int | None:
    """The id of a git process that works in this repository, where the system tells; None where there is none."""
    places = [repository.top.resolve(), repository.git_directory.resolve()]
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            name = (process / "comm").read_text().strip()
            if name == "git" or name.startswith("git-"):
                here = (process / "cwd").resolve()
                if any(here.is_relative_to(place) for place in places):
                    return int(process.name)
    return None


def _write(path: Path, content: bytes) -> None:
    """Write a file of git's as git does: whole or not at all, and never while git does."""
    new = path.with_name(f"{path.name}.lock")
    with new.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    sync_directory(path.parent)


def _left(paths: list[Path]) -> Iterator[Leftover]:
    now = time.time()
    for path in paths:
        with contextlib.suppress(OSError):  # it was somebody's who is done with it by now
            found = path.lstat()
            yield Leftover(path, max(0.0, now - found.st_mtime), found.st_ino)
