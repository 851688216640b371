"""`gitagent history`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import Count, Moment, argument, completer, one_of
from gitagent.cli.records import event_record
from gitagent.cli.session import Session
from gitagent.cli.tables import Cell, blocks
from gitagent.cli.times import local

if TYPE_CHECKING:
    from gitagent import Event

OPERATIONS = (
    "init",
    "save",
    "publish",
    "promote",
    "rollback",
    "rules",
    "assign-number",
    "release-number",
    "approve",
    "grant",
    "revoke",
    "test",
)
DRAFT = "draft"
_RESULT = re.compile(r"passed (\d+ of \d+)(?:, failed \d+)?(?:, skipped \d+)?, (\S+), [\d.]+ s, suites [0-9a-f]+")
EXAMPLE = """gitagent history --environment live
gitagent history --op rollback --since '2 weeks ago'"""


@command(example=EXAMPLE)
@argument(
    "only", "Only what happened to this environment.", required=False, metavar="[ENVIRONMENT]", completes="environments"
)
@click.option(
    "-e",
    "--environment",
    metavar="ENVIRONMENT",
    shell_complete=completer("environments"),
    help="The environment, as an option.",
)
@click.option("--op", "operation", type=click.Choice(OPERATIONS), help="Only operations of this kind.")
@click.option("--since", type=Moment(), help="Only what happened since: 2026-03-01, yesterday, '2 hours ago', 3d.")
@click.option("--limit", type=Count(), default=20, show_default=True, help="List at most so many.")
@click.option("--all", "everything", is_flag=True, help="List everything.")
@click.pass_obj
def history(
    session: Session,
    only: str | None,
    environment: str | None,
    operation: str | None,
    since: datetime | None,
    limit: int,
    everything: bool,
) -> None:
    """List what was saved, published, promoted and rolled back.

    And changes of rules, numbers and roles, approvals and tests. Newest first: when, what, from which version to
    which, by whom, and why. It is the audit trail: nothing is ever taken out of it.
    """
    from gitagent import Operation

    environment = one_of(only, environment, "--environment")
    kind = Operation(operation) if operation else None
    most = None if everything else limit + 1
    found = list(session.agent.history(environment=environment, operation=kind, since=since, limit=most))
    shown = found if everything else found[:limit]
    session.show(
        "history",
        json=lambda: {"events": [event_record(event) for event in shown], "more": len(found) > len(shown)},
        text=lambda: _lines(session, shown),
    )
    if not shown and not session.json:
        session.note("The history has no such event.")
    if len(found) > len(shown) and not session.json:
        session.note("There is more: gitagent history --all")


def _lines(session: Session, events: Sequence[Event]) -> Iterator[str]:
    labels = _tested(session, events)
    tests_alone = all(event.tree is not None for event in events)
    rows = [_row(event, labels, tests_alone=tests_alone) for event in events]
    for event, lines in zip(events, blocks(rows, session.screen, gives=4 if tests_alone else 3), strict=True):
        yield from lines
        if event.forced is not None:
            yield f"{'':18}forced: {plain(event.forced)}"
        for message_line in (event.message or "").splitlines():
            yield f"{'':18}{plain(message_line)}".rstrip()


def _tested(session: Session, events: Sequence[Event]) -> Mapping[str, str]:
    """What each tree that was tested is called: the version that it was, or has become since, or a draft."""
    told = {event.tree: event.to_version for event in events if event.tree is not None}
    later = session.agent.versions_of(tree for tree, version in told.items() if version is None)
    return {tree: str(version or later.get(tree) or DRAFT) for tree, version in told.items()}


def _row(event: Event, labels: Mapping[str, str], *, tests_alone: bool) -> list[Cell]:
    tested = None if event.tree is None else (labels[event.tree], _in_short(event.detail or ""))
    what = _what(event) if tested is None else tested[0] if tests_alone else ": ".join(tested)
    return [
        Cell(local(event.at), "dim"),
        Cell(str(event.operation), "title"),
        Cell(str(event.environment or "")),
        Cell(what, "version"),
        Cell(tested[1] if tested is not None and tests_alone else ""),
        Cell(event.actor.name, "dim"),
    ]


def _in_short(detail: str) -> str:
    """What came of a test, as a table has room for it: `4 of 5, embedded`."""
    found = _RESULT.fullmatch(detail)
    return detail if found is None else f"{found[1]}, {found[2]}"


def _what(event: Event) -> str:
    """What an event was about: the move, the number or the rule."""
    if event.number is not None:
        return f"{event.number}  {event.detail or ''}".rstrip()
    if event.to_version is None:
        return event.detail or ""
    moved = f"{event.from_version} → {event.to_version}" if event.from_version else str(event.to_version)
    return f'{moved} "{event.name}"' if event.name else moved
