"""Trees for the tests of comparing: small ones by hand, and pairs of them from hypothesis."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import strategies as st

from gitagent.agent.compare import Comparison, FileChange, compare
from gitagent.config.files import FileKind, MemoryFile

Tree = dict[str, MemoryFile]
Contents = Mapping[str, str | bytes | MemoryFile]


def file(content: str | bytes, kind: FileKind = FileKind.FILE) -> MemoryFile:
    """One file in memory."""
    return MemoryFile(content.encode() if isinstance(content, str) else content, kind)


def tree(contents: Contents) -> Tree:
    """Files by path; what is only a content becomes an ordinary file."""
    return {path: item if isinstance(item, MemoryFile) else file(item) for path, item in contents.items()}


def between(old: Contents, new: Contents) -> Comparison:
    """Two trees compared, as v3 and v7."""
    return compare(tree(old), tree(new), old_label="v3", new_label="v7")


def change_of(old: str | bytes | MemoryFile, new: str | bytes | MemoryFile, *, path: str = "a.md") -> FileChange:
    """The change of the one file that differs."""
    (change,) = between({path: old}, {path: new}).files
    return change


class UnreadFile(MemoryFile):
    """A file that must not be read."""

    def read(self) -> bytes:
        raise AssertionError("read a file that needed no reading")


_LINES = st.sampled_from(
    [
        *["name: desk", "a", "b", "", "  - x", "speed: 1.0", "speed: 1.2", "tail  ", "\t"],
        *["é漢", "e\u0301", "👩‍🍳", "+1", "-1", "\\ No", "--- a", "@@ -1 +1 @@", "\x1b[31m", "\u202e", "a\rb"],
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A text of few different lines, so that two of them have much in common."""
    one_end = draw(st.sampled_from(["\n", "\r\n", None]))
    lines = draw(st.lists(st.tuples(_LINES, _ENDS), max_size=25))
    text = "".join(line + (one_end or end) for line, end in lines)
    return (text.removesuffix("\n") if draw(st.booleans()) else text).encode()


CONTENTS = st.one_of(texts(), texts(), texts(), st.binary(max_size=120))
_TARGETS = st.sampled_from([b"agent.yaml", b"../elsewhere", b"a b", "é".encode()])
FILES = st.one_of(
    st.builds(MemoryFile, CONTENTS, st.sampled_from([FileKind.FILE, FileKind.FILE, FileKind.EXECUTABLE])),
    st.builds(MemoryFile, _TARGETS, st.just(FileKind.LINK)),
)
_NAMES = st.sampled_from(
    [
        *["a", "b", "agent.yaml", "tool.json", "with space.md", 'quo"te', "back\\slash", "tab\there", "new\nline"],
        *["naïve.md", "漢字", " lead", "trail ", "x y b", "\x1b[31m", "not-utf8-\udce9"],
    ]
)
PATHS = st.lists(_NAMES, min_size=1, max_size=3).map("/".join)


def _is_a_tree(files: Tree) -> bool:
    return not any(path.startswith(f"{other}/") for path in files for other in files)


TREES = st.dictionaries(PATHS, FILES, max_size=6).filter(_is_a_tree)


@st.composite
def edited_trees(draw: st.DrawFn) -> tuple[Tree, Tree]:
    """A tree and what somebody made of it: files kept, changed, moved, removed and added."""
    old = draw(TREES)
    new: Tree = {}
    for path, item in old.items():
        match draw(st.sampled_from(["keep", "change", "move", "remove", "mode"])):
            case "keep":
                new[path] = item
            case "change":
                new[path] = draw(FILES)
            case "move":
                new[draw(PATHS)] = item
            case "mode" if item.kind is FileKind.FILE:
                new[path] = MemoryFile(item.read(), FileKind.EXECUTABLE)
    new |= draw(st.dictionaries(PATHS, FILES, max_size=2))
    return old, {path: item for path, item in new.items() if not any(path.startswith(f"{top}/") for top in new)}
