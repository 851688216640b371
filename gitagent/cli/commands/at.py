"""`gitagent at`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from gitagent.cli.command import command
from gitagent.cli.options import Moment, argument
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.times import iso, local, local_with_zone
from gitagent.cli.wording import version_words
from gitagent.errors import Refused

if TYPE_CHECKING:
    from gitagent import Version
    from gitagent.names import EnvironmentName

EXAMPLE = """gitagent at live --when 2026-03-01T14:30
gitagent at live --when '2 hours ago'"""


@command(example=EXAMPLE)
@argument("environment", "The environment.", completes="environments")
@click.option(
    "--when",
    type=Moment(),
    required=True,
    help="The time: 2026-03-01T14:30, 2026-03-01 (its first moment), yesterday, '2 hours ago' or 3d.",
)
@click.pass_obj
def at(session: Session, environment: str, when: datetime) -> None:
    """Tell which version an environment served at some time."""
    target = session.agent.environment(environment).name
    if when > session.now:
        raise Refused(
            f"{local_with_zone(when)} is in the future", hint="Give a time that has passed.", code="time-in-future"
        )
    version = session.agent.served_at(environment, when)
    session.show(
        "at",
        json=lambda: {
            "environment": str(target),
            "when": iso(when),
            "version": version_record(version) if version else None,
        },
        text=lambda: _lines(session, target, when, version),
    )


def _lines(session: Session, target: EnvironmentName, when: datetime, version: Version | None) -> Iterator[str]:
    served = session.screen.paint(version_words(version), "version") if version else "nothing"
    yield f"{target} served {served} at {local_with_zone(when)}."
    if version:
        yield f"It was made by {version.actor.name} on {local(version.at)}: gitagent show {version.number}"
