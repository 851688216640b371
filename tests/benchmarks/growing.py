"""Growing: agents with many versions, made quickly."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

import pygit2

from gitagent import Actor, Agent, templates
from gitagent.agent import draft

if TYPE_CHECKING:
    from pathlib import Path

ADA = Actor("Ada Lovelace", "ada@example.com")
START = datetime(2026, 1, 1, tzinfo=UTC)


def grow(path: Path, versions: int) -> Agent:
    """An agent with that many versions, every one published and every tenth promoted to live.

    Made without syncs, and with the configuration checked once: what is measured later does both.
    """
    agent = Agent.init(path, actor=ADA, at=START, files=templates.load("restaurant"))
    with mock.patch.object(os, "fsync"), mock.patch.object(draft, "checked_problems", return_value=()):
        pygit2.settings.enable_fsync_gitdir(False)
        agent.publish(actor=ADA, at=START)
        for number in range(2, versions + 1):
            at = START + timedelta(minutes=number)
            (path / "notes.md").write_text(f"note {number}\n" * 20, encoding="utf-8")
            agent.publish(actor=ADA, at=at)
            if number % 10 == 2:
                agent.promote("pre-release", actor=ADA, at=at)
                agent.promote("live", actor=ADA, at=at)
        pygit2.settings.enable_fsync_gitdir(True)
    return agent
