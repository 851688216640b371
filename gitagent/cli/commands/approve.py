"""`gitagent approve`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, completer, sign_option
from gitagent.cli.records import approval_record, event_record
from gitagent.cli.session import Session
from gitagent.cli.suggestions import listed
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent import Approval


@command(example="gitagent approve v7 --for live -m 'Called it twice'", common=("yes", "dry_run", "message"))
@argument("selector", "The version; or an environment that serves it, or 'latest'.", completes="selectors")
@click.option(
    "--for",
    "environment",
    metavar="ENVIRONMENT",
    required=True,
    shell_complete=completer("environments"),
    help="The environment that may serve it then.",
)
@sign_option
@click.pass_obj
def approve(session: Session, selector: str, environment: str) -> None:
    """Approve a version for an environment.

    Where an environment asks for approvals ('gitagent environments set'), a version goes into it once so many people
    other than its author have approved it. Nothing moves by an approval, and none can be taken back.
    """
    if session.dry_run:
        planned = session.agent.plan_approve(selector, environment, actor=session.actor)
        session.show(
            "approve",
            json=lambda: {"dry_run": True, **approval_record(planned)},
            text=lambda: (
                f"This would approve {planned.version} for {planned.environment}.",
                *_stands(planned),
                "Nothing was changed (--dry-run).",
            ),
        )
        return
    agent, actor = session.agent, session.actor
    with session.waiting():
        done = agent.approve(
            selector, environment, actor=actor, at=session.now, message=session.message, sign=session.sign
        )
    session.show(
        "approve",
        json=lambda: {"dry_run": False, **approval_record(done.approval), "event": event_record(done.event)},
        text=lambda: _done(session, done.approval),
    )


def _done(session: Session, approval: Approval) -> Iterator[str]:
    yield f"Approved {approval.version} for {approval.environment}."
    yield from _stands(approval)
    serves = session.agent.environment(str(approval.environment)).version
    yield f"Nothing moved: {approval.environment} still serves {serves or 'nothing'}."


def _stands(approval: Approval) -> Iterator[str]:
    """How far the version is approved with it."""
    by = listed(plain(each) for each in approval.by)
    if approval.required:
        yield f"That makes {len(approval.by)} of {counted(approval.required, 'approval')}: {by}."
    else:
        yield f"{approval.environment} asks for no approvals; should it do so, this one counts."
