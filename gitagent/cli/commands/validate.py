"""`gitagent validate`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from gitagent.cli.command import command
from gitagent.cli.failures import ANSWER_NO, DONE
from gitagent.cli.options import argument
from gitagent.cli.progress import working
from gitagent.cli.records import problem_record
from gitagent.cli.session import Session
from gitagent.cli.wording import counted, problem_lines

if TYPE_CHECKING:
    from gitagent.config.problems import Problem

FORMATS = ("text", "json", "github")
STAGED = "staged"
EXAMPLE = """gitagent validate
gitagent validate live --format github
gitagent validate --staged"""


@command(example=EXAMPLE)
@argument("selector", "A version, an environment or the draft.", required=False, completes="selectors")
@click.option("--staged", is_flag=True, help="Check what git is about to commit, as a pre-commit hook has to.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="How problems are written: for people (the default), for programs, or as GitHub annotations.",
)
@click.pass_obj
def validate(session: Session, selector: str | None, staged: bool, form: str | None) -> int:
    """Check the configuration and report every problem at once.

    Each as path:line:column: code: message, with a hint. Ends with exit code 1 when there is an error; warnings
    alone are no failure.
    """
    if session.json and form not in (None, "json"):
        raise click.UsageError(f"--json and --format {form} exclude each other", click.get_current_context())
    if staged and selector is not None:
        raise click.UsageError(f"--staged and '{selector}' exclude each other", click.get_current_context())
    selector = STAGED if staged else selector or "draft"
    with working("Checking the configuration"):
        problems = _staged_problems(session) if staged else session.agent.validate(selector)
    errors = sum(problem.severity == "error" for problem in problems)
    session.json = session.json or form == "json"
    session.show(
        "validate",
        json=lambda: {
            "selector": selector,
            "valid": not errors,
            "errors": errors,
            "warnings": len(problems) - errors,
            "problems": [problem_record(problem) for problem in problems],
        },
        text=lambda: _github(problems) if form == "github" else _lines(session, selector, problems, errors),
    )
    return ANSWER_NO if errors else DONE


def _staged_problems(session: Session) -> list[Problem]:
    """Problems of git's index. While git commits, nothing of the agent may be put right."""
    from gitagent import Agent

    return Agent.open(session.path, settle=False).validate_staged(os.environ)


def _lines(session: Session, selector: str, problems: Sequence[Problem], errors: int) -> Iterator[str]:
    for problem in problems:
        yield from problem_lines(problem, session.screen)
    subject = {"draft": "The draft", STAGED: "What is staged"}.get(selector, selector)
    warnings = len(problems) - errors
    found = [counted(number, thing) for number, thing in ((errors, "error"), (warnings, "warning")) if number]
    if not found:
        yield session.screen.paint(f"{subject} is valid.", "good")
    elif not errors:
        yield f"{subject} is valid, with {found[0]}."
    else:
        yield f"{subject} has {' and '.join(found)}."


def _github(problems: Sequence[Problem]) -> Iterator[str]:
    """Workflow commands, escaped as https://github.com/actions/toolkit escapes them."""
    for problem in problems:
        place = f"file={_property(problem.path)}"
        if problem.line:
            place += f",line={problem.line},col={problem.column}"
        text = problem.message + (f"\n{problem.hint}" if problem.hint else "")
        yield f"::{problem.severity} {place},title={_property(problem.code)}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
