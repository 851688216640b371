"""`gitagent publish`."""

from __future__ import annotations

import click

from gitagent.cli import moves
from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.session import Session

EXAMPLE = """gitagent publish --name 'Autumn menu'
gitagent publish v12"""


@command(example=EXAMPLE, common=("name", "message", "yes", "dry_run"))
@argument("selector", "A saved version; the draft unless given.", default="draft", completes="selectors")
@click.pass_obj
def publish(session: Session, selector: str) -> None:
    """Put the draft or a saved version in the first environment.

    A draft becomes a version first; an unedited one is the newest version itself. The later environments stay as
    they are. Where the pipeline is one environment alone, callers get the version at once, so this asks.
    """
    agent = session.agent
    actor, planned = session.actor, None
    if session.dry_run or (len(agent.pipeline) == 1 and not session.yes):
        planned = agent.plan_publish(selector, actor=actor, at=session.now, name=session.name, message=session.message)
    if session.dry_run and planned:
        moves.show_planned(session, "publish", planned)
        return
    if planned:
        moves.ask(session, planned)
    with working("Publishing"):
        moved = agent.publish(
            selector, actor=actor, at=session.now, name=session.name, message=session.message, expect=planned
        )
    moves.show_done(session, "publish", moved, asked=planned is not None)
