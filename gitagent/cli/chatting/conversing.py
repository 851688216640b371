"""Conversing: a talk from its greeting to its end, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitagent.chat.responders import EMBEDDED
from gitagent.chat.transcripts import AGENT
from gitagent.cli.cells import plain
from gitagent.cli.chatting import commands
from gitagent.cli.chatting.notes import tell_notes
from gitagent.cli.chatting.reading import Lines, Piped, lines_of
from gitagent.cli.chatting.showing import remark_lines, turn_lines
from gitagent.cli.chatting.writing import FORMAT, write_transcript
from gitagent.cli.failures import DONE
from gitagent.errors import GitagentError
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent.cli.chatting.talk import Talk
    from gitagent.cli.session import Session

HISTORY = "chat-history"
"""The file in the repository's own folder that holds what was typed in earlier talks."""
_COMMAND = FORMAT.removeprefix("gitagent.").partition("/")[0]


def converse(talk: Talk, transcript: Path | None) -> int:
    """Say what comes until there is no more; then write what was said where that was asked for.

    The exit code is that of the last command in a pipe that could not be carried out.
    """
    session = talk.session
    lines: Lines = Piped(sys.stdin) if session.json else lines_of(commands.summaries(), _history(session))
    tell_notes(talk)
    code = DONE
    try:
        _begin(talk, lines)
        while (line := lines.next()) is not None:
            code = _take(talk, line, lines) or code
    except commands.Left:
        pass
    finally:
        if transcript is not None:
            write_transcript(talk, transcript)
    if session.json:
        session.write_json(_COMMAND, talk.record())
    if transcript is not None:
        _tell_place(session, transcript)
    return code


def _tell_place(session: Session, transcript: Path) -> None:
    from gitagent.cli import pagefile  # with all that makes a page of a comparison

    session.note(f"The conversation is in {plain(str(transcript))}.")
    if pagefile.is_in_draft(session.agent, transcript):
        session.note(
            f"note: {plain(str(transcript))} is part of the draft now; a file outside the agent's folder is not"
        )


def _begin(talk: Talk, lines: Lines) -> None:
    _tell(talk, [talk.session.screen.paint(plain(talk.title), "title")])
    if lines.typed:
        _tell(talk, [talk.session.screen.paint("/help says what can be typed; Control-D leaves.", "dim")])
    _say(talk, None, lines)


def _take(talk: Talk, line: str, lines: Lines) -> int:
    """Say a line, or carry out a command; the exit code that this comes to.

    What goes wrong ends the talk only where something was to be said and nobody sits there to say it again.
    """
    is_command = line.startswith("/") and not line.startswith("//")
    try:
        if is_command:
            _tell(talk, commands.run(talk, line))
        else:
            _say(talk, line.removeprefix("/") if line.startswith("//") else line, lines)
    except KeyboardInterrupt:
        if not lines.typed:
            raise
        _tell(talk, ["  [interrupted: nothing was answered]"])
    except (GitagentError, OSError) as error:
        if not lines.typed and not is_command:
            raise
        from gitagent.cli.failures import failure_of, tell

        failure = failure_of(error)
        tell(failure, as_json=False)
        return DONE if lines.typed else failure.exit_code
    return DONE


def _say(talk: Talk, text: str | None, lines: Lines) -> None:
    if lines.typed and talk.responder.name != EMBEDDED:
        heard = _Heard(talk.session)
        talk.say(text, heard)
        heard.end()
        _tell(talk, remark_lines(talk.thread, talk.session.screen))
        return
    talk.say(text)
    _tell(talk, turn_lines(talk.thread, talk.session.screen, echo=not lines.typed))


def _tell(talk: Talk, lines: Iterable[str]) -> None:
    if talk.session.json:
        for _ in lines:  # what a command does, it does all the same
            pass
        return
    for line in lines:
        talk.session.tell(line)
    talk.session.finish()


class _Heard:
    """An answer written while it comes."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lead = AGENT

    def piece(self, text: str, /) -> None:
        lines = [plain(line) for line in text.split("\n")]
        self._write(self._lead + f"\n{' ' * len(AGENT)}".join(lines))
        self._lead = ""

    def void(self) -> None:
        if not self._lead:
            self._write("\n  [cut off, and asked again]\n")
        self._lead = AGENT

    def end(self) -> None:
        self._write(f"{self._lead}\n")

    def _write(self, text: str) -> None:
        self._session.write(text)
        self._session.finish()


def _history(session: Session) -> Path:
    return Repository.discover(session.agent.path).git_directory / "gitagent" / HISTORY
