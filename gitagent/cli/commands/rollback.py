"""`gitagent rollback`."""

from __future__ import annotations

import click

from gitagent.cli import moves
from gitagent.cli.command import command
from gitagent.cli.options import argument, completer, one_of, refuse_swapped, sign_option
from gitagent.cli.session import Session

EXAMPLE = """gitagent rollback live
gitagent rollback live v6 -m 'Callers could not book'"""


@command(example=EXAMPLE, common=("yes", "dry_run", "message"))
@argument("environment", "The environment to move back.", completes="environments")
@argument(
    "version",
    "The version to go back to; the one served before unless given.",
    required=False,
    completes="versions",
)
@click.option(
    "--version",
    "--to",
    "option",
    metavar="VERSION",
    shell_complete=completer("versions"),
    help="The version, as an option.",
)
@sign_option
@click.pass_obj
def rollback(session: Session, environment: str, version: str | None, option: str | None) -> None:
    """Move an environment back to a version that it served before.

    Shows what is undone and which phone numbers are affected, and asks. The draft, the versions and the other
    environments stay as they are.
    """
    version = one_of(version, option, "--version")
    refuse_swapped("rollback", environment, version)
    if session.dry_run:
        plan = session.agent.plan_rollback(environment, version, actor=session.actor, sign=session.sign)
        moves.show_planned(session, "rollback", plan)
        return
    actor, planned = session.actor, None
    if not session.yes:
        planned = session.agent.plan_rollback(environment, version, actor=actor, sign=session.sign)
        moves.ask(session, planned)
    with session.waiting():
        moved = session.agent.rollback(
            environment,
            to=version,
            actor=actor,
            at=session.now,
            message=session.message,
            expect=planned,
            sign=session.sign,
        )
    moves.show_done(session, "rollback", moved)
