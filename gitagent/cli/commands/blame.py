"""`gitagent blame`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING

import click

from gitagent.agent.selectors import DRAFT
from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import argument, complete_files, completer
from gitagent.cli.records import Record, version_record
from gitagent.cli.session import Session
from gitagent.cli.suggestions import did_you_mean
from gitagent.cli.tables import Cell, table
from gitagent.cli.wording import version_words, when_and_who
from gitagent.errors import NotFound, Refused

if TYPE_CHECKING:
    from gitagent import Version
    from gitagent.agent.compare.blaming import KeyOrigin, LineOrigin, Revision

_KEYED = (".yaml", ".yml", ".json")
_LONGEST_VALUE = 60
EXAMPLE = """gitagent blame agent.yaml
gitagent blame agent.yaml greeting
gitagent blame prompt.md --at live"""


@command(example=EXAMPLE)
@argument("file", "One of the agent's files.", shell_complete=complete_files)
@argument("key", "One key of it, such as voice.speed, and what is in it.", required=False)
@click.option(
    "--at",
    "selector",
    metavar="SELECTOR",
    default=DRAFT,
    show_default=True,
    shell_complete=completer("selectors"),
    help="A version or an environment, in place of the draft.",
)
@click.option("--lines", "by_lines", is_flag=True, help="By line, where the file has keys, too.")
@click.pass_obj
def blame(session: Session, file: str, key: str | None, selector: str, by_lines: bool) -> None:
    """Tell which version last changed each key or line of a file.

    With who made that version, when and why. YAML and JSON files are told by key, all others by line. What was only
    changed in the draft is the draft's.
    """
    from gitagent.agent.compare import blaming

    keyed = file.endswith(_KEYED) and not by_lines
    if key is not None and not keyed:
        raise click.UsageError("only YAML and JSON files have keys, without --lines", click.get_current_context())
    with session.working("Looking through the versions"):
        revisions = _revisions(session, selector, file)
        found = _chosen(blaming.key_origins(revisions, file), key) if keyed else blaming.line_origins(revisions)
    origins: list[KeyOrigin | LineOrigin] = [*found]
    labels = dict.fromkeys(each.label for each in origins if each.label != DRAFT)
    versions = {label: session.agent.version(label) for label in labels}
    session.show(
        "blame",
        json=lambda: {
            "file": file,
            "selector": selector,
            "origins": [_record(number, each) for number, each in enumerate(origins, 1)],
            "versions": [version_record(each) for each in versions.values()],
        },
        text=lambda: _told(session, origins, versions),
    )


def _revisions(session: Session, selector: str, path: str) -> Iterator[Revision]:
    """The file as it is, then in each version before, newest first."""
    from gitagent.agent.compare.blaming import Revision

    agent = session.agent
    files = agent.files(selector)
    if path not in files:
        hint = did_you_mean(path, files, otherwise="'gitagent show' with a version lists its files.")
        raise NotFound(f"there is no file '{path}' in it", hint=hint, code="file-not-found")
    if b"\0" in files[path].read():
        raise Refused(f"{path} is no text", hint="See: gitagent versions", code="not-text")
    newest = agent.draft().base if selector == DRAFT else agent.version(selector).number
    first = [Revision(DRAFT, files[path])] if selector == DRAFT else []
    older = (Revision(f"v{number}", agent.files(f"v{number}").get(path)) for number in range(newest.number, 0, -1))
    return chain(first, older)


def _chosen(origins: Sequence[KeyOrigin], key: str | None) -> Sequence[KeyOrigin]:
    from gitagent.agent.compare.blaming import is_below

    chosen = [each for each in origins if key is None or is_below(each.key, key)]
    if key is not None and not chosen:
        hint = did_you_mean(key, [each.key for each in origins], otherwise="Without a key, all of them are told.")
        raise NotFound(f"there is no key '{key}' in it", hint=hint, code="key-not-found")
    return chosen


def _told(session: Session, origins: Sequence[KeyOrigin | LineOrigin], versions: dict[str, Version]) -> Iterator[str]:
    rows = [(Cell(each.label, "version"), *_what(number, each)) for number, each in enumerate(origins, 1)]
    yield from table(rows, session.screen, gives=1)
    for label, version in versions.items():
        words = session.screen.paint(version_words(version), "version")
        why = f": {plain(version.message.splitlines()[0])}" if version.message else ""
        yield from [""] if label == next(iter(versions)) else []
        yield f"{words}, {when_and_who(version.at, version.actor, now=session.now)}{why}"


def _what(number: int, origin: KeyOrigin | LineOrigin) -> tuple[str, str]:
    from gitagent.agent.compare.blaming import KeyOrigin

    if not isinstance(origin, KeyOrigin):
        return f"{number}", origin.line.decode("utf-8", "replace").rstrip("\r\n")
    text = origin.value if isinstance(origin.value, str) else json.dumps(origin.value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return origin.key, text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _record(number: int, origin: KeyOrigin | LineOrigin) -> Record:
    from gitagent.agent.compare.blaming import KeyOrigin

    if isinstance(origin, KeyOrigin):
        return {"key": origin.key, "value": origin.value, "version": origin.label}
    return {"line": number, "text": origin.line.decode("utf-8", "replace"), "version": origin.label}
