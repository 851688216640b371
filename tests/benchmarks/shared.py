"""Shared: operations through a shared remote on a path, against what git itself takes for the same refs."""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from growing import ADA, START
from measuring import Figure, Prepared, paired

from gitagent import Agent

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FEW = 5
"""Pairs of clones: one of 10,000 versions takes seconds."""


def shared(small: Agent, large: Agent, folder: Path) -> Iterator[Figure]:
    """Promoting in a copy of `small`; cloning, and catching up with, one of `large`."""
    yield promote(_shared(small, folder / "few"))
    remote = _shared(large, folder / "many").path.parent / "remote.git"
    yield clone(remote, folder)
    yield sync(remote, folder)


def promote(agent: Agent) -> Figure:
    """A promotion of live, against an atomic push of as many branches under a lease."""
    (agent.path / "notes.md").write_text("shared\n", encoding="utf-8")
    agent.publish(actor=ADA, at=START)
    agent.promote("pre-release", actor=ADA, at=START)
    counter = itertools.count()

    def back() -> None:
        if agent.environment("live").version == agent.environment("pre-release").version:
            agent.rollback("live", actor=ADA, at=START)

    def push() -> None:
        number = next(counter)
        branches = [f"HEAD:refs/heads/other-{number}-{each}" for each in range(2)]
        leases = [f"--force-with-lease=refs/heads/other-{number}-{each}:" for each in range(2)]
        _git(agent.path, "push", "-q", "--atomic", *leases, "origin", *branches)

    return paired(
        "promote, shared (against git push)",
        Prepared(lambda: agent.promote("live", actor=ADA, at=START), back),
        push,
        target=3.0,
    )


def clone(remote: Path, folder: Path) -> Figure:
    """Joining an agent, against `git clone`."""
    to = folder / "clone"

    def cleared() -> None:
        shutil.rmtree(to, ignore_errors=True)

    command = [sys.executable, "-m", "gitagent", "clone", str(remote), str(to)]
    return paired(
        "clone, shared (against git clone)",
        Prepared(lambda: _run(command), cleared),
        Prepared(lambda: _git(folder, "clone", "-q", str(remote), str(to)), cleared),
        target=1.5,
        runs=FEW,
    )


def sync(remote: Path, folder: Path) -> Figure:
    """Catching up with everything but the first version, against `git fetch` of the same."""
    behind, to = folder / "behind", folder / "sync"
    Agent.clone(str(remote), behind)
    begun = _git(behind, "rev-list", "--max-parents=0", "gitagent/ledger").strip()
    refs = _git(behind, "for-each-ref", "--format=%(refname)", "refs/tags", "refs/remotes", "refs/heads").split()
    gone = [f"delete {ref}\n" for ref in refs if ref not in ("refs/heads/main", "refs/tags/v1")]
    _git(behind, "update-ref", "--stdin", given="".join(gone))
    _git(behind, "update-ref", "refs/heads/gitagent/ledger", begun)
    _git(behind, "reset", "-q", "--hard", "v1")
    _git(behind, "reflog", "expire", "--expire=now", "--all")
    _git(behind, "gc", "-q", "--prune=now")

    def cloned_long_ago() -> None:
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(behind, to)

    command = [sys.executable, "-m", "gitagent", "-C", str(to), "sync"]
    return paired(
        "sync, shared (against git fetch)",
        Prepared(lambda: _run(command), cloned_long_ago),
        Prepared(lambda: _git(to, "fetch", "-q", "--tags", "origin"), cloned_long_ago),
        target=1.5,
        runs=FEW,
    )


def _shared(agent: Agent, folder: Path) -> Agent:
    folder.mkdir()
    shutil.copytree(agent.path, folder / "agent")
    _git(folder, "init", "-q", "--bare", "remote.git")
    copy = Agent.open(folder / "agent")
    copy.share(str(folder / "remote.git"))
    return copy


def _git(folder: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, input=given)
    return done.stdout


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, env=os.environ)
