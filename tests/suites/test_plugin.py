"""The pytest plugin: what it takes for a suite, and `pytest` in an agent's folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from support.building import Built
from support.chat_server import Say, chat_server
from support.testing import AGENT, FILES, suite

from gitagent.suites.folders import Folder, is_suite

ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
PLUGIN = ("-p", "xdist", "-p", "gitagent.suites.plugin", "-o", "cache_dir=.cache")
BROKEN = "cases:\n  - name: x\n    turns:\n      - expect: [{contain: Hello}]\n"


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def pytest_in(folder: Path, *arguments: str, code: int = 0, environ: Mapping[str, str] | None = None) -> str:
    """What pytest says, started as a process of its own in a folder, with the plugins that a test is about alone."""
    command = [sys.executable, "-m", "pytest", *PLUGIN, *arguments]
    temporary = folder.with_name(f"{folder.name}-temporary")
    temporary.mkdir(exist_ok=True)
    env = {**os.environ, **ALONE, "TMPDIR": str(temporary), **(environ or {})}
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=env)
    assert ran.returncode == code, ran.stdout + ran.stderr
    return ran.stdout


def test_pytest_in_an_agents_folder_plays_its_suites(tmp_path: Path) -> None:
    written(
        tmp_path, {**FILES, "tests/more.yaml": suite("says more", says="Goodbye"), "other/tests/x.yaml": "cases: 1"}
    )

    out = pytest_in(tmp_path, "-v", "--junitxml=report.xml", code=1)

    assert "tests/greeting.yaml::greets PASSED" in out
    assert 'agent> Hello, Corner Table.\n\ntests/more.yaml:4: expected contains: "Goodbye"\n' in out
    assert "1 failed, 2 passed" in out
    cases = ElementTree.parse(tmp_path / "report.xml").iter("testcase")  # noqa: S314  # our own file
    assert [(each.get("classname"), each.get("name")) for each in cases] == [
        ("tests.greeting.yaml", "greets"),
        ("tests.greeting.yaml", "books"),
        ("tests.more.yaml", "says more"),
    ]


@pytest.mark.parametrize("processes", ["0", "2"])
def test_a_line_of_pytests_summary_and_of_a_report_says_what_was_expected(tmp_path: Path, processes: str) -> None:
    more = "cases: [{name: says more, turns: [{expect: [{contains: Bye}, {equals: Bye}]}, {user: Really}]}]\n"
    written(tmp_path, {"agent.yaml": AGENT, "tests/more.yaml": more})

    command = ("-n", processes, "--junitxml=report.xml")
    out = pytest_in(tmp_path, *command, code=1, environ={"COLUMNS": "200"})

    short = 'expected contains: "Bye", but the answer was "Hello, Corner Table." (and 1 more)'
    assert f"FAILED tests/more.yaml::says more - {short}\n" in out
    assert '\nagent> Hello, Corner Table.\n\ntests/more.yaml:1: expected contains: "Bye"\n' in out
    failures = ElementTree.parse(tmp_path / "report.xml").iter("failure")  # noqa: S314  # our own file
    assert [each.get("message") for each in failures] == [short]


@pytest.mark.parametrize("name", ["to [guest] only", pytest.param("an hour:: or two", marks=pytest.mark.scale)])
def test_a_case_that_failed_is_known_again_whatever_its_name(tmp_path: Path, name: str) -> None:
    written(tmp_path, {**FILES, "tests/more.yaml": suite(json.dumps(name), says="Goodbye")})

    assert "1 failed, 2 passed" in pytest_in(tmp_path, code=1)
    assert "1 failed in" in pytest_in(tmp_path, "--lf", code=1)


def test_cases_are_chosen_and_shared_out_among_processes(tmp_path: Path) -> None:
    written(tmp_path, {**FILES, "tests/more.yaml": suite("says more", says="Goodbye")})

    assert "2 passed, 1 deselected" in pytest_in(tmp_path, "-k", "greeting")
    assert "1 failed, 2 passed" in pytest_in(tmp_path, "-n", "2", code=1)
    assert "1 failed in" in pytest_in(tmp_path, "--lf", code=1)
    assert "1 passed" in pytest_in(tmp_path, "tests/greeting.yaml::books")


@pytest.mark.parametrize("processes", ["0", "2"])
def test_agents_and_processes_share_the_budget_of_tokens_of_a_run(tmp_path: Path, processes: str) -> None:
    hello = "cases:\n  - name: hello\n    turns: [{user: Hello, expect: [{contains: hello}]}]\n"
    for name in ("a", "b", "c"):
        written(tmp_path / name, {"agent.yaml": AGENT, f"tests/{name}.yaml": hello})
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with chat_server(lambda _: Say("hello")) as model:
        environ = {**model.environ, "GITAGENT_TOKENS": "250", "TMPDIR": str(temporary)}
        options = ("--gitagent-responder=openai", "-n", processes, f"--basetemp={tmp_path / 'base'}")
        out = pytest_in(tmp_path, *options, "a", "b", "c", code=1, environ=environ)
        asked = len(model.asked)

    assert "1 failed, 2 passed" in out
    assert "the budget of 250 tokens is not enough: 200 are used" in out
    assert (asked, list(temporary.iterdir())) == (2, [])


def test_a_suite_that_cannot_be_played_is_an_error_with_its_lines(tmp_path: Path) -> None:
    written(tmp_path, {**FILES, "tests/broken.yaml": BROKEN})

    out = pytest_in(tmp_path, "--continue-on-collection-errors", code=1)

    assert "tests/broken.yaml:4:19: unknown-key: 'contain' is not known here" in out
    assert "Did you mean 'contains'?" in out
    assert "2 passed, 1 error" in out


def test_what_is_no_suite_is_left_to_others(tmp_path: Path) -> None:
    written(
        tmp_path / "project", {"project.yaml": "x: 1\n", "tests/data.yaml": "x: 1\n", "test_suite/a.yaml": "x: 1\n"}
    )
    written(tmp_path / "plain", {"tests/cases.yaml": suite("greets")})
    written(
        tmp_path / "agent", {"agent.yaml": AGENT, "tests/data.yaml": "case: 1\n", "test_suite/a.yaml": "cases: 1\n"}
    )

    for path in (
        "project/tests/data.yaml",
        "project/test_suite/a.yaml",
        "plain/tests/cases.yaml",
        "agent/tests/data.yaml",
    ):
        assert not is_suite(tmp_path / path)
    assert not is_suite(tmp_path / "agent/test_suite/a.yaml")
    assert "no tests ran" in pytest_in(tmp_path, code=5)


@pytest.mark.parametrize("packed", [False, True])
def test_in_an_agent_every_file_is_a_suite_however_wrong(tmp_path: Path, packed: bool) -> None:
    built = Built(tmp_path / "agent", files=FILES).edit("case: 1\n", "tests/data.yaml")
    if packed:
        subprocess.run(["git", "pack-refs", "--all"], cwd=built.path, check=True)
    assert is_suite(built.path / "tests" / "data.yaml")


def test_a_folders_files_are_those_of_the_agent(tmp_path: Path) -> None:
    written(tmp_path, {**FILES, ".git/x": "", "venv/pyvenv.cfg": "", "venv/lib/x.py": "", "node_modules/x": ""})
    (tmp_path / "link.md").symlink_to("agent.yaml")

    files = Folder(tmp_path)

    assert list(files) == ["agent.yaml", "link.md", "tests/greeting.yaml"]
    assert (files["link.md"].kind, files["link.md"].read()) == ("link", b"agent.yaml")
    assert files["agent.yaml"].size == len(AGENT)


def test_whoever_has_no_suites_pays_for_the_plugins_own_module_alone(tmp_path: Path) -> None:
    written(tmp_path, {"tests/test_x.py": "def test_x(): pass\n", "tests/data.json": "1", "data.yaml": "x: 1\n"})
    code = (
        "import sys, pytest\n"
        f"code = pytest.main({[*PLUGIN, '-q']!r})\n"
        "print(int(code), sorted(name for name in sys.modules if name.partition('.')[0] == 'gitagent'))"
    )
    command, env = [sys.executable, "-c", code], {**os.environ, **ALONE}
    out = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, env=env).stdout

    assert out.splitlines()[-1] == "0 ['gitagent', 'gitagent.suites', 'gitagent.suites.plugin']"
