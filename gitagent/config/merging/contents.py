"""Contents: what two sides made of one file, brought together by keys where it has keys, else by lines."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from gitagent.config.merging.conflicts import Conflict, ConflictKind
from gitagent.config.merging.encodings import encoded, is_binary, merged_encoding, plain
from gitagent.config.merging.marks import Labels, has_conflict_markers, marked
from gitagent.config.merging.pieces import Pieces, side, with_marks
from gitagent.config.texts import LARGEST

if TYPE_CHECKING:
    from gitagent.config.merging.trees import Tree

MergeText = Callable[[bytes, bytes, bytes, Labels], tuple[bytes, bool]]
"""Merges base, ours and theirs by line: the text, with marks around conflicts, and whether there are none."""

_BY_KEYS = (".yaml", ".yml", ".json")


class MergedFile(NamedTuple):
    """One merged file. `content` is None where it is deleted.

    Where one file cannot hold what both sides have, `content` is ours and `beside` theirs, to be put beside it.
    """

    content: bytes | None
    conflicts: tuple[Conflict, ...] = ()
    beside: bytes | None = None

    @property
    def is_clean(self) -> bool:
        """Whether the sides agree."""
        return not self.conflicts


def merge(
    base: bytes | None,
    ours: bytes | None,
    theirs: bytes | None,
    *,
    path: str,
    labels: Labels,
    merge_text: MergeText,
) -> MergedFile:
    """What both sides made of one file. None is a file that is not there.

    What only one side changed is that side's, byte for byte. What both changed in different ways stays in the file
    with both sides between marks, so that the file cannot become part of a version before somebody has decided.
    """
    if theirs in (base, ours):
        return MergedFile(ours)
    if ours == base:
        return MergedFile(theirs)
    if any(content is not None and is_binary(content) for content in (base, ours, theirs)):
        return _binary(ours, theirs, path, labels)
    if ours is None or theirs is None:
        return _deleted(base, ours, theirs, path, labels)
    return _texts(base or b"", ours, theirs, path, labels, merge_text)


def _binary(ours: bytes | None, theirs: bytes | None, path: str, labels: Labels) -> MergedFile:
    kind = ConflictKind.BINARY if ours is not None and theirs is not None else ConflictKind.DELETED
    note = f"{path} is not in {labels[1]}.\n".encode()
    return MergedFile(ours, (Conflict(path, kind),), note if theirs is None else theirs)


def _deleted(base: bytes | None, ours: bytes | None, theirs: bytes | None, path: str, labels: Labels) -> MergedFile:
    """One side deleted what the other one changed: the whole file is a conflict, with one side empty."""
    said = [None if content is None else content.decode("utf-8", "surrogateescape") for content in (base, ours, theirs)]
    text = marked(said[1] or "", said[2] or "", labels)
    content = text.encode("utf-8", "surrogateescape")
    return MergedFile(content, (Conflict(path, ConflictKind.DELETED, None, *map(_shown, said)),))


def _shown(text: str | None) -> str | None:
    return None if text is None else text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _texts(base: bytes, ours: bytes, theirs: bytes, path: str, labels: Labels, merge_text: MergeText) -> MergedFile:
    (base, *encodings), (ours, mine), (theirs, other) = plain(base), plain(ours), plain(theirs)
    encoding = merged_encoding(encodings[0] if base else mine, mine, other)
    merged = None
    if path.endswith(_BY_KEYS) and max(len(ours), len(theirs)) <= LARGEST:
        merged = _by_keys(base, ours, theirs, path, labels)
    if merged is None:
        merged = _by_lines(base, ours, theirs, path, labels, merge_text)
    content, conflicts = merged
    return MergedFile(encoded(content, encoding), conflicts)


_Merged = tuple[bytes, tuple[Conflict, ...]]


def _by_lines(base: bytes, ours: bytes, theirs: bytes, path: str, labels: Labels, merge_text: MergeText) -> _Merged:
    content, is_clean = merge_text(base, ours, theirs, labels)
    if not is_clean:
        # Git takes changes of neighbouring lines for a conflict.
        pieces = _line_pieces(base, ours, theirs)
        if not all(isinstance(piece, str) for piece in pieces):
            said = (text.decode("utf-8", "replace") for text in (base, ours, theirs))
            return content, (Conflict(path, ConflictKind.LINES, None, *said),)
        content = side(pieces, ours=True).encode("utf-8", "surrogateescape")
    if path.endswith(_BY_KEYS) and not _means_the_same_kind(content, (base, ours, theirs), path):
        said = (text.decode("utf-8", "replace") for text in (base, ours, theirs))
        sides = [text.decode("utf-8", "surrogateescape") for text in (ours, theirs)]
        whole = marked(sides[0], sides[1], labels).encode("utf-8", "surrogateescape")
        return whole, (Conflict(path, ConflictKind.LINES, None, *said),)
    return content, ()


def _line_pieces(base: bytes, ours: bytes, theirs: bytes) -> Pieces:
    from gitagent.config.merging.strings import merge_lines

    texts = (text.decode("utf-8", "surrogateescape") for text in (base, ours, theirs))
    return merge_lines(*(tuple(text.splitlines(keepends=True)) for text in texts))


def _means_the_same_kind(content: bytes, sources: tuple[bytes, ...], path: str) -> bool:
    """Whether the merged lines can be read, if what they were made from can: lines know nothing of keys."""
    return _is_sound(content, path) or not all(_is_sound(source, path) for source in sources)


def _is_sound(content: bytes, path: str) -> bool:
    from gitagent.config.yaml import check

    return not check(content, path)


def _by_keys(base: bytes, ours: bytes, theirs: bytes, path: str, labels: Labels) -> _Merged | None:
    """The files brought together by their keys; None where they cannot be."""
    from gitagent.config.merging.trees import UnmergeableError

    try:
        with _not_collecting():
            text, conflicts = _merged_trees(base.decode(), ours.decode(), theirs.decode(), path, labels)
    except (UnmergeableError, ValueError):
        return None
    return text.encode(), conflicts


def _merged_trees(base: str, ours: str, theirs: str, path: str, labels: Labels) -> tuple[str, tuple[Conflict, ...]]:
    """The merged text, read again to be sure that it means what the merge of the keys says."""
    from gitagent.config.merging.keys import merge_trees
    from gitagent.config.merging.trees import UnmergeableError, read_tree

    before, here, there = (_tree(text, path) for text in _alike([base, ours, theirs], path))
    if here is None or there is None:
        raise UnmergeableError("nothing to merge with")
    merged = merge_trees(before, here, there, path=path)
    sides = ((True, merged.ours), (False, merged.theirs))
    for is_ours, value in sides if merged.conflicts else sides[:1]:
        if read_tree(side(merged.pieces, ours=is_ours), path).root.value != value:
            raise UnmergeableError("the merged text means something else")
    if merged.conflicts:
        text = with_marks(merged.pieces, labels)
        if not has_conflict_markers(text.encode()):
            raise UnmergeableError("a conflict that cannot be shown")
        return text, merged.conflicts
    text = side(merged.pieces, ours=True)
    ends = [each.endswith("\n") for each in (base, ours, theirs)]
    ends_line = ends[2] if ends[1] is ends[0] else ends[1]
    return (text if ends_line else text.removesuffix("\n")), ()


def _tree(text: str, path: str) -> Tree | None:
    from gitagent.config.merging.trees import UnmergeableError, read_tree

    if not text.strip():
        return None
    if text.endswith("\n"):
        return read_tree(text, path)
    tree = read_tree(text + "\n", path)
    if tree.root.value != read_tree(text, path).root.value:
        raise UnmergeableError("the end of the last line means something")
    return tree


@contextlib.contextmanager
def _not_collecting() -> Iterator[None]:
    """Keep Python from looking for garbage among the many small objects of a large file: it takes half the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _alike(texts: list[str], path: str) -> list[str]:
    if not path.endswith(".json"):
        return texts
    from gitagent.config.merging.indents import indent_of, reindented

    indent = indent_of(texts[1])
    return [reindented(text, indent) if text.strip() else text for text in texts]
