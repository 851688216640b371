"""Questions: what has to be confirmed by a person before it is done."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitagent.cli.screen import is_terminal
from gitagent.errors import Refused

if TYPE_CHECKING:
    from gitagent.cli.session import Session


class ConfirmationNeeded(Refused):
    """A question is due and nobody is there to answer it."""

    code = "confirmation-needed"


class Declined(Refused):
    """Somebody was asked and said no."""

    code = "declined"


def confirm(session: Session, facts: Iterable[str], *, asking: str) -> None:
    """Ask on a terminal and return when the answer is yes; return at once with --yes.

    `facts` is what the person must know first, `asking` the yes-or-no question itself. No is Declined; without a
    terminal on stdin and stderr it is refused as ConfirmationNeeded.
    """
    if session.yes:
        return
    if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
        raise ConfirmationNeeded(
            f"confirmation is needed: {asking}",
            hint="Add --yes to do it without a question, or --dry-run to see what it would do.",
        )
    for line in facts:
        session.note(line)
    if _answer(f"{asking} [y/N] ").strip().lower() not in {"y", "yes"}:
        raise Declined("not confirmed: nothing was changed")


def _answer(question: str) -> str:
    """The line that was typed. Without one, a line break stands in for the key that ends it."""
    try:
        sys.stderr.write(question)
        sys.stderr.flush()
        answer = sys.stdin.readline()
    except KeyboardInterrupt:
        sys.stderr.write("\n")
        raise KeyboardInterrupt("nothing was changed") from None
    if not answer.endswith("\n"):
        sys.stderr.write("\n")
    return answer
