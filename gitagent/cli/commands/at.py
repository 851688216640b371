"""`gitagent at`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import Moment, argument
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.times import iso, local, local_with_zone
from gitagent.cli.wording import version_words
from gitagent.errors import Refused

if TYPE_CHECKING:
    from gitagent import Served, Version
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
    served = session.agent.serving_at(environment, when)
    version = session.agent.version(str(served.version)) if served.version else None
    session.show(
        "at",
        json=lambda: {
            "environment": str(target),
            "when": iso(when),
            "version": version_record(version) if version else None,
            "since": iso(served.since) if served.since else None,
            "until": iso(served.until) if served.until else None,
        },
        text=lambda: _lines(session, target, when, served, version),
    )


def _lines(
    session: Session, target: EnvironmentName, when: datetime, served: Served, version: Version | None
) -> Iterator[str]:
    what = session.screen.paint(version_words(version), "version") if version else "nothing"
    yield f"{target} served {what} at {local_with_zone(when)}{_span(served)}."
    if version:
        who = plain(version.actor.name)
        yield f"{version.number} was made by {who} on {local(version.at)}: gitagent show {version.number}"


def _span(served: Served) -> str:
    since = f", from {local(served.since)}" if served.since else ""
    if served.until:
        return f"{since}{' until' if since else ', until'} {local(served.until)}"
    return f"{since} on, and serves it still" if since else ", and never did"
