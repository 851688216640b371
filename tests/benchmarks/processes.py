"""Processes: what a whole command costs, against Python importing what it cannot do without."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from measuring import Figure, command, paired, python

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CLICK = python("import click")
PYGIT2 = python("import pygit2, click")
_counter = itertools.count()


def start_up(repository: Path) -> Iterator[Figure]:
    """The commands whose start-up is promised."""
    at = ["-C", str(repository)]
    edit = editing(repository)

    def edit_and_publish() -> None:
        edit()
        command(*at, "publish")()

    def publish_and_promote() -> None:
        edit_and_publish()
        command(*at, "promote", "pre-release", "--yes")()

    yield paired("--help", command("--help"), CLICK, target=1.5)
    yield paired("--version", command("--version"), CLICK, target=1.5)
    yield paired("status", command(*at, "status"), PYGIT2, target=1.6)
    yield paired(
        "promote", command(*at, "promote", "pre-release", "--yes", before=edit_and_publish), PYGIT2, target=1.6
    )
    yield paired(
        "rollback", command(*at, "rollback", "pre-release", "--yes", before=publish_and_promote), PYGIT2, target=1.6
    )
    yield paired("save", command(*at, "save", before=edit), PYGIT2, target=2.0)


def growth(small: Path, large: Path) -> Iterator[Figure]:
    """Every command that does not list everything: with 10,000 versions against with 10."""
    old, new = "v3", "v7"
    looks = [
        ("status",),
        ("validate",),
        ("environments",),
        ("versions", "--limit", "20"),
        ("history", "--limit", "20"),
        ("show", new),
        ("at", "sandbox", "--when", "now"),
        ("compare", old, new),
        ("compare", "live", "sandbox"),
        ("compare", old, new, "--view", "keys"),
        ("drafts",),
        ("numbers",),
        ("schema", "agent"),
        ("completion", "bash"),
    ]
    for words in looks:
        pair = [command("-C", str(path), *words) for path in (large, small)]
        yield paired(" ".join(words), pair[0], pair[1], target=1.25)
    for name, words, before in _changes():
        pair = [command("-C", str(path), *words, before=before(path)) for path in (large, small)]
        yield paired(name, pair[0], pair[1], target=1.25)


def editing(repository: Path) -> Callable[[], None]:
    """Something that edits the draft anew each time."""

    def edit() -> None:
        (repository / "notes.md").write_text(f"benchmark {next(_counter)}\n", encoding="utf-8")

    return edit


def _changes() -> Iterator[tuple[str, tuple[str, ...], Callable[[Path], Callable[[], None]]]]:
    def published(path: Path) -> Callable[[], None]:
        return lambda: (editing(path)(), command("-C", str(path), "publish")())[0]

    def promoted(path: Path) -> Callable[[], None]:
        return lambda: (published(path)(), command("-C", str(path), "promote", "pre-release", "--yes")())[0]

    yield "save", ("save",), editing
    yield "publish", ("publish",), editing
    yield "promote", ("promote", "pre-release", "--yes"), published
    yield "rollback", ("rollback", "pre-release", "--yes"), promoted
    yield "restore", ("restore", "v3", "--yes"), editing
    yield "discard", ("discard", "--yes"), editing
