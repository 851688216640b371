"""`gitagent chat`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from gitagent.cli.command import command
from gitagent.cli.options import argument, read_headers
from gitagent.cli.session import Session
from gitagent.cli.suggestions import did_you_mean, listed
from gitagent.errors import NotFound

EXAMPLE = """gitagent chat
gitagent chat v7 --variable day=Friday
gitagent chat --transcript ../talk.txt"""


@command(example=EXAMPLE)
@argument("selector", "The draft (the default), a version or an environment.", required=False, completes="selectors")
@click.option(
    "--variable", "variables", metavar="NAME=VALUE", multiple=True, help="In place of the agent's own; repeat."
)
@click.option("--variant", metavar="NAME", help="The variant of an ADK project, in place of its default one.")
@click.option("--sip-header", "headers", metavar="NAME=VALUE", multiple=True, help="One that the call has; repeat.")
@click.option(
    "--channel",
    type=click.Choice(["voice", "webchat"]),
    default="voice",
    show_default=True,
    help="Where the conversation takes place.",
)
@click.option(
    "--responder",
    metavar="NAME",
    default="embedded",
    show_default=True,
    help="What answers: embedded, openai, or openai:MODEL.",
)
@click.option("--live-tools", is_flag=True, help="Really request what tools request, instead of what fixtures answer.")
@click.option(
    "--transcript",
    type=click.Path(path_type=Path),
    help="Write the conversation into this file, when it ends; as JSON if it ends in .json. Inside the agent's folder "
    "it is part of the draft.",
)
@click.pass_obj
def chat(
    session: Session,
    selector: str | None,
    variables: tuple[str, ...],
    variant: str | None,
    headers: tuple[str, ...],
    channel: str,
    responder: str,
    live_tools: bool,
    transcript: Path | None,
) -> int:
    """Talk to the draft, a version or what an environment serves.

    On a terminal, or with what is said coming through a pipe, a line for each turn. The embedded responder answers from
    greeting, topics and handoffs, with no network. /why tells how it came to an answer, /compare ENV lets another
    version answer the same, /save-case keeps the conversation as a test; /help lists the rest.
    """
    from gitagent.chat.responders import responder_of
    from gitagent.cli.chatting.conversing import converse
    from gitagent.cli.chatting.talk import Circumstances, Talk, side_of
    from gitagent.cli.chatting.writing import refuse_unfit
    from gitagent.runtime.checks import checked_headers

    if transcript is not None:
        refuse_unfit(session.agent, transcript)
    side = side_of(session, selector or "draft")
    circumstances = Circumstances(
        channel, checked_headers(read_headers(headers)), _values(variables), variant, live_tools
    )
    _refuse_unknown_variant(side.meaning.variants, variant)
    answering = responder_of(responder, os.environ, meaning=side.meaning, live_tools=live_tools)
    try:
        return converse(Talk(session, side, answering, circumstances), transcript)
    finally:
        answering.close()


def _values(texts: tuple[str, ...]) -> dict[str, object]:
    """What --variable says; a usage error where it is not NAME=VALUE."""
    values: dict[str, object] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise click.UsageError(f"--variable is written NAME=VALUE; '{text}' is not", click.get_current_context())
        values[name] = value
    return values


def _refuse_unknown_variant(known: Mapping[str, object], variant: str | None) -> None:
    if variant is None or variant in known:
        return
    otherwise = f"There are {listed(known)}." if known else "Only an ADK project has variants."
    hint = did_you_mean(variant, known, otherwise=otherwise)
    raise NotFound(f"there is no variant '{variant}'", hint=hint, code="variant-not-found")
