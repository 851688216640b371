"""`gitagent serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from gitagent.server.preparing import Prepared
    from gitagent.server.running import Listening

STORE = "GITAGENT_CALLS"
MOST_WORKERS, MOST_PORTS = 256, 65_535
MOST_TROUBLES = 20
EXAMPLE = """gitagent serve
gitagent serve agents --workers 4"""


@command(example=EXAMPLE)
@argument(
    "where",
    "The folder of the agents, or one agent's own; the current one unless given.",
    required=False,
    metavar="[FOLDER]",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option(
    "--port",
    type=click.IntRange(0, MOST_PORTS),
    default=8321,
    show_default=True,
    help="Listen on this port; 0 for any that is free.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, MOST_WORKERS),
    default=1,
    show_default=True,
    help="Serve with so many processes; one that dies is started again.",
)
@click.option(
    "--store", metavar="ADDRESS", help="Keep calls there: a file, or postgresql://…; GITAGENT_CALLS says the same."
)
@click.option(
    "--poll",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    help="Look at shared remotes so often; 0 for once.",
)
@click.option(
    "--webhook-secret-file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, readable=True),
    help="Take webhooks that are signed with a secret of this file, one on each line.",
)
@click.option(
    "--allow-host", "hosts", metavar="NAME", multiple=True, help="Answer only requests that name this host; repeat."
)
@click.option(
    "--grace",
    metavar="SECONDS",
    type=click.FloatRange(min=0),
    default=30,
    show_default=True,
    help="Give requests in flight so long when told to stop.",
)
@click.pass_obj
def serve(
    session: Session,
    where: str | None,
    host: str,
    port: int,
    workers: int,
    store: str | None,
    poll: float,
    webhook_secret_file: str | None,
    hosts: tuple[str, ...],
    grace: float,
) -> None:
    """Serve agents, their configurations and their calls over HTTP.

    All agents below the folder are served, bare or not, and follow their shared remotes. Without a token
    ('gitagent tokens add') everybody on this machine may ask everything, and nobody else can be served. It ends on
    SIGTERM or Ctrl-C, after the requests in flight.
    """
    from gitagent.server.preparing import prepare
    from gitagent.server.running import run
    from gitagent.server.settings import Settings

    settings = Settings(
        folder=str((session.path / (where or ".")).absolute()),
        host=host,
        port=port,
        workers=workers,
        store=store or os.environ.get(STORE) or None,
        poll=poll,
        webhook_secret_file=None if webhook_secret_file is None else str(Path(webhook_secret_file).absolute()),
        hosts=tuple(each.lower() for each in hosts),
        graceful=grace,
    )
    prepared = prepare(settings, at=session.now)
    run(settings, lambda listening: _announce(session, settings.folder, prepared, listening))
    session.note("Stopped.")


def _announce(session: Session, folder: str, prepared: Prepared, listening: Listening) -> None:
    """Say what is served and where, before the first request is answered."""
    for each in prepared.notices[:MOST_TROUBLES]:
        session.note(f"note: {plain(each)}")
    if (more := len(prepared.notices) - MOST_TROUBLES) > 0:
        session.note(f"note: {more} more; see {listening.url}/readyz")
    if session.json:
        record = {"url": listening.url, "folder": folder, "agents": prepared.agents, "open": prepared.is_open}
        session.write_json("serve", {**record, "notices": list(prepared.notices)})
        session.finish()
        return
    count = len(prepared.agents)
    who = "everybody on this machine may ask" if prepared.is_open else "a token is needed"
    session.note(f"Serving {count} agent{'s' * (count != 1)} in {plain(folder)} on {listening.url}; {who}.")
