"""The crowd: many processes at work on one agent at once, and what each of them was told."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import traceback
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.building import GRACE, START
from support.crashing import side_by_side

from gitagent import Agent
from gitagent.errors import GitagentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.events import Event

Outcome = dict[str, Any]
READERS = 2
LOOKS = 40
COMMITS = 15
ATTEMPTS = 200


def write(path: Path, worker: int, operations: int) -> list[Outcome]:
    """Carry out operations, one after the other; what came of each."""
    chance = random.Random(worker)
    return [_outcome(path, f"{worker}-{number}\n", worker, chance) for number in range(operations)]


def type_commands(path: Path, worker: int, operations: int) -> list[Outcome]:
    """The same through the command line, each command a process of its own."""
    chance = random.Random(worker)
    outcomes = []
    for number in range(operations):
        _edit(path, worker, f"{worker}-{number}\n")
        words = chance.choice([["save"], ["publish"], ["promote", "pre-release"], ["rollback", "sandbox"]])
        command = [sys.executable, "-m", "gitagent", "-C", str(path), *words, "--json"]
        if words != ["save"]:
            command.append("--yes")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        answer = json.loads(done.stdout)
        outcome = {"event": answer["event"]} if done.returncode == 0 else dict(answer["error"])
        outcomes.append({**outcome, "exit_code": done.returncode, "errors": done.stderr})
    return outcomes


def commit_by_hand(path: Path) -> list[str]:
    """Make plain commits on main, as git lets them through; their ids."""
    made: list[str] = []
    for attempt in range(ATTEMPTS):
        file = path / "by-hand.md"
        file.write_text(f"{attempt}\n")
        git = ["git", "-C", str(path)]
        add = subprocess.run([*git, "add", "by-hand.md"], capture_output=True, check=False)
        commit = [*git, "commit", "-q", "-m", f"By hand {attempt}", "--", "by-hand.md"]
        if add.returncode == 0 and subprocess.run(commit, capture_output=True, check=False).returncode == 0:
            made.append(f"By hand {attempt}")
        if len(made) == COMMITS:
            break
    return made


def look(path: Path) -> list[str]:
    """Look at the agent again and again; what was seen half done."""
    wrong: list[str] = []
    for _ in range(LOOKS):
        try:
            wrong += _seen_wrong(Agent.open(path))
        except GitagentError as error:
            wrong.append(f"{type(error).__name__}: {error.message}")
    return wrong


def _seen_wrong(agent: Agent) -> list[str]:
    wrong = list(agent.notices)
    agent.status()
    environments, newest = agent.environments(), agent.version("latest").number
    for each in environments:
        if each.version is not None and each.version > newest:
            wrong.append(f"{each.name} serves {each.version}, and the newest is {newest}")
        if each.version is not None and agent.version(str(each.version)).commit != each.commit:
            wrong.append(f"{each.name} serves {each.version}, which is not at {each.commit}")
    events = [event.seq for event in agent.history(limit=8)]
    if events != list(range(events[0], events[0] - len(events), -1)):
        wrong.append(f"the history is {events}")
    numbers = [version.number.number for version in agent.versions(limit=5)]
    if numbers != list(range(numbers[0], numbers[0] - len(numbers), -1)):
        wrong.append(f"the versions are {numbers}")
    return wrong


def _outcome(path: Path, text: str, worker: int, chance: random.Random) -> Outcome:
    _edit(path, worker, text)
    try:
        agent = Agent.open(path)
        event = chance.choice(_operations(agent))()
        notices = list(agent.notices)
    except GitagentError as error:
        return {"kind": type(error).__name__, "code": error.code, "message": error.message, "hint": error.hint}
    return {"event": {"id": event.id, "seq": event.seq}, "notices": notices}


def _operations(agent: Agent) -> list[Callable[[], Event]]:
    who: dict[str, Any] = {"actor": GRACE, "at": START}
    return [
        lambda: agent.save(**who).event,
        lambda: agent.publish(**who).event,
        lambda: agent.promote("pre-release", **who).event,
        lambda: agent.promote("live", **who).event,
        lambda: agent.rollback("sandbox", **who).event,
        lambda: agent.rollback("live", **who).event,
    ]


def _edit(path: Path, worker: int, text: str) -> None:
    (path / f"notes-{worker}.md").write_text(text)


def gather(path: Path, processes: int, operations: int) -> dict[str, Any]:
    """Everybody at once: writers, readers, and somebody who commits with plain git."""
    acts: list[Callable[[], object]] = [partial(write, path, worker, operations) for worker in range(processes)]
    acts += [partial(look, path)] * READERS + [partial(commit_by_hand, path)]
    *told, commits = side_by_side(acts)
    writers, readers = told[:processes], told[processes:]
    return {"told": list(chain(*writers)), "seen": list(chain(*readers)), "commits": commits}


def gather_at_terminals(path: Path, processes: int, operations: int) -> dict[str, Any]:
    """Everybody at once, each at a command line."""
    told = side_by_side([partial(type_commands, path, worker, operations) for worker in range(processes)])
    return {"told": list(chain(*told))}


if __name__ == "__main__":
    how, folder, processes, operations = sys.argv[1:]
    crowd = gather if how == "api" else gather_at_terminals
    try:
        json.dump(crowd(Path(folder), int(processes), int(operations)), sys.stdout)
    except Exception:  # noqa: BLE001 - the test shows it
        traceback.print_exc()
        sys.exit(1)
