"""Trying: suites played for a command, with the bar that it shows."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.selectors import DRAFT
from gitagent.cli.selections import select
from gitagent.errors import InvalidConfiguration

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent import Candidate
    from gitagent.cli.session import Session
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


def tried(session: Session, selector: str) -> Subject:
    """What a selector stands for, to be tried. A draft whose configuration has errors is refused with all of them."""
    selected = select(session, selector)
    if selector == DRAFT:
        problems = [each for each in session.agent.validate(DRAFT) if each.severity == "error"]
        if problems:
            hint = "Repair what is listed above; 'gitagent validate' lists it again."
            raise InvalidConfiguration("the draft cannot be tried: it has errors", problems=problems, hint=hint)
    return Subject(selector, selected.words, selected.version, session.agent.candidate(selector))


def play(session: Session, candidate: Candidate, wishes: Wishes, tell: Callable[[int, int], None] | None) -> Run:
    """Play the suites of a candidate; what cannot answer at all is refused before anything is played."""
    from gitagent.chat.responders import responder_of
    from gitagent.config.meaning import meaning_of
    from gitagent.suites.running import run

    meaning = meaning_of(candidate.files)
    answering = responder_of(wishes.responder, os.environ, meaning=meaning, live_tools=wishes.live_tools)
    answering.close()
    wishes = wishes._replace(cache=_cache(session))
    return run(candidate.files, candidate.cases, wishes, responder=answering.name, tell=tell)


def _cache(session: Session) -> Path:
    from gitagent.git.repository import Repository

    return Repository.discover(session.agent.path).git_directory / "gitagent" / CACHE
