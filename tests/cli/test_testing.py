"""`gitagent test`: what is shown of suites that are played, and which of them are."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.building import Built
from support.chat_server import MODEL, ChatServer, Fail, Say, chat_server
from support.commandline import Cli, Ran
from support.testing import FILES, SUITE, suite

MORE = "tests/more.yaml"
FAILURE = f"""\
{MORE}:2: says more
  agent> Hello, Corner Table.
  {MORE}:4: expected contains: "Goodbye"

"""


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    """An agent with two cases, whose sandbox serves v1."""
    return build(files=FILES).publish()


def steady(ran: Ran) -> Ran:
    """What a run showed, whatever it took."""
    return replace(ran, out=re.sub(r"\d+\.\d s\b", "<time>", ran.out))


def test_the_draft_is_tried_unless_another_is_named(cli: Cli, agent: Built) -> None:
    assert steady(cli("test")) == Ran(
        0,
        f"{SUITE}  2 of 2 cases passed\nThe draft, the same as v1: 2 of 2 cases passed, answered by embedded, <time>\n",
    )
    agent.edit(suite("says more", says="Goodbye"), MORE)
    assert steady(cli("test")) == Ran(
        1,
        f"{FAILURE}"
        f"{SUITE}  2 of 2 cases passed\n"
        f"{MORE}      0 of 1 case passed, 1 failed\n"
        "The draft, edited since v1: 2 of 3 cases passed, 1 failed, answered by embedded, <time>\n",
    )
    for selector, words in (("v1", "v1"), ("sandbox", "sandbox, which serves v1")):
        assert f"{words}: 2 of 2 cases passed," in cli("test", selector).out


def test_a_case_that_only_a_model_could_judge_is_skipped_and_says_why(cli: Cli, agent: Built) -> None:
    judged = "cases:\n  - name: is kind\n    turns:\n      - expect: [{judge: Is it kind?}]\n"
    agent.edit(judged, SUITE)

    assert steady(cli("test")) == Ran(
        1,
        f"{SUITE}:2: is kind: skipped: only a model can judge: --responder openai\n\n"
        f"{SUITE}  0 of 1 case passed, 1 skipped\n"
        "The draft, edited since v1: 0 of 1 case passed, 1 skipped, answered by embedded, <time>\n",
    )


def test_cases_are_chosen_by_their_names_and_by_what_failed_last(cli: Cli, agent: Built) -> None:
    agent.edit(suite("says more", says="Goodbye"), MORE)

    assert "1 of 1 case passed" in cli("test", "-k", "greets").out
    assert cli("test").code == 1
    assert steady(cli("test", "--lf")).out.startswith(f"{FAILURE}{MORE}  0 of 1 case passed, 1 failed\n")
    assert cli("test", "-k", "nothing") == Ran(
        3,
        "",
        "error: there is no case that fits 'nothing'\n"
        "hint: The names of cases and their files are looked at: gitagent test -k 'opening and not monday'\n",
    )


@pytest.mark.parametrize(
    ("words", "expression"),
    [("says more", "says and more"), ("or, what's new?", "what and s and new"), ("and and", "opening and not monday")],
)
def test_words_that_are_no_expression_are_told_with_how_to_join_them(
    cli: Cli, agent: Built, words: str, expression: str
) -> None:
    ran = cli("test", "-k", words)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("error: the suites cannot be played: Wrong expression passed to '-k'")
    assert ran.err.endswith(f"hint: Words are joined by and, or and not: gitagent test -k '{expression}'\n")


def test_what_came_of_it_is_also_there_for_programs(cli: Cli, agent: Built, tmp_path: Path) -> None:
    agent.edit(suite("says more", says="Goodbye"), MORE)
    ran = cli("test", "--json", "--junitxml", str(tmp_path / "report.xml"))
    printed = json.loads(ran.out)

    assert (ran.code, printed["format"], printed["cases"], printed["passed"], printed["failed"]) == (
        1,
        "gitagent.test/1",
        3,
        2,
        1,
    )
    assert printed["suites"][1] == {"path": MORE, "cases": 1, "passed": 0, "failed": 1, "skipped": 0, "not_played": 0}
    assert printed["results"][2]["missed"] == [{"line": 4, "expected": 'contains: "Goodbye"', "came": ""}]
    assert printed["results"][2]["conversation"] == ["agent> Hello, Corner Table."]
    assert 'name="says more"' in (tmp_path / "report.xml").read_text()


def test_a_report_among_the_drafts_files_is_warned_of(cli: Cli, agent: Built, tmp_path: Path) -> None:
    assert (warned := cli("test", "--junitxml", "report.xml")) == replace(
        warned,
        code=0,
        err="warning: report.xml is a file of the draft now, which is no longer what was tested\n"
        "hint: Delete it, and write it outside of the agent's folder: --junitxml ../report.xml\n",
    )
    (agent.path / "report.xml").unlink()
    agent.edit("ignored.xml\n", ".gitignore")
    for elsewhere in ("../report.xml", "ignored.xml", str(tmp_path / "far.xml")):
        assert (cli("test", "--junitxml", elsewhere).err, (agent.path / elsewhere).is_file()) == ("", True)


def test_cases_are_listed_by_suite_with_their_lines_and_none_is_played(cli: Cli, agent: Built) -> None:
    agent.edit(suite("says more", says="Goodbye"), MORE)

    assert cli("test", "--list") == Ran(
        0,
        f"{SUITE}:2  greets\n{SUITE}:5  books\n{MORE}:2      says more\n3 cases in 2 suites\n",
    )
    assert cli("test", "v1", "--list").out.endswith("2 cases in 1 suite\n")
    printed = cli.json("test", "--list", "sandbox")
    assert (printed["format"], printed["version"]) == ("gitagent.test-list/1", "v1")
    assert printed["cases"][1] == {"case": f"{SUITE}::books", "name": "books", "path": SUITE, "line": 5}
    ran = cli("test", "--list", "-k", "greets")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: --list plays nothing, and goes with a selector alone")


def test_cases_are_shared_out_among_processes(cli: Cli) -> None:
    assert "2 of 2 cases passed" in cli("test", "-n", "2").out
    assert cli("test", "-n", "many").err.startswith("error: invalid value for '-n': 'many' is neither a number of")


def test_what_cannot_be_tried_is_refused(cli: Cli, agent: Built) -> None:
    agent.edit("cases:\n  - name: x\n", MORE)
    ran = cli("test")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(f"{MORE}:2:5: missing-key: 'turns' is missing (error)\n")
    assert "error: the draft cannot be tried: it has errors\n" in ran.err
    assert "there is no responder 'nobody'" in cli("test", "v1", "--responder", "nobody").err
    assert "live serves no version yet" in cli("test", "live").err


def test_an_agent_without_cases_is_told_to_write_some(build: Callable[..., Built], at: Callable[[Path], Cli]) -> None:
    cli = at(build("bare").path)
    assert "error: there is no case\nhint: Write a suite" in cli("test", "--list").err
    ran = cli("test")
    assert ran == Ran(3, "", "error: there is no case to play\nhint: Write a suite, such as tests/greeting.yaml.\n")


def test_options_and_plugins_of_the_environment_are_for_other_runs_of_pytest(
    cli: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--nonsense")
    monkeypatch.setenv("PYTEST_PLUGINS", "nonsense")
    agent.edit("raise SystemExit(9)\n", "conftest.py").edit("[pytest]\naddopts = --nonsense\n", "pytest.ini")

    assert cli("test").code == 0


def test_two_versions_are_held_against_each_other(cli: Cli, agent: Built) -> None:
    agent.edit("name: Corner\ngreeting: Goodbye.\n", "agent.yaml").edit(suite("says more", says="Goodbye"), MORE)
    ran = steady(cli("test", "--against", "sandbox"))

    assert ran.code == 1
    assert ran.out.endswith(
        "sandbox, which serves v1: 2 of 3 cases passed, 1 failed, answered by embedded, <time>\n\n"
        "case                         sandbox  draft\n"
        "tests/greeting.yaml::greets  passed   failed  worse\n"
        "tests/greeting.yaml::books   passed   failed  worse\n"
        "tests/more.yaml::says more   failed   passed  better\n"
        "Than on sandbox: 1 better, 2 worse, 0 the same\n"
    )
    against = json.loads(cli("test", "--against", "v1", "--json").out)["against"]
    assert (against["version"], against["passed"]) == ("v1", 2)
    assert against["results"][2] == {
        "case": f"{MORE}::says more",
        "here": "passed",
        "there": "failed",
        "verdict": "better",
    }


def test_cases_are_repeated_with_their_rate(cli: Cli, agent: Built) -> None:
    agent.edit(suite("says more", says="Goodbye"), MORE)
    ran = steady(cli("test", "--repeat", "4"))

    assert ran.out.startswith(f"{MORE}:2: says more (passed 0 of 4 times)\n")
    assert ran.out.endswith("1 failed, answered by embedded, <time>; 8 of 12 plays passed, 66.7%\n")


def test_the_version_that_broke_a_case_is_found(cli: Cli, agent: Built) -> None:
    for number in range(2, 8):
        agent.edit(f"name: Corner\ngreeting: {'Hello' if number < 5 else 'Bye'} {number}.\n", "agent.yaml")
        agent.save(message="Be curt" if number == 5 else None)
    ran = cli("bisect", "--case", "greets", "--good", "v1")

    assert ran.code == 0
    assert ran.out.startswith("v7: failed\nv1: passed\nv4: passed\nv5: failed\nv5 broke 'greets', made ")
    assert ran.out.endswith('  Be curt\nWhat changed since v4:\n  agent.yaml: greeting "Hello 4." → "Bye 5."\n')
    printed = cli.json("bisect", "--case", f"{SUITE}::greets", "--good", "sandbox", "--bad", "6")
    assert (printed["broken_by"]["version"], printed["tried"][0]) == ("v5", {"version": "v6", "passed": False})
    assert cli("bisect", "--case", "greets", "--good", "v1", "--bad", "v3").err == (
        "error: v3 passes\nhint: Name a version that does not as --bad.\n"
    )


def test_a_draft_that_broke_a_case_is_found_before_it_is_saved(cli: Cli, agent: Built) -> None:
    agent.edit("name: Corner\ngreeting: Hello there.\n", "agent.yaml").save()
    command = ("bisect", "--case", "greets", "--good", "v1", "--bad", "draft")
    assert cli(*command).err == "error: v2 passes\nhint: Name a version that does not as --bad.\n"
    agent.edit("name: Corner\ngreeting: Bye.\n", "agent.yaml")

    assert cli(*command) == Ran(
        0,
        "draft: failed\nv1: passed\nv2: passed\nThe draft broke 'greets', edited since v2\n"
        'What changed since v2:\n  agent.yaml: greeting "Hello there." → "Bye."\n',
    )
    printed = cli.json(*command)
    assert (printed["broken_by"], printed["tried"][0]) == (None, {"version": "draft", "passed": False})
    assert cli("bisect", "--case", "zzz", "--good", "v1", "--bad", "draft").err == (
        "error: no case is called 'zzz'\nhint: All cases: gitagent test draft --list\n"
    )


def test_a_case_that_only_a_model_could_judge_is_not_bisected(cli: Cli, agent: Built) -> None:
    agent.edit("cases:\n  - name: is kind\n    turns:\n      - expect: [{judge: Is it kind?}]\n", SUITE).save()
    ran = cli("bisect", "--case", "is kind", "--good", "v1")
    assert (ran.code, ran.err) == (3, "error: the case cannot be played: only a model can judge: --responder openai\n")


JUDGED = """\
cases:
  - name: is kind
    turns:
      - user: When are you open?
        expect: [{contains: noon}, {judge: Is it kind?}]
