"""The session: one run of the command line - which agent, who acts, when, and where results go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.cli.cells import plain
from gitagent.cli.screen import Screen, is_terminal, screen_of
from gitagent.errors import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent import Agent
    from gitagent.names import Actor


class ConfirmationNeeded(Refused):
    """A question is due and nobody is there to answer it."""

    code = "confirmation-needed"


class Declined(Refused):
    """Somebody was asked and said no."""

    code = "declined"


class Session:
    """What the common options say, and what follows from them. Nothing is opened before it is needed."""

    def __init__(self) -> None:
        self.path = Path()
        self.json = False
        self.yes = False
        self.dry_run = False
        self.message: str | None = None
        self.name: str | None = None
        self._agent: Agent | None = None
        self._told = 0
        self._now: datetime | None = None
        self._screen: Screen | None = None

    @property
    def screen(self) -> Screen:
        """What stdout can show."""
        if self._screen is None:
            self._screen = screen_of(sys.stdout)
        return self._screen

    @property
    def now(self) -> datetime:
        """The time of everything that this run does: one moment for the whole run."""
        if self._now is None:
            from gitagent.cli import clock

            self._now = clock.now()
        return self._now

    @property
    def agent(self) -> Agent:
        """The agent at `-C PATH` or above it, opened once; what opening put right is told on stderr."""
        if self._agent is None:
            from gitagent import Agent

            self._agent = Agent.open(self.path)
            self.tell_notices()
        return self._agent

    @property
    def actor(self) -> Actor:
        """Who acts, as git's configuration says; refused as IdentityMissing where it says nothing."""
        return self.agent.identity(os.environ)

    def tell_notices(self) -> None:
        """Tell on stderr what the agent had to put right, each notice once."""
        if self._agent is not None:
            notices = self._agent.notices
            for notice in notices[self._told :]:
                self.note(f"note: {plain(notice)}")
            self._told = len(notices)

    def show(
        self,
        command: str,
        *,
        json: Callable[[], Mapping[str, object]],
        text: Callable[[], Iterable[str]],
    ) -> None:
        """Write the result on stdout: with --json one object of format `gitagent.<command>/1`, else lines."""
        if self.json:
            self.write_json(command, json())
            return
        for line in text():
            sys.stdout.write(f"{line}\n")

    def write_json(self, command: str, record: Mapping[str, object]) -> None:
        """Write one object on stdout, its format first."""
        import json

        text = json.dumps({"format": f"gitagent.{command}/1", **record}, indent=2, ensure_ascii=False)
        sys.stdout.write(f"{text}\n")

    def note(self, line: str) -> None:
        """Say something that is not the result, on stderr."""
        sys.stdout.flush()  # so that both streams read in order where they meet
        sys.stderr.write(f"{line}\n")

    def confirm(self, question: Iterable[str], *, asking: str) -> None:
        """Ask on a terminal and return when the answer is yes; return at once with --yes.

        `question` is what the person must know first, `asking` the yes-or-no question itself. No is Declined;
        without a terminal on stdin and stderr it is refused as ConfirmationNeeded.
        """
        if self.yes:
            return
        if not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
            raise ConfirmationNeeded(
                f"confirmation is needed: {asking}",
                hint="Add --yes to do it without a question, or --dry-run to see what it would do.",
            )
        for line in question:
            self.note(line)
        sys.stderr.write(f"{asking} [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise Declined("not confirmed: nothing was changed")
