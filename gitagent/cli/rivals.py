"""Rivals: other agents of the same server that have a phone number, too."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain

if TYPE_CHECKING:
    from gitagent.cli.session import Session
    from gitagent.names import PhoneNumber

_TELLING = {
    True: "and answers it until it releases it",
    False: "but does not answer it, since it did not have it first; release it there",
    None: "and none answers it until all but one release it",
}


def warn_of_rivals(session: Session, number: PhoneNumber) -> None:
    """Warn of each agent that has the number, too: who answers it, and how it is released there."""
    from gitagent.runtime.places import rivals

    for path, answers in rivals(session.agent.path, number):
        where = plain(shlex.quote(str(path)))
        session.note(
            f"warning: {plain(path.name)} has {number}, too, {_TELLING[answers]}: "
            f"gitagent -C {where} numbers release {number}"
        )
