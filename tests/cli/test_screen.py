"""What a stream can show: width, colour and characters; and what lasts long enough for a bar."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from typing import TextIO

import pytest
from support.commandline import Cli, Stream

from gitagent.cli import progress, screen
from gitagent.cli.progress import working
from gitagent.cli.screen import PIPE_WIDTH, Screen, columns, is_terminal, screen_of


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("132", 132), ("5", 20), ("0", PIPE_WIDTH), ("wide", PIPE_WIDTH), ("", PIPE_WIDTH), ("²", PIPE_WIDTH)],
)
def test_columns_sets_the_width(text: str, expected: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", text)
    monkeypatch.setattr(sys, "__stdout__", None)
    monkeypatch.setattr(sys, "__stderr__", io.StringIO())
    assert columns() == expected


def test_the_terminal_tells_its_width(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def fileno(self) -> int:
            return 5

    monkeypatch.setattr(sys, "__stdout__", Terminal())
    monkeypatch.setattr(os, "get_terminal_size", lambda fd: os.terminal_size((97, 24)))
    assert columns() == 97


def test_colour_is_for_terminals_without_no_color(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Stream(terminal=True)
    assert screen_of(terminal).colour
    assert not screen_of(Stream()).colour
    monkeypatch.setenv("NO_COLOR", "1")
    assert not screen_of(terminal).colour
    monkeypatch.setenv("NO_COLOR", "")
    assert screen_of(terminal).colour
    monkeypatch.setenv("TERM", "dumb")
    assert not screen_of(terminal).colour


def test_paint_needs_colour_and_a_text() -> None:
    assert Screen(colour=True).paint("live", "title") == "\x1b[1mlive\x1b[0m"
    assert Screen(colour=True).paint("", "title") == ""
    assert Screen().paint("live", "title") == "live"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("short", "short"),
        ("  a line that is too long", "  a line that\n  is too long"),
        ("\x1b[1mbold but short\x1b[0m", "\x1b[1mbold but short\x1b[0m"),
        ("\x1b[1mbold and\x1b[0m longer than this", "\x1b[1mbold and\x1b[0m longer\nthan this"),
        ("菜单菜单 菜单菜单", "菜单菜单\n菜单菜单"),
    ],
)
def test_sentences_are_broken_to_fit_a_terminal(line: str, shown: str) -> None:
    assert Screen(width=15, terminal=True).fit(line) == shown
    assert Screen(width=15).fit(line) == line


@pytest.mark.parametrize("stream", [None, "closed"])
def test_a_missing_or_closed_stream_is_no_terminal(stream: str | None) -> None:
    closed: TextIO | None = io.StringIO() if stream else None
    if closed is not None:
        closed.close()
    assert not is_terminal(closed)


def test_colour_reaches_a_terminal(cli: Cli) -> None:
    ran = cli("status", columns=80, environ={"NO_COLOR": ""})
    assert "\x1b[1magent\x1b[0m" in ran.out
    assert "\x1b" not in cli("status", columns=80).out
    assert "\x1b" not in cli("status", environ={"NO_COLOR": ""}).out


def test_characters_that_a_stream_lacks_are_replaced() -> None:
    code = (
        "import sys\nfrom gitagent.cli.screen import prepare_streams\nprepare_streams()\n"
        "print('│ v1 │ → ↓ … é \\udcff')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}
    )
    assert done.stdout == b"| v1 | > v ~ \\xe9 \\udcff\n"


def test_only_encoding_is_replaced() -> None:
    with pytest.raises(UnicodeDecodeError):
        screen._replace(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid"))


def test_no_bar_for_what_is_over_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Stream(terminal=True)
    monkeypatch.setattr(sys, "stderr", stderr)
    with working("Working"):
        pass
    assert stderr.written() == ""


def test_a_bar_for_what_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = threading.Event()

    class Watched(Stream):
        def write(self, text: str) -> int:
            if "Checking everything" in text:
                drawn.set()
            return super().write(text)

    stderr = Watched(terminal=True)
    monkeypatch.setattr(sys, "stderr", stderr)
    with working("Checking everything", patience=0):
        assert drawn.wait(30)
    assert "Checking everything" in stderr.written()


def test_no_bar_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = Stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setattr(progress, "_draw", lambda *arguments: pytest.fail("a bar was drawn"))
    with working("Working", patience=0):
        pass
    assert stderr.written() == ""


def test_a_bar_is_taken_down_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Stream(terminal=True))
    with pytest.raises(ValueError, match="broken"), working("Working", patience=0):
        raise ValueError("broken")
