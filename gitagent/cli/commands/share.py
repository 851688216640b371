"""`gitagent share`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.commands.clone import address_of
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.records import Record, sharing_record
from gitagent.cli.session import Session

if TYPE_CHECKING:
    from gitagent import Sharing
    from gitagent.agent.hosts import Host

EXAMPLE = """gitagent share ../desk.git
gitagent share git@host:team/desk.git
gitagent share --host github"""


@command(example=EXAMPLE)
@argument(
    "url",
    "The address of an empty repository: a path, ssh or https; or a remote that git knows by name.",
    required=False,
)
@click.option(
    "--host",
    type=click.Choice(["github", "gitlab"]),
    help="Say how to protect the agent there, where its address does not tell; without an address, of a shared agent.",
)
@click.pass_obj
def share(session: Session, url: str | None, host: str | None) -> None:
    """Put the agent on a shared remote, the authority from then on.

    From then on every save, publication, promotion and rollback is one push to it, which is taken whole or not at
    all. Others join with 'gitagent clone'. Credentials are git's own.

    For GitHub and GitLab it also says which branches and tags to protect there, and how, and puts a workflow into the
    draft, where none stands, that runs 'gitagent verify' on every push.
    """
    if url is None and host is None:
        raise click.UsageError("an address is missing", click.get_current_context())
    if url is None:
        sharing = _shared(session)
    else:
        with working("Sharing the agent"):
            sharing = session.agent.share(address_of(session, url))
    protecting = _Protecting(session, sharing, host)
    session.show(
        "share",
        json=lambda: {**sharing_record(sharing), **protecting.record()},
        text=lambda: _lines(sharing, protecting),
    )


class _Protecting:
    """What is said, and written into the draft, of the host that an agent is shared on."""

    def __init__(self, session: Session, sharing: Sharing, host: str | None) -> None:
        from gitagent.agent.hosts import WORKFLOWS, Host, host_of, protections, write_workflow

        self.host: Host | None = host_of(sharing.url) if host is None else Host(host)
        if self.host is None:
            return
        self.protections = protections(self.host, session.agent.pipeline)
        self.workflow = WORKFLOWS[self.host]
        self.has_draft = session.agent.status().draft is not None
        self.written = self.has_draft and write_workflow(session.agent.path, self.host)

    def record(self) -> Record:
        if self.host is None:
            return {"host": None, "protections": [], "workflow": None}
        return {
            "host": str(self.host),
            "protections": [
                {"kind": each.kind, "names": list(each.names), "rules": list(each.rules)} for each in self.protections
            ],
            "workflow": {"path": self.workflow.path, "written": self.written, "text": self.workflow.text},
        }

    def lines(self) -> Iterator[str]:
        from gitagent.agent.hosts import TITLES, WHERE

        if self.host is None:
            return
        yield f"On {TITLES[self.host]}, under {WHERE[self.host]}, set:"
        for each in self.protections:
            yield f"  {each.kind} {', '.join(each.names)}"
            yield from (f"    {rule}" for rule in each.rules)
        yield "Ask for no pull requests or checks on these branches: gitagent pushes to them itself."
        if self.written:
            yield f"{self.workflow.path} is new in the draft: from the next version on, every push is verified."
        elif not self.has_draft:
            there = f"gitagent share --host {self.host}"
            yield f"There is no draft here to put {self.workflow.path} into; in a clone: {there}"
        else:
            yield f"{self.workflow.path} stands there already and was left alone; --json shows what it could hold."


def _shared(session: Session) -> Sharing:
    from gitagent.errors import RuleBroken

    if (sharing := session.agent.shared) is None:
        raise RuleBroken(
            "the agent is not shared yet", hint="Name an empty repository: gitagent share URL", code="not-shared"
        )
    return sharing


def _lines(sharing: Sharing, protecting: _Protecting) -> Iterator[str]:
    yield f"The agent is shared on {plain(sharing.url)}, which git knows as {plain(sharing.remote)}."
    yield f"Others join it with: gitagent clone {plain(sharing.url)}"
    yield from protecting.lines()
