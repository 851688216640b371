"""Attacking: a remote with gitagent's hooks, and somebody who pushes to it with plain git whatever they like."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from gitagent import Agent
from gitagent.receive.installing import install
from support.building import ADA, Built, git
from support.forging import forge, plumb
from support.sharing import Member, Team

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

    from gitagent import Actor

WHOLE = ("gitagent/ledger", "main", "sandbox", "v4")
"""What a publication of v4 pushes."""


def _copied(source: str, target: str) -> None:
    """A copy of a file; an object, that nothing ever changes, is the same file."""
    (os.link if "/objects/" in source else shutil.copy2)(source, target)


def some(most: int, cases: Iterable[tuple[str, str]]) -> list[ParameterSet]:
    """So many cases of each rule every day, and the others in the long run."""
    seen: Counter[str] = Counter()
    chosen = []
    for rule, case in cases:
        seen[rule] += 1
        chosen.append(pytest.param(rule, case, marks=[pytest.mark.scale] if seen[rule] > most else []))
    return chosen


class Pushed(NamedTuple):
    """What came of a push: whether it was taken, and what the user was told."""

    taken: bool
    said: str


def guarded_team(folder: Path, *, files: dict[str, str] | None = None) -> Team:
    """A team on a remote with hooks: sandbox and pre-release serve v3; live v2, after v3 was rolled back."""
    team = Team(folder, files=files)
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release", "live")
    git(folder, "clone", "-q", str(team.remote), "stale")
    team.ada.rollback("live")
    mallory = team.clone("mallory")
    mallory.git("config", "--unset", "gitagent.remote")
    install(team.remote, server=True)
    for sample in folder.glob("**/hooks/*.sample"):
        sample.unlink()
    return team


class Attack:
    """A copy of such a team, and Mallory's clone of it.

    Mallory's gitagent takes the clone itself for the authority, so that events which are well-formed can be made there
    and pushed in parts, or made to lie first.
    """

    def __init__(self, original: Path, folder: Path) -> None:
        self.original = original
        self.folder = folder
        folder.mkdir()
        self.remote = self._copy("remote.git")
        self.path = self._copy("mallory")

    @cached_property
    def mallory(self) -> Member:
        """Mallory, in Ada's name."""
        return Member(Agent.open(self.path), ADA)

    @cached_property
    def ada(self) -> Built:
        """Ada, whose agent is shared on the remote."""
        return Member(Agent.open(self._copy("ada")), ADA)

    @cached_property
    def stale(self) -> Path:
        """A plain clone that does not know of the rollback."""
        return self._copy("stale")

    def acting_as(self, actor: Actor) -> Member:
        """Mallory, under that name."""
        self.mallory.actor = actor
        return self.mallory

    def refs(self) -> str:
        """Every ref of the remote."""
        return git(self.remote, "for-each-ref")

    def git(self, *arguments: str) -> str:
        """What git prints in Mallory's clone."""
        return git(self.path, *arguments).strip()

    def forge(self, **changes: Any) -> str:
        """Let the newest event of Mallory's clone, or one after it, say or hold something else."""
        return forge(self.path, **changes)

    def plumb(self, *arguments: str, given: str = "", **environ: str) -> str:
        """What a plumbing command prints in Mallory's clone."""
        return plumb(self.path, *arguments, given=given, environ=environ)

    def _copy(self, name: str) -> Path:
        shutil.copytree(self.original / name, self.folder / name, symlinks=True, copy_function=_copied)
        config = next(self.folder.glob(f"{name}/.git/config"), None)
        if config is not None:
            config.write_text(config.read_text().replace(str(self.original), str(self.folder)))
        return self.folder / name

    def push(self, *arguments: str, clone: Path | None = None, **environ: str) -> Pushed:
        """Push with plain git, from Mallory's clone unless another one is named."""
        done = subprocess.run(
            ["git", "-C", clone or self.path, "push", *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, **environ},
        )
        return Pushed(done.returncode == 0, done.stderr)
