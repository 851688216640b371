"""Selections: the files that a selector stands for, and what they are called in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.selectors import DRAFT
from gitagent.cli.wording import version_words
from gitagent.errors import InvalidName

if TYPE_CHECKING:
    from gitagent.cli.session import Session
    from gitagent.config.files import Files


class Selection(NamedTuple):
    """What was selected: its files, which no later move changes, and its version, if it is one."""

    words: str
    version: str | None
    files: Files


def select(session: Session, selector: str) -> Selection:
    """What a selector stands for now: a version, what an environment serves, the draft, or a kept draft."""
    agent = session.agent
    if selector == DRAFT:
        draft = agent.draft()
        state = f"edited since {draft.base}" if draft.edited else f"the same as {draft.base}"
        return Selection(f"the draft, {state}", None, agent.files(DRAFT))
    try:
        version = agent.version(selector)
    except InvalidName as error:
        if error.code != "not-a-version":
            raise
        return Selection(f"the kept draft {selector}", None, agent.files(selector))
    named = selector.replace("_", "-")
    served = named if named in map(str, agent.pipeline) else None
    words = f"{served}, which serves {version_words(version)}" if served else version_words(version)
    return Selection(words, str(version.number), agent.files(str(version.number)))
