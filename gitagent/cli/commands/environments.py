"""`gitagent environments`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from gitagent.cli.changes import show_change
from gitagent.cli.command import group
from gitagent.cli.options import Approvals, PassRate, argument, sign_option
from gitagent.cli.pictures import pipeline
from gitagent.cli.records import environment_record, event_record
from gitagent.cli.session import Session
from gitagent.cli.wording import counted, tests_words

if TYPE_CHECKING:
    from gitagent import Environment, Event

EXAMPLE = """gitagent environments
gitagent environments set live --approvals 2"""


@group(example=EXAMPLE)
@click.pass_context
def environments(ctx: click.Context) -> None:
    """Show the pipeline, or change an environment's rules.

    The environments in order, each with the version that it serves, since when, by whom, and its phone numbers.
    """
    if ctx.invoked_subcommand is None:
        _list(ctx.ensure_object(Session))


environments.otherwise = (
    "To see the pipeline: gitagent environments; to change {word}: gitagent environments set {word} --help"
)


@environments.command("list", example="gitagent environments list --json")
@click.pass_obj
def list_environments(session: Session) -> None:
    """Show the pipeline."""
    _list(session)


def _list(session: Session) -> None:
    found = session.agent.environments()
    session.show(
        "environments",
        json=lambda: {"environments": [environment_record(each) for each in found]},
        text=lambda: pipeline(found, session.screen, now=session.now),
    )


@environments.command(
    "set", example="gitagent environments set live --requires-number", common=("yes", "message", "dry_run")
)
@argument("environment", "The environment whose rules change.", completes="environments")
@click.option(
    "--requires-number/--no-requires-number",
    default=None,
    help="Whether a phone number must be assigned.",
)
@click.option("--approvals", type=Approvals(), metavar="N", help="How many others must approve a version; 0 for none.")
@click.option(
    "--requires-signature/--no-requires-signature",
    default=None,
    help="Whether versions and moves must be signed.",
)
@click.option(
    "--tests", type=PassRate(), metavar="RATE", help="How many of a version's cases must pass: required, 95%, or off."
)
@click.option(
    "--not-worse/--may-be-worse",
    default=None,
    help="Whether no case may fail that passes on what it serves.",
)
@sign_option
@click.pass_obj
def set_rules(
    session: Session,
    environment: str,
    requires_number: bool | None,
    approvals: int | None,
    requires_signature: bool | None,
    tests: int | None,
    not_worse: bool | None,
) -> None:
    """Change an environment's rules.

    What it serves stays the same. With --requires-number, nothing can be put in it while it has no phone number;
    with --approvals, no version that fewer people than that have approved; with --requires-signature, none that is
    not signed, and nothing about it changes without a signature; with --tests, none whose suites have not passed.
    """
    asked: dict[str, Any] = {
        "requires_number": requires_number,
        "approvals": approvals,
        "requires_signature": requires_signature,
        "tests": tests,
        "not_worse": not_worse,
    }
    if all(rule is None for rule in asked.values()):
        raise click.UsageError("there is no rule to change", click.get_current_context())
    if session.dry_run:
        show_change(session, "environments-set", session.agent.plan_rules(environment, actor=session.actor, **asked))
        return
    agent, actor = session.agent, session.actor
    with session.waiting():
        event = agent.set_rules(
            environment, actor=actor, at=session.now, message=session.message, sign=session.sign, **asked
        )
    session.show(
        "environments-set",
        json=lambda: {
            "dry_run": False,
            "environment": environment_record(session.agent.environment(environment)),
            "event": event_record(event),
        },
        text=lambda: _done(session.agent.environment(environment), event),
    )


def _done(changed: Environment, event: Event) -> Iterator[str]:
    from gitagent.agent.settings import Settings

    now = Settings.parse(event.detail or "") or Settings()
    if now.requires_number is not None:
        rule = "requires a phone number now" if now.requires_number else "no longer requires a phone number"
        yield f"{changed.name} {rule}."
    if now.approvals is not None:
        rule = f"asks for {counted(now.approvals, 'approval')} now" if now.approvals else "no longer asks for approvals"
        yield f"{changed.name} {rule}."
    if now.requires_signature is not None:
        rule = "requires signatures now" if now.requires_signature else "no longer requires signatures"
        yield f"{changed.name} {rule}."
    if now.tests is not None:
        rule = f"{tests_words(now.tests)} now" if now.tests else "no longer asks for tests"
        yield f"{changed.name} {rule}."
    if now.not_worse is not None:
        rule = "takes nothing worse than it serves now" if now.not_worse else "takes what is worse than it serves, too"
        yield f"{changed.name} {rule}."
    yield f"{changed.name} still serves {changed.version or 'nothing'}."
