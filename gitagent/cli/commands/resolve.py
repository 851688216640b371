"""`gitagent resolve`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, read_headers
from gitagent.cli.rivals import warn_of_rivals
from gitagent.cli.session import Session
from gitagent.cli.tables import pairs

if TYPE_CHECKING:
    from gitagent import Resolution

EXAMPLE = """gitagent resolve '+44 20 7946 0018'
gitagent resolve sip:+442079460018@trunk.example --sip-header X-Trunk=7 --json"""


@command(example=EXAMPLE)
@argument("number", "The phone number that was called, or its SIP address.", completes="numbers")
@click.option("--sip-header", "headers", metavar="NAME=VALUE", multiple=True, help="One that came with it; repeat.")
@click.pass_obj
def resolve(session: Session, number: str, headers: tuple[str, ...]) -> None:
    """Tell which version answers a phone number now.

    With --json, its configuration, too, as callers meet it: with variables filled in. The SIP headers are those that
    came with the call, and over them the number's own.
    """
    from gitagent.runtime.checks import checked_headers
    from gitagent.runtime.forms import resolution_form

    found = session.agent.resolve(number, checked_headers(read_headers(headers)))
    if found.number is not None:
        warn_of_rivals(session, found.number)
    session.show(
        "resolve",
        json=lambda: {
            **resolution_form(found),
            "national": None if found.number is None else found.number.national,
            "configuration": found.configuration.document(),
        },
        text=lambda: _lines(session, found),
    )


def _lines(session: Session, found: Resolution) -> Iterator[str]:
    version = session.agent.version(str(found.version))
    name = f' "{plain(version.name)}"' if version.name else ""
    number = "" if found.number is None else f"{found.number} ({found.number.national})"
    yield f"{number} reaches {found.environment} of {plain(found.agent)}, which serves {found.version}{name}."
    rows = [("commit", found.commit), *((name, plain(value)) for name, value in found.sip_headers.items())]
    yield from pairs(rows, session.screen)
