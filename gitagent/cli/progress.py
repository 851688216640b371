"""Progress: a bar on the terminal for whatever lasts longer than half a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from gitagent.cli.screen import is_terminal

PATIENCE = 0.5  # seconds
REDRAWN = 0.1  # seconds


class Bar:
    """What the bar shows: what is being done, and how much of how much of it."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.amount = (0, 0)

    def __call__(self, done: int, total: int) -> None:
        """Say how much of how much is done."""
        self.amount = done, total


@contextmanager
def working(what: str, *, patience: float = PATIENCE) -> Iterator[Bar]:
    """While the block runs: after `patience` seconds, a bar on stderr, where that is a terminal.

    The block may say how much of how much is done, for the bar to show, or that it does something else now. Most
    commands are over sooner, and never import what draws it.
    """
    bar = Bar(what)
    if not is_terminal(sys.stderr):
        yield bar
        return
    over = Event()
    drawer = Thread(target=_draw, args=(bar, over, patience), daemon=True)
    drawer.start()
    try:
        yield bar
    finally:
        over.set()
        drawer.join()


def _draw(bar: Bar, over: Event, patience: float) -> None:
    if over.wait(patience):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(bar.what, total=None)
        while not over.wait(REDRAWN):
            done, total = bar.amount
            progress.update(task, description=bar.what, completed=done, total=total or None)
