"""Reading: the lines that the user types, with editing and history on a terminal, or as they come through a pipe."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO

from gitagent.cli.screen import is_terminal

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import History

LONGEST = 64 * 1024
"""So many characters of a line are read; the rest of it is passed over."""


class Lines(Protocol):
    """Where what is said comes from. `typed` says that a person sits there and sees it already."""

    typed: bool

    def next(self) -> str | None:
        """The next line, without its end; None where there are no more."""
        ...


class Piped:
    """Lines of a file or of another program. Blank ones say nothing and are passed over."""

    typed = False

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")

    def next(self) -> str | None:
        while line := self._stream.readline(LONGEST):
            rest = line
            while rest and not rest.endswith("\n"):
                rest = self._stream.readline(LONGEST)
            if text := _text(line):
                return text
        return None


class Typed:
    """Lines that a person types."""

    typed = True

    def __init__(self, commands: Mapping[str, str], history: Path | None) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.completion import WordCompleter

        completer = WordCompleter(list(commands), meta_dict=dict(commands), sentence=True)
        self._session: PromptSession[str] = PromptSession(
            completer=completer, complete_while_typing=False, history=_history(history)
        )

    def next(self) -> str | None:
        from gitagent.chat.transcripts import YOU

        while True:
            try:
                line = self._session.prompt(YOU)
            except KeyboardInterrupt:
                if self._session.default_buffer.text:
                    continue  # Control-C lets a line go that somebody began, as a shell does
                raise
            except EOFError:
                return None
            if text := _text(line):
                return text


def lines_of(commands: Mapping[str, str], history: Path | None) -> Lines:
    """What is typed at the terminal; else what comes through the pipe."""
    if is_terminal(sys.stdin) and is_terminal(sys.stdout):
        return Typed(commands, history)
    return Piped(sys.stdin)


def _text(line: str) -> str:
    """A line as it is said; bytes that were no text are told by question marks."""
    return line.strip().encode(errors="replace").decode()


def _history(path: Path | None) -> History:
    """The lines of earlier talks, in a file that only its owner reads; where none can be written, of this one."""
    from prompt_toolkit.history import FileHistory, InMemoryHistory

    class Kept(FileHistory):
        def store_string(self, string: str) -> None:
            try:
                super().store_string(string)
            except OSError:  # a full disk: the talk goes on, and this line is not remembered
                return

    if path is None:
        return InMemoryHistory()
    try:
        path.parent.mkdir(exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return Kept(path) if path.is_file() and os.access(path, os.R_OK) else InMemoryHistory()
