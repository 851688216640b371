"""The README: its tour is run word for word, and its tables name every command."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from gitagent.cli.table import COMMANDS

if TYPE_CHECKING:
    from collections.abc import Iterator

TOP = Path(__file__).parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
BETWEEN = "----- next command -----"
# What differs from run to run: times, object ids, the ids of kept drafts, and where the tour is taken.
VARIES = [
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"), "<time>"),
    (re.compile(r"\b[0-9A-HJKMNP-TV-Z]{26}\b"), "<draft>"),
    (re.compile(r"^[0-9a-f]{7}(?= )", re.MULTILINE), "<commit>"),
]


class Step(NamedTuple):
    """A command of the tour and what the README says that it prints."""

    command: str
    output: str


def steps() -> Iterator[Step]:
    for block in re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output)


def settled(text: str, home: str) -> str:
    text = text.replace(home, "/home/ada")
    for pattern, word in VARIES:
        text = pattern.sub(word, text)
    return text


def test_the_tour_prints_what_the_readme_says(tmp_path: Path) -> None:
    tour = list(steps())
    script = "set -e\n" + f"\necho '{BETWEEN}'\n".join(step.command for step in tour)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    printed = [part.removeprefix("\n") for part in done.stdout.split(f"{BETWEEN}\n")]
    shown = [step.output for step in tour]
    assert [settled(each, str(tmp_path)) for each in printed] == [settled(each, "/home/ada") for each in shown]


def test_the_table_of_commands_names_every_command_and_no_other() -> None:
    chapter = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    named = re.findall(r"^\| `gitagent (\w+)[^`]*` \|", chapter, re.MULTILINE)
    assert sorted(named) == sorted(each.name for each in COMMANDS)


def test_ci_runs_the_test_command_of_the_readme() -> None:
    command = next(line for line in README.splitlines() if line.startswith("    ") and ".venv/bin/pytest" in line)
    arguments = command.split("&& .venv/bin/")[1]
    assert f"\n{arguments} " in (TOP / ".ci" / "check").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["demo", "status", "promote"])
def test_each_command_that_the_readme_leans_on_has_an_example(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "gitagent", name, "--help"], capture_output=True, text=True, check=True
    )
    assert f"gitagent {name}" in done.stdout.partition("Example")[2]
