"""Exactness: objects compared to the last byte, and the ids that changed trees would have, with nothing written."""

from __future__ import annotations

from hashlib import sha1
from typing import TYPE_CHECKING, NamedTuple

import pygit2
from pygit2.enums import ObjectType

from gitagent.errors import ObjectMissing
from gitagent.git.armor import in_commit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository

_FILE, _FOLDER = b"100644", b"40000"
_MOST_KNOWN = 1000


class Changed(NamedTuple):
    """A tree as it would be: its id, and the ids of the objects in it that the tree before did not have."""

    id: str
    new: tuple[str, ...]


class Trees:
    """The trees of one repository, each read once, and those that would follow from them."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self._known: dict[str, dict[bytes, bytes]] = {}

    def with_files(self, tree: str | None, files: Mapping[str, bytes]) -> Changed:
        """The tree with those ordinary files set, by `/`-separated path. ObjectMissing when it is not there."""
        blobs = {path: _hash(b"blob", content) for path, content in files.items()}
        new: list[str] = []
        return Changed(self._with_blobs(tree, blobs, new), tuple(new))

    def differing(self, old: str | None, new: str | None) -> Iterator[str]:
        """The paths at which two trees differ, in whatever way. Folders that are the same cost nothing."""
        if old == new:
            return
        before, after = self._listing(old), self._listing(new)
        for key in sorted(before.keys() | after.keys()):
            was, is_ = before.get(key), after.get(key)
            if was == is_:
                continue
            name = key.decode(errors="surrogateescape")
            if not key.endswith(b"/"):
                yield name
                continue
            yield from (f"{name}{path}" for path in self.differing(_id(was), _id(is_)))

    def missing(self, tree: str, seen: set[str]) -> Iterator[str]:
        """The objects of a tree that are not in the repository. What is in `seen` is passed over, and added to it."""
        if tree in seen:
            return
        seen.add(tree)
        try:
            entries = self._read(tree).items()
        except ObjectMissing:
            yield tree
            return
        for key, entry in entries:
            id_ = entry[-20:].hex()
            if key.endswith(b"/"):
                yield from self.missing(id_, seen)
            elif id_ not in seen and not entry.startswith(b"160000 "):  # a submodule's commit is elsewhere
                seen.add(id_)
                if not self.repository.has(id_):
                    yield id_

    def _with_blobs(self, tree: str | None, blobs: Mapping[str, str], new: list[str]) -> str:
        entries, below = dict(self._listing(tree)), dict[str, dict[str, str]]()
        for path, blob in blobs.items():
            first, slash, rest = path.partition("/")
            if slash:
                below.setdefault(first, {})[rest] = blob
            else:
                _set(entries, first, _FILE, blob, new)
        for name, inner in below.items():
            old = entries.get(f"{name}/".encode())
            _set(entries, name, _FOLDER, self._with_blobs(_id(old), inner, new), new)
        id_ = _hash(b"tree", b"".join(entries[key] for key in sorted(entries)))
        self._keep(id_, entries)
        return id_

    def _listing(self, tree: str | None) -> dict[bytes, bytes]:
        """The entries of a tree as git stores them, by what git sorts them by: a folder's name ends with a `/`."""
        if tree is None:
            return {}
        if tree not in self._known:
            self._keep(tree, self._read(tree))
        return self._known[tree]

    def _keep(self, tree: str, entries: dict[bytes, bytes]) -> None:
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[tree] = entries

    def _read(self, tree: str) -> dict[bytes, bytes]:
        content, start, entries = _content(self.repository, tree, ObjectType.TREE), 0, dict[bytes, bytes]()
        while start < len(content):
            zero = content.find(b"\0", start)
            if zero < 0 or zero + 21 > len(content):
                raise ObjectMissing(f"object {tree} is not a tree", hint="See: git fsck --strict")
            mode, _, name = content[start:zero].partition(b" ")
            entries[name + b"/" if mode == _FOLDER else name] = content[start : zero + 21]
            start = zero + 21
        return entries


def is_plain(repository: Repository, commit: Commit) -> bool:
    """Whether a commit says nothing but its tree, its parents, one author and committer, and perhaps a signature."""
    content = _content(repository, commit.id, ObjectType.COMMIT)
    signature = in_commit(content) if b"\ngpgsig " in content else None
    unsigned = content if signature is None else signature.text
    head = unsigned.partition(b"\n\n")[0].decode(errors="replace")
    ids = "".join(f"{line}\n" for line in (f"tree {commit.tree}", *(f"parent {each}" for each in commit.parents)))
    author, _, rest = head.removeprefix(ids).partition("\n")
    committer, _, rest = rest.partition("\n")
    one = author.removeprefix("author ") == committer.removeprefix("committer ")
    return head.startswith(f"{ids}author ") and one and not rest


def _set(entries: dict[bytes, bytes], name: str, mode: bytes, id_: str, new: list[str]) -> None:
    raw = name.encode()
    entry = b"%b %b\0%b" % (mode, raw, bytes.fromhex(id_))
    key, other = (raw + b"/", raw) if mode == _FOLDER else (raw, raw + b"/")
    entries.pop(other, None)
    if entries.get(key) != entry:
        entries[key] = entry
        new.append(id_)


def _id(entry: bytes | None) -> str | None:
    return None if entry is None else entry[-20:].hex()


def _hash(kind: bytes, content: bytes) -> str:
    return sha1(b"%b %d\0%b" % (kind, len(content), content), usedforsecurity=False).hexdigest()


def _content(repository: Repository, id_: str, kind: ObjectType) -> bytes:
    try:
        found, content = repository.raw.read(id_)
    except (KeyError, ValueError, pygit2.GitError) as error:
        raise ObjectMissing(
            f"object {id_} is missing from the repository",
            hint="Fetch it from a clone that has it; git fsck lists what else is missing.",
        ) from error
    if found != kind:
        raise ObjectMissing(f"object {id_} is not a {kind.name.lower()}", hint="See: git fsck --strict")
    return content


def tree_id(entries: Mapping[str, tuple[int, str]]) -> str:
    """The id that the tree of these files would have: path → (git file mode, id)."""
    here: dict[bytes, bytes] = {}
    below: dict[str, dict[str, tuple[int, str]]] = {}
    for path, (mode, id_) in entries.items():
        first, slash, rest = path.partition("/")
        if slash:
            below.setdefault(first, {})[rest] = (mode, id_)
        else:
            name = first.encode(errors="surrogateescape")
            here[name] = b"%o %b\0%b" % (mode, name, bytes.fromhex(id_))
    for folder, inner in below.items():
        name = folder.encode(errors="surrogateescape")
        here[name + b"/"] = b"%b %b\0%b" % (_FOLDER, name, bytes.fromhex(tree_id(inner)))
    return _hash(b"tree", b"".join(here[key] for key in sorted(here)))
