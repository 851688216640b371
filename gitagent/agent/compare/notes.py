"""Notes: what is to be said of a changed file besides its lines."""

from __future__ import annotations

from gitagent.agent.compare.comparison import ChangeKind, FileChange, Note, NoteKind
from gitagent.agent.compare.text import Endings
from gitagent.agent.compare.visible import visible
from gitagent.config.files import FileKind

_KINDS = {
    FileKind.FILE: "file",
    FileKind.EXECUTABLE: "executable file",
    FileKind.LINK: "symbolic link",
    FileKind.SUBMODULE: "submodule",
}
_PLAIN = (FileKind.FILE, FileKind.EXECUTABLE)


def notes(change: FileChange) -> tuple[Note, ...]:
    """Everything that the lines do not show, in the order to say it in."""
    return (*_identity(change), *_contents(change), *_configuration(change))


def _identity(change: FileChange) -> list[Note]:
    found = []
    if change.kind is ChangeKind.RENAMED:
        found.append(Note(NoteKind.RENAMED, f"renamed from {visible(change.old_path or '')}"))
    if change.old is None or change.new is None:
        present = change.new or change.old
        if present is not None and present.kind is not FileKind.FILE:
            found.append(Note(NoteKind.TYPE, _KINDS[present.kind]))
    elif change.old.kind in _PLAIN and change.new.kind in _PLAIN:
        if change.old.kind != change.new.kind:
            is_now = change.new.kind is FileKind.EXECUTABLE
            found.append(Note(NoteKind.MODE, "now executable" if is_now else "no longer executable"))
    elif change.old.kind != change.new.kind:
        found.append(Note(NoteKind.TYPE, f"{_KINDS[change.old.kind]} → {_KINDS[change.new.kind]}"))
    return found


def _contents(change: FileChange) -> list[Note]:
    if change.is_binary:
        return [Note(NoteKind.BINARY, f"binary, {_sizes(change)}")]
    if change.texts is None:
        return []
    found = []
    old, new = change.texts
    if not (old.is_utf8 and new.is_utf8):
        found.append(Note(NoteKind.ENCODING, "not UTF-8; the bytes that are not are shown as \\xNN"))
    if change.old is None or change.new is None or change.old.kind not in _PLAIN or change.new.kind not in _PLAIN:
        return found
    if old.endings != new.endings and Endings.NONE not in (old.endings, new.endings):
        found.append(Note(NoteKind.LINE_ENDINGS, f"line endings {old.endings} → {new.endings}"))
    if old.lines and new.lines and old.is_ended != new.is_ended:
        verb = "added" if new.is_ended else "removed"
        found.append(Note(NoteKind.FINAL_NEWLINE, f"line break at the end of the file {verb}"))
    return found


def _sizes(change: FileChange) -> str:
    sizes = [f"{file.size:,}" for file in (change.old, change.new) if file is not None]
    return f"{' → '.join(sizes)} bytes"


def _configuration(change: FileChange) -> list[Note]:
    if change.keys is None:
        return []
    if change.keys.unparsed is not None:
        return [Note(NoteKind.UNPARSED, f"compared by lines alone: {visible(change.keys.unparsed)}")]
    if change.old is None or change.new is None or change.keys.changes or change.lines is None:
        return []
    if change.lines.added or change.lines.removed:
        return [Note(NoteKind.LAYOUT_ONLY, "only comments and layout changed")]
    return []
