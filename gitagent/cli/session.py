"""The session: one run of the command line - which agent, who acts, when, and where results go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from gitagent.cli.screen import Screen, is_terminal, screen_of, silence

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gitagent import Agent
    from gitagent.cli.progress import Bar
    from gitagent.errors import StorageFailed
    from gitagent.names import Actor


class Session:
    """What the common options say, and what follows from them. Nothing is opened before it is needed."""

    def __init__(self) -> None:
        self.folder = "."
        self.json = False
        self.yes = False
        self.dry_run = False
        self.changing = False
        """Whether what runs may have changed the agent: a failure after that has to say so."""
        self.message: str | None = None
        self.name: str | None = None
        self._sign: bool | None = None
        self._agent: Agent | None = None
        self._told = 0
        self._now: datetime | None = None
        self._screen: Screen | None = None

    @property
    def path(self) -> Path:
        """The folder that -C names; the current one without."""
        from pathlib import Path  # 4 ms that --help does not pay

        return Path(self.folder)

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

            with self.waiting():  # where an interrupted command left something, opening finishes it
                self._agent = Agent.open(self.path)
            self.tell_notices()
        return self._agent

    def waiting(self) -> AbstractContextManager[Bar | None]:
        """Around a change that is quick when its turn comes: only another command's can make it last."""
        return self.working("Waiting for another command to finish")

    def working(self, what: str) -> AbstractContextManager[Bar | None]:
        """A bar for what may last, but not where the same screen may be needed to ask for a passphrase."""
        if not is_terminal(sys.stderr) or (self._agent is not None and self.sign and is_terminal(sys.stdin)):
            return nullcontext()
        from gitagent.cli.progress import working

        return working(what)

    def ask_to_sign(self, sign: bool | None) -> None:
        """Take --sign or --no-sign down; None where neither was given."""
        self._sign = sign

    @property
    def sign(self) -> bool:
        """Whether what is done is to be signed: as was asked for, or else as git signs tags."""
        if self._sign is None:
            self._sign = self.agent.signs_by_default(os.environ)
        return self._sign

    @property
    def actor(self) -> Actor:
        """Who acts, as git's configuration says; refused as IdentityMissing where it says nothing.

        With --dry-run, which records nothing, it is then somebody without a name.
        """
        return self.known_or_nobody(lambda: self.agent.identity(os.environ))

    def known_or_nobody(self, identity: Callable[[], Actor]) -> Actor:
        """Who acts by this identity; with --dry-run anybody, where git knows nobody."""
        from gitagent.errors import IdentityMissing
        from gitagent.names import Actor

        try:
            return identity()
        except IdentityMissing:
            if not self.dry_run:
                raise
            return Actor("nobody", "nobody@localhost")

    def tell_notices(self) -> None:
        """Tell on stderr what the agent had to put right, each notice once."""
        if self._agent is not None:
            from gitagent.cli.cells import plain

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
            self.tell(line)

    def tell(self, line: str) -> None:
        """Write one line of a result on stdout, broken where the terminal is too narrow for it."""
        self.write(f"{self.screen.fit(line)}\n")

    def write_json(self, command: str, record: Mapping[str, object]) -> None:
        """Write one object on stdout, its format first."""
        import json

        text = json.dumps({"format": f"gitagent.{command}/1", **record}, indent=2, ensure_ascii=False)
        self.write(f"{text}\n")

    def write(self, content: str | bytes) -> None:
        """Write on stdout as it is.

        A reader that leaves early (`| head`) changes nothing of what the command goes on to do, nor its exit code.
        """
        try:
            if isinstance(content, str):
                sys.stdout.write(content)
            else:
                sys.stdout.flush()
                sys.stdout.buffer.write(content)
        except BrokenPipeError:
            silence(1)
        except OSError as error:
            raise _unwritten(error) from error

    def finish(self) -> None:
        """Have the result written to its end."""
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            silence(1)
        except OSError as error:
            raise _unwritten(error) from error

    def note(self, line: str) -> None:
        """Say something that is not the result, on stderr. Where nobody reads it, the command goes on."""
        for number, stream, text in ((1, sys.stdout, ""), (2, sys.stderr, f"{screen_of(sys.stderr).fit(line)}\n")):
            try:
                stream.write(text)
                stream.flush()  # stdout first, so that both streams read in order where they meet
            except BrokenPipeError:
                silence(number)
            except OSError as error:
                raise _unwritten(error) from error


def _unwritten(error: OSError) -> StorageFailed:
    from gitagent.errors import StorageFailed

    reason = error.strerror or str(error)
    return StorageFailed(f"the output could not be written: {reason[:1].lower()}{reason[1:]}", code="output-failed")
