"""Trying: suites played for a command, with the bar that it shows."""

from __future__ import annotations

import os
import shlex
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.selectors import DRAFT
from gitagent.cli.cells import plain
from gitagent.cli.selections import select
from gitagent.cli.wording import result_words
from gitagent.errors import IdentityMissing, InvalidConfiguration, Refused, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gitagent import Candidate, Result
    from gitagent.cli.progress import Bar
    from gitagent.cli.session import Session
    from gitagent.config.cases import Cases
    from gitagent.config.files import Files
    from gitagent.suites.running import Wishes
    from gitagent.suites.runs import Run

CACHE = "suites"
"""The folder in the repository's own that remembers which cases failed."""


class Subject(NamedTuple):
    """What is tried, in words, with its files as they are at that moment."""

    selector: str
    words: str
    version: str | None
    candidate: Candidate


class Against(NamedTuple):
    """What came of the same cases on another version."""

    subject: Subject
    run: Run


def tried(session: Session, selector: str) -> Subject:
    """What a selector stands for, to be tried. A draft whose configuration has errors is refused with all of them."""
    selected = select(session, selector)
    if selector == DRAFT:
        problems = [each for each in session.agent.validate(DRAFT) if each.severity == "error"]
        if problems:
            hint = "Repair what is listed above; 'gitagent validate' lists it again."
            raise InvalidConfiguration("the draft cannot be tried: it has errors", problems=problems, hint=hint)
    return Subject(selector, selected.words, selected.version, session.agent.candidate(selector))


@contextmanager
def budgeted(wishes: Wishes) -> Iterator[Wishes]:
    """The same wishes for all that a command plays, which then uses one budget of tokens, where it uses any."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from gitagent.chat.responders import EMBEDDED

    if wishes.responder == EMBEDDED:
        yield wishes
        return
    with TemporaryDirectory(prefix="gitagent-budget-") as folder:
        yield wishes._replace(budget=Path(folder))


def play(
    files: Files,
    cases: Cases,
    wishes: Wishes,
    bar: Bar | None = None,
) -> Run:
    """Play an agent's cases; what cannot answer at all is refused before anything is played."""
    from gitagent.chat.responders import responder_of
    from gitagent.config.meaning import meaning_of
    from gitagent.suites.running import run

    meaning = meaning_of(files)
    answering = responder_of(wishes.responder, os.environ, meaning=meaning, live_tools=wishes.live_tools)
    answering.close()
    return run(files, cases, wishes, responder=answering.name, tell=bar)


def play_beside(subject: Subject, other: Subject, wishes: Wishes, bar: Bar | None = None) -> Against:
    """Play the cases of a subject on another version, in place of that one's own."""
    from gitagent.config.cases import cases_of
    from gitagent.suites.comparing import with_suites

    files = with_suites(other.candidate.files, subject.candidate.files)
    if bar is not None:
        bar.what = f"Playing the same on {other.selector}"
    wishes = wishes._replace(last_failed=False, junitxml=None)
    return Against(other, play(files, cases_of(files), wishes._replace(cache=None), bar))


def record(session: Session, subject: Subject, run: Run, *, asked_for: bool) -> str | None:
    """Record what came of a run, and say so; None where nobody asks for it.

    Unless it was `asked_for`, nothing is recorded that no environment needs or that is recorded already, and whoever
    may not record is only told.
    """
    if not run.played:
        return "Not recorded: some cases could not be played."
    found = _result(subject.candidate, run)
    if not asked_for and not (run.whole and _is_asked_for(session)):
        return None
    known = session.agent.result(subject.selector)
    if not asked_for and known is not None and known == found._replace(seconds=known.seconds):
        return "The same result is recorded already."
    try:
        session.agent.record_result(found, actor=session.actor, at=session.now, sign=session.sign)
    except (IdentityMissing, RuleBroken) as error:
        if asked_for:
            raise
        return f"Not recorded: {plain(error.message)}."
    return f"Recorded, for environments that ask for tests{_replaced(known, found)}."


def _is_asked_for(session: Session) -> bool:
    return any(each.tests or each.not_worse for each in session.agent.environments())


def _replaced(known: Result | None, found: Result) -> str:
    """That a result takes the place of one by another responder, which may have said otherwise."""
    if known is None or known.tree != found.tree or known.responder == found.responder:
        return ""
    return f"; this replaces the result by {known.responder}: passed {known.passed} of {known.cases}"


def warn_of_report(session: Session, report: Path) -> None:
    """Say so where a report was written among the draft's files, which it changes."""
    root, path = session.agent.path.resolve(), report.resolve()
    if not path.is_relative_to(root) or not (root / ".git").exists():  # a bare repository has no draft
        return
    if path.relative_to(root).as_posix() in session.agent.files(DRAFT):
        elsewhere = shlex.quote(os.path.relpath(root.parent / path.name))
        session.note(f"warning: {plain(str(report))} is a file of the draft now, which is no longer what was tested")
        session.note(f"hint: Delete it, and write it outside of the agent's folder: --junitxml {plain(elsewhere)}")


def runner(session: Session, bar: Bar | None, environment: str, selector: str | None) -> Callable[[Candidate], Result]:
    """What plays the suites of what is to move, where an environment asks for them and nobody has played them yet.

    `selector` names what is to go into the environment, if anybody did.
    """

    def run(candidate: Candidate) -> Result:
        from gitagent.cli.outcomes import failure_lines
        from gitagent.cli.screen import screen_of
        from gitagent.suites.running import Wishes

        words, again = _called(session, candidate.tree, environment, selector)
        if bar is not None:
            bar.what = f"Playing the suites of {words}"
        came = play(candidate.files, candidate.cases, Wishes(), bar)
        found = _result(candidate, came) if came.played else None
        told = f": {result_words(found)}." if found else ", but not to their end:"
        session.note(f"The suites of {words} were played{told}")
        for each in came.cases:
            for line in failure_lines(each, screen_of(sys.stderr)) if not each.worst.holds else ():
                session.note(line)
        if found is None:
            hint = f"See which, and why: gitagent test{again}"
            raise Refused(f"the suites of {words} could not be played to their end", hint=hint, code="not-played")
        return found

    return run


def _called(session: Session, tree: str, environment: str, selector: str | None) -> tuple[str, str]:
    """What has these files, as a sentence has it, and as a command does: what is to move, or what is served."""
    agent, target = session.agent, environment.replace("_", "-")
    if selector is not None and agent.candidate(selector).tree == tree:
        return ("the draft", "") if selector == DRAFT else (select(session, selector).words, f" {selector}")
    served = [each for each in agent.environments() if each.version]
    for each in sorted(served, key=lambda each: str(each.name) == target):
        if agent.candidate(str(each.version)).tree == tree:
            is_target = str(each.name) == target
            words = f"{each.version}, which {target} serves," if is_target else str(each.version)
            return words, f" {each.version}"
    return "what is to move", ""


def _result(candidate: Candidate, run: Run) -> Result:
    from gitagent.suites.runs import FAILED, SKIPPED

    return candidate.result(
        responder=run.responder, seconds=run.seconds, failing=run.names(FAILED), skipping=run.names(SKIPPED)
    )


def cache_of(session: Session) -> Path:
    """Where it is remembered which cases failed."""
    from gitagent.git.repository import Repository

    return Repository.discover(session.agent.path).git_directory / "gitagent" / CACHE
