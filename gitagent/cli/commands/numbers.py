"""`gitagent numbers`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gitagent.cli.changes import header_lines, headers_record, show_change
from gitagent.cli.command import group
from gitagent.cli.options import argument, completer, read_headers, sign_option
from gitagent.cli.questions import confirm
from gitagent.cli.records import event_record, number_record
from gitagent.cli.rivals import warn_of_rivals
from gitagent.cli.session import Session
from gitagent.cli.tables import Cell, table

if TYPE_CHECKING:
    from gitagent import AssignedNumber, EnvironmentChange, Event, NumberMove, PhoneNumber

EXAMPLE = """gitagent numbers
gitagent numbers assign '+44 20 7946 0018' --environment live"""


@group(example=EXAMPLE)
@click.pass_context
def numbers(ctx: click.Context) -> None:
    """List, assign, move and release phone numbers.

    A number belongs to one environment at most; calls to it get the version that the environment serves.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Session))


@numbers.command("list", example="gitagent numbers list --json")
@click.pass_obj
def list_numbers(session: Session) -> None:
    """List the phone numbers with their environments."""
    _list(session)


@numbers.command(
    "assign",
    example="gitagent numbers assign '+44 20 7946 0018' --environment live --sip-header X-Queue=bookings",
    common=("yes", "message", "dry_run"),
)
@argument("number", "The phone number, with its country code.")
@click.option(
    "-e",
    "--environment",
    metavar="ENVIRONMENT",
    required=True,
    shell_complete=completer("environments"),
    help="The environment that answers it.",
)
@click.option("--sip-header", "headers", metavar="NAME=VALUE", multiple=True, help="A SIP header of its calls; repeat.")
@click.option("--no-sip-headers", "bare", is_flag=True, help="Take the SIP headers away that the number has.")
@sign_option
@click.pass_obj
def assign_number(session: Session, number: str, environment: str, headers: tuple[str, ...], bare: bool) -> None:
    """Assign a phone number to an environment.

    What the environment serves stays the same. A number that it has already gets these SIP headers in place of its
    own; it keeps those where none is given.
    """
    from gitagent.names import PhoneNumber

    if headers and bare:
        raise click.UsageError("--sip-header and --no-sip-headers exclude each other", click.get_current_context())
    parsed, sip_headers = PhoneNumber.parse(number), read_headers(headers) if headers or bare else None
    plan = session.agent.plan_assign_number(
        parsed, environment, sip_headers, actor=session.actor if session.dry_run else None
    )
    _warn_where_unused(session, parsed)
    warn_of_rivals(session, parsed)
    if session.dry_run:
        show_change(session, "numbers-assign", plan)
        return
    actor = session.actor
    with session.waiting():
        event = session.agent.assign_number(
            parsed,
            environment,
            actor=actor,
            at=session.now,
            sip_headers=sip_headers,
            message=session.message,
            sign=session.sign,
        )
    _show_event(session, "numbers-assign", event, "is assigned to", plan)


@numbers.command("release", example="gitagent numbers release +442079460018", common=("yes", "message", "dry_run"))
@argument("number", "The phone number.", completes="numbers")
@sign_option
@click.pass_obj
def release_number(session: Session, number: str) -> None:
    """Release a phone number, so that no environment answers it.

    This asks: from then on its callers reach nobody.
    """
    from gitagent.names import PhoneNumber

    parsed = PhoneNumber.parse(number)
    if session.dry_run:
        show_change(session, "numbers-release", session.agent.plan_release_number(parsed, actor=session.actor))
        return
    actor = session.actor
    plan = session.agent.plan_release_number(parsed, actor=None if session.yes else actor)
    confirm(session, [f"{plan.environment} answers {parsed} now."], asking=f"Release {parsed}?")
    with session.waiting():
        event = session.agent.release_number(
            parsed, actor=actor, at=session.now, message=session.message, sign=session.sign
        )
    _show_event(session, "numbers-release", event, "is released from", plan)


