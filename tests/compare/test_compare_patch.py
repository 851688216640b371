"""The patch of a comparison is what `git apply` takes, and nothing else."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from compare.trees import Contents, Tree, between, edited_trees, file, tree
from gitagent.agent.compare.patch import patch, quoted
from gitagent.config.files import FileKind, MemoryFile

ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nowhere",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C.UTF-8",
}
ABSENT = "0" * 40


def git(folder: Path, *arguments: str, given: bytes = b"") -> bytes:
    environment = ENVIRONMENT | {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = subprocess.run(["git", *arguments], input=given, cwd=folder, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr.decode() + given.decode("utf-8", "replace")
    return done.stdout


def write(folder: Path, files: Tree) -> None:
    for path, item in files.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if item.kind is FileKind.LINK:
            place.symlink_to(os.fsdecode(item.read()))
        else:
            place.write_bytes(item.read())
            place.chmod(0o755 if item.kind is FileKind.EXECUTABLE else 0o644)


def read(folder: Path) -> dict[str, tuple[FileKind, bytes]]:
    found = {}
    for place in folder.rglob("*"):
        path = place.relative_to(folder).as_posix()
        if place.is_symlink():
            found[path] = (FileKind.LINK, os.fsencode(place.readlink()))
        elif place.is_file():
            executable = place.stat().st_mode & 0o100
            found[path] = (FileKind.EXECUTABLE if executable else FileKind.FILE, place.read_bytes())
    return found


def plain(files: Tree) -> dict[str, tuple[FileKind, bytes]]:
    return {path: (item.kind, item.read()) for path, item in files.items()}


def folder_replaces_link(old: Tree, new: Tree) -> bool:
    """Whether a folder stands where a link was: git apply follows the link, and refuses its own patches too."""
    links = [path for path, item in old.items() if item.kind is FileKind.LINK]
    return any(path.startswith(f"{link}/") for link in links for path in new)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_git_apply_makes_the_new_tree_of_the_old_one_and_back(pair: tuple[Tree, Tree]) -> None:
    old, new = pair
    assume(not folder_replaces_link(old, new))
    text = patch(between(old, new))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, old)
        if text:
            git(folder, "apply", "--whitespace=nowarn", "-", given=text)
        assert read(folder) == plain(new)
        if text and not folder_replaces_link(new, old):
            git(folder, "apply", "--whitespace=nowarn", "--reverse", "-", given=text)
            assert read(folder) == plain(old)


def applied(folder: Path, old: Contents, new: Contents) -> dict[str, tuple[FileKind, bytes]]:
    write(folder, tree(old))
    git(folder, "apply", "--whitespace=nowarn", "-", given=patch(between(old, new)))
    return read(folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(b"", b"a\n", id="filled"),
        pytest.param(b"a\n", b"", id="emptied"),
        pytest.param(b"a", b"a\n", id="line break added at the end"),
        pytest.param(b"a\n", b"a", id="line break removed at the end"),
        pytest.param(b"a\r\nb\r\n", b"a\nb\n", id="CRLF to LF"),
        pytest.param(b"a\r\nb\r\n", b"a\r\nc\r\n", id="CRLF kept"),
        pytest.param(b"a\rb\rc", b"a\rb\rd", id="carriage returns alone"),
        pytest.param(b"caf\xe9\n", b"caf\xe8\n", id="Latin-1"),
        pytest.param(b"text\n", b"\0\1\2" * 1000, id="text to binary"),
        pytest.param(bytes(range(256)) * 300, b"\0", id="large binary"),
        pytest.param(
            b"".join(b"%d\n" % n for n in range(400)), b"".join(b"%d\n" % (n * n) for n in range(400)), id="long"
        ),
    ],
)
def test_git_apply_changes_a_file(tmp_path: Path, old: bytes, new: bytes) -> None:
    assert applied(tmp_path, {"a b.txt": old}, {"a b.txt": new}) == {"a b.txt": (FileKind.FILE, new)}


def test_git_apply_takes_a_link_for_a_file_and_a_file_for_a_link(tmp_path: Path) -> None:
    link = file("agent.yaml", FileKind.LINK)

    found = applied(tmp_path, {"a": "text\n", "b": link}, {"a": link, "b": "text\n"})

    assert found == {"a": (FileKind.LINK, b"agent.yaml"), "b": (FileKind.FILE, b"text\n")}


def test_git_apply_moves_a_submodule_to_another_commit(tmp_path: Path) -> None:
    class Submodule(MemoryFile):
        id = "1" * 40

    class MovedSubmodule(MemoryFile):
        id = "2" * 40

    old, new = Submodule(b"", FileKind.SUBMODULE), MovedSubmodule(b"", FileKind.SUBMODULE)
    git(tmp_path, "init", "-q")
    git(tmp_path, "update-index", "--add", "--cacheinfo", f"160000,{old.id},library")

    git(tmp_path, "apply", "--cached", "-", given=patch(between({"library": old}, {"library": new})))

    assert git(tmp_path, "ls-files", "-s").decode() == f"160000 {new.id} 0\tlibrary\n"


def test_nothing_is_the_patch_of_no_difference() -> None:
    assert patch(between({"a": "a\n"}, {"a": "a\n"})) == b""


def test_a_patch_is_written_as_git_writes_it(tmp_path: Path) -> None:
    old = {"agent.yaml": "name: a\nspeed: 1.0\n", "gone.md": "bye\n", "moved.md": "one\ntwo\n" * 9, "run.sh": "ls\n"}
    new = {"agent.yaml": "name: a\nspeed: 1.2", "new é.md": "hi\n", "to.md": "one\ntwo\n" * 9, "run.sh": "ls\n"}
    executable = new | {"run.sh": file("ls\n", FileKind.EXECUTABLE)}
    for name, contents in (("old", old), ("new", executable)):
        (tmp_path / name).mkdir()
        git(tmp_path / name, "init", "-q")
        write(tmp_path / name, tree(contents))
        git(tmp_path / name, "add", "-A")
    before, after = (git(tmp_path / name, "write-tree").decode().strip() for name in ("old", "new"))
    objects = {"GIT_ALTERNATE_OBJECT_DIRECTORIES": str(tmp_path / "old/.git/objects")}

    expected = subprocess.run(
        ["git", "diff", "--full-index", "--no-color", "-M", before, after],
        cwd=tmp_path / "new", capture_output=True, env=ENVIRONMENT | objects, check=True,
    ).stdout  # fmt: skip

    assert patch(between(old, executable)) == expected


def test_a_file_that_becomes_a_link_is_a_deletion_and_an_addition() -> None:
    text = patch(between({"a": "x\n"}, {"a": file("b", FileKind.LINK)})).decode()

    assert text == (
        "diff --git a/a b/a\n"
        "deleted file mode 100644\n"
        f"index 587be6b4c3f93f93c489c0111bba5596147a26cb..{ABSENT}\n"
        "--- a/a\n"
        "+++ /dev/null\n"
        "@@ -1 +0,0 @@\n"
        "-x\n"
        "diff --git a/a b/a\n"
        "new file mode 120000\n"
        f"index {ABSENT}..63d8dbd40c23542e740659a7168a0ce3138ea748\n"
        "--- /dev/null\n"
        "+++ b/a\n"
        "@@ -0,0 +1 @@\n"
        "+b\n"
        "\\ No newline at end of file\n"
    )


@pytest.mark.parametrize(
    ("path", "written"),
    [
        ("topics/hours.yaml", "topics/hours.yaml"),
        ("two words", "two words"),
        ("folder /file", '"folder /file"'),
        ('a"b', '"a\\"b"'),
        ("a\\b", '"a\\\\b"'),
        ("a\tb\nc\rd", '"a\\tb\\nc\\rd"'),
        ("\x07\x08\x0b\x0c\x1b\x7f", '"\\a\\b\\v\\f\\033\\177"'),
        ("é", '"\\303\\251"'),
        ("\udcff", '"\\377"'),
    ],
)
def test_a_path_is_quoted_as_git_quotes_it(path: str, written: str) -> None:
    assert quoted(path) == written
