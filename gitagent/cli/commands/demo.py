"""`gitagent demo`."""

from __future__ import annotations

from pathlib import Path

import click

from gitagent.cli.command import command
from gitagent.cli.options import argument
from gitagent.cli.session import Session
from gitagent.errors import Refused

EXAMPLE = """gitagent demo
gitagent demo /tmp/lantern-house"""


@command(example=EXAMPLE)
@argument(
    "where",
    "Where the sample agent is to be; a new or empty folder.",
    default="gitagent-demo",
    type=click.Path(path_type=Path),
)
@click.pass_obj
def demo(session: Session, where: Path) -> int:
    """Take a sample agent from draft to live and back.

    Makes a restaurant's agent in a new folder, and runs a dozen real commands on it, showing each with what it
    says. Its tests stop a mistake, and let the repaired version through. Two calls come in on the way, and keep the
    version that they began with. Where git knows no name and e-mail, the agent's repository gets an identity of
    its own.
    """
    from gitagent.cli import tour

    path = session.path / where
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise Refused(
            f"{where} exists already and is not an empty folder",
            hint="Name another folder: gitagent demo FOLDER",
            code="not-empty",
        )
    steps, exit_code = tour.run(session, path, where)
    if session.json:
        session.write_json("demo", {"path": str(path.resolve()), "steps": steps, "exit_code": exit_code})
    return exit_code
