"""`gitagent versions`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import clip, plain
from gitagent.cli.command import command
from gitagent.cli.options import Count
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.tables import Cell, table
from gitagent.cli.times import local

if TYPE_CHECKING:
    from gitagent import Version

LONGEST_MESSAGE = 72
EXAMPLE = """gitagent versions
gitagent versions --limit 5 --json"""


@command(example=EXAMPLE)
@click.option("--limit", type=Count(), default=20, show_default=True, help="List at most so many versions.")
@click.option("--all", "everything", is_flag=True, help="List every version.")
@click.pass_obj
def versions(session: Session, limit: int, everything: bool) -> None:
    """List the versions, newest first.

    Each with the environments that serve it, its name or the first line of its message, who made it and when.
    """
    agent = session.agent
    found = list(agent.versions(limit=None if everything else limit + 1))
    shown = found if everything else found[:limit]
    serving = {str(number): [str(name) for name in names] for number, names in agent.serving().items()}
    session.show(
        "versions",
        json=lambda: {
            "versions": [{**version_record(each), "environments": serving.get(str(each.number), [])} for each in shown],
            "more": len(found) > len(shown),
        },
        text=lambda: _lines(session, shown, serving),
    )
    if len(found) > len(shown) and not session.json:
        session.note("There are more: gitagent versions --all")


def _lines(session: Session, shown: Sequence[Version], serving: dict[str, list[str]]) -> Iterator[str]:
    rows = [
        (
            Cell(str(each.number), "version"),
            Cell(", ".join(serving.get(str(each.number), [])), "good"),
            _title(each),
            Cell(local(each.at), "dim"),
            Cell(each.actor.name, "dim"),
        )
        for each in shown
    ]
    return table(rows, session.screen, gives=2)


def _title(version: Version) -> Cell:
    """A name in quotes, as elsewhere; of a version without one, how its message begins."""
    if version.name:
        return Cell(f'"{version.name}"')
    return Cell(clip(plain((version.message or "").partition("\n")[0]), LONGEST_MESSAGE), "dim")
