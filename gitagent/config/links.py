"""Links: symbolic links among an agent's files, and where they lead."""

from __future__ import annotations

import posixpath

from gitagent.config.files import File, FileKind, Files
from gitagent.config.problems import Problem, Severity
from gitagent.config.suggestions import shortened

_MOST_STEPS = 16
_LONGEST_TARGET = 4096


def follow(files: Files, path: str) -> File | None:
    """The file at a path, or where the link at that path leads; None where there is no file."""
    for _ in range(_MOST_STEPS):
        file = files.get(path)
        if file is None or file.kind is FileKind.SUBMODULE:
            return None
        if file.kind is not FileKind.LINK:
            return file
        target = _target(file)
        if target is None or target.startswith("/"):
            return None
        path = _joined(path, target)
    return None


def check_links(files: Files) -> list[Problem]:
    """The problems of links that lead out of the agent or nowhere, and of submodules."""
    special = [path for path, file in files.items() if file.kind in (FileKind.LINK, FileKind.SUBMODULE)]
    folders = _folders(files) if special else set()
    return [problem for path in special if (problem := _check(files, folders, path)) is not None]


def _check(files: Files, folders: set[str], path: str) -> Problem | None:
    file = files[path]
    if file.kind is FileKind.SUBMODULE:
        return Problem(
            path,
            0,
            0,
            "submodule",
            "the files of a submodule live in another repository and are not part of a version",
            "Copy its files into the agent, or remove it with 'git rm'.",
        )
    target = _target(file)
    if target is None:
        return Problem(path, 0, 0, "link-broken", "the link's target is not a path", "Make the link again.")
    joined = _joined(path, target)
    shown = shortened(target)
    if target.startswith("/") or joined == ".." or joined.startswith("../"):
        return Problem(
            path,
            0,
            0,
            "link-leaves-agent",
            f"the link leads out of the agent, to '{shown}'",
            "Put a copy of the file in its place: a version holds everything that it needs.",
        )
    if joined in folders or follow(files, path) is not None:
        return None
    return Problem(
        path, 0, 0, "link-broken", f"the link leads nowhere: there is no '{shown}'", severity=Severity.WARNING
    )


def _target(file: File) -> str | None:
    if file.size > _LONGEST_TARGET:
        return None
    try:
        target = file.read().decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if not target or "\0" in target else target


def _joined(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _folders(files: Files) -> set[str]:
    folders = {"."}
    for path in files:
        folder = posixpath.dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = posixpath.dirname(folder)
    return folders
