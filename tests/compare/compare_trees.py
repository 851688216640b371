"""Trees for the tests of comparing: small ones by hand, and pairs of them from hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from gitagent.agent.compare import Comparison, compare
from gitagent.config.files import FileKind, MemoryFile

Tree = dict[str, MemoryFile]


def tree(files: dict[str, str | bytes]) -> Tree:
    """Ordinary files by path."""
    return {path: file(content) for path, content in files.items()}


def file(content: str | bytes, kind: FileKind = FileKind.FILE) -> MemoryFile:
    """One file in memory."""
    return MemoryFile(content.encode() if isinstance(content, str) else content, kind)


def between(old: dict[str, str | bytes] | Tree, new: dict[str, str | bytes] | Tree) -> Comparison:
    """Two trees compared, as v3 and v7."""
    return compare(_whole(old), _whole(new), old_label="v3", new_label="v7")


def _whole(files: dict[str, str | bytes] | Tree) -> Tree:
    return {path: item if isinstance(item, MemoryFile) else file(item) for path, item in files.items()}


_LINES = st.sampled_from(
    [
        "name: desk",
        "a",
        "b",
        "",
        "  - x",
        "speed: 1.0",
        "speed: 1.2",
        "é漢",
        "+1",
        "-1",
        "\\ No",
        "--- a",
        "@@ -1 +1 @@",
        "tail  ",
        "\t",
    ]
)
_ENDS = st.sampled_from(["\n", "\n", "\n", "\r\n"])


@st.composite
def texts(draw: st.DrawFn) -> bytes:
    """A text of few different lines, so that two of them have much in common."""
    lines = draw(st.lists(st.tuples(_LINES, _ENDS), max_size=25))
    text = "".join(line + end for line, end in lines)
    return text.removesuffix("\n").encode() if draw(st.booleans()) else text.encode()


CONTENTS = st.one_of(texts(), texts(), texts(), st.binary(max_size=120))
_PLAIN = st.sampled_from([FileKind.FILE, FileKind.FILE, FileKind.EXECUTABLE])
_TARGETS = st.sampled_from([b"agent.yaml", b"../elsewhere", b"a b", "é".encode()])
FILES = st.one_of(
    st.builds(MemoryFile, CONTENTS, _PLAIN),
    st.builds(MemoryFile, _TARGETS, st.just(FileKind.LINK)),
)
_NAMES = st.sampled_from(
    [
        "a",
        "b",
        "agent.yaml",
        "with space.md",
        'quo"te',
        "back\\slash",
        "tab\there",
        "new\nline",
        "naïve.md",
        "漢字",
        " lead",
        "trail ",
        "x y b",
        "\x1b[31m",
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
