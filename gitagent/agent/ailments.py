"""Ailments: what can be wrong with a repository, each with what mends it; first what dead processes left in it."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.ledger import LEDGER
from gitagent.config.problems import Severity
from gitagent.errors import StorageFailed
from gitagent.git import leftovers
from gitagent.git.disk import sync_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime
    from pathlib import Path

    from gitagent.agent.store import Store

AGAIN = "Then ask again: gitagent doctor"


class Repair(NamedTuple):
    """What is wrong at a `place` (a ref or a file), what is done about it, and the git command that does it.

    Where it is not `automatic`, gitagent does not do it: `remedy` says what people can do. A warning breaks nothing.
    """

    code: str
    place: str
    wrong: str
    remedy: str
    command: str | None = None
    automatic: bool = True
    severity: Severity = Severity.ERROR

    @property
    def same(self) -> tuple[str, str, str]:
        """What stays the same while time goes by: what was agreed to is known again by it."""
        return self.code, self.place, self.remedy


class Aside:
    """Where files go that are in the way: nothing is deleted that somebody may want to read."""

    def __init__(self, folder: Path, at: datetime) -> None:
        self._folder = folder / "aside" / at.strftime("%Y-%m-%dT%H-%M-%S")

    def take(self, path: Path) -> None:
        """Move a file here, under its own name."""
        target = self._folder / path.name
        number = 1
        while target.exists():
            number += 1
            target = self._folder / f"{path.name}-{number}"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
            for folder in (target.parent, path.parent):
                sync_directory(folder)
        except OSError as error:
            raise StorageFailed(f"cannot move {path} aside: {error.strerror}") from error


class Ailment(NamedTuple):
    """A repair and how it is made; None where only people can make it."""

    repair: Repair
    mend: Callable[[Aside], None] | None = None


def left_over(store: Store, *, died: bool) -> Iterator[Ailment]:
    """Lock files of git, and half-written files, of processes that are gone.

    `died`: a gitagent did not end, so that they need not be old.
    """
    git = leftovers.running_git(store.repository)
    for left in leftovers.lock_files(store.repository):
        yield _locked(store, left, git, is_stale=died or left.age >= leftovers.STALE_AFTER)
    if git is None and (files := leftovers.temporary_files(store.repository, died=died)):
        many = len(files) > 1
        wrong = f"{len(files)} half-written files were" if many else f"{named(store, files[0].path)} was"
        yield Ailment(
            Repair(
                "file-left-over",
                named(store, files[0].path.parent if many else files[0].path),
                f"{wrong} left by a command that did not end",
                f"Remove {'them' if many else 'it'}; nothing needs {'them' if many else 'it'}.",
            ),
            partial(_remove, files),
        )


def _remove(files: list[leftovers.Leftover], _: Aside) -> None:
    for left in files:
        left.remove()


def _locked(store: Store, left: leftovers.Leftover, git: int | None, *, is_stale: bool) -> Ailment:
    name = named(store, left.path)
    wrong = f"the lock {name} has stood there for {_age(left.age)}"
    if git is not None:
        remedy = f"Let git finish, or end it: it is running here as process {git}. {AGAIN}"
        return Ailment(Repair("lock-left-over", name, wrong, remedy, automatic=False))
    if not is_stale:
        remedy = f"It may belong to a git that is just running: wait {leftovers.STALE_AFTER:.0f} seconds. {AGAIN}"
        return Ailment(Repair("lock-left-over", name, wrong, remedy, automatic=False))

    def remove(_: Aside) -> None:
        if not left.remove():
            raise StorageFailed(f"{name} was taken by somebody else meanwhile")

    remedy = "Remove it: the process that made it is gone."
    return Ailment(Repair("lock-left-over", name, wrong, remedy, f"rm {shlex.quote(name)}"), remove)


def broken_files_of_refs(store: Store) -> Iterator[Ailment]:
    """HEAD and packed-refs, where they hold something else: without them git calls it no repository."""
    repository = store.repository
    head, packed = leftovers.private_folder(repository) / "HEAD", repository.git_directory / "packed-refs"
    if leftovers.has_broken_head(repository):
        ref = leftovers.checked_out(repository)
        remedy = f"Move it aside, and put HEAD on {ref.removeprefix('refs/heads/')} again."
        command = f"echo 'ref: {ref}' > {shlex.quote(named(store, head))}"

        def put(aside: Aside) -> None:
            aside.take(head)
            leftovers.write_head(repository, ref)

        yield Ailment(Repair("head-broken", "HEAD", "HEAD holds neither a branch nor a commit", remedy, command), put)
    if (readable := leftovers.readable_packed_refs(repository)) is not None:

        def clean(aside: Aside) -> None:
            aside.take(packed)
            leftovers.write_packed_refs(repository, readable)

        wrong = f"{named(store, packed)} holds lines that git cannot read"
        remedy = "Move it aside, and write the other lines anew; what is missing then is put back as the ledger has it."
        yield Ailment(Repair("packed-refs-broken", named(store, packed), wrong, remedy), clean)


def broken_refs(store: Store) -> Iterator[Ailment]:
    """Refs that cannot be read, but the ledger's: put back where git noted that they were."""
    repository = store.repository
    for ref in leftovers.broken_refs(repository):
        if ref == LEDGER:
            continue
        was = next((id_ for id_ in leftovers.reflog(repository, ref) if repository.has(id_)), None)
        back = f"put it back to {was[:12]}, where its reflog has it" if was else "put it back as the ledger has it"
        yield Ailment(
            Repair(
                "ref-broken",
                ref,
                f"{ref} holds nothing that git can read",
                f"Move its file aside, and {back}.",
                f"git update-ref {ref} {was}" if was else None,
            ),
            partial(_restore_ref, store, ref, was),
        )


def _restore_ref(store: Store, ref: str, was: str | None, aside: Aside) -> None:
    aside.take(store.repository.git_directory / ref)
    if was is not None:
        store.repository.move_ref(ref, to=was, expected=store.repository.ref(ref), why="doctor")


def named(store: Store, path: Path) -> str:
    """A file as it reads from the agent's folder."""
    top = store.repository.top
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)


def _age(seconds: float) -> str:
    for unit, size in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= size:
            number = int(seconds // size)
            return f"{number} {unit}{'s' * (number != 1)}"
    return f"{int(seconds)} second{'s' * (int(seconds) != 1)}"
