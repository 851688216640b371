"""`gitagent restore`."""

from __future__ import annotations

import click

from gitagent.cli import overwriting
from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.session import Session

EXAMPLE = """gitagent restore v2
gitagent restore live --yes"""


@command(example=EXAMPLE, common=("yes", "dry_run"))
@argument("selector", "A version, an environment or a kept draft.", completes="restorable")
@click.pass_obj
def restore(session: Session, selector: str) -> None:
    """Copy a version's content into the draft, to edit it.

    The version stays as it is, and no environment moves. An edited draft is asked about before it is overwritten,
    and always kept: 'gitagent drafts' lists it.
    """
    overwriting.restore(session, "restore", selector)
