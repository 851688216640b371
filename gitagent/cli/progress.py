"""Progress: a bar on the terminal for whatever lasts longer than half a second."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from gitagent.cli.screen import is_terminal

Tell = Callable[[int, int], None]
"""Takes how much of how much is done."""
PATIENCE = 0.5  # seconds
REDRAWN = 0.1  # seconds


@contextmanager
def working(what: str, *, patience: float = PATIENCE) -> Iterator[Tell]:
    """While the block runs: after `patience` seconds, a bar on stderr, where that is a terminal.

    The block may say how much of how much is done, for the bar to show. Most commands are over sooner, and never
    import what draws it.
    """
    amount = [0, 0]

    def tell(done: int, total: int) -> None:
        amount[:] = done, total

    if not is_terminal(sys.stderr):
        yield tell
        return
    over = Event()
    drawer = Thread(target=_draw, args=(what, over, patience, amount), daemon=True)
    drawer.start()
    try:
        yield tell
    finally:
        over.set()
        drawer.join()


def _draw(what: str, over: Event, patience: float, amount: list[int]) -> None:
    if over.wait(patience):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)
        while not over.wait(REDRAWN):
            done, total = amount
            progress.update(task, completed=done, total=total or None)
