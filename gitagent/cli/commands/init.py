"""`gitagent init`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, completer
from gitagent.cli.progress import working
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import version_words

if TYPE_CHECKING:
    from gitagent import Agent
    from gitagent.config.files import Files
    from gitagent.names import Actor

EXAMPLE = """gitagent init my-agent --template restaurant
gitagent init my-agent --from ../exported-agent
cd my-agent && gitagent init --pipeline live"""


@command(example=EXAMPLE, common=("name", "message"))
@argument("where", "Where the agent is to be; here unless given.", default=".", type=click.Path(path_type=Path))
@click.option(
    "--template",
    metavar="TEMPLATE",
    shell_complete=completer("templates"),
    help="Begin with a sample agent: blank, clinic or restaurant.",
)
@click.option(
    "--from",
    "source",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Copy this folder, or this git repository with its history.",
)
@click.option(
    "--pipeline",
    default="sandbox,pre-release,live",
    show_default=True,
    metavar="A,B,C",
    help="The environments in order; 'live' alone serves what is published at once.",
)
@click.pass_obj
def init(session: Session, where: Path, template: str | None, source: Path | None, pipeline: str) -> None:
    """Make an agent, or take over a folder or git repository.

    Makes version v1 of what is there, in no environment yet. Without --template and --from, the folder's own files
    are taken, as they are and where they are.
    """
    from gitagent import Agent

    if template and source:
        raise click.UsageError("--template and --from exclude each other", click.get_current_context())
    with working("Taking the files over"):
        agent = Agent.init(
            session.path / where,
            actor=_identity(session.path / where),
            at=session.now,
            files=_template(template),
            source=session.path / source if source else None,
            pipeline=tuple(pipeline.split(",")),
            name=session.name,
            message=session.message,
        )
    version = agent.version("latest")
    session.show(
        "init",
        json=lambda: {
            "agent": agent.name,
            "path": str(agent.path),
            "pipeline": [str(name) for name in agent.pipeline],
            **version_record(version),
        },
        text=lambda: _lines(session, agent, where),
    )


def _identity(folder: Path) -> Actor:
    from gitagent.git.identity import identity
    from gitagent.git.repository import Repository

    return identity(Repository.at(folder), os.environ)


def _template(name: str | None) -> Files | None:
    if name is None:
        return None
    from gitagent import templates

    return templates.load(name)


def _lines(session: Session, agent: Agent, where: Path) -> Iterator[str]:
    version = session.screen.paint(version_words(agent.version("latest")), "version")
    yield f"Made the agent {plain(agent.name)} in {plain(str(agent.path))}, with {version}."
    yield f"Its pipeline is {' → '.join(map(str, agent.pipeline))}; nothing is served yet."
    enter = "" if where == Path() else f"cd {plain(str(where))} && "
    yield f"Next: {enter}gitagent publish"
