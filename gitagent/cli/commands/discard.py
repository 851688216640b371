"""`gitagent discard`."""

from __future__ import annotations

import click

from gitagent.cli import overwriting
from gitagent.cli.command import command
from gitagent.cli.options import completer
from gitagent.cli.session import Session

EXAMPLE = """gitagent discard
gitagent discard --to v6"""


@command(example=EXAMPLE, common=("yes", "dry_run"))
@click.option(
    "--to",
    metavar="SELECTOR",
    shell_complete=completer("restorable"),
    help="Go back to this version or environment instead.",
)
@click.pass_obj
def discard(session: Session, to: str | None) -> None:
    """Give the draft up and go back to the last published version.

    An edited draft is asked about, and always kept: 'gitagent drafts' lists it. No environment moves.
    """
    overwriting.discard(session, to)
