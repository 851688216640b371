"""`gitagent bisect`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import completer
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import version_words, when_and_who
from gitagent.errors import Refused

if TYPE_CHECKING:
    from gitagent import Version
    from gitagent.chat.budget import Budget
    from gitagent.config.files import Files
    from gitagent.suites.bisecting import Bisection, Passes
    from gitagent.suites.plans import Planned

DRAFT = "draft"
LONGEST = 300.0
"""Seconds that a case may take on one version."""
EXAMPLE = """gitagent bisect --case tea --good v3
gitagent bisect --case tea --good live"""


@command(example=EXAMPLE)
@click.option("--case", "wanted", metavar="NAME", required=True, help="The case, as the bad version has it.")
@click.option(
    "--good", metavar="VERSION", required=True, shell_complete=completer("versions"), help="A version that passes it."
)
@click.option(
    "--bad",
    metavar="VERSION",
    default="latest",
    show_default=True,
    shell_complete=completer("selectors"),
    help="A later one that does not, or the draft.",
)
@click.option(
    "--responder",
    metavar="NAME",
    default="embedded",
    show_default=True,
    help="What answers: embedded, openai, or openai:MODEL.",
)
@click.pass_obj
def bisect(session: Session, wanted: str, good: str, bad: str, responder: str) -> None:
    """Find the version that broke a case.

    Plays the case on versions between a good one and a bad one, each time on the one in the middle of those that are
    left, and says which was the first that does not pass.
    """
    from gitagent.config.meaning import meaning_of
    from gitagent.suites import bisecting

    line = _line(session, good, bad)
    files = line.files(line.last)
    selector = "draft" if line.is_draft(line.last) else f"v{line.last}"
    planned = bisecting.case_called(wanted, files, meaning_of(files), selector=selector)
    with session.working(f"Playing {plain(planned.own)}"):
        found = bisecting.bisect(line.first, line.last, _passes(line, planned, responder), called=line.called)
    session.show(
        "bisect",
        json=lambda: {
            "case": planned.name,
            "broken_by": None if line.is_draft(found.broken) else version_record(line.version(found.broken)),
            "tried": [{"version": line.selector(number), "passed": passed} for number, passed in found.tried],
        },
        text=lambda: _lines(session, line, planned, found),
    )


class _Line(NamedTuple):
    """The versions from a good one to a bad one. A draft comes after the version that it was edited from."""

    session: Session
    first: int
    last: int
    draft: Files | None

    def is_draft(self, number: int) -> bool:
        return self.draft is not None and number == self.last

    def selector(self, number: int) -> str:
        return DRAFT if self.is_draft(number) else f"v{number}"

    def called(self, number: int) -> str:
        return "the draft" if self.is_draft(number) else f"v{number}"

    def version(self, number: int) -> Version:
        return self.session.agent.version(f"v{number}")

    def files(self, number: int) -> Files:
        return self.draft if self.draft is not None and number == self.last else self.session.agent.files(f"v{number}")


def _line(session: Session, good: str, bad: str) -> _Line:
    agent = session.agent
    first = agent.version(good).number.number
    if bad != DRAFT:
        return _Line(session, first, agent.version(bad).number.number, None)
    from gitagent.cli.trying import tried

    draft = tried(session, DRAFT)
    state = agent.draft()
    base = state.base.number
    return _Line(session, first, base + 1, draft.candidate.files) if state.edited else _Line(session, first, base, None)


def _passes(line: _Line, planned: Planned, name: str) -> Passes:
    """Whether a version passes a case, all of them by one budget of tokens. Refused where only a model could say."""
    from gitagent.chat.responders import responder_of
    from gitagent.config.meaning import meaning_of
    from gitagent.suites.playing import Stage

    budget = _budget(name)

    def passes(number: int) -> bool:
        meaning = meaning_of(line.files(number))
        responder = responder_of(name, os.environ, meaning=meaning, budget=budget)
        try:
            played = Stage(meaning, responder).play(planned.suite, planned.case, seconds=LONGEST)
        finally:
            responder.close()
        if played.unanswered is not None and not played.misses:
            raise Refused(f"the case cannot be played: {played.unanswered}", code="case-skipped")
        return not played.misses

    return passes


def _budget(responder: str) -> Budget | None:
    """What all versions may use together; None where no model is asked."""
    from gitagent.chat.responders import EMBEDDED

    if responder == EMBEDDED:
        return None
    from gitagent.chat.budget import budget_of

    return budget_of(os.environ)


def _lines(session: Session, line: _Line, planned: Planned, found: Bisection) -> Iterator[str]:
    for number, passed in found.tried:
        yield f"{line.selector(number)}: {'passed' if passed else 'failed'}"
    before, painted = f"v{found.broken - 1}", session.screen.paint
    if line.is_draft(found.broken):
        yield f"{painted('The draft', 'version')} broke '{plain(planned.own)}', edited since {before}"
    else:
        broken = line.version(found.broken)
        when = when_and_who(broken.at, broken.actor, now=session.now)
        yield f"{painted(version_words(broken), 'version')} broke '{plain(planned.own)}', made {when}"
        yield from (f"  {plain(each)}".rstrip() for each in (broken.message or "").splitlines())
    yield f"What changed since {before}:"
    lines = session.agent.compare(before, line.selector(found.broken)).summary_lines
    yield from (f"  {plain(each)}" for each in lines)
