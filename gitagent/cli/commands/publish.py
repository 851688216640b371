"""`gitagent publish`."""

from __future__ import annotations

import click

from gitagent.cli import moves
from gitagent.cli.command import command
from gitagent.cli.options import argument, force_options, forced, refuse_rehearsed_sync, sign_option, sync_option
from gitagent.cli.session import Session

DRAFT = "draft"
EXAMPLE = """gitagent publish --name 'Autumn menu'
gitagent publish v12"""


@command(example=EXAMPLE, common=("name", "message", "yes", "dry_run"))
@argument("selector", "A saved version; the draft unless given.", default=DRAFT, completes="selectors")
@sync_option
@force_options
@sign_option
@click.pass_obj
def publish(session: Session, selector: str, sync: bool, force: bool, reason: str | None) -> None:
    """Put the draft or a saved version in the first environment.

    A draft becomes a version first; an unedited one is the newest version itself. The later environments stay as
    they are. Where the pipeline is one environment alone, callers get the version at once, so this asks.
    """
    why = forced(force, reason)
    refuse_rehearsed_sync(session, sync)
    if sync and selector != DRAFT:
        raise click.UsageError(f"--sync is for the draft, not for {selector}", click.get_current_context())
    agent = session.agent
    actor, planned = session.actor, None
    if sync and _has_to_ask(session):  # the question is about what comes of it
        agent.sync(actor=actor, at=session.now)
        sync = False
    if session.dry_run or _has_to_ask(session):
        planned = agent.plan_publish(
            selector,
            actor=actor,
            at=session.now,
            name=session.name,
            message=session.message,
            sign=session.sign,
            force=why,
            untested=True,
        )
    if session.dry_run and planned:
        moves.show_planned(session, "publish", planned, forced=why is not None)
        return
    if planned:
        moves.ask(session, planned, forced=why is not None)
    with session.working("Publishing") as bar:
        moved = agent.publish(
            selector,
            actor=actor,
            at=session.now,
            name=session.name,
            message=session.message,
            expect=planned,
            sync=sync,
            sign=session.sign,
            run=moves.runner(session, bar, str(agent.pipeline[0]), selector),
            force=why,
        )
    moves.show_done(session, "publish", moved, asked=planned is not None)


def _has_to_ask(session: Session) -> bool:
    return len(session.agent.pipeline) == 1 and not session.yes
