"""Every command on terminals of several widths, in agents that have much to show and in those that have nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import Built
from support.commandline import Cli
from support.terminals import on_a_terminal

from gitagent.cli import table

NUMBER = "+442079460018"
KEPT = "KEPT"
"""Stands for the id of the newest kept draft."""
LOOKING = [
    "status",
    "environments",
    "environments list",
    "versions",
    "versions --all",
    "show v1",
    "show v1 notes.md",
    "show latest",
    "history",
    "history --all",
    "history --op promote",
    "history --op release-number",
    "history --environment live",
    "history --since now",
    "at live --when now",
    "at live --when yesterday",
    "compare",
    "compare v1 v1",
    "compare --view unified",
    "compare --view keys",
    "compare --view side-by-side",
    "validate",
    "verify",
    "doctor",
    "doctor --dry-run",
    "numbers",
    "numbers list",
    f"resolve {NUMBER}",
    "calls",
    "calls list",
    "calls show CA1",
    "calls stats",
    "access",
    "access list",
    "drafts",
    "drafts list",
    "schema",
    "schema agent",
    "completion bash",
    "completion",
    "status --help",
    "share --help",
    "clone --help",
    "sync --help",
    "hooks --help",
    "chat",
    "chat v1",
    "chat --help",
    "test",
    "test v1",
    "test --help",
    "bisect --case greets --good v1",
    "bisect --help",
    "blame notes.md",
    "blame --help",
    "serve --help",
    "tokens",
    "tokens list",
    "--help",
    "--version",
]
CHANGING = [
    "save --dry-run",
    "save --yes",
    "publish --dry-run",
    "publish --yes",
    "promote pre-release --dry-run",
    "promote pre-release --yes",
    "rollback sandbox --dry-run",
    "rollback sandbox --yes",
    "restore v1 --dry-run",
    "restore v1 --yes",
    "discard --dry-run",
    "discard --yes",
    "discard --yes",
    f"numbers assign {NUMBER} -e live --dry-run",
    f"numbers assign {NUMBER} -e live",
    f"numbers move {NUMBER} -e sandbox --dry-run",
    f"numbers move {NUMBER} -e sandbox --yes",
    f"numbers release {NUMBER} --dry-run",
    f"numbers release {NUMBER} --yes",
    "calls prune --before now --dry-run",
    "calls prune --before now --yes",
    "calls export",
    "environments set live --requires-number --dry-run",
    "environments set live --requires-number",
    "approve v1 --for live --dry-run",
    "access grant admin ada@example.com --dry-run",
    "access grant admin ada@example.com",
    "access revoke save everybody --dry-run",
    "access revoke save everybody",
    "access revoke rules nobody-whom-anybody-knows-by-that-name@example.com",
    f"drafts show {KEPT}",
    f"drafts restore {KEPT} --dry-run",
    f"drafts restore {KEPT} --yes",
    f"drafts drop {KEPT} --dry-run",
    f"drafts drop {KEPT} --yes",
    "init .. --dry-run",
    "init inner --template blank",
    "demo --help",
]
WIDTHS = [40, 80, 140]


def fresh(agent: Built) -> None:
    """v1, served nowhere, the draft unedited: the emptiest agent there is."""


def edited(agent: Built) -> None:
    agent.edit("two\n").edit("new\n", "topics/a-file-with-a-rather-long-name-that-fits-no-narrow-terminal.md")


def busy(agent: Built) -> None:
    """Something of everything."""
    agent.publish().promote("pre-release", "live")
    agent.publish("two\n", name="A name that goes on and on").save("three\n", message="Not named, only explained")
    agent.edit("four\n").restore("v1").edit("five\n")
    with agent.agent.calls as calls:
        for call_id, outcome in (("CA1", "completed"), ("CA2", "failed"), ("CA3", None)):
            calls.begin(call_id, at=agent.clock(), environment="live")
            if outcome:
                calls.end(call_id, at=agent.clock(), outcome=outcome)


STATES = [fresh, edited, busy]


def words_of(command: str, agent: Built) -> list[str]:
    if KEPT not in command:
        return command.split()
    kept = agent.reopen().drafts()
    return command.replace(KEPT, kept[0].id if kept else "01JB5Z9KQ4").split()


@pytest.mark.parametrize("prepare", STATES)
@pytest.mark.parametrize("width", WIDTHS)
def test_no_command_fails_on_a_terminal(prepare: Callable[[Built], None], width: int, cli: Cli, agent: Built) -> None:
    prepare(agent)
    for command in [*LOOKING, *CHANGING]:
        ran = cli(*words_of(command, agent), columns=width)
        assert ran.code in {0, 1, 2, 3}, (command, ran)
        assert "gitagent itself failed" not in ran.err, (command, ran)


@pytest.mark.parametrize("prepare", STATES)
@pytest.mark.parametrize("width", [40, 80])
def test_what_is_looked_at_fits_the_terminal(
    prepare: Callable[[Built], None], width: int, cli: Cli, agent: Built
) -> None:
    prepare(agent)
    for command in LOOKING:
        if command.startswith(("compare", "schema", "completion", "show v1 notes.md", "--help")):
            continue  # files and programs' texts, as they are
        out = cli(*command.split(), columns=width).out
        if prepare is not busy:
            out = out.replace(str(agent.path), "")
        too_long = [line for line in out.splitlines() if len(line) > width]
        assert too_long == [], command


def test_every_command_of_the_table_is_tried() -> None:
    assert {command.split()[0] for command in [*LOOKING, *CHANGING]} >= set(table.names())


@pytest.mark.parametrize("prepare", STATES)
@pytest.mark.parametrize("width", [40, 80])
def test_a_narrow_terminal_says_what_a_pipe_says(
    prepare: Callable[[Built], None], width: int, cli: Cli, agent: Built
) -> None:
    prepare(agent)
    for command in ("versions", "history --all", "numbers", "drafts", "restore v1 --dry-run"):
        piped, shown = (cli(*command.split(), columns=columns).out for columns in (None, width))
        aged = re.compile(r"\d+ (second|minute|hour)s? ago|just now|\s+")
        assert letters(aged, shown) == letters(aged, piped), command


def letters(aged: re.Pattern[str], text: str) -> list[str]:
    """The characters of a text in any order, without spaces and times that go on between two runs."""
    return sorted(aged.sub("", text))


@pytest.mark.parametrize("command", ["status", "drafts", "numbers", "history --op promote", "discard", "restore v1"])
def test_a_real_terminal_shows_empty_states(command: str, agent: Built) -> None:
    code, screen = on_a_terminal(agent.path, *command.split())
    assert code == 0, screen
    assert "failed" not in screen


def test_a_folder_that_is_no_agent_is_told_on_a_terminal(tmp_path: Path, at: Callable[[Path], Cli]) -> None:
    (tmp_path / "empty").mkdir()
    for command in LOOKING:
        ran = at(tmp_path / "empty")(*command.split(), columns=80)
        assert ran.code in {0, 2, 3}, (command, ran)
