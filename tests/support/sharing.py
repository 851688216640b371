"""Sharing: a shared remote and the people who work through it, each in a clone of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent import Actor, Agent
from support.building import ADA, Built, Clock, git

if TYPE_CHECKING:
    from pathlib import Path


class Team:
    """A bare repository, Ada's agent that was put there, and as many clones as are asked for."""

    def __init__(
        self,
        folder: Path,
        *,
        files: dict[str, str] | None = None,
        pipeline: str = "sandbox,pre-release,live",
        url: str | None = None,
    ) -> None:
        self.folder = folder
        self.remote = folder / "remote.git"
        self.url = url or str(self.remote)
        git(folder, "init", "-q", "--bare", str(self.remote))
        self.ada = Built(folder / "ada", files=files, pipeline=pipeline)
        self.ada.agent.share(self.url)

    def clone(self, name: str) -> Member:
        return Member(Agent.clone(self.url, self.folder / name), Actor(name.title(), f"{name}@example.com"))

    def git(self, *arguments: str) -> str:
        """What the git program prints on the remote."""
        return git(self.remote, *arguments)

    def refs(self) -> dict[str, str]:
        """Every ref of the remote."""
        lines = self.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        return dict(line.split(" ") for line in lines)

    def ledger(self) -> list[str]:
        """The subjects of the remote's ledger, oldest first."""
        return self.git("log", "--format=%s", "--reverse", "gitagent/ledger").splitlines()


class Member(Built):
    """Somebody with a clone; verbs are done in their name."""

    def __init__(self, agent: Agent, actor: Actor = ADA) -> None:
        self.path = agent.path
        self.agent = agent
        self.actor = actor
        self.clock = Clock()
