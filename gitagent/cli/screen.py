"""The screen: what stdout and stderr can show - how wide, in colour or not, in which characters."""

from __future__ import annotations

import codecs
import os
import sys
from typing import NamedTuple, TextIO

import click

PIPE_WIDTH = 80
NARROWEST = 20
_STYLES: dict[str, dict[str, object]] = {
    "title": {"bold": True},
    "version": {"fg": "cyan", "bold": True},
    "good": {"fg": "green"},
    "warning": {"fg": "yellow"},
    "error": {"fg": "red", "bold": True},
    "dim": {"dim": True},
}
_ASCII = str.maketrans("─│┌┐└┘→↓…", "-|++++>v~")


def prepare_streams() -> None:
    """Let stdout and stderr take every character: what they cannot show is replaced, never a failure."""
    codecs.register_error("gitagent.shown", _replace)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by whoever started us (`>&-`)
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8"))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, codecs.StreamReaderWriter) or not hasattr(stream, "reconfigure"):
            continue
        stream.reconfigure(errors="gitagent.shown")


def silence(descriptor: int) -> None:
    """Let everything written to this stream, 1 or 2, from now on and so far, go nowhere: its reader has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), descriptor)


def _replace(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    refused = error.object[error.start : error.end].translate(_ASCII)
    return refused.encode("ascii", "backslashreplace").decode("ascii"), error.end


class Screen(NamedTuple):
    """What one stream can show. `width` is in cells; `terminal` is false for a pipe or a file."""

    width: int = PIPE_WIDTH
    terminal: bool = False
    colour: bool = False

    def paint(self, text: str, style: str) -> str:
        """The text in one of the styles, where there is colour; colour never carries meaning alone."""
        return click.style(text, **_STYLES[style]) if self.colour and text else text  # type: ignore[arg-type]  # one table for all styles

    def fit(self, line: str) -> str:
        """The line broken at spaces on a terminal that is too narrow for it; as it is elsewhere."""
        if not self.terminal or (line.isascii() and len(line) <= self.width):
            return line
        from gitagent.cli.cells import width, wrap

        if width(line) <= self.width:
            return line
        indent = " " * (len(line) - len(line.lstrip()))
        return "\n".join(indent + part for part in wrap(line, max(self.width - len(indent), 1)))


def screen_of(stream: TextIO) -> Screen:
    """What this stream can show. COLUMNS sets the width; NO_COLOR and TERM=dumb switch colour off."""
    terminal = is_terminal(stream)
    colour = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return Screen(width=columns(), terminal=terminal, colour=colour)


def columns() -> int:
    """How many cells a line has: what COLUMNS says, else the terminal. As shutil has it, without its 3 ms."""
    text = os.environ.get("COLUMNS", "")
    if text.isascii() and text.isdigit() and int(text):
        return max(int(text), NARROWEST)
    for stream in (sys.__stdout__, sys.__stderr__):
        try:
            return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)  # type: ignore[union-attr]  # caught
        except (AttributeError, ValueError, OSError):
            continue
    return PIPE_WIDTH


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sees this stream, or types into it. A closed one is no terminal."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False
