"""`gitagent share`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.commands.clone import address_of
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.records import sharing_record
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from gitagent import Sharing

EXAMPLE = """gitagent share ../desk.git
gitagent share git@host:team/desk.git"""


@command(example=EXAMPLE)
@argument("url", "The address of an empty repository: a path, ssh or https; or a remote that git knows by name.")
@click.pass_obj
def share(session: Session, url: str) -> None:
    """Put the agent on a shared remote, the authority from then on.

    From then on every save, publication, promotion and rollback is one push to it, which is taken whole or not at
    all. Others join with 'gitagent clone'. Credentials are git's own.
    """
    with working("Sharing the agent"):
        sharing = session.agent.share(address_of(session, url))
    session.show("share", json=lambda: sharing_record(sharing), text=lambda: _lines(sharing))


def _lines(sharing: Sharing) -> list[str]:
    return [
        f"The agent is shared on {plain(sharing.url)}, which git knows as {plain(sharing.remote)}.",
        f"Others join it with: gitagent clone {plain(sharing.url)}",
    ]
