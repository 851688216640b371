"""`gitagent save`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypedDict

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import refuse_rehearsed_sync, sign_option, sync_option
from gitagent.cli.records import change_records, event_record, version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import change_lines, counted, unchanged_words, version_words
from gitagent.errors import RemoteUnreachable

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent import Actor, PendingSave, Saved, SavePlan

EXAMPLE = "gitagent save --name 'Autumn menu' -m 'Pumpkin soup replaces gazpacho'"


class Words(TypedDict):
    """Who saves, when, and what they say about it."""

    actor: Actor
    at: datetime
    name: str | None
    message: str | None
    sign: bool


@command(example=EXAMPLE, common=("name", "message", "yes", "dry_run"))
@sync_option
@sign_option
@click.pass_obj
def save(session: Session, sync: bool) -> None:
    """Make a version from the draft; nothing is served.

    The version gets the next number and never changes again. No environment moves; publish it when it is ready.
    Where the shared remote is out of reach, the save waits for its number until 'gitagent sync'.
    """
    refuse_rehearsed_sync(session, sync)
    if session.dry_run:
        plan = session.agent.plan_save(actor=session.actor)
        session.show(
            "save",
            json=lambda: {"dry_run": True, "version": str(plan.number), "changes": change_records(plan.changes)},
            text=lambda: _planned(session, plan),
        )
        return
    agent, actor = session.agent, session.actor
    words: Words = {
        "actor": actor,
        "at": session.now,
        "name": session.name,
        "message": session.message,
        "sign": session.sign,
    }
    try:
        with session.working("Saving"):
            saved = agent.save(**words, sync=sync)
    except RemoteUnreachable as error:
        _show_waiting(session, agent.save_pending(**words), error.message)
        return
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


def _show_waiting(session: Session, waiting: PendingSave, why: str) -> None:
    session.show(
        "save",
        json=lambda: {"dry_run": False, "pending": waiting.id, "commit": waiting.commit, "why": why},
        text=lambda: _waiting(waiting, why),
    )


def _waiting(waiting: PendingSave, why: str) -> Iterator[str]:
    yield f"{plain(why).rstrip('.')}."
    yield "The draft is saved here, and waits for its number. Nothing serves it, and nobody else has it yet."
    if waiting.signed:
        yield "It is signed, and will be signed as a version, too: 'gitagent sync' asks for your key again."
    if waiting.problems:
        yield f"It has {counted(len(waiting.problems), 'warning')}: gitagent validate"
    yield "Next, when the remote can be reached: gitagent sync"


def _planned(session: Session, plan: SavePlan) -> Iterator[str]:
    yield f"This would save {plan.number} with {counted(len(plan.changes), 'changed file')}:"
    yield from change_lines(plan.changes, session.screen)
    yield "Nothing was changed (--dry-run)."


def _done(session: Session, saved: Saved) -> Iterator[str]:
    version = session.screen.paint(version_words(saved.version), "version")
    yield f"Saved {version}{', signed' if saved.version.signed else ''}, based on {saved.base}."
    yield f"Nothing serves it yet: {unchanged_words(session.agent.environments())}."
    if saved.problems:
        yield f"It has {counted(len(saved.problems), 'warning')}: gitagent validate {saved.version.number}"
    first = session.agent.environments()[0]
    if first.approvals:
        yield f"Next, by others: gitagent approve {saved.version.number} --for {first.name}"
    else:
        yield f"Next: gitagent publish {saved.version.number}"
