"""`gitagent calls`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gitagent.cli.command import group
from gitagent.cli.options import Count, Moment, argument, completer
from gitagent.cli.questions import confirm
from gitagent.cli.session import Session
from gitagent.cli.sources import Source, source

if TYPE_CHECKING:
    from gitagent import Page, Statistics

Function = TypeVar("Function", bound=Callable[..., object])
STDOUT = "-"
EXAMPLE = """gitagent calls
gitagent calls list --version v7 --outcome failed --since yesterday
gitagent calls stats live
gitagent calls list -C /srv/agents --agent bistro"""

agent_option = click.option(
    "--agent",
    metavar="AGENT",
    shell_complete=completer("agents"),
    help="Only calls of this agent, in a folder of many.",
)
version_option = click.option(
    "--version", metavar="VERSION", shell_complete=completer("versions"), help="Only calls that got this version."
)
environment_option = click.option(
    "-e",
    "--environment",
    metavar="ENVIRONMENT",
    shell_complete=completer("environments"),
    help="Only calls that this environment answered.",
)
since_option = click.option("--since", type=Moment(), help="Only calls that began since: 2026-03-01, yesterday, 2h.")
until_option = click.option("--until", type=Moment(), help="Only calls that began before.")


def filters(function: Function) -> Function:
    """The options that say which calls are meant."""
    options = [
        agent_option,
        version_option,
        environment_option,
        click.option(
            "--number", metavar="NUMBER", shell_complete=completer("numbers"), help="Only calls to this phone number."
        ),
        click.option("--outcome", metavar="OUTCOME", help="Only calls that ended so."),
        since_option,
        until_option,
    ]
    for option in reversed(options):
        function = option(function)
    return function


@group(example=EXAMPLE)
@click.pass_context
def calls(ctx: click.Context) -> None:
    """List calls with the version that each one got, and statistics.

    Calls are recorded by what answers them, through Python or 'gitagent serve', in the repository's own folder; or
    where GITAGENT_CALLS, or git's gitagent.calls, names another file, or a PostgreSQL by its postgresql:// address.
    In a folder that 'gitagent serve' serves, they are those of all agents there.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(list_calls)


calls.otherwise = "'gitagent calls --help' lists the commands."


@calls.command("list", example="gitagent calls list --environment live --since '2 hours ago' --json")
@filters
@click.option("--limit", type=Count(), default=20, show_default=True, help="List at most so many.")
@click.option("--cursor", metavar="TEXT", help="Go on where an earlier list ended.")
@click.pass_obj
def list_calls(session: Session, /, agent: str | None, limit: int, cursor: str | None, **given: Any) -> None:
    """List calls, the newest first."""
    with source(session, agent) as found:
        page = found.calls.find(found.filter(**given), limit=limit, cursor=cursor)
    session.show("calls", json=lambda: _page_record(page), text=lambda: _rows(session, page, found))
    if not page.calls and not session.json:
        session.note(f"Looked in {found.place}.")
    if page.next is not None and not session.json:
        session.note(f"There are more: gitagent calls list --cursor {page.next}")


@calls.command("show", example="gitagent calls show CA5ef8732a3c49700934481addd5ce1659")
@argument("call_id", "The call's id.", metavar="CALL", completes="calls")
@click.option("--config", is_flag=True, help="Print the configuration that the call got, as JSON, and nothing else.")
@click.pass_obj
def show_call(session: Session, call_id: str, config: bool) -> None:
    """Show all that is known of a call."""
    from gitagent.cli.call_views.listing import whole
    from gitagent.runtime.forms import call_form

    with source(session) as found:
        call = found.calls.get(call_id)
        if config:
            session.write(found.calls.configuration(call).body + b"\n")
            return
    session.show("calls-show", json=lambda: {"call": call_form(call)}, text=lambda: whole(call, session.screen))


