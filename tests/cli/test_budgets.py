"""One command has one budget of tokens, whatever it plays: counted by the requests that come to a model's server."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from support.building import Built
from support.chat_server import ChatServer, Say, chat_server
from support.commandline import Cli
from support.testing import AGENT, SUITE, suite

TOKENS = 450
"""Enough for four requests: each uses 100, and needs more than 50 for what it sends."""
CASES = "cases:\n" + "".join(
    f"  - name: case {number}\n    turns: [{{user: Hello, expect: [{{contains: hello}}]}}]\n" for number in range(8)
)


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    """An agent with eight cases, whose sandbox serves v1."""
    return build(files={"agent.yaml": AGENT, SUITE: CASES}).publish()


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with chat_server(lambda _: Say("hello")) as server:
        yield server


@pytest.fixture
def environ(model: ChatServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mapping[str, str]]:
    """The environment of a run, with a folder for what is temporary, in which nothing is left."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", os.fspath(folder))
    yield {**model.environ, "GITAGENT_TOKENS": str(TOKENS), "TMPDIR": os.fspath(folder)}
    assert list(folder.iterdir()) == []


def test_a_run_is_over_with_its_budget(cli: Cli, environ: Mapping[str, str], model: ChatServer) -> None:
    ran = cli("test", "--responder", "openai", environ=environ)

    assert (ran.code, len(model.asked)) == (1, 4)
    assert "4 of 8 cases passed" in ran.out
    assert "the budget of 450 tokens is not enough: 400 are used, and the next request needs " in ran.out


def test_processes_share_the_budget_of_their_run(cli: Cli, environ: Mapping[str, str], model: ChatServer) -> None:
    ran = cli("test", "--responder", "openai", "-n", "3", environ=environ)

    assert (ran.code, len(model.asked)) == (1, 4)
    assert "4 of 8 cases passed" in ran.out


def test_both_sides_of_a_comparison_share_it(cli: Cli, environ: Mapping[str, str], model: ChatServer) -> None:
    environ = {**environ, "GITAGENT_TOKENS": "1050"}
    ran = cli("test", "--responder", "openai", "--against", "v1", environ=environ)

    assert (ran.code, len(model.asked)) == (0, 10)
    assert "the same as v1: 8 of 8 cases passed" in ran.out
    assert "v1: 2 of 8 cases passed, 6 not played" in ran.out


def test_what_was_not_played_on_one_side_is_neither_better_nor_worse(
    cli: Cli, environ: Mapping[str, str], model: ChatServer
) -> None:
    environ = {**environ, "GITAGENT_TOKENS": "1050"}
    command = ("test", "--responder", "openai", "--against", "v1")
    ran = cli(*command, environ=environ)
    against = json.loads(cli(*command, "--json", environ=environ).out)["against"]

    assert "\n\nThan on v1: 0 better, 0 worse, 2 the same, 6 not played\n" in ran.out
    assert "Not played on v1: 6 cases; the budget of 1,050 tokens is not enough" in ran.out
    assert ran.out.endswith("hint: Set GITAGENT_TOKENS to the tokens that a run may use, or try fewer cases.\n")
    assert (against["failed"], against["not_played"], against["results"][7]["verdict"]) == (0, 6, "not played")


def test_all_versions_that_are_bisected_share_it(
    cli: Cli, agent: Built, environ: Mapping[str, str], model: ChatServer
) -> None:
    for number in range(2, 6):
        agent.edit(f"name: Table {number}\n", "agent.yaml").save()
    command = ("bisect", "--case", "case 1", "--good", "v1", "--responder", "openai")
    model.will(Say("no"))
    assert cli(*command, environ=environ).out.startswith("v5: failed\nv1: passed\nv3: passed\nv4: passed\nv5 broke")

    model.forget()
    model.will(Say("no"))
    ran = cli(*command, environ={**environ, "GITAGENT_TOKENS": "350"})

    assert (ran.code, ran.out, len(model.asked)) == (3, "", 3)
    assert "the budget of 350 tokens is not enough: 300 are used" in ran.err


def test_a_gate_asks_no_model_whatever_it_plays(
    cli: Cli, agent: Built, environ: Mapping[str, str], model: ChatServer
) -> None:
    agent.edit(suite("greets"), SUITE).publish()
    cli("environments", "set", "sandbox", "--not-worse")
    agent.edit("name: Table\ngreeting: Hello, hello.\n", "agent.yaml")
    ran = cli("publish", environ=environ)

    assert (ran.code, len(model.asked)) == (0, 0)
    assert ran.err.count(" were played: ") == 2
