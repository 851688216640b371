"""`gitagent bisect`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from gitagent.cli.cells import plain
from gitagent.cli.command import command
from gitagent.cli.options import completer
from gitagent.cli.records import version_record
from gitagent.cli.session import Session
from gitagent.cli.wording import version_words, when_and_who
from gitagent.errors import Refused

if TYPE_CHECKING:
    from gitagent.chat.budget import Budget
    from gitagent.suites.bisecting import Bisection, Passes
    from gitagent.suites.plans import Planned

LONGEST = 300.0
"""Seconds that a case may take on one version."""
EXAMPLE = """gitagent bisect --case tea --good v3
gitagent bisect --case tea --good live"""


@command(example=EXAMPLE)
@click.option("--case", "name", metavar="NAME", required=True, help="The case, as the bad version has it.")
@click.option(
    "--good", metavar="VERSION", required=True, shell_complete=completer("versions"), help="A version that passes it."
)
@click.option(
    "--bad",
    metavar="VERSION",
    default="latest",
    show_default=True,
    shell_complete=completer("versions"),
    help="A later one that does not.",
)
@click.option(
    "--responder",
    metavar="NAME",
    default="embedded",
    show_default=True,
    help="What answers: embedded, openai, or openai:MODEL.",
)
@click.pass_obj
def bisect(session: Session, name: str, good: str, bad: str, responder: str) -> None:
    """Find the version that broke a case.

    Plays the case on versions between a good one and a bad one, each time on the one in the middle of those that are
    left, and says which was the first that does not pass.
    """
    from gitagent.config.meaning import meaning_of
    from gitagent.suites import bisecting

    first, last = (session.agent.version(each).number.number for each in (good, bad))
    files = session.agent.files(f"v{last}")
    planned = bisecting.case_called(name, files, meaning_of(files))
    with session.working(f"Playing {plain(planned.own)}"):
        found = bisecting.bisect(first, last, _passes(session, planned, responder))
    broken = session.agent.version(f"v{found.broken}")
    session.show(
        "bisect",
        json=lambda: {
            "case": planned.name,
            "broken_by": version_record(broken),
            "tried": [{"version": f"v{number}", "passed": passed} for number, passed in found.tried],
        },
        text=lambda: _lines(session, planned, found),
    )


def _passes(session: Session, planned: Planned, name: str) -> Passes:
    """Whether a version passes a case, all of them by one budget of tokens. Refused where only a model could say."""
    from gitagent.chat.responders import responder_of
    from gitagent.config.meaning import meaning_of
    from gitagent.suites.playing import Stage

    budget = _budget(name)

    def passes(number: int) -> bool:
        meaning = meaning_of(session.agent.files(f"v{number}"))
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


def _lines(session: Session, planned: Planned, found: Bisection) -> Iterator[str]:
    for number, passed in found.tried:
        yield f"v{number}: {'passed' if passed else 'failed'}"
    broken = session.agent.version(f"v{found.broken}")
    words = session.screen.paint(version_words(broken), "version")
    yield f"{words} broke '{plain(planned.own)}', made {when_and_who(broken.at, broken.actor, now=session.now)}"
    if broken.message:
        yield from (f"  {plain(line)}".rstrip() for line in broken.message.splitlines())
    yield f"What changed since v{found.broken - 1}:"
    lines = session.agent.compare(f"v{found.broken - 1}", f"v{found.broken}").summary_lines
    yield from (f"  {plain(line)}" for line in lines)
