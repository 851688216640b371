"""`gitagent drafts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gitagent.cli import overwriting
from gitagent.cli.cells import plain
from gitagent.cli.command import group
from gitagent.cli.options import argument
from gitagent.cli.questions import confirm
from gitagent.cli.records import kept_record
from gitagent.cli.session import Session
from gitagent.cli.tables import Cell, table
from gitagent.cli.times import local
from gitagent.cli.wording import when_and_who

if TYPE_CHECKING:
    from gitagent import KeptDraft

SHOWN = 10
EXAMPLE = """gitagent drafts
gitagent drafts restore 01JB5Z9KQ4"""


@group(example=EXAMPLE)
@click.pass_context
def drafts(ctx: click.Context) -> None:
    """List the drafts that were kept, show one, or bring it back.

    An edited draft is kept whenever restore, discard or sync changes it. Kept drafts stay on this machine.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Session))


@drafts.command("list", example="gitagent drafts list --json")
@click.pass_obj
def list_drafts(session: Session) -> None:
    """List the drafts that were kept, newest first."""
    _list(session)


@drafts.command("show", example="gitagent drafts show 01JB5Z9KQ4")
@argument("draft", "The draft's id, or how it begins (six characters or more).", completes="drafts")
@click.pass_obj
def show_draft(session: Session, draft: str) -> None:
    """Show one kept draft.

    When and why it was kept, and what was edited in it.
    """
    kept = session.agent.kept_draft(draft)
    changes = session.agent.compare(str(kept.base), kept.id).summary_lines if kept.base else ()
    session.show(
        "drafts-show",
        json=lambda: {"draft": kept_record(kept), "changes": list(changes)},
        text=lambda: _shown(session, kept, changes),
    )


@drafts.command("restore", example="gitagent drafts restore 01JB5Z9KQ4", common=("yes", "dry_run"))
@argument("draft", "The draft's id, or how it begins.", completes="drafts")
@click.pass_obj
def restore_draft(session: Session, draft: str) -> None:
    """Bring a kept draft back.

    An edited draft is asked about before it is overwritten, and kept in turn.
    """
    overwriting.restore(session, "drafts-restore", session.agent.kept_draft(draft).id)


@drafts.command("drop", example="gitagent drafts drop 01JB5Z9KQ4 --yes", common=("yes", "dry_run"))
@argument("draft", "The draft's id, or how it begins.", completes="drafts")
@click.pass_obj
def drop_draft(session: Session, draft: str) -> None:
    """Remove a kept draft for good."""
    kept = session.agent.kept_draft(draft)
    if not session.dry_run:
        confirm(session, _shown(session, kept, ()), asking=f"Remove the kept draft {kept.id} for good?")
        with session.waiting():
            session.agent.drop_draft(kept.id)
    removed = "This would remove" if session.dry_run else "Removed"
    session.show(
        "drafts-drop",
        json=lambda: {"dry_run": session.dry_run, "draft": kept_record(kept)},
        text=lambda: [f"{removed} the kept draft {kept.id}. The draft itself and all versions stay as they are."],
    )


def _list(session: Session) -> None:
    kept = session.agent.drafts()
    session.show(
        "drafts",
        json=lambda: {"drafts": [kept_record(each) for each in kept]},
        text=lambda: _rows(session, kept),
    )


def _rows(session: Session, kept: Sequence[KeptDraft]) -> Iterator[str]:
    if not kept:
        yield "No drafts are kept. An edited draft is kept when restore, discard or sync changes it."
    rows = [
        (
            Cell(_beginning(each, kept), "version"),
            Cell(f"based on {each.base}" if each.base else ""),
            Cell(f"kept before {each.reason}"),
            Cell(local(each.at), "dim"),
            Cell(each.actor.name, "dim"),
        )
        for each in kept
    ]
    yield from table(rows, session.screen, gives=2)


def _beginning(draft: KeptDraft, among: Sequence[KeptDraft]) -> str:
    """As much of the id as has to be typed; the whole one where two drafts were kept at one moment."""
    short = draft.id[:SHOWN]
    return short if sum(each.id.startswith(short) for each in among) == 1 else draft.id


def _shown(session: Session, kept: KeptDraft, changes: Sequence[str]) -> Iterator[str]:
    yield session.screen.paint(kept.id, "version")
    yield f"kept before {plain(kept.reason)}, {when_and_who(kept.at, kept.actor, now=session.now)}"
    if kept.base:
        yield f"based on {kept.base}"
    for line in changes:
        yield f"  {plain(line)}"
