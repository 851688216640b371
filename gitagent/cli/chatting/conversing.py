"""Conversing: a talk from its greeting to its end, line by line."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gitagent.chat.responders import EMBEDDED
from gitagent.chat.transcripts import AGENT
from gitagent.cli.cells import plain
from gitagent.cli.chatting import commands
from gitagent.cli.chatting.reading import Lines, Piped, lines_of
from gitagent.cli.chatting.showing import remark_lines, turn_lines
from gitagent.cli.chatting.writing import FORMAT, write_transcript
from gitagent.cli.suggestions import listed
from gitagent.cli.wording import counted
from gitagent.errors import GitagentError
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent.cli.chatting.talk import Talk
    from gitagent.cli.session import Session
    from gitagent.config.meaning.values import Meaning

HISTORY = "chat-history"
"""The file in the repository's own folder that holds what was typed in earlier talks."""
_COMMAND = FORMAT.removeprefix("gitagent.").partition("/")[0]


def converse(talk: Talk, transcript: Path | None) -> None:
    """Say what comes until there is no more; then write what was said where that was asked for."""
    session = talk.session
    lines: Lines = Piped(sys.stdin) if session.json else lines_of(commands.summaries(), _history(session))
    for note in _notes(talk):
        session.note(f"note: {plain(note)}")
    try:
        _begin(talk, lines)
        while (line := lines.next()) is not None:
            _take(talk, line, lines)
    except commands.Left:
        pass
    finally:
        if transcript is not None:
            write_transcript(talk, transcript)
    if session.json:
        session.write_json(_COMMAND, talk.record())
    if transcript is not None:
        session.note(f"The conversation is in {plain(str(transcript))}.")


def _begin(talk: Talk, lines: Lines) -> None:
    _tell(talk, [talk.session.screen.paint(plain(talk.title), "title")])
    if lines.typed:
        _tell(talk, [talk.session.screen.paint("/help says what can be typed; Control-D leaves.", "dim")])
    _say(talk, None, lines)


def _take(talk: Talk, line: str, lines: Lines) -> None:
    """Say a line, or carry out a command. What goes wrong ends the talk only where nobody sits there."""
    try:
        if line.startswith("/") and not line.startswith("//"):
            _tell(talk, commands.run(talk, line))
        else:
            _say(talk, line.removeprefix("/") if line.startswith("//") else line, lines)
    except KeyboardInterrupt:
        if not lines.typed:
            raise
        _tell(talk, ["  [interrupted: nothing was answered]"])
    except (GitagentError, OSError) as error:
        if not lines.typed:
            raise
        from gitagent.cli.failures import failure_of, tell

        tell(failure_of(error), as_json=False)


def _say(talk: Talk, text: str | None, lines: Lines) -> None:
    if lines.typed and talk.responder.name != EMBEDDED:
        heard = _Heard(talk.session)
        exchange = talk.say(text, heard)
        heard.end()
        _tell(talk, remark_lines(exchange, talk.side.meaning, talk.session.screen))
        return
    exchange = talk.say(text)
    _tell(talk, turn_lines(exchange, talk.side.meaning, talk.session.screen, echo=not lines.typed))


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


def _notes(talk: Talk) -> Iterator[str]:
    """What the user should know before they judge the answers."""
    meaning = talk.side.meaning
    if broken := [each for each in meaning.unread if each.broken]:
        first = broken[0]
        where = f"{first.path}:{first.line}" if first.line else first.path
        yield f"{counted(len(broken), 'part')} could not be read, such as {where}: {first.why}. See: gitagent validate"
    if talk.responder.name == EMBEDDED and not any(topic.enabled for topic in meaning.topics):
        yield "it has no topics, which is what the embedded responder answers from"
    if unknown := [name for name in talk.circumstances.variables if not _is_used(name, meaning)]:
        yield f"nothing in it refers to {listed(unknown)}"


def _is_used(name: str, meaning: Meaning) -> bool:
    whole = repr(meaning)
    return name in meaning.variables or f"${{{name}}}" in whole or f":{name}}}}}" in whole


def _history(session: Session) -> Path:
    return Repository.discover(session.agent.path).git_directory / "gitagent" / HISTORY
