"""Repository: an agent's git repository, its objects and its refs."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import pygit2
from pygit2.enums import FileMode, ObjectType

from gitagent.errors import AgentBusy, AgentNotFound, LedgerMoved, ObjectMissing, RepositoryUnreadable, StorageFailed
from gitagent.git.armor import split
from gitagent.git.objects import Commit, Tag, moment, offset_minutes, tag_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from gitagent.git.signing import Signer
    from gitagent.names import Actor

_Object = TypeVar("_Object", pygit2.Commit, pygit2.Tree, pygit2.Blob)
_Result = TypeVar("_Result")
LONGEST_WAIT_FOR_GIT = 5.0
"""Seconds that a ref locked by git itself is waited for. git waits 0.1 s; libgit2 not at all."""


class Repository:
    """One git repository. Object ids go in and come out as 40 hexadecimal digits."""

    def __init__(self, raw: pygit2.Repository) -> None:
        self.raw = raw
        self.git_directory = _common_directory(Path(raw.path))
        self.top = Path(raw.workdir) if raw.workdir else Path(raw.path)

    @classmethod
    def discover(cls, path: Path) -> Repository:
        """The repository of `path` or of a folder above it; AgentNotFound when there is none."""
        try:
            found = pygit2.discover_repository(str(path))
        except (pygit2.GitError, KeyError, OSError, ValueError) as error:
            raise AgentNotFound(f"cannot look for an agent in {path}: {error}") from error
        if found is None:
            raise AgentNotFound(
                f"no agent in {path} or above it", hint="Make one with: gitagent init, or name its folder with -C."
            )
        around = next((each for each in (path, *path.absolute().parents) if (each / ".git").is_file()), None)
        if around is not None and _same_folder(pygit2.discover_repository(str(around)), found):
            return cls(_open(str(around)))  # what stands there says where git's folder is, not the other way round
        return cls(_open(found))

    @classmethod
    def create(cls, path: Path) -> Repository:
        """A new repository in `path`, its HEAD on main; one that was never made to its end is begun anew."""
        _sync_everything()
        try:
            for lock in (path / ".git").glob("*.lock"):
                lock.unlink()
            made = cls(pygit2.init_repository(str(path), initial_head="main"))
            made._sync_skeleton()
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot make a repository in {path}: {error}") from error
        return made

    @classmethod
    def at(cls, path: Path) -> Repository | None:
        """The repository whose top is exactly this folder, if there is one; it may be bare."""
        if (path / ".git").exists():
            return None if _is_half_made(path / ".git") else cls(_open(str(path)))
        bare = (path / "HEAD").is_file() and (path / "objects").is_dir() and (path / "refs").is_dir()
        return cls(_open(str(path))) if bare else None

    @property
    def is_bare(self) -> bool:
        return self.raw.is_bare

    @property
    def is_shallow(self) -> bool:
        """Whether its history was cut off when it was cloned."""
        return self.raw.is_shallow

    def config(self, key: str) -> str | None:
        """A value of git's configuration; None when there is none."""
        try:
            return self.raw.config[key]
        except KeyError:
            return None

    def remotes(self) -> list[str]:
        """The names of the remotes that git knows."""
        return list(self.raw.remotes.names())  # type: ignore[arg-type]  # names() skips none: a nameless one is not kept

    def add_remote(self, name: str, url: str) -> None:
        """Let git know a remote, its branches under refs/remotes/<name>."""
        try:
            self.raw.remotes.create(name, url)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise StorageFailed(f"cannot add the remote {url}: {error}") from error

    def remove_remote(self, name: str) -> None:
        """Let git forget a remote, and the branches under refs/remotes/<name>."""
        try:
            self.raw.remotes.delete(name)
        except (pygit2.GitError, ValueError, OSError) as error:
            raise StorageFailed(f"cannot remove the remote {name}: {error}") from error

    def set_config(self, key: str, value: str) -> None:
        """Set a value in the repository's own configuration."""
        try:
            self.raw.config[key] = value
        except (pygit2.GitError, OSError) as error:
            raise StorageFailed(f"cannot write git's configuration: {error}") from error

    # Refs

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

    def take_history(self, source: Repository, *, tags: list[str]) -> None:
        """Let main be what HEAD of the repository `source` is, its history and the given tags included."""
        try:
            remote = self.raw.remotes.create_anonymous(str(source.top))
            remote.fetch(["HEAD:refs/heads/main", *(f"{tag}:{tag}" for tag in tags)])
        except (pygit2.GitError, OSError, ValueError, KeyError) as error:
            raise StorageFailed(f"cannot copy the history of {source.top}: {error}") from error

    # Reading objects

    def commit(self, id_: str) -> Commit:
        """The commit of that id; ObjectMissing when it is not there or is no commit."""
        return _commit(self._get(id_, pygit2.Commit))

    def tag(self, id_: str) -> Tag | None:
        """The annotated tag object of that id; None when the object is something else."""
        found = self.raw.get(id_)
        who: pygit2.Signature | None = found.tagger if isinstance(found, pygit2.Tag) else None
        if not isinstance(found, pygit2.Tag) or who is None or not found.name:
            return None
        at = moment(who.time, who.offset)
        text, signature = split(found.message.encode())
        words = (found.name, text.decode(), who.name, who.email)
        return Tag(str(found.id), str(found.target), *words, at, bool(signature))

    def peeled(self, id_: str) -> str | None:
        """The commit that an object is or, being a tag, leads to; None when there is none."""
        try:
            return str(self.raw[id_].peel(pygit2.Commit).id)
        except (KeyError, ValueError, pygit2.GitError):
            return None

    def has(self, id_: str) -> bool:
        """Whether the object is in the repository."""
        return id_ in self.raw

    def blob(self, id_: str) -> bytes:
        """The content of a blob."""
        return self._get(id_, pygit2.Blob).data

    def size(self, id_: str) -> int:
        """The size of a blob in bytes."""
        return self._get(id_, pygit2.Blob).size

    def entry(self, tree: str, path: str) -> str | None:
        """The id of what stands at `path` in the tree; None when nothing does."""
        try:
            return str(self._get(tree, pygit2.Tree)[path].id)
        except KeyError:
            return None
        except pygit2.GitError as error:
            raise ObjectMissing(
                f"a folder on the way to {path} is missing from the repository: {error}",
                hint="Fetch it from a clone that has it; git fsck lists what else is missing.",
            ) from error

    def entries(self, tree: str) -> dict[str, tuple[int, str]]:
        """Every file, link and submodule of a tree: path → (git file mode, id), in git's order."""
        found: dict[str, tuple[int, str]] = {}
        waiting = [("", self._get(tree, pygit2.Tree))]
        while waiting:
            prefix, current = waiting.pop()
            for item in current:
                path = f"{prefix}{_text(item.raw_name)}"
                if isinstance(item, pygit2.Tree):
                    waiting.append((f"{path}/", item))
                else:
                    found[path] = (int(item.filemode), str(item.id))
        return dict(sorted(found.items()))

    def first_parents(self, start: str) -> Iterator[Commit]:
        """`start` and its ancestors by first parents, newest first, each read when it is asked for."""
        current: str | None = start
        while current is not None:
            found = self.commit(current)
            yield found
            current = found.parents[0] if found.parents else None

    def is_ancestor(self, old: str, new: str) -> bool:
        """Whether `new` can be reached from `old` by a fast-forward (or is the same)."""
        try:
            return old == new or self.raw.descendant_of(new, old)
        except pygit2.GitError as error:
            raise ObjectMissing(
                f"the history between {old} and {new} is incomplete: {error}", hint="See what is missing: git fsck"
            ) from error

    # Writing objects

    def write_blob(self, content: bytes) -> str:
        return str(self._written(lambda: self.raw.create_blob(content)))

    def changed_blobs(self, base: str | None, files: Mapping[str, bytes]) -> dict[str, str]:
        """The blobs of those files that differ from the tree `base`, written where they are new."""
        changed: dict[str, str] = {}
        for path, content in files.items():
            blob = str(pygit2.hash(content))
            if base is None or self.entry(base, path) != blob:
                changed[path] = self.write_blob(content)
        return changed

    def write_tree(self, base: str | None, changes: Mapping[str, str]) -> str:
        """The tree `base` with those blobs set. Paths are `/`-separated."""
        here: dict[str, str] = {}
        below: dict[str, dict[str, str]] = {}
        for path, blob in changes.items():
            first, _, rest = path.partition("/")
            if rest:
                below.setdefault(first, {})[rest] = blob
            else:
                here[first] = blob
        old = self._get(base, pygit2.Tree) if base is not None else None
        entries = {name: (blob, FileMode.BLOB) for name, blob in here.items()}
        for name, inner in below.items():
            subtree = str(old[name].id) if old is not None and name in old else None
            entries[name] = (self.write_tree(subtree, inner), FileMode.TREE)

        def build() -> pygit2.Oid:
            builder = self.raw.TreeBuilder(old) if old is not None else self.raw.TreeBuilder()
            for name, (id_, mode) in entries.items():
                builder.insert(name, pygit2.Oid(hex=id_), mode)
            return builder.write()

        return str(self._written(build))

    def write_entries(self, entries: Mapping[str, tuple[int, str]]) -> str:
        """The tree that holds exactly these files: path → (git file mode, id)."""

        def build() -> pygit2.Oid:
            index = pygit2.Index()
            for path, (mode, id_) in entries.items():
                if mode != FileMode.COMMIT:  # what a submodule holds is in no version
                    index.add(pygit2.IndexEntry(path, pygit2.Oid(hex=id_), FileMode(mode)))
            return index.write_tree(self.raw)

        return str(self._written(build))

    def write_commit(
        self,
        *,
        tree: str,
        parents: tuple[str, ...],
        message: str,
        actor: Actor,
        at: datetime,
        signer: Signer | None = None,
    ) -> str:
        """A commit object that no ref points at yet."""
        who = pygit2.Signature(actor.name, actor.email, int(at.timestamp()), offset_minutes(at), "utf-8")
        ids: list[str | pygit2.Oid] = [pygit2.Oid(hex=parent) for parent in parents]
        words = (who, who, message, pygit2.Oid(hex=tree), ids)
        if signer is None:
            return str(self._written(lambda: self.raw.create_commit(None, *words)))
        from gitagent.git.signing import signed_commit

        content = signed_commit(str(self.raw.create_commit_string(*words)).encode(), signer)
        return str(self._written(lambda: self.raw.write(ObjectType.COMMIT, content)))

    def write_tag(
        self, *, target: str, name: str, message: str, actor: Actor, at: datetime, signer: Signer | None = None
    ) -> str:
        """An annotated tag object on a commit, that no ref points at yet."""
        content = tag_content(target=target, name=name, message=message, actor=actor, at=at)
        if signer is not None:
            content += signer.sign(content)
        return str(self._written(lambda: self.raw.write(ObjectType.TAG, content)))

    def sync_objects(self) -> None:
        """Make new object folders durable: libgit2 syncs each object and its folder, but not the folder above."""
        sync_directory(self.git_directory / "objects")

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

    def _sync_skeleton(self) -> None:
        for name in ("HEAD", "config"):
            sync_file(self.git_directory / name)
        for folder in (self.git_directory / "refs", self.git_directory, self.top, self.top.parent):
            sync_directory(folder)

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

    def _get(self, id_: str, kind: type[_Object]) -> _Object:
        try:
            found = self.raw[id_]
        except (KeyError, ValueError, pygit2.GitError) as error:
            raise ObjectMissing(
                f"object {id_} is missing from the repository",
                hint="Fetch it from a clone that has it; git fsck lists what else is missing.",
            ) from error
        if not isinstance(found, kind):
            raise ObjectMissing(f"object {id_} is not a {kind.__name__.lower()}", hint="See: git fsck --strict")
        return found

    def _written(self, write: Callable[[], _Result]) -> _Result:
        try:
            return write()
        except (pygit2.GitError, OSError, ValueError) as error:
            raise StorageFailed(
                f"cannot write to the repository: {error}",
                hint="Check that the disk is neither full nor read-only; nothing was changed.",
            ) from error


