"""Building: real agents in temporary folders, made in a few words."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from gitagent import Actor, Agent
from gitagent.config.files import MemoryFile

if TYPE_CHECKING:
    from pathlib import Path

ADA = Actor("Ada Lovelace", "ada@example.com")
GRACE = Actor("Grace Hopper", "grace@example.com")
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class Clock:
    """A clock that goes on by one minute each time it is read."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


class Built:
    """An agent under test. Verbs return the builder, so that a history is written as one chain."""

    actor = ADA
    sign = False

    def __init__(self, path: Path, *, files: dict[str, str] | None = None, pipeline: str = "sandbox,pre-release,live"):
        self.path = path
        self.clock = Clock()
        content = files if files is not None else {"notes.md": "one\n"}
        self.agent = Agent.init(
            path,
            actor=ADA,
            at=self.clock(),
            files={name: MemoryFile(text.encode()) for name, text in content.items()},
            pipeline=pipeline.split(","),
        )

    def reopen(self) -> Agent:
        """The agent as a new process would see it."""
        self.agent = Agent.open(self.path)
        return self.agent

    def edit(self, text: str, path: str = "notes.md") -> Self:
        file = self.path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return self

    def save(self, text: str | None = None, *, name: str | None = None, message: str | None = None) -> Self:
        if text is not None:
            self.edit(text)
        self.agent.save(actor=self.actor, at=self.clock(), name=name, message=message, sign=self.sign)
        return self

    def publish(self, text: str | None = None, *, selector: str = "draft", name: str | None = None) -> Self:
        if text is not None:
            self.edit(text)
        self.agent.publish(selector, actor=self.actor, at=self.clock(), name=name, sign=self.sign)
        return self

    def promote(self, *environments: str, version: str | None = None) -> Self:
        for environment in environments:
            self.agent.promote(environment, actor=self.actor, at=self.clock(), version=version, sign=self.sign)
        return self

    def rollback(self, environment: str, to: str | None = None) -> Self:
        self.agent.rollback(environment, actor=self.actor, at=self.clock(), to=to, sign=self.sign)
        return self

    def restore(self, selector: str) -> Self:
        self.agent.restore(selector, actor=self.actor, at=self.clock())
        return self

    def serving(self) -> dict[str, str | None]:
        """What each environment serves, as text."""
        return {str(each.name): str(each.version) if each.version else None for each in self.agent.environments()}

    def history(self) -> list[str]:
        """The subjects of all events, oldest first."""
        return [event.subject for event in self.agent.history()][::-1]

    def git(self, *arguments: str) -> str:
        """What the git program prints."""
        return git(self.path, *arguments)


def git(path: Path, *arguments: str) -> str:
    """Run the git program in a folder and return what it prints; an error fails the test."""
    done = subprocess.run(["git", "-C", os.fspath(path), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
