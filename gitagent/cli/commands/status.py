"""`gitagent status`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.advice import next_steps
from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.records import status_record
from gitagent.cli.session import Session
from gitagent.cli.tables import Cell, pairs, table
from gitagent.cli.times import relative
from gitagent.cli.wording import change_lines, counted, served_words

if TYPE_CHECKING:
    from gitagent import Draft, Environment, Status
    from gitagent.cli.screen import Screen

MOST_CHANGES = 20


@command(example="gitagent status")
@click.pass_obj
def status(session: Session) -> None:
    """Show the draft, the environments and what to type next."""
    found = session.agent.status()
    steps = next_steps(found, session.agent)
    session.show(
        "status",
        json=lambda: {**status_record(found), "next": [step for step, _ in steps]},
        text=lambda: _lines(session, found, steps),
    )


def _lines(session: Session, found: Status, steps: list[tuple[str, str]]) -> Iterator[str]:
    screen = session.screen
    yield f"{screen.paint(plain(found.name), 'title')}  {screen.paint(plain(str(found.path)), 'dim')}"
    if found.sharing is not None:
        seen = f", looked at {relative(found.sharing.fetched, now=session.now)}" if found.sharing.fetched else ""
        yield screen.paint(f"Shared on {plain(found.sharing.url)}{seen}", "dim")
    yield ""
    if found.draft is not None:
        yield from _draft_lines(found.draft, screen)
        if found.pending:
            saves = "1 save waits" if found.pending == 1 else f"{found.pending} saves wait"
            yield screen.paint(f"{saves} for the shared remote.", "warning")
        if found.behind:
            yield screen.paint(f"It knows {found.line}; others have saved {found.last_version} since.", "warning")
        yield ""
    yield from table([_row(session, found, each) for each in found.environments], screen, gives=1)
    if steps:
        yield ""
        yield "Next:"
        yield from pairs(steps, screen)


def _draft_lines(draft: Draft, screen: Screen) -> Iterator[str]:
    unfinished = f"It cannot be saved yet: {plain(draft.unfinished)}." if draft.unfinished else ""
    if draft.in_place:
        base = "" if draft.edited else f", the same as {draft.base}"
        yield screen.paint(draft.label, "warning" if draft.edited else "good") + base
    else:
        where = "no branch" if draft.branch is None else plain(draft.branch)
        yield screen.paint(f"The working tree is on {where}; the draft is what stands on main.", "warning")
    if unfinished:
        yield screen.paint(unfinished, "warning")
    if not draft.in_place:
        yield f"It differs from {draft.base}:" if draft.edited else f"It is the same as {draft.base}."
    yield from change_lines(draft.changes[:MOST_CHANGES], screen)
    if (more := len(draft.changes) - MOST_CHANGES) > 0:
        yield f"  and {counted(more, 'more file')}"


def _row(session: Session, found: Status, environment: Environment) -> list[Cell]:
    serving = {each.name: each.version for each in found.environments}
    ahead = [
        f"{counted(abs(each.versions), 'version')} {'ahead of' if each.versions > 0 else 'behind'} {each.of}"
        for each in found.ahead
        if each.environment == environment.name and serving[each.of]
    ]
    since = relative(environment.since, now=session.now) if environment.since else ""
    return [
        Cell(str(environment.name), "title"),
        Cell(served_words(environment), "version" if environment.version else "dim"),
        Cell(since, "dim"),
        Cell("; ".join(ahead)),
    ]
