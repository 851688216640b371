"""`gitagent init`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, completer
from gitagent.cli.progress import working
from gitagent.cli.records import Record, problem_record, version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import counted, version_words

if TYPE_CHECKING:
    from gitagent import Agent, InitPlan
    from gitagent.config.files import Files
    from gitagent.names import Actor

EXAMPLE = """gitagent init my-agent --template restaurant
gitagent init my-agent --from ../exported-agent
cd my-agent && gitagent init --pipeline live"""


def _folder(ctx: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """A folder's path. An empty one, as an unset variable leaves it, would be the current folder."""
    if value == "":
        raise click.BadParameter("the path is empty", ctx, parameter)
    return None if value is None else Path(value)


@command(example=EXAMPLE, common=("name", "message", "yes", "dry_run"))
@argument("where", "Where the agent is to be; here unless given.", default=".", type=click.Path(), callback=_folder)
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
    type=click.Path(),
    callback=_folder,
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
    arguments: dict[str, Any] = {
        "actor": session.known_or_nobody(lambda: _identity(session.path / where)),
        "at": session.now,
        "files": _template(template),
        "source": session.path / source if source else None,
        "pipeline": tuple(pipeline.split(",")),
        "name": session.name,
        "message": session.message,
    }
    if session.dry_run:
        with working("Checking the files"):
            plan = Agent.plan_init(session.path / where, **arguments)
        session.show("init", json=lambda: _plan_record(plan), text=lambda: _planned(plan))
        return
    with working("Taking the files over"):
        agent = Agent.init(session.path / where, **arguments)
    version = agent.version("latest")
    for notice in agent.notices:
        session.note(f"note: {plain(notice)}")
    session.show(
        "init",
        json=lambda: {
            "dry_run": False,
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


def _plan_record(plan: InitPlan) -> Record:
    return {
        "dry_run": True,
        "agent": plan.name,
        "path": str(plan.path.resolve()),
        "pipeline": [str(name) for name in plan.pipeline],
        "version": "v1",
        "files": plan.files,
        "warnings": [problem_record(problem) for problem in plan.problems],
    }


def _planned(plan: InitPlan) -> Iterator[str]:
    where = plain(str(plan.path.resolve()))
    yield f"This would make the agent {plain(plan.name)} in {where}, with v1 of {_counted(plan)}."
    yield f"Its pipeline would be {' → '.join(map(str, plan.pipeline))}."
    yield "Nothing was changed (--dry-run)."


def _counted(plan: InitPlan) -> str:
    warnings = f", and {counted(len(plan.problems), 'warning')}" if plan.problems else ""
    return f"{counted(plan.files, 'file')}{warnings}"


def _lines(session: Session, agent: Agent, where: Path) -> Iterator[str]:
    version = session.screen.paint(version_words(agent.version("latest")), "version")
    yield f"Made the agent {plain(agent.name)} in {plain(str(agent.path))}, with {version}."
    yield f"Its pipeline is {' → '.join(map(str, agent.pipeline))}; nothing is served yet."
    enter = "" if where == Path() else f"cd {plain(str(where))} && "
    yield f"Next: {enter}gitagent publish"
