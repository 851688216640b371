"""`gitagent save`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.command import command
from gitagent.cli.progress import working
from gitagent.cli.records import change_records, event_record, version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import change_lines, counted, unchanged_words, version_words

if TYPE_CHECKING:
    from gitagent import Saved, SavePlan

EXAMPLE = "gitagent save --name 'Autumn menu' -m 'Pumpkin soup replaces gazpacho'"


@command(example=EXAMPLE, common=("name", "message", "yes", "dry_run"))
@click.pass_obj
def save(session: Session) -> None:
    """Make a version from the draft; nothing is served.

    The version gets the next number and never changes again. No environment moves; publish it when it is ready.
    """
    if session.dry_run:
        plan = session.agent.plan_save()
        session.show(
            "save",
            json=lambda: {"dry_run": True, "version": str(plan.number), "changes": change_records(plan.changes)},
            text=lambda: _planned(session, plan),
        )
        return
    agent, actor = session.agent, session.actor
    with working("Saving"):
        saved = agent.save(actor=actor, at=session.now, name=session.name, message=session.message)
    session.show(
        "save",
        json=lambda: {
            "dry_run": False,
            **version_record(saved.version),
            "base": str(saved.base),
            "event": event_record(saved.event),
        },
        text=lambda: _done(session, saved),
    )


def _planned(session: Session, plan: SavePlan) -> Iterator[str]:
    yield f"This would save {plan.number} with {counted(len(plan.changes), 'changed file')}:"
    yield from change_lines(plan.changes, session.screen)
    yield "Nothing was changed (--dry-run)."


def _done(session: Session, saved: Saved) -> Iterator[str]:
    version = session.screen.paint(version_words(saved.version), "version")
    yield f"Saved {version}, based on {saved.base}."
    yield f"Nothing serves it yet: {unchanged_words(session.agent.environments())}."
    if saved.problems:
        yield f"It has {counted(len(saved.problems), 'warning')}: gitagent validate {saved.version.number}"
    yield f"Next: gitagent publish {saved.version.number}"
