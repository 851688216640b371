"""`gitagent show`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, complete_files
from gitagent.cli.records import Record, approval_record, result_record, version_record
from gitagent.cli.session import Session
from gitagent.cli.suggestions import did_you_mean, listed
from gitagent.cli.tables import Cell, table
from gitagent.cli.wording import approved_words, result_words, version_words, when_and_who
from gitagent.errors import InvalidName, NotFound

if TYPE_CHECKING:
    from gitagent import Version
    from gitagent.config.files import Files

DRAFT = "draft"
EXAMPLE = """gitagent show v7
gitagent show live prompt.md
gitagent show draft --summary"""


@command(example=EXAMPLE)
@argument(
    "selector",
    "A version, an environment or 'latest'; with a file or --summary, also the draft.",
    completes="selectors",
)
@argument("file", "One of its files, to print that alone.", required=False, shell_complete=complete_files)
@click.option("--summary", is_flag=True, help="Show what its files mean: greeting, topics, tools, tests and the rest.")
@click.pass_obj
def show(session: Session, selector: str, file: str | None, summary: bool) -> None:
    """Show one version whole, or one of its files.

    Who made it, when and why, the environments that serve it, who approved it, what its tests came to, what changed
    since the version before, and its files. With --summary, also of the draft, the agent itself, in the same terms for
    every layout.
    """
    if summary and file is not None:
        raise click.UsageError("--summary and a file exclude each other", click.get_current_context())
    if summary:
        _show_summary(session, selector)
        return
    if selector == DRAFT and file is None:
        hint = (
            "Its state: gitagent status. What it is made of: gitagent show draft --summary. "
            "One of its files: gitagent show draft FILE"
        )
        raise InvalidName("the draft is no version yet, to be shown as one", hint=hint, code="not-a-version")
    files = session.agent.files(selector)
    if file is not None:
        _show_file(session, files, file)
        return
    version = session.agent.version(selector)
    session.show("show", json=lambda: _record(session, version, files), text=lambda: _lines(session, version, files))


def _show_file(session: Session, files: Files, path: str) -> None:
    file = files.get(path)
    if file is None:
        hint = did_you_mean(path, files, otherwise="'gitagent show' with the version alone lists its files.")
        raise NotFound(f"there is no file '{path}' in it", hint=hint, code="file-not-found")
    content = file.read()
    if session.json:
        session.write_json("show", {"path": path, "content": content.decode("utf-8", "replace")})
        return
    session.write(content)  # as it is: the file's bytes, not our rendering of them


def _show_summary(session: Session, selector: str) -> None:
    from gitagent.cli.selections import select
    from gitagent.cli.summaries import meaning_record, summary_lines
    from gitagent.config.meaning import meaning_of

    selected = select(session, selector)
    meaning = meaning_of(selected.files)
    session.show(
        "show-summary",
        json=lambda: {"selector": selector, "version": selected.version, "meaning": meaning_record(meaning)},
        text=lambda: summary_lines(meaning, selected.words, session.screen),
    )


def _record(session: Session, version: Version, files: Files) -> Record:
    return {
        **version_record(version),
        "environments": _served_by(session, version),
        "approvals": [approval_record(each) for each in session.agent.approvals(str(version.number))],
        "result": result_record(result) if (result := session.agent.result(str(version.number))) else None,
        "changes": _changes(session, version),
        "files": [{"path": path, "size": file.size, "id": file.id} for path, file in files.items()],
    }


def _lines(session: Session, version: Version, files: Files) -> Iterator[str]:
    screen, serving = session.screen, _served_by(session, version)
    yield screen.paint(version_words(version), "version")
    yield f"made {when_and_who(version.at, version.actor, now=session.now)} <{plain(version.actor.email)}>"
    if version.signed:
        yield "signed; 'gitagent verify' tells whether by the right one"
    yield f"served by {listed(serving)}" if serving else "served by no environment"
    yield from map(approved_words, session.agent.approvals(str(version.number)))
    if (result := session.agent.result(str(version.number))) is not None:
        yield f"tests: {result_words(result)}"
    yield screen.paint(f"commit {version.commit}", "dim")
    if version.message:
        yield ""
        yield from (f"  {plain(line)}".rstrip() for line in version.message.splitlines())
    if changes := _changes(session, version):
        yield ""
        yield "Changes since the version before:"
        yield from (f"  {plain(line)}" for line in changes)
    yield ""
    yield "Files:"
    for line in table([(path, Cell(f"{file.size:,} bytes", "dim")) for path, file in files.items()], screen, gives=0):
        yield f"  {line}"


def _served_by(session: Session, version: Version) -> list[str]:
    return [str(name) for name in session.agent.serving().get(version.number, ())]


def _changes(session: Session, version: Version) -> list[str]:
    if version.number.number == 1:
        return []
    return list(session.agent.compare(f"v{version.number.number - 1}", str(version.number)).summary_lines)
