"""Attacking: a remote with gitagent's hooks, and somebody who pushes to it with plain git whatever they like."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent import Agent
from gitagent.receive.installing import install
from support.building import ADA, Built, git
from support.forging import forge, plumb
from support.sharing import Member, Team

if TYPE_CHECKING:
    from gitagent import Actor

WHOLE = ("gitagent/ledger", "main", "sandbox", "v4")
"""What a publication of v4 pushes."""


class Pushed(NamedTuple):
    """What came of a push: whether it was taken, and what the user was told."""

    taken: bool
    said: str


def guarded_team(folder: Path) -> Team:
    """A team on a remote with hooks: sandbox and pre-release serve v3; live v2, after v3 was rolled back."""
    team = Team(folder)
    install(team.remote, server=True)
    team.ada.publish("two\n").promote("pre-release", "live").publish("three\n").promote("pre-release", "live")
    git(folder, "clone", "-q", str(team.remote), "stale")
    team.ada.rollback("live")
    mallory = team.clone("mallory")
    mallory.git("config", "--unset", "gitagent.remote")
    for sample in folder.glob("**/hooks/*.sample"):
        sample.unlink()
    return team


class Attack:
    """A copy of such a team, and Mallory's clone of it.

    Mallory's gitagent takes the clone itself for the authority, so that events which are well-formed can be made there
    and pushed in parts, or made to lie first.
    """

    def __init__(self, original: Path, folder: Path) -> None:
        shutil.copytree(original, folder, symlinks=True)
        self.folder = folder
        self.remote = folder / "remote.git"
        for clone in ("ada", "mallory", "stale"):
            git(folder / clone, "config", "remote.origin.url", str(self.remote))
        self.mallory = Member(Agent.open(folder / "mallory"), ADA)
        self.path = self.mallory.path
        self.stale = folder / "stale"

    @property
    def ada(self) -> Built:
        """Ada, whose agent is shared on the remote."""
        return Member(Agent.open(self.folder / "ada"), ADA)

    def acting_as(self, actor: Actor) -> Member:
        """Mallory, under that name."""
        self.mallory.actor = actor
        return self.mallory

    def refs(self) -> str:
        """Every ref of the remote."""
        return git(self.remote, "for-each-ref")

    def git(self, *arguments: str) -> str:
        """What git prints in Mallory's clone."""
        return self.mallory.git(*arguments).strip()

    def forge(self, **changes: Any) -> str:
        """Let the newest event of Mallory's clone, or one after it, say or hold something else."""
        return forge(self.path, **changes)

    def plumb(self, *arguments: str, given: str = "", **environ: str) -> str:
        """What a plumbing command prints in Mallory's clone."""
        return plumb(self.path, *arguments, given=given, environ=environ)

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
