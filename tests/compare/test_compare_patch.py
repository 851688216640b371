"""The patch of a comparison is what `git apply` takes, and nothing else."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from compare_trees import Tree, between, edited_trees
from hypothesis import HealthCheck, given, settings

from gitagent.agent.compare.patch import patch
from gitagent.config.files import FileKind, MemoryFile

GIT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nowhere",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "LC_ALL": "C.UTF-8",
}


def write(folder: Path, files: Mapping[str, MemoryFile]) -> None:
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
            kind = FileKind.EXECUTABLE if os.access(place, os.X_OK) and place.stat().st_mode & 0o100 else FileKind.FILE
            found[path] = (kind, place.read_bytes())
    return found


def plain(files: Tree) -> dict[str, tuple[FileKind, bytes]]:
    return {path: (item.kind, item.read()) for path, item in files.items()}


def link_replaces_folder(old: Tree, new: Tree) -> bool:
    """Whether a link stands where a folder was: git takes such a patch, but never backwards."""
    links = [path for path, item in new.items() if item.kind is FileKind.LINK]
    return any(path.startswith(f"{link}/") for link in links for path in old)


def apply(text: bytes, folder: Path, *options: str) -> None:
    """Run the real `git apply` outside any repository."""
    done = subprocess.run(
        ["git", "apply", "--whitespace=nowarn", *options, "-"],
        input=text,
        cwd=folder,
        capture_output=True,
        env=GIT | {"GIT_CEILING_DIRECTORIES": str(folder.parent)},
    )
    assert done.returncode == 0, done.stderr.decode() + text.decode("utf-8", "replace")


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(edited_trees())
def test_git_apply_makes_the_new_tree_of_the_old_one_and_back(pair: tuple[Tree, Tree]) -> None:
    old, new = pair
    text = patch(between(old, new))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, old)
        if text:
            apply(text, folder)
        assert read(folder) == plain(new)
        if text and not link_replaces_folder(old, new):
            apply(text, folder, "--reverse")
            assert read(folder) == plain(old)
