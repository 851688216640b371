"""Measuring: two things in turn, A B A B …, and the ratio pair by pair, which holds when the machine's speed drifts."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 11
GITAGENT = str(Path(sys.executable).parent / "gitagent")


class Figure(NamedTuple):
    """A ratio measured: its median, lowest and highest, the median time of what was measured, and its target.

    Where the `sign` is +, it is no ratio but the seconds that are added to the reference.
    """

    name: str
    milliseconds: float
    ratios: list[float]
    target: float
    sign: str = "×"

    @property
    def ratio(self) -> float:
        return median(self.ratios)

    def __str__(self) -> str:
        verdict = "" if self.ratio <= self.target else "  OVER"
        spread = f"{min(self.ratios):.2f} to {max(self.ratios):.2f}"
        measured = f"{self.milliseconds:9.3f} ms   {self.sign} {self.ratio:5.2f}  ({spread})"
        return f"{self.name:<44} {measured}   target {self.target:.3g}{verdict}"


def paired(
    name: str, measured: Callable[[], object], reference: Callable[[], object], *, target: float, runs: int = RUNS
) -> Figure:
    """Time the two in turn; the first pair warms up and is not counted."""
    pairs = [(_seconds(measured), _seconds(reference)) for _ in range(runs + 1)][1:]
    return Figure(name, median(each for each, _ in pairs) * 1000, [each / other for each, other in pairs], target)


def added(
    name: str, measured: Callable[[], object], reference: Callable[[], object], *, target: float, runs: int = RUNS
) -> Figure:
    """The seconds that one takes longer than the other, in turn; the first pair warms up and is not counted."""
    pairs = [(_seconds(measured), _seconds(reference)) for _ in range(runs + 1)][1:]
    return Figure(name, median(each for each, _ in pairs) * 1000, [each - other for each, other in pairs], target, "+")


@dataclass(frozen=True)
class Prepared:
    """Something to time, and what has to be done before each time, which is not timed."""

    call: Callable[[], object]
    before: Callable[[], object]

    def __call__(self) -> object:
        self.before()
        return self.call()


def command(*arguments: str, before: Callable[[], object] | None = None) -> Callable[[], object]:
    """Run gitagent as a process of its own."""
    run = _process(GITAGENT, *arguments)
    return run if before is None else Prepared(run, before)


def python(code: str) -> Callable[[], object]:
    """Run a line of Python as a process of its own."""
    return _process(sys.executable, "-c", code)


def pytest(folder: Path, *arguments: str) -> Callable[[], object]:
    """Run pytest in a folder as a process of its own, with no plugin but those that are asked for."""
    options = ("-q", "-p", "no:cacheprovider", f"--rootdir={folder}", str(folder))
    return _process(sys.executable, "-m", "pytest", *arguments, *options, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")


def _process(*arguments: str, **variables: str) -> Callable[[], object]:
    # As on a user's machine: modules are compiled once, by the warm-up.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | variables
    return lambda: subprocess.run(arguments, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=True)


def _seconds(call: Callable[[], object]) -> float:
    if isinstance(call, Prepared):
        call.before()
        call = call.call
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
