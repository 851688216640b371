"""`gitagent show V --summary`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import Built
from support.commandline import Cli, Ran
from support.ferries import PROJECT

BISTRO = {
    "agent.yaml": (
        "name: Bistro\ndescription: Answers the telephone.\nlanguage: en-GB\ngreeting: This is ${place}.\n"
        "prompt: |-\n  Be kind.\n  Be brief.\nvoice: {name: Alice}\nvariables: {place: Lantern House}\n"
        "handoffs: [{name: desk, number: '+442079460018', sip_headers: {X-A: b}}]\n"
    ),
    "topics/hours.yaml": (
        "name: opening hours\nexample_queries: [When?]\ncontent: Soon.\nactions: [{handoff: desk}, {tool: find}]\n"
    ),
    "topics/old.yaml": "name: old\nenabled: false\n",
    "tools/find.yaml": (
        "name: find\ndescription: Finds\nparameters: {type: object, properties: {day: {type: string}}}\n"
        "request: {url: 'https://x.example/find'}\n"
    ),
    "tests/asks.yaml": "cases: [{name: a, turns: [{user: When?, expect: [{topic: opening hours}]}]}]\n",
}
TEXT = """\
Bistro (native layout, en-GB)
  {words}
  Answers the telephone.

Greeting
  This is ${{place}}.

Prompt
  2 lines  Be kind. Be brief.

Topics (2)
  opening hours  1 example query     may use desk and find
  old            0 example queries, disabled

Tools (1)
  find  day  GET https://x.example/find

Handoffs (1)
  desk  +442079460018  X-A: b

Variables (1)
  place  Lantern House

Suites (1)
  asks  1 case  tests/asks.yaml

Not in this model (1)
  agent.yaml:8 voice  how the agent sounds, not what it says
"""


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    return build(files=BISTRO)


def squeezed(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_a_version_an_environment_and_the_draft_are_summed_up(cli: Cli, agent: Built) -> None:
    agent.publish()

    for selector, words in (
        ("v1", "v1"),
        ("sandbox", "sandbox, which serves v1"),
        ("draft", "the draft, the same as v1"),
    ):
        ran = cli("show", selector, "--summary")
        assert (ran.code, squeezed(ran.out), ran.err) == (0, squeezed(TEXT.format(words=words)), "")
    agent.edit("x\n", "notes.md")
    assert "the draft, edited since v1" in cli("show", "draft", "--summary").out


def test_a_program_is_given_the_whole_model(cli: Cli, agent: Built) -> None:
    record = cli.json("show", "latest", "--summary")

    assert [*record] == ["format", "selector", "version", "meaning"]
    assert (record["format"], record["selector"], record["version"]) == ("gitagent.show-summary/1", "latest", "v1")
    meaning = record["meaning"]
    assert (meaning["layout"], meaning["variables"]) == ("native", {"place": "Lantern House"})
    assert meaning["topics"][0]["actions"][0] == {"tool": None, "handoff": "desk", "when": ""}
    assert meaning["suites"][0]["cases"][0]["turns"][0]["expect"] == [
        {"kind": "topic", "value": "opening hours", "line": 1}
    ]
    assert meaning["unread"][0]["value"] == {"name": "Alice"}


def test_numbers_that_json_has_not_are_texts(cli: Cli, agent: Built) -> None:
    agent.edit("name: x\nvariables: {a: .inf}\nmood: [.nan]\n", "agent.yaml")
    ran = cli("show", "draft", "--summary", "--json")

    def refuse(word: str) -> None:
        raise AssertionError(word)

    meaning = json.loads(ran.out, parse_constant=refuse)["meaning"]
    assert (meaning["variables"], meaning["unread"][0]["value"]) == ({"a": "inf"}, ["nan"])


def test_a_kept_draft_and_a_folder_of_files_have_a_summary_too(cli: Cli, agent: Built) -> None:
    agent.edit("two\n").restore("v1")
    kept = agent.reopen().drafts()[0].id
    assert f"the kept draft {kept}".replace(kept, "<ULID>") in cli("show", kept, "--summary").out
    for path in BISTRO:
        (agent.path / path).unlink()
    for number in range(60):
        agent.edit("", f"{number:02}.txt")
    out = cli("show", "draft", "--summary").out
    assert out.startswith("An agent without a name (plain layout)\n")
    assert out.endswith("  49.txt  a file beside what the layout has\n  and 10 more: --json names them all\n")


def test_an_adk_project_is_summed_up_in_the_same_terms(build: Callable[..., Built], at: Callable[[Path], Cli]) -> None:
    ferries = build("ferries", files=PROJECT)
    out = at(ferries.path)("show", "v1", "--summary").out

    for line in (
        "Northsound Ferries (adk layout, en-GB)",
        "  webchat  Hello from Northsound Ferries.",
        "  Timetable                 2 example queries  may use check_sailing",
        "  goodbye         ends the call",
        "  Book a crossing  3 steps  Takes the day and the number of passengers, then books",
        "Not in this model (41)",
    ):
        assert line in out.splitlines(), line
    kept = [line.split(maxsplit=2) for line in out.splitlines() if line.startswith("  test_suite/")]
    assert ["test_suite/books_a_crossing.yaml:13", "integration_attributes"] in [each[:2] for each in kept]
    assert "more: --json names them all" not in out


def test_what_would_steer_the_terminal_is_made_visible(cli: Cli, agent: Built) -> None:
    agent.edit('name: x\ngreeting: "a\\e[2Jb"\n', "agent.yaml")
    assert "a\\x1b[2Jb" in cli("show", "draft", "--summary").out


def test_a_file_and_a_summary_exclude_each_other(cli: Cli) -> None:
    assert cli("show", "v1", "agent.yaml", "--summary") == Ran(
        2,
        "",
        "error: --summary and a file exclude each other\nhint: 'gitagent show --help' explains it.\n",
    )