def is_locked(error: pygit2.GitError) -> bool:
    """Whether libgit2 says that somebody else holds a lock; other errors speak of locks, too."""
    text = str(error)
    if "the index is locked" in text:
        return True
    return "failed to lock file" in text or ("failed to create locked file" in text and "File exists" in text)


def _decoded(raw: bytes, encoding: str | None) -> str:
    """A message by the encoding that it names; nobody has to have named one that there is."""
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except LookupError:
        return raw.decode(errors="replace")


def _identity(path: Path) -> tuple[int, int] | None:
    """What tells a file from another that takes its name later; None when there is none."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def sync_file(path: Path) -> None:
    """Make what was written to a file durable."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_directory(path: Path) -> None:
    """Make what was added to or removed from a folder durable."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_half_made(git_directory: Path) -> bool:
    """Whether the making of a repository was cut short. HEAD comes last, and by a link from its lock."""
    head, lock = git_directory / "HEAD", git_directory / "HEAD.lock"
    if not head.is_file():
        return git_directory.is_dir()
    return lock.is_file() and lock.samefile(head)


def _sync_everything() -> None:
    """Each object and ref is on the disk before anything points at it."""
    pygit2.settings.enable_fsync_gitdir(True)


def _same_folder(one: str | None, other: str) -> bool:
    return one is not None and Path(one).resolve() == Path(other).resolve()


def _open(path: str) -> pygit2.Repository:
    _sync_everything()
    try:
        return pygit2.Repository(path)
    except pygit2.GitError as error:
        text = str(error)
        hint = None
        if "owned" in text:
            hint = f"If you trust it: git config --global --add safe.directory {Path(path).parent}"
        elif "extension" in text or "object format" in text or "version" in text:
            hint = "gitagent opens repositories with SHA-1 objects and loose or packed refs only."
        raise RepositoryUnreadable(f"cannot open the repository {path}: {text}", hint=hint) from error


def _common_directory(git_directory: Path) -> Path:
    """Where refs and objects are: a linked working tree keeps its own folder for HEAD and index only."""
    pointer = git_directory / "commondir"
    return (git_directory / pointer.read_text().strip()).resolve() if pointer.exists() else git_directory


def _commit(found: pygit2.Commit) -> Commit:
    who = found.committer
    return Commit(
        str(found.id),
        str(found.tree_id),
        tuple(str(parent) for parent in found.parent_ids),
        _decoded(found.raw_message, found.message_encoding),
        who.raw_name.decode(errors="replace"),
        who.raw_email.decode(errors="replace"),
        moment(who.time, who.offset),
    )


def _text(raw: bytes | None) -> str:
    """A path as text; bytes that are not UTF-8 survive the round trip, as in the file system."""
    return (raw or b"").decode("utf-8", "surrogateescape")
