"""The driver: lets an operation die in every possible way, and reports as JSON. Started with the killing library."""

from __future__ import annotations

import gc
import json
import os
import shutil
import sys
import time
import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.crashing import Write, filled_at, halves, killed_at, side_by_side, traced

from durability.aftermath import begin_again, files_of, problems_of, see
from durability.scenarios import SCENARIOS, SEQUELS, Scenario, Sequel, open_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from durability.aftermath import Files

WORKERS = 2
SAMPLE = 4
MOST = 10
"""Deaths, about, of an operation that is sampled."""


class Death(NamedTuple):
    """Just before write number `at`, or half-way through it; or there is no room from there on, and nobody dies."""

    at: int
    half: bool = False
    full: bool = False
    read_only: bool = False

    def strike(self, start: Start, path: Path) -> bool:
        """Let it happen. Whether the process died, or was refused."""
        if self.full or self.read_only:
            return filled_at(start.act, path, self.at, read_only=self.read_only, seed=start.seed)
        return killed_at(start.act, path, self.at, half=self.half, seed=start.seed)

    def __str__(self) -> str:
        return "-".join([str(self.at), *(name for name in self._fields[1:] if getattr(self, name))])


class Examined(NamedTuple):
    """Whether the process died, and what was wrong then. Writes are not quite the same in number each time."""

    died: bool
    problems: list[str]


class Start(NamedTuple):
    """An agent before the operation: what was edited and must not be lost, and the seed of what dies next."""

    path: Path
    act: Callable[[Path], object]
    edits: Files
    begun: bool
    seed: int


def die_everywhere(
    start: Start, folder: Path, *, step: int = 1, most: int = sys.maxsize, full: bool = False
) -> dict[str, Any]:
    """Kill the operation at every write, or at each `step`-th, `most` of them; what was found wrong, by the write.

    Where it is `full`, the disk is, or takes no writes, from each of them on.
    """
    done = copied(start.path, folder / "done")
    writes = traced(start.act, done, seed=start.seed)
    before = see(copied(start.path, folder / "before")) if start.begun else None
    after = see(done)

    def examined(death: Death) -> Examined:
        path = copied(start.path, folder / str(death))
        died = death.strike(start, path)
        try:
            if before is None:
                begin_again(path, start.act)
            return Examined(died, problems_of(path, before=before, after=after, edits=start.edits, turn=death.at))
        except Exception:  # noqa: BLE001 - whatever it is, it belongs into the report
            return Examined(died, traceback.format_exc().splitlines())
        finally:
            shutil.rmtree(path)

    every = range(1, len(writes) + 1)
    if full:
        deaths = [Death(at, full=at % 2 == 0, read_only=at % 2 == 1) for at in every]
    else:
        deaths = [Death(at) for at in every] + [Death(at, half=True) for at in halves(writes)]
    found = _spread(deaths[:: max(step, len(deaths) // most)], examined)
    return {
        "deaths": sum(each.died for each in found.values()),
        "changed": before != after,
        "problems": {
            f"{death} of {writes[death.at - 1]}": each.problems for death, each in found.items() if each.problems
        },
    }


def die_again(sequel: Sequel, folder: Path, *, everywhere: bool) -> dict[str, Any]:
    """Let the operation die after its turning point, or at every write after it, and its completion everywhere."""
    first = prepared(sequel.of, folder / "first")
    writes = traced(first.act, copied(first.path, folder / "traced"))
    turned = _turn(writes, folder / "traced" / sequel.turning_point)
    total: dict[str, Any] = {"deaths": 0, "changed": False, "problems": {}}
    for at in range(turned + 1, len(writes) + 1 if everywhere else turned + 2):
        path = copied(first.path, folder / f"died-{at}")
        if not killed_at(first.act, path, at):
            continue
        (folder / str(at)).mkdir()
        report = die_everywhere(first._replace(path=path, act=open_again, seed=2), folder / str(at))
        total["deaths"] += report["deaths"]
        total["changed"] |= report["changed"]
        total["problems"] |= {f"{at}, then {key}": text for key, text in report["problems"].items()}
        shutil.rmtree(folder / str(at))
        shutil.rmtree(path)
    return total


def prepared(scenario: Scenario, path: Path) -> Start:
    """The agent as it stands before the operation."""
    scenario.prepare(path)
    return Start(path, scenario.act, files_of(path), scenario.begun, 1)


def copied(start: Path, to: Path) -> Path:
    """A copy of an agent, or of the nothing before one. Objects never change once written, so these are shared."""
    if not start.exists():
        return to

    def copy(source: str, target: str) -> None:
        (os.link if "/.git/objects/" in source else shutil.copy2)(source, target)

    return Path(shutil.copytree(start, to, symlinks=True, copy_function=copy))


def _turn(writes: list[Write], target: Path) -> int:
    """The number of the write that puts the file in its place."""
    return next(number for number, write in enumerate(writes, 1) if write.other == str(target))


def _spread(deaths: list[Death], examined: Callable[[Death], Examined]) -> dict[Death, Examined]:
    """Examine every death, on several processors at once."""

    def share(worker: int) -> list[Examined]:
        return [examined(death) for death in deaths[worker::WORKERS]]

    shares = side_by_side([partial(share, worker) for worker in range(WORKERS)])
    return {
        death: Examined(*each)
        for worker, found in enumerate(shares)
        for death, each in zip(deaths[worker::WORKERS], found, strict=True)
    }


def _report(what: str, name: str, folder: Path) -> object:
    if what == "log":
        start = prepared(SCENARIOS[name], folder / "start")
        return traced(start.act, start.path)
    if name in SCENARIOS:
        how: dict[str, Any] = {"step": SAMPLE, "most": MOST} if what.startswith("some") else {}
        how["full"] = what.endswith("full")
        return die_everywhere(prepared(SCENARIOS[name], folder / "start"), folder, **how)
    sequel = next(each for each in SEQUELS if each.name == name)
    return die_again(sequel, folder, everywhere=what == "all pairs")


if __name__ == "__main__":
    # What a living git process may hold is waited for; here none is alive.
    time.sleep = lambda _: None
    gc.freeze()
    json.dump(_report(sys.argv[1], sys.argv[2], Path(sys.argv[3]).resolve()), sys.stdout)
