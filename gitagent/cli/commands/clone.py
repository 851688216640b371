"""`gitagent clone`."""

from __future__ import annotations

from pathlib import Path

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.session import Session

EXAMPLE = """gitagent clone ../desk.git
gitagent clone git@host:team/desk.git"""


@command(example=EXAMPLE)
@argument("url", "The address of the shared remote.")
@argument("where", "The new folder; named as the remote unless given.", required=False, type=click.Path())
@click.pass_obj
def clone(session: Session, url: str, where: str | None) -> None:
    """Join an agent on a shared remote.

    A folder that was cloned with plain git joins by 'gitagent sync' in it.
    """
    from gitagent.agent import cloning

    folder = session.path / (where or _name(url))
    address = address_of(session, url)
    with working("Cloning the agent"):
        store = cloning.clone(address, folder)
    from gitagent import Agent  # which takes long to load, and was while git was busy

    agent = Agent(store)
    for notice in () if session.json else agent.notices:
        session.note(f"note: {plain(notice)}")
    last = agent.version("latest")
    session.show(
        "clone",
        json=lambda: {"agent": agent.name, "path": str(agent.path), "url": address, "last_version": str(last.number)},
        text=lambda: [
            f"Cloned the agent {plain(agent.name)} into {plain(str(folder))}; its newest version is {last.number}.",
            f"Next: cd {plain(str(folder))} && gitagent status",
        ],
    )


def address_of(session: Session, url: str) -> str:
    """The address as it is for git, which runs in another folder: a folder's whole path, anything else as given."""
    folder = session.path / url
    return str(folder.resolve()) if folder.is_dir() else url


def _name(url: str) -> str:
    """What git would call the folder."""
    return Path(url.rstrip("/").rpartition(":")[2]).name.removesuffix(".git") or "agent"
