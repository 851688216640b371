"""`gitagent verify`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.failures import ANSWER_NO, DONE
from gitagent.cli.progress import working
from gitagent.cli.session import Session
from gitagent.cli.wording import counted

if TYPE_CHECKING:
    from gitagent import Finding, Verification

EXAMPLE = """gitagent verify
gitagent verify --allowed-signers team/allowed_signers"""


@command(example=EXAMPLE)
@click.option(
    "--allowed-signers",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False),
    help="Whose ssh keys count, as git's gpg.ssh.allowedSignersFile, which it is unless given.",
)
@click.pass_obj
def verify(session: Session, allowed_signers: str | None) -> int:
    """Check every rule over the whole repository, offline.

    Every event of the ledger, every version, every branch and every signature. Nothing is put right. Each finding
    says where it is, its code and what is wrong. Ends with exit code 1 when a rule is broken; warnings alone are no
    failure.
    """
    from gitagent import Agent

    agent = Agent.open(session.path, settle=False)
    with working("Checking the repository") as tell:
        done = agent.verify(tell, allowed_signers=allowed_signers)
    session.show(
        "verify",
        json=lambda: {
            "valid": not done.errors,
            "events": done.events,
            "versions": done.versions,
            "signatures": done.signatures,
            "errors": done.errors,
            "warnings": len(done.findings) - done.errors,
            "findings": [_record(finding) for finding in done.findings],
        },
        text=lambda: _lines(session, done),
    )
    return ANSWER_NO if done.errors else DONE


def _lines(session: Session, done: Verification) -> Iterator[str]:
    for finding in done.findings:
        severity = str(finding.severity)
        text = plain(f"{finding.place}: {finding.code}: {finding.message}")
        yield f"{text} {session.screen.paint(f'({severity})', severity)}"
        if finding.hint:
            yield f"    {session.screen.paint(plain(finding.hint), 'dim')}"
    checked = f"{counted(done.events, 'event')} and {counted(done.versions, 'version')}"
    if done.signatures:
        checked = checked.replace(" and ", ", ") + f" and {counted(done.signatures, 'signature')}"
    numbers = ((done.errors, "error"), (len(done.findings) - done.errors, "warning"))
    found = [counted(number, thing) for number, thing in numbers if number]
    if not found:
        yield session.screen.paint(f"Checked {checked}: every rule holds.", "good")
    else:
        yield f"Checked {checked}: {' and '.join(found)}."


def _record(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": str(finding.severity),
        "ref": finding.ref,
        "commit": finding.commit,
        "seq": finding.seq,
        "message": finding.message,
        "hint": finding.hint,
    }
