"""Database: a repository's objects, read and written."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import pygit2
from pygit2.enums import FileMode, ObjectType

from gitagent.errors import ObjectMissing, StorageFailed
from gitagent.git.armor import split
from gitagent.git.disk import sync_directory
from gitagent.git.objects import Commit, Tag, moment, offset_minutes, tag_content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from gitagent.git.signing import Signer
    from gitagent.names import Actor

_Object = TypeVar("_Object", pygit2.Commit, pygit2.Tree, pygit2.Blob)
_Result = TypeVar("_Result")


class Database:
    """The objects of one git repository. Their ids go in and come out as 40 hexadecimal digits."""

    raw: pygit2.Repository
    git_directory: Path

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
            for item in self._items(current):
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

    def _items(self, tree: pygit2.Tree) -> list[pygit2.Object]:
        try:
            return list(tree)
        except (KeyError, pygit2.GitError) as error:
            raise ObjectMissing(
                f"a folder in the tree {tree.id} is missing from the repository: {error}",
                hint="Fetch it from a clone that has it; git fsck lists what else is missing.",
            ) from error

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


def _decoded(raw: bytes, encoding: str | None) -> str:
    """A message by the encoding that it names; nobody has to have named one that there is."""
    try:
        return raw.decode(encoding or "utf-8", "replace")
    except LookupError:
        return raw.decode(errors="replace")


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
