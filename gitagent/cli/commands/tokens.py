"""`gitagent tokens`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import group
from gitagent.cli.options import Expiry, argument, completer
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from gitagent.server.tokens import Added, Token, Tokens

EXAMPLE = """gitagent tokens -C /srv/agents
gitagent tokens add telephony --scope call
gitagent tokens add dashboard --scope read --agent bistro --expires 90d"""
MOST_SHOWN = 10
SCOPES = ("read", "call", "admin")


@group(example=EXAMPLE)
@click.pass_context
def tokens(ctx: click.Context) -> None:
    """List, add and revoke the tokens that a server asks for.

    They are those of the folder that 'gitagent serve' serves: the current one, or -C PATH. Of each only a hash is
    kept. A server that runs sees every change at once.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Session))


@tokens.command("list", example="gitagent tokens list --json")
@click.pass_obj
def list_tokens(session: Session) -> None:
    """List the tokens, with what each may do."""
    _list(session)


@tokens.command("add", example="gitagent tokens add telephony --scope call --expires 90d")
@argument("name", "Who has it, such as telephony.")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    required=True,
    help="What it is for: read what is served and recorded, begin and end calls, or admin for all; repeat.",
)
@click.option(
    "--agent",
    "agents",
    metavar="AGENT",
    multiple=True,
    shell_complete=completer("agents"),
    help="Only this agent is there for it; repeat. All of them unless given.",
)
@click.option("--expires", type=Expiry(), help="Refuse it from then on: 90d, '2 weeks' or 2027-03-01.")
@click.pass_obj
def add_token(
    session: Session, name: str, scopes: tuple[str, ...], agents: tuple[str, ...], expires: datetime | None
) -> None:
    """Make a token, and show its text, which is not kept.

    The text goes into the header 'Authorization: Bearer …' of each request.
    """
    from gitagent.server.tokens import Scope

    kept = _tokens(session)
    _refuse_unknown(session, agents)
    added = kept.add(name, map(Scope, scopes), at=session.now, agents=agents or None, expires_at=expires)
    session.show(
        "tokens-add", json=lambda: {**_record(added.token, session), "text": added.text}, text=lambda: [added.text]
    )
    if not session.json:
        _explain(session, added)


@tokens.command("revoke", example="gitagent tokens revoke k3vq7mzd")
@argument("token", "The id of the token, as 'gitagent tokens' lists it.", completes="tokens")
@click.pass_obj
def revoke_token(session: Session, token: str) -> None:
    """Let a token be refused from now on, for good."""
    revoked = _tokens(session).revoke(token, at=session.now)
    session.show(
        "tokens-revoke",
        json=lambda: _record(revoked, session),
        text=lambda: [f"The token {revoked.id} of {plain(revoked.name)} is refused from now on."],
    )


def _tokens(session: Session) -> Tokens:
    from gitagent.runtime.places import own_folder
    from gitagent.server.preparing import agents_in
    from gitagent.server.tokens import Tokens

    folder = session.path.absolute()
    agents_in(folder)  # it refuses a folder without
    return Tokens(own_folder(folder))


def _refuse_unknown(session: Session, agents: tuple[str, ...]) -> None:
    """AgentNotFound for an agent that is not there: a token for it alone would open nothing."""
    from gitagent.cli.suggestions import did_you_mean, listed
    from gitagent.errors import AgentNotFound
    from gitagent.server.preparing import agents_in

    folder = session.path.absolute()
    there = agents_in(folder) if agents else []
    for name in agents:
        if name not in there:
            shown = listed([*there[:MOST_SHOWN], "others"] if len(there) > MOST_SHOWN else there)
            raise AgentNotFound(
                f"there is no agent {name} in {folder}", hint=did_you_mean(name, there, otherwise=f"There is {shown}.")
            )


def _list(session: Session) -> None:
    found = _tokens(session).all()
    session.show(
        "tokens",
        json=lambda: {"tokens": [_record(each, session) for each in found]},
        text=lambda: _lines(session, found),
    )


def _lines(session: Session, found: list[Token]) -> Iterator[str]:
    from gitagent.cli.tables import Cell, table
    from gitagent.cli.times import local

    if not found:
        yield "There is no token. On this machine a server is open to everybody, and it serves no other."
        return
    rows: list[list[Cell | str]] = []
    for each in found:
        state = each.state_at(session.now)
        until = f"until {local(each.expires_at)}" if state == "valid" and each.expires_at is not None else state
        agents = "all agents" if each.agents is None else ", ".join(sorted(each.agents))
        style = None if state == "valid" else "dim"
        rows.append(
            [Cell(each.id, style), plain(each.name), ", ".join(sorted(each.scopes)), Cell(until, style), agents]
        )
    yield from table(rows, session.screen, gives=1)


def _explain(session: Session, added: Added) -> None:
    session.note("Keep it well: it is shown once. Send it as: Authorization: Bearer ga_…")
    session.note(f"Take it back with: gitagent tokens revoke {added.token.id}")


def _record(token: Token, session: Session) -> dict[str, Any]:
    from gitagent.cli.times import iso

    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "agents": None if token.agents is None else sorted(token.agents),
        "state": token.state_at(session.now),
        "created_at": iso(token.created_at),
        "expires_at": None if token.expires_at is None else iso(token.expires_at),
        "revoked_at": None if token.revoked_at is None else iso(token.revoked_at),
    }