@numbers.command(
    "move", example="gitagent numbers move +442079460018 --environment live", common=("yes", "message", "dry_run")
)
@argument("number", "The phone number.", completes="numbers")
@click.option(
    "-e",
    "--environment",
    metavar="ENVIRONMENT",
    required=True,
    shell_complete=completer("environments"),
    help="The environment that answers it from then on.",
)
@click.option("--sip-header", "headers", metavar="NAME=VALUE", multiple=True, help="A SIP header of its calls; repeat.")
@sign_option
@click.pass_obj
def move_number(session: Session, number: str, environment: str, headers: tuple[str, ...]) -> None:
    """Move a phone number from its environment to another.

    In one step: somebody answers it all the time. It keeps its SIP headers where none is given. This asks.
    """
    from gitagent.names import PhoneNumber

    parsed, sip_headers = PhoneNumber.parse(number), read_headers(headers) if headers else None
    agent, actor = session.agent, session.actor
    plan = agent.plan_move_number(parsed, environment, sip_headers, actor=actor)
    old, new = plan.released.environment, plan.assigned.environment
    if session.dry_run:
        _show_moved(session, plan, None)
        return
    serves = {each.name: each.version or "nothing" for each in agent.environments()}
    facts = [f"New calls to {parsed} get {serves[old]} of {old} now; after this they get {serves[new]} of {new}."]
    confirm(session, facts, asking=f"Move {parsed} to {new}?")
    with session.waiting():
        event = agent.move_number(
            parsed,
            environment,
            actor=actor,
            at=session.now,
            sip_headers=sip_headers,
            message=session.message,
            sign=session.sign,
        )
    _show_moved(session, plan, event)


def _show_moved(session: Session, plan: NumberMove, event: Event | None) -> None:
    old, new, number = plan.released.environment, plan.assigned.environment, plan.assigned.number
    serves = session.agent.environment(str(new)).version or "nothing"
    lines = (
        (f"This would move {number} from {old} to {new}.", "Nothing was changed (--dry-run).")
        if event is None
        else (
            f"{number} went from {old} to {new}.",
            f"New calls to it get {serves}; calls in progress keep the version they began with.",
        )
    )
    session.show(
        "numbers-move",
        json=lambda: {
            "dry_run": event is None,
            "number": str(number),
            "from": str(old),
            "environment": str(new),
            **headers_record(plan.assigned),
            "event": None if event is None else event_record(event),
        },
        text=lambda: (lines[0], *header_lines(plan.assigned), lines[1]),
    )


def _warn_where_unused(session: Session, number: PhoneNumber) -> None:
    """Warn of a number that its country's plan has no room for: most often a digit is missing."""
    import phonenumbers

    found = phonenumbers.parse(str(number), None)
    if not phonenumbers.is_valid_number(found):
        region = phonenumbers.region_code_for_country_code(found.country_code or 0)
        where = f" in {region}" if region.isalpha() and region != "ZZ" else ""
        session.note(f"warning: {number} is not a number in use{where}; check it")


def _show_event(session: Session, command: str, event: Event, did: str, plan: EnvironmentChange) -> None:
    session.show(
        command,
        json=lambda: {"dry_run": False, "event": event_record(event), **headers_record(plan)},
        text=lambda: _told(session, event, did, plan),
    )


def _told(session: Session, event: Event, did: str, plan: EnvironmentChange) -> Iterator[str]:
    environment = session.agent.environment(str(event.environment))
    changed = plan.old_headers is not None and str(plan.operation) == "assign-number"
    yield f"{event.number} {did} {environment.name}{', with other SIP headers' if changed else ''}."
    yield from header_lines(plan)
    yield f"{environment.name} still serves {environment.version or 'nothing'}."


def _list(session: Session) -> None:
    found = session.agent.numbers()
    session.show(
        "numbers",
        json=lambda: {"numbers": [{**number_record(each), "national": each.number.national} for each in found]},
        text=lambda: _rows(session, found),
    )


def _rows(session: Session, found: Sequence[AssignedNumber]) -> Iterator[str]:
    if not found:
        yield "No phone number is assigned: gitagent numbers assign --help"
    serving = {each.name: each.version for each in session.agent.environments()}
    rows = [
        (
            Cell(str(each.number), "title"),
            Cell(each.number.national, "dim"),
            Cell(str(each.environment)),
            Cell(str(serving[each.environment] or "nothing"), "version"),
            Cell(", ".join(f"{name}: {value}" for name, value in each.sip_headers.items()), "dim"),
        )
        for each in found
    ]
    yield from table(rows, session.screen)
