"""The command line on a real terminal."""

from __future__ import annotations

import os
import re
from contextlib import ExitStack
from pathlib import Path

import pytest
from support import terminals
from support.building import Built
from support.terminals import on_a_terminal

from gitagent.git.locks import locked


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
    code, screen = on_a_terminal(
        agent.path, "promote", "pre-release", answers={"[y/N] ": "\x03"}, environ={"NO_COLOR": "1"}
    )
    assert code == 130
    question, told = screen.splitlines()[-2:]
    assert re.fullmatch(r"Promote pre-release to v1\? \[y/N\] (\^C)+", question)  # pressed again where it was slow
    assert told == "error: interrupted: nothing was changed"
    assert agent.serving()["pre-release"] is None


def test_control_c_is_pressed_again_where_the_first_was_lost(
    agent: Built, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.publish()
    losing = "import signal as s; s.signal(s.SIGINT, lambda *_: s.signal(s.SIGINT, s.default_int_handler))"
    (tmp_path / "sitecustomize.py").write_text(losing)
    monkeypatch.setattr(terminals, "PRESSED_AGAIN", 1.5)
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    code, _ = on_a_terminal(
        agent.path, "promote", "pre-release", answers={"[y/N] ": "\x03"}, environ={"PYTHONPATH": path}
    )
    assert code == 130


def test_the_end_of_input_at_a_question_is_a_no(agent: Built) -> None:
    agent.publish()
    code, screen = on_a_terminal(agent.path, "promote", "pre-release", answers={"[y/N] ": "\x04"})
    assert code == 1
    assert [line.strip("\b^D ") for line in screen.splitlines()[-2:]] == [
        "Promote pre-release to v1? [y/N]",
        "Not confirmed: nothing was changed.",
    ]


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


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("promote pre-release -y", "Promoted pre-release to v2; it served v1."),
        ("rollback sandbox -y", "Rollback succeeded: sandbox is back on v1; it served v2."),
        ("environments set live --requires-number", "live requires a phone number now."),
        ("numbers assign +442079460018 -e live", "+442079460018 is assigned to live."),
    ],
)
def test_a_command_that_waits_for_another_says_so(command: str, told: str, agent: Built) -> None:
    agent.publish().promote("pre-release").publish("two\n")
    with ExitStack() as another:
        another.enter_context(locked(agent.path / ".git" / "gitagent" / "lock", after_crash=lambda: None))
        waits = {"Waiting for another command to finish": another.close}
        _, screen = on_a_terminal(agent.path, *command.split(), answers=waits, environ={"NO_COLOR": "1"}, columns=100)
    assert told in screen
