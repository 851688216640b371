"""The command line on a real terminal."""

from __future__ import annotations

import os
import pty
import select
import struct
import sys
import termios
from collections.abc import Mapping
from fcntl import ioctl
from pathlib import Path

from support.building import Built

LONGEST = 30  # seconds to wait for output


def on_a_terminal(
    folder: Path,
    *arguments: str,
    answers: Mapping[str, str] | None = None,
    columns: int = 80,
    environ: Mapping[str, str] | None = None,
) -> tuple[int, str]:
    """Run on a pseudo-terminal, typing each answer when its question appears. Returns exit code and screen."""
    child, terminal = pty.fork()
    if child == 0:  # pragma: no cover - the other process
        os.chdir(folder)
        os.environ.update(environ or {})
        os.execv(sys.executable, [sys.executable, "-m", "gitagent", *arguments])  # noqa: S606 - fixed arguments, no shell
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    screen, waiting = b"", dict(answers or {})
    while select.select([terminal], [], [], LONGEST)[0]:
        try:
            read = os.read(terminal, 65536)
        except OSError:  # Linux says so when the other side is closed
            break
        if not read:
            break
        screen += read
        for question in [question for question in waiting if question.encode() in screen]:
            os.write(terminal, waiting.pop(question).encode())
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), screen.decode().replace("\r\n", "\n")


def test_a_question_is_asked_and_the_answer_heard(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(
        agent.path, "promote", "pre-release", answers={"[y/N] ": "y\n"}, environ={"NO_COLOR": "1"}
    )
    assert (code, screen) == (
        0,
        "pre-release serves nothing; after this it serves v1.\n"
        "Promote pre-release to v1? [y/N] y\n"
        "Promoted pre-release to v1; it served nothing.\n"
        "Nothing else moved: sandbox stays on v1; live still serves nothing.\n",
    )


def test_no_is_an_answer(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(agent.path, "promote", "pre-release", answers={"[y/N] ": "n\n"})
    assert (code, screen.splitlines()[-1]) == (1, "Not confirmed: nothing was changed.")
    assert agent.serving()["pre-release"] is None


def test_control_c_at_a_question_is_130_and_changes_nothing(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(agent.path, "promote", "pre-release", answers={"[y/N] ": "\x03"})
    assert code == 130
    assert "Traceback" not in screen
    assert agent.serving()["pre-release"] is None


def test_the_end_of_input_at_a_question_is_a_no(agent: Built) -> None:
    agent.publish()
    code, _ = on_a_terminal(agent.path, "promote", "pre-release", answers={"[y/N] ": "\x04"})
    assert code == 1


def test_a_wide_terminal_shows_boxes_and_colours(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(agent.path, "environments", columns=120)
    assert code == 0
    assert screen.count("┌─") == 3
    assert "\x1b[36m\x1b[1mv1\x1b[0m" in screen


def test_a_narrow_terminal_shows_a_list_that_fits(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(agent.path, "environments", columns=40, environ={"NO_COLOR": "1"})
    assert code == 0
    assert max(map(len, screen.splitlines())) <= 40
    assert "┌" not in screen