"""


@pytest.fixture
def model() -> Iterator[ChatServer]:
    with chat_server() as server:
        yield server


def test_a_model_answers_and_judges(cli: Cli, agent: Built, model: ChatServer) -> None:
    agent.edit(JUDGED, SUITE)
    model.will(Say("From noon."), Say("It is warm.\nyes"), Say("From noon!"), Say("It shouts.\nno"))
    ran = steady(cli("test", "--responder", "openai", "--repeat", "2", environ=model.environ))

    assert ran == Ran(
        1,
        f"{SUITE}:2: is kind (passed 1 of 2 times)\n"
        "  you> When are you open?\n"
        "  agent> From noon!\n"
        f"  {SUITE}:5: expected judge: Is it kind?: no: It shouts.\n"
        "\n"
        f"{SUITE}  0 of 1 case passed, 1 failed\n"
        f"The draft, edited since v1: 0 of 1 case passed, 1 failed, answered by openai:{MODEL}, <time>;"
        " 1 of 2 plays passed, 50.0%\n",
    )


def test_where_a_model_gives_no_answer_nothing_is_recorded(cli: Cli, agent: Built, model: ChatServer) -> None:
    agent.edit(JUDGED, SUITE)
    model.will(Fail(400, "no such model"))
    ran = cli("test", "--record", "--responder", "openai", environ=model.environ)

    assert ran.code == 1
    assert f"{SUITE}:2: is kind\n  the model" in ran.out
    assert ran.err == "Not recorded: some cases could not be played.\n"
    assert agent.reopen().result() is None


def test_what_keeps_a_case_from_being_played_is_told_with_what_to_do(cli: Cli, agent: Built, model: ChatServer) -> None:
    agent.edit(JUDGED, SUITE)
    model.will(Say("From noon."), Say("Perhaps."))
    command = ("test", "--responder", "openai")
    unclear = cli(*command, environ=model.environ)
    spent = cli(*command, environ={**model.environ, "GITAGENT_TOKENS": "100"})

    assert (
        f"  the model '{MODEL}' did not grade the answer\n"
        "  hint: Use a model that follows instructions better, by GITAGENT_MODEL.\n\n"
    ) in unclear.out
    assert "  hint: Set GITAGENT_TOKENS to the tokens that a run may use, or try fewer cases.\n\n" in spent.out


def test_no_file_of_an_agent_is_taken_for_a_module(agent: Built) -> None:
    for name in ("click", "rapidfuzz", "_pytest"):
        agent.edit("raise SystemExit(99)\n", f"{name}.py")
    ran = subprocess.run(
        [sys.executable, "-m", "gitagent", "test"], cwd=agent.path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stdout.splitlines()[0]) == (0, f"{SUITE}  2 of 2 cases passed")


@pytest.mark.parametrize("times", ["0", "-1", "1001", "many", "9" * 5000])
def test_a_case_is_played_a_number_of_times_that_comes_to_an_end(cli: Cli, agent: Built, times: str) -> None:
    ran = cli("test", "--repeat", times)

    assert ran.code == 2
    assert "is not a number of times; give 1 to 1000" in ran.err


def test_thousands_are_told_as_such_on_both_sides(cli: Cli, agent: Built) -> None:
    agent.edit(suite(*(f"case {number}" for number in range(1000))), SUITE)

    assert cli("test").out.startswith(f"{SUITE}  1,000 of 1,000 cases passed\n")
