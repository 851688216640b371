"""Progress: a bar on the terminal for whatever lasts longer than half a second."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

from gitagent.cli.screen import is_terminal

PATIENCE = 0.5  # seconds


@contextmanager
def working(what: str, *, patience: float = PATIENCE) -> Iterator[None]:
    """While the block runs: after `patience` seconds, a bar on stderr, where that is a terminal.

    Most commands are over sooner, and never import what draws the bar.
    """
    if not is_terminal(sys.stderr):
        yield
        return
    over = Event()
    drawer = Thread(target=_draw, args=(what, over, patience), daemon=True)
    drawer.start()
    try:
        yield
    finally:
        over.set()
        drawer.join()


def _draw(what: str, over: Event, patience: float) -> None:
    if over.wait(patience):
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        progress.add_task(what, total=None)
        over.wait()
