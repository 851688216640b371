"""Shared: operations through a shared remote on a path, against what git itself takes for the same refs."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from growing import ADA, START, grow
from measuring import Figure, Prepared, added, paired

from gitagent import Agent
from gitagent.receive.installing import install

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FEW = 5
"""Pairs of clones: one of 10,000 versions takes seconds."""
HUNDRED = 100


def shared(small: Agent, large: Agent, folder: Path) -> Iterator[Figure]:
    """Promoting in a copy of `small`; cloning, and catching up with, one of `large`; what the server's hooks add."""
    yield promote(_shared(small, folder / "few"))
    many = _shared(large, folder / "many").path.parent
    remote = many / "remote.git"
    yield clone(str(remote), folder, "path")
    yield clone(f"file://{remote}", folder, "transport")
    yield sync(remote, folder)
    yield from hooks(_shared(grow(folder / "a-hundred", HUNDRED), folder / "hundred").path.parent, many, folder)


def hooks(hundred: Path, many: Path, folder: Path) -> Iterator[Figure]:
    """What the hooks add to a promotion and a rollback, with a hundred versions and with very many."""
    guarded = {}
    for each in (hundred, many):
        bare = _moving(each, folder / f"{each.name}-bare")
        guarded[each] = _moving(each, folder / f"{each.name}-guarded", hooks=True)
        versions = bare.version("latest").number.number
        yield added(f"hooks, {versions} versions", _move(guarded[each]), _move(bare), target=0.25)
    judge = {each: _judge(agent.path.parent / "remote.git") for each, agent in guarded.items()}
    yield paired("pre-receive (against a hundred versions)", judge[many], judge[hundred], target=1.25)


def _moving(shared: Path, folder: Path, *, hooks: bool = False) -> Agent:
    """A copy of a shared agent, live one version behind pre-release."""
    shutil.copytree(shared, folder, symlinks=True)
    _git(folder / "agent", "remote", "set-url", "origin", str(folder / "remote.git"))
    if hooks:
        install(folder / "remote.git", server=True)
    agent = Agent.open(folder / "agent")
    (agent.path / "notes.md").write_text("moving\n", encoding="utf-8")
    agent.publish(actor=ADA, at=START)
    agent.promote("pre-release", actor=ADA, at=START)
    return agent


def _move(agent: Agent) -> Callable[[], object]:
    """Promote live, or roll it back, in turn."""

    def move() -> None:
        if agent.environment("live").version == agent.environment("pre-release").version:
            agent.rollback("live", actor=ADA, at=START)
        else:
            agent.promote("live", actor=ADA, at=START)

    return move


def _judge(remote: Path) -> Callable[[], object]:
    """Run the hook on the newest event, as if it came in a push."""
    new, old, live = (
        _git(remote, "rev-parse", name).strip() for name in ("gitagent/ledger", "gitagent/ledger~", "live")
    )
    was = json.loads(_git(remote, "show", f"{old}:environments/live.yaml"))["commit"]
    pushed = f"{old} {new} refs/heads/gitagent/ledger\n{was} {live} refs/heads/live\n"
    command = [sys.executable, "-P", "-m", "gitagent.receive", "pre-receive"]
    return lambda: subprocess.run(command, cwd=remote, input=pushed, check=True, capture_output=True, text=True)


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


def clone(remote: str, folder: Path, how: str) -> Figure:
    """Joining an agent, against `git clone`: over a path, where git copies files or links them, or a real transport."""
    to = folder / "clone"

    def cleared() -> None:
        shutil.rmtree(to, ignore_errors=True)

    command = [sys.executable, "-m", "gitagent", "clone", remote, str(to)]
    return paired(
        f"clone, shared, {how} (against git clone)",
        Prepared(lambda: _run(command), cleared),
        Prepared(lambda: _git(folder, "clone", "-q", remote, str(to)), cleared),
        target=1.5,
        runs=FEW,
    )


def sync(remote: Path, folder: Path) -> Figure:
    """Catching up with everything but the first version, against `git fetch` of the same."""
    behind, to = folder / "behind", folder / "sync"
    Agent.clone(str(remote), behind)
    begun = _git(behind, "rev-list", "--max-parents=0", "gitagent/ledger").strip()
    refs = _git(behind, "for-each-ref", "--format=%(refname)", "refs/tags", "refs/remotes", "refs/heads").split()
    head = "refs/remotes/origin/HEAD"  # goes with what it points at
    gone = [f"delete {ref}\n" for ref in refs if ref not in ("refs/heads/main", "refs/tags/v1", head)]
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
    _git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
    copy = Agent.open(folder / "agent")
    copy.share(str(folder / "remote.git"))
    return copy


def _git(folder: Path, *arguments: str, given: str | None = None) -> str:
    command = ["git", "-C", str(folder), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True, input=given)
    return done.stdout


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, env=os.environ)
