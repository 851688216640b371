"""`gitagent access`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import group
from gitagent.cli.options import argument, completer, sign_option
from gitagent.cli.records import Record, event_record, text_or_none
from gitagent.cli.session import Session
from gitagent.cli.suggestions import listed
from gitagent.cli.tables import Cell, table

if TYPE_CHECKING:
    from gitagent import Access, Grant, Granted, Role, RoleChange

EXAMPLE = """gitagent access
gitagent access grant admin ada@example.com
gitagent access grant promote grace@example.com --environment live"""
EVERYBODY = "everybody"

role_argument = argument(
    "role",
    "What it lets them do: save, publish, promote, rollback, approve, numbers, rules, test, force or admin.",
    completes="roles",
)
environment_option = click.option(
    "-e",
    "--environment",
    metavar="ENVIRONMENT",
    shell_complete=completer("environments"),
    help="For this environment alone: promote, rollback, approve, numbers, rules or force.",
)


@group(example=EXAMPLE)
@click.pass_context
def access(ctx: click.Context) -> None:
    """Show who may do what, and give or take roles.

    Until there is an admin, everybody may do everything. From then on, admins give each role to people by their
    e-mail, or to everybody. An environment that people are named for takes them alone, and admins.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Session))


access.otherwise = "'gitagent access --help' lists the commands."


@access.command("list", example="gitagent access list --json")
@click.pass_obj
def list_roles(session: Session) -> None:
    """Show who may do what."""
    _list(session)


@access.command(
    "grant", example="gitagent access grant promote grace@example.com -e live", common=("yes", "message", "dry_run")
)
@role_argument
@argument("who", "Their e-mail, as git knows it; or: everybody.", completes="people")
@environment_option
@sign_option
@click.pass_obj
def grant(session: Session, role: str, who: str, environment: str | None) -> None:
    """Give a role to somebody.

    The first one makes an admin, and leaves everything else to everybody. An environment that somebody is named for
    no longer follows the general role.
    """
    if session.dry_run:
        planned = session.agent.plan_grant(role, who, environment=environment, actor=session.actor)
        _show_planned(session, planned)
        return
    agent, actor = session.agent, session.actor
    with session.waiting():
        done = agent.grant(
            role, who, environment=environment, actor=actor, at=session.now, message=session.message, sign=session.sign
        )
    _show_done(session, done)


@access.command("revoke", example="gitagent access revoke save everybody", common=("yes", "message", "dry_run"))
@role_argument
@argument(
    "who",
    "Their e-mail; or: everybody. Without, an environment follows the general role again.",
    required=False,
    completes="people",
)
@environment_option
@sign_option
@click.pass_obj
def revoke(session: Session, role: str, who: str | None, environment: str | None) -> None:
    """Take a role from somebody.

    A role that nobody is left with is the admins'. The last admin stays one.
    """
    if who is None and environment is None:
        raise click.UsageError("whose role? Name an e-mail, or everybody", click.get_current_context())
    if session.dry_run:
        planned = session.agent.plan_revoke(role, who, environment=environment, actor=session.actor)
        _show_planned(session, planned)
        return
    agent, actor = session.agent, session.actor
    with session.waiting():
        done = agent.revoke(
            role, who, environment=environment, actor=actor, at=session.now, message=session.message, sign=session.sign
        )
    _show_done(session, done)


def _list(session: Session) -> None:
    found = session.agent.access
    session.show("access", json=lambda: _record(found), text=lambda: _rows(session, found))


def _rows(session: Session, found: Access | None) -> Iterator[str]:
    if found is None:
        yield "Everybody may do everything. To say who may: gitagent access grant admin YOUR@E-MAIL"
        return
    rows = [(Cell(str(role), "title"), Cell(_who(who))) for role, who in found.listed()]
    yield from table(rows, session.screen)


def _record(found: Access | None) -> Record:
    """Who holds which role; no roles at all where everybody may do everything."""
    return {
        "roles": [
            {"role": str(role.verb), "environment": text_or_none(role.environment), "who": list(who)}
            for role, who in (found.listed() if found is not None else ())
        ]
    }


def _who(holders: Iterable[str]) -> str:
    return listed(EVERYBODY if each == "*" else plain(each) for each in holders) or "admins only"


def _change_record(change: RoleChange) -> Record:
    return {
        "operation": str(change.operation),
        "role": str(change.role.verb),
        "environment": text_or_none(change.role.environment),
        "who": change.who,
    }


def _show_planned(session: Session, planned: Grant) -> None:
    session.show(
        f"access-{planned.change.operation}",
        json=lambda: {"dry_run": True, **_change_record(planned.change), **_record(planned.after)},
        text=lambda: (*_told(planned, would=True), "Nothing was changed (--dry-run)."),
    )


def _show_done(session: Session, done: Granted) -> None:
    change, _, after = done.grant
    session.show(
        f"access-{change.operation}",
        json=lambda: {"dry_run": False, **_change_record(change), **_record(after), "event": event_record(done.event)},
        text=lambda: _told(done.grant),
    )


def _told(grant: Grant, *, would: bool = False) -> Iterator[str]:
    """What changed, or would, and what follows from it for others."""
    change, before, after = grant
    role, who = change.role, "Everybody" if change.who == "*" else change.who and plain(change.who)
    has = "would have" if would else "has"
    if who is None:
        yield f"{role.environment} {'would follow' if would else 'follows'} the role '{role.verb}' again."
    elif str(change.operation) == "grant":
        yield f"{who} {has} the role '{role}'{'' if would else ' now'}."
    else:
        yield f"{who} {'would no longer have' if would else 'no longer has'} the role '{role}'."
    if before is None:
        yield "Everybody has every other role but 'force', until it is taken from them: gitagent access"
    else:
        yield from _consequences(before, after, role, change.who)


def _consequences(before: Access, after: Access, role: Role, who: str | None) -> Iterator[str]:
    was, now = before.of(role), after.of(role)
    if role.environment is not None and (role in before.holders) != (role in after.holders):
        yield f"Until now it was {_who(was)}; from now on it is {_who(now)}."
    elif not now:
        yield "Nobody but admins has it."
    elif "*" in now and who not in ("*", None):
        where = f" --environment {role.environment}" if role.environment else ""
        yield f"Everybody has it still: gitagent access revoke {role.verb} everybody{where}"
