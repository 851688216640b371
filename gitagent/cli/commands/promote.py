"""`gitagent promote`."""

from __future__ import annotations

import click

from gitagent.cli import moves
from gitagent.cli.command import command
from gitagent.cli.options import argument, completer, force_options, forced, one_of, refuse_swapped, sign_option
from gitagent.cli.session import Session

EXAMPLE = """gitagent promote pre-release
gitagent promote live --version v12 -m 'Autumn menu'"""


@command(example=EXAMPLE, common=("yes", "dry_run", "message"))
@argument("environment", "The environment to move.", completes="environments")
@argument(
    "version",
    "The version to take, which the environment before must have served; what it serves now unless given.",
    required=False,
    completes="versions",
)
@click.option(
    "--version", "option", metavar="VERSION", shell_complete=completer("versions"), help="The version, as an option."
)
@force_options
@sign_option
@click.pass_obj
def promote(
    session: Session, environment: str, version: str | None, option: str | None, force: bool, reason: str | None
) -> None:
    """Move an environment forward to what the one before it serves.

    Shows the version that is replaced, what changes and which phone numbers are affected, and asks. The draft and
    the other environments stay as they are. Where the environment asks for tests, the suites are played if
    nobody has, and what does not pass is refused.
    """
    version = one_of(version, option, "--version")
    refuse_swapped("promote", environment, version)
    why = forced(force, reason)
    if session.dry_run:
        plan = session.agent.plan_promote(
            environment, version, actor=session.actor, sign=session.sign, force=why, untested=True
        )
        moves.show_planned(session, "promote", plan, forced=why is not None)
        return
    actor, planned = session.actor, None
    if not session.yes:
        planned = session.agent.plan_promote(
            environment, version, actor=actor, sign=session.sign, force=why, untested=True
        )
        moves.ask(session, planned, forced=why is not None)
    with session.waiting() as bar:
        moved = session.agent.promote(
            environment,
            version=version,
            actor=actor,
            at=session.now,
            message=session.message,
            expect=planned,
            sign=session.sign,
            run=moves.runner(session, bar, environment, version),
            force=why,
        )
    moves.show_done(session, "promote", moved)
