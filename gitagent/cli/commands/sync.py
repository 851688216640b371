"""`gitagent sync`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.progress import working
from gitagent.cli.records import change_records, version_record
from gitagent.cli.session import Session
from gitagent.cli.times import local
from gitagent.cli.wording import counted, version_words

if TYPE_CHECKING:
    from gitagent import Agent, Synced

EXAMPLE = """gitagent sync"""
MOST_EVENTS = 10


@command(example=EXAMPLE)
@click.option(
    "--no-sign", "unsigned", is_flag=True, help="Number saves that wait without the signatures they are to have."
)
@click.pass_obj
def sync(session: Session, unsigned: bool) -> int:
    """Catch up with the shared remote, and merge what others saved.

    It goes both ways. What others saved is merged into the draft, which is kept first ('gitagent drafts'). Where both
    sides changed the same thing, the file holds both, marked, and the exit code is 1; the draft can be saved once
    that is put right.
    """
    agent = _joined(session)
    actor = session.actor
    with working("Catching up with the shared remote"):
        synced = agent.sync(actor=actor, at=session.now, sign=not unsigned)
    session.tell_notices()
    session.show(
        "sync",
        json=lambda: {
            "url": synced.url,
            "events": synced.events,
            "line_was": str(synced.line_was),
            "line": str(synced.line),
            "changes": change_records(synced.changes),
            "conflicts": list(synced.conflicts),
            "kept_draft": synced.kept.id if synced.kept else None,
            "numbered": [version_record(version) for version in synced.numbered],
        },
        text=lambda: _lines(agent, synced),
    )
    return 1 if synced.conflicts else 0


def _joined(session: Session) -> Agent:
    """The agent; a plain git clone of one becomes it now."""
    from gitagent import Agent
    from gitagent.errors import AgentNotFound

    try:
        return session.agent
    except AgentNotFound as error:
        if error.code != "ledger-missing":
            raise
    Agent.join(session.path)
    return session.agent


def _lines(agent: Agent, synced: Synced) -> Iterator[str]:
    news = counted(synced.events, "new event")
    yield f"In step with {plain(synced.url)}: " + (f"{news}." if synced.events else "nothing was new.")
    for event in agent.history(limit=min(synced.events, MOST_EVENTS)):
        yield f"  {plain(event.subject)}, by {plain(event.actor.name)}"
    if synced.events > MOST_EVENTS:
        yield f"  and {counted(synced.events - MOST_EVENTS, 'more event')}: gitagent history"
    for version in synced.numbered:
        yield f"Your save of {local(version.at)} is {version_words(version)} now."
    if synced.line != synced.line_was:
        yield f"The draft is on the line of {synced.line} now; it was on {synced.line_was}."
    for change in synced.changes:
        yield f"  {change.kind} {plain(change.path)}" + (" (both sides)" if change.path in synced.conflicts else "")
    if synced.kept:
        yield f"The draft as it was is kept: gitagent restore {synced.kept.id}"
    if synced.conflicts:
        yield f"{counted(len(synced.conflicts), 'file')} to put right by hand, where <<<<<<< stands, before a save:"
        yield from (f"  {plain(path)}" for path in synced.conflicts)