@calls.command("stats", example="gitagent calls stats v7 --environment live --html ../stats.html")
@argument("version", "The version; without, the newest that had calls.", required=False, completes="versions")
@agent_option
@environment_option
@since_option
@until_option
@click.option(
    "--html",
    "page",
    type=click.Path(path_type=Path),
    help="Write one self-contained page into this file; - for stdout.",
)
@click.pass_obj
def call_stats(
    session: Session,
    version: str | None,
    agent: str | None,
    environment: str | None,
    since: datetime | None,
    until: datetime | None,
    page: Path | None,
) -> None:
    """Show what became of a version's calls, against the version before.

    Calls, outcomes, the success rate with its 95 % interval, and durations. Calls that were pruned still
    count, unless a time is given.
    """
    if page and session.json and str(page) == STDOUT:
        raise click.UsageError("--json and --html - exclude each other", click.get_current_context())
    from gitagent.cli.call_views.summary import text
    from gitagent.runtime.forms import statistics_form

    with source(session, agent, of_one=True) as found:
        number = None if version is None else found.version(version)
        place = None if environment is None else str(found.environment(environment))
        stats = found.calls.stats(number, environment=place, since=since, until=until, agent=found.name)
    if page:
        _write_page(session, stats, page, found)
    if session.json:
        session.write_json("calls-stats", statistics_form(stats))
    elif page is None:
        for line in text(stats, session.screen, sys.stdout.encoding or "utf-8"):
            session.tell(line)


@calls.command("export", example="gitagent calls export --format csv --since 2026-03-01 > calls.csv")
@filters
@click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    default="csv",
    show_default=True,
    help="A table for spreadsheets, or a JSON object on each line.",
)
@click.pass_obj
def export_calls(session: Session, /, agent: str | None, form: str, **given: Any) -> None:
    """Write calls to stdout for other programs, the newest first."""
    from gitagent.cli.call_views.exports import comma_separated, json_lines

    if session.json:
        form = "jsonl"
    with source(session, agent) as found:
        each = found.calls.each(found.filter(**given))
        for line in json_lines(each) if form == "jsonl" else comma_separated(each):
            session.write(line)


@calls.command("prune", example="gitagent calls prune --before '90 days ago'", common=("yes", "dry_run"))
@click.option(
    "--before", type=Moment(), required=True, help="Remove calls that began before: 2026-03-01, '90 days ago'."
)
@agent_option
@click.option("--open", "open_too", is_flag=True, help="Remove those that never ended as well.")
@click.pass_obj
def prune_calls(session: Session, before: datetime, agent: str | None, open_too: bool) -> None:
    """Remove old calls for good; their statistics stay.

    This asks. A call that has not ended keeps what it is pinned to, and stays.
    """
    from gitagent.cli.times import local_with_zone

    when = local_with_zone(before)
    with source(session, agent) as found:
        if session.dry_run:
            each = found.calls.each(found.filter(until=before))
            count = sum(1 for call in each if open_too or call.ended_at is not None)
            some = f"{_some(count)}{found.whose}"
            _show_pruned(session, count, f"This would remove {some} that began before {when}.", dry_run=True)
            return
        confirm(session, [], asking=f"Remove the calls{found.whose} that began before {when}?")
        count = found.calls.prune(before=before, open_too=open_too, agent=found.name)
    _show_pruned(
        session, count, f"Removed {_some(count)}{found.whose} that began before {when}; their statistics stay."
    )


def _show_pruned(session: Session, count: int, line: str, *, dry_run: bool = False) -> None:
    lines = [line, "Nothing was changed (--dry-run)."] if dry_run else [line]
    session.show("calls-prune", json=lambda: {"dry_run": dry_run, "calls": count}, text=lambda: lines)


def _some(count: int) -> str:
    return f"{count:,} call{'s' * (count != 1)}"


def _page_record(page: Page) -> dict[str, Any]:
    from gitagent.runtime.forms import call_form

    return {
        "calls": [call_form(call) for call in page.calls],
        "next": None if page.next is None else str(page.next),
    }


def _rows(session: Session, page: Page, found: Source) -> Iterator[str]:
    from gitagent.cli.call_views.listing import rows

    if not page.calls:
        yield "No call is like that."
    yield from rows(page.calls, session.screen, agents=found.has_many)


def _write_page(session: Session, stats: Statistics, page: Path, found: Source) -> None:
    from gitagent.cli.call_views.page import BEGINNING, html
    from gitagent.cli.pagefile import refuse_unfit
    from gitagent.cli.times import local_with_zone

    content = html(stats, f"Made by gitagent calls stats on {local_with_zone(session.now)}.").encode()
    if str(page) == STDOUT:
        session.write(content)
        return
    refuse_unfit(found.agent, page, beginning=BEGINNING)
    page.write_bytes(content)
    session.note(f"Wrote {page}.")
