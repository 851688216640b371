"""`gitagent blame`: who last changed what, and why."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.building import Built
from support.commandline import Cli, Ran


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    """An agent whose greeting v2 changed, and whose prompt the draft does."""
    built = build(files={"agent.yaml": "name: Corner\ngreeting: Hello.\nprompt: p.md\n", "p.md": "one\ntwo\n"})
    built.edit("name: Corner\ngreeting: Good day.\nprompt: p.md\n", "agent.yaml")
    return built.save(name="Politer", message="Callers asked for it\n\nTwice.").edit("one\n2\n", "p.md")


def test_keys_and_lines_are_told_with_who_and_why(cli: Cli) -> None:
    assert cli("blame", "agent.yaml") == Ran(
        0,
        "v1  name      Corner\n"
        "v2  greeting  Good day.\n"
        "v1  prompt    p.md\n"
        "\n"
        "v1, 2 minutes ago (2026-03-02 09:01), by Ada Lovelace\n"
        'v2 "Politer", 1 minute ago (2026-03-02 09:02), by Ada Lovelace: Callers asked for it\n',
    )
    assert cli("blame", "p.md").out.splitlines()[:2] == ["v1     1  one", "draft  2  2"]
    assert cli("blame", "p.md", "--at", "v2").out.splitlines()[:2] == ["v1  1  one", "v1  2  two"]
    assert cli("blame", "agent.yaml", "--lines").out.splitlines()[1] == "v2  2  greeting: Good day."


def test_one_key_can_be_asked_for(cli: Cli) -> None:
    printed = cli.json("blame", "agent.yaml", "greeting")
    assert printed["origins"] == [{"key": "greeting", "value": "Good day.", "version": "v2"}]
    assert printed["versions"][0]["message"] == "Callers asked for it\n\nTwice."
    assert cli.json("blame", "p.md")["origins"][1] == {"line": 2, "text": "2\n", "version": "draft"}


def test_what_is_not_there_is_refused(cli: Cli, agent: Built) -> None:
    agent.edit("a\0b", "x.bin")
    assert (
        cli("blame", "agent.yml").err == "error: there is no file 'agent.yml' in it\nhint: Did you mean agent.yaml?\n"
    )
    assert "there is no key 'greting' in it\nhint: Did you mean greeting?" in cli("blame", "agent.yaml", "greting").err
    assert cli("blame", "p.md", "x").code == 2
    assert cli("blame", "x.bin").err.startswith("error: x.bin is no text\n")
