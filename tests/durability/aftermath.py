"""Aftermath: what a killed process left, and what the next commands make of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pygit2
from support.building import ADA

from durability.scenarios import LATER, SHARED
from gitagent import Agent
from gitagent.errors import AgentNotFound, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable

Files = dict[str, tuple[int, bytes]]
_OWN = ("refs/heads/gitagent/", "refs/gitagent/")
GIT = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"} | {"GIT_OPTIONAL_LOCKS": "0"}


class Seen(NamedTuple):
    """An agent's whole state, as git and gitagent show it. Two that are equal look the same to every command."""

    events: tuple[str, ...]
    ledger: str
    refs: dict[str, str]
    head: str
    status: str
    files: Files
    draft: str


def see(path: Path) -> Seen:
    """The state that a command finds; opening the agent, and a sync where it is shared, finish what was interrupted."""
    agent = Agent.open(path)
    if agent.shared:
        agent.sync(actor=ADA, at=LATER)
    return Seen(
        events=tuple(event.subject for event in agent.history()),
        ledger=str(pygit2.Repository(str(path)).revparse_single("gitagent/ledger").peel(pygit2.Tree).id),
        refs={
            name: id_
            for name, id_ in refs_of(path).items()
            if not name.startswith(_OWN) and not name.endswith("gitagent/ledger")
        },
        head=(path / ".git/HEAD").read_text(),
        status=git(path, "status", "--porcelain"),
        files=files_of(path),
        draft=f"{agent.draft().label}, based on {agent.draft().base}",
    )


def files_of(path: Path) -> Files:
    """Every file of the working tree, ignored ones too: mode and content."""
    found: Files = {}
    for folder, folders, names in os.walk(path):
        folders[:] = [name for name in folders if name != ".git"]
        for name in names:
            file = Path(folder) / name
            found[str(file.relative_to(path))] = (file.stat().st_mode & 0o777, file.read_bytes())
    return found


def refs_of(path: Path) -> dict[str, str]:
    """Every ref by its name, as it stands on the disk. No test packs refs."""
    top = path / ".git"
    return {
        str(file.relative_to(top)): file.read_text().strip()
        for folder in (top / "refs", path / SHARED / "refs")
        for file in _below(folder)
        if not file.name.endswith(".lock")
    }


def problems_of(path: Path, *, before: Seen | None, after: Seen, edits: Files, turn: int) -> list[str]:
    """All that is wrong with an agent whose operation was killed. `before` is None where there was no agent before.

    `edits` is what the draft held and must not be lost. `turn` chooses whether and how work goes on, in turn.
    """
    problems = [f"git fsck after the kill: {line}" for line in fsck(path)]
    seen = see(path)
    if seen not in (before, after):
        problems += [f"neither before nor after: {line}" for line in _differences(seen, before, after)]
    if before is not None:
        problems += _lost(path, edits)
    problems += _left_over(path)
    if notices := Agent.open(path).notices:
        problems.append(f"opened twice, it still says {notices}")
    return problems + (_stuck(path, turn // 2) if turn % 2 == 0 else [])


def begin_again(path: Path, begin: Callable[[Path], object]) -> None:
    """Begin the agent that the kill left unbegun: at once, or after the folder was emptied where that is asked for."""
    try:
        Agent.open(path)
    except AgentNotFound:
        try:
            begin(path)
        except RuleBroken as error:
            if error.code != "not-empty":
                raise
            shutil.rmtree(path)
            begin(path)


def git(path: Path, *arguments: str) -> str:
    """What git prints, errors included."""
    command = ["git", "-C", str(path), *arguments]
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=GIT).stdout


def fsck(path: Path) -> list[str]:
    """What git fsck complains of."""
    command = ["git", "-C", str(path), "fsck", "--strict", "--no-dangling", "--no-progress"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=GIT)
    return done.stdout.splitlines() + ([f"exit code {done.returncode}"] if done.returncode else [])


def gapless(path: Path) -> list[str]:
    """What is wrong with the numbers and the refs: every version tagged, every branch as the ledger has it."""
    agent = Agent.open(path)
    events = list(agent.history())
    sequence = [event.seq for event in events][::-1]
    made = [str(event.to_version) for event in events if event.tag is not None][::-1]
    numbers = [f"v{number}" for number in range(1, len(made) + 1)]
    problems = []
    if sequence != list(range(1, len(events) + 1)):
        problems.append(f"events are numbered {sequence}")
    if made != numbers:
        problems.append(f"versions are numbered {made}")
    refs = refs_of(path)
    tags = sorted((name[10:] for name in refs if name.startswith("refs/tags/")), key=lambda name: int(name[1:]))
    if tags != numbers:
        problems.append(f"the tags are {tags}")
    wanted = {str(each.name): each.commit for each in agent.environments()}
    found = {name: refs.get(f"refs/heads/{name}") for name in wanted}
    if found != wanted:
        problems.append(f"the branches are {found} and should be {wanted}")
    return problems


def _stuck(path: Path, turn: int) -> list[str]:
    """What goes wrong when work goes on: with a save or a publication in turn, and nothing left behind by it."""
    agent = Agent.open(path)
    (path / "notes.md").write_text("going on\n")
    made = (agent.save, agent.publish)[turn % 2](actor=ADA, at=LATER).version
    problems = gapless(path) + _left_over(path)
    if turn % 4 < 2:
        problems += [f"git fsck, going on: {line}" for line in fsck(path)]
        if status := git(path, "status", "--porcelain"):
            problems.append(f"going on, git status says {status!r}")
    if refs_of(path)["refs/heads/main"] != made.commit:
        problems.append("main is not at the newest version")
    return problems


def _lost(path: Path, edits: Files) -> list[str]:
    """The edits must stand in the draft or in one kept draft, whole."""
    agent = Agent.open(path)
    wanted = {name: content for name, (_, content) in edits.items()}
    places = [{name: content for name, (_, content) in files_of(path).items()}]
    # A draft that holds nothing new need not be kept: its version is.
    for selector in [*(each.id for each in agent.drafts()), *(str(each.number) for each in agent.versions())]:
        places.append({name: file.read() for name, file in agent.files(selector).items()})
    saved = {name: content for name, content in wanted.items() if name != "ignored.log"}
    if wanted in places or saved in places:
        return []
    return [f"edits are lost: the draft now has {sorted(places[0])}, and {len(agent.drafts())} are kept"]


def _left_over(path: Path) -> list[str]:
    found = [file for file in _below(path / ".git") if file.name.endswith(".lock") or "tmp_" in file.name]
    return [f"left over: {file.relative_to(path)}" for file in found]


def _below(top: Path) -> list[Path]:
    return [Path(folder, name) for folder, _, names in os.walk(top) for name in names]


def _differences(seen: Seen, before: Seen | None, after: Seen) -> list[str]:
    return [
        f"{name}: {is_!r}, not {was!r} or {becomes!r}"
        for name, is_, was, becomes in zip(Seen._fields, seen, before or after, after, strict=True)
        if not (is_ == was == becomes)
    ]
