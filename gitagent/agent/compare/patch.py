"""Patch: a comparison as the unified patch that `git apply` takes, byte for byte."""

from __future__ import annotations

from base64 import b85encode
from collections.abc import Iterator, Sequence
from zlib import compress

from gitagent.agent.compare.comparison import ChangeKind, Comparison, FileChange
from gitagent.agent.compare.lines import Hunk, hunks
from gitagent.agent.compare.matching import blocks
from gitagent.config.files import File, FileKind

_MODES = {
    FileKind.FILE: "100644",
    FileKind.EXECUTABLE: "100755",
    FileKind.LINK: "120000",
    FileKind.SUBMODULE: "160000",
}
_ABSENT = "0" * 40
_ESCAPES = {7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r", 34: '\\"', 92: "\\\\"}
_BINARY_LINE = 52


def patch(comparison: Comparison) -> bytes:
    """The patch that makes the old files into the new ones; empty when nothing differs.

    Bytes, because a file's own bytes stand in it, whatever their encoding and line ends.
    """
    return b"".join(part for change in comparison.files for part in _file(change))


def quoted(path: str) -> str:
    """A path as git writes it: in quotes, with escapes, where it holds anything but printable ASCII.

    A folder whose name ends with a space is quoted too: git writes it bare, and then finds no name in
    `diff --git a/x /y b/x /y` when the file is empty (git 2.39, `git_header_name`).
    """
    name = path.encode("utf-8", "surrogateescape")
    if " /" not in path and all(0x20 <= byte < 0x7F and byte not in _ESCAPES for byte in name):
        return path
    return '"' + "".join(_ESCAPES.get(byte) or _plain_or_octal(byte) for byte in name) + '"'


def _plain_or_octal(byte: int) -> str:
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}"


def header(change: FileChange, *, id_length: int = 40) -> list[str]:
    """The lines that name the file and say what became of it, up to its content, without line ends.

    Ids are cut to `id_length`: git applies a patch of a text with short ones too.
    """
    old, new = change.old_path or change.path, change.path
    lines = [f"diff --git {quoted(f'a/{old}')} {quoted(f'b/{new}')}"]
    old_mode, new_mode = _mode(change.old), _mode(change.new)
    if change.old is None:
        lines.append(f"new file mode {new_mode}")
    elif change.new is None:
        lines.append(f"deleted file mode {old_mode}")
    elif old_mode != new_mode:
        lines += [f"old mode {old_mode}", f"new mode {new_mode}"]
    if change.kind is ChangeKind.RENAMED:
        lines += [] if change.content_changed else ["similarity index 100%"]
        lines += [f"rename from {quoted(old)}", f"rename to {quoted(new)}"]
    if change.content_changed:
        ids = "..".join((file.id if file else _ABSENT)[:id_length] for file in (change.old, change.new))
        lines.append(f"index {ids} {old_mode}" if old_mode == new_mode else f"index {ids}")
    return lines


def names(change: FileChange) -> list[str]:
    """The two lines that come before a file's hunks, without line ends."""
    return [
        "--- " + ("/dev/null" if change.old is None else _named(f"a/{change.old_path}")),
        "+++ " + ("/dev/null" if change.new is None else _named(f"b/{change.new_path}")),
    ]


def hunk_header(hunk: Hunk) -> str:
    """Where a hunk stands on both sides, as git writes it."""
    return f"@@ -{_place(hunk.old_start, hunk.old_end)} +{_place(hunk.new_start, hunk.new_end)} @@"


def parts(change: FileChange) -> tuple[FileChange, ...]:
    """The change as a patch can say it: one that makes a file a link is a deletion and an addition."""
    if change.old is None or change.new is None or _mode(change.old)[:3] == _mode(change.new)[:3]:
        return (change,)
    return (
        FileChange(ChangeKind.DELETED, change.old_path, None, change.old, None),
        FileChange(ChangeKind.ADDED, None, change.new_path, None, change.new),
    )


def _file(change: FileChange) -> Iterator[bytes]:
    for part in parts(change):
        yield "".join(f"{line}\n" for line in header(part)).encode()
        if part.is_binary:
            yield _binary(part)
        elif part.texts is not None:
            old, new = part.texts
            yield from _text(part, old.lines, new.lines)


def _text(change: FileChange, old: Sequence[bytes], new: Sequence[bytes]) -> Iterator[bytes]:
    found = hunks(blocks(old, new))
    if found:
        yield "".join(f"{line}\n" for line in names(change)).encode()
    for hunk in found:
        yield f"{hunk_header(hunk)}\n".encode()
        for block in hunk.blocks:
            if block.same:
                yield from _marked(b" ", old[block.old_start : block.old_end])
            else:
                yield from _marked(b"-", old[block.old_start : block.old_end])
                yield from _marked(b"+", new[block.new_start : block.new_end])


def _marked(mark: bytes, lines: Sequence[bytes]) -> Iterator[bytes]:
    for line in lines:
        yield mark + line if line.endswith(b"\n") else mark + line + b"\n\\ No newline at end of file\n"


def _binary(change: FileChange) -> bytes:
    """Both contents in full, so that the patch can be taken back too."""
    return b"GIT binary patch\n" + _literal(change.new_content) + _literal(change.old_content)


def _literal(content: bytes) -> bytes:
    packed = compress(content)
    rows = [packed[start : start + _BINARY_LINE] for start in range(0, len(packed), _BINARY_LINE)]
    return b"literal %d\n" % len(content) + b"".join(map(_binary_row, rows)) + b"\n"


def _binary_row(row: bytes) -> bytes:
    """One row: a letter for its length, A to Z for 1 to 26 and a to z for 27 to 52, then base 85."""
    length = len(row)
    return bytes([64 + length if length <= 26 else 70 + length]) + b85encode(row, pad=True) + b"\n"


def _mode(file: File | None) -> str:
    return "" if file is None else _MODES[file.kind]


def _named(path: str) -> str:
    """A path in a `---` or `+++` line; git ends one with spaces in it with a tab, so that it can be told apart."""
    return quoted(path) + "\t" * (" " in path)


def _place(start: int, end: int) -> str:
    count = end - start
    first = start + 1 if count else start
    return str(first) if count == 1 else f"{first},{count}"
