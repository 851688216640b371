"""`validate --staged` and the pre-commit hook: what git commits is checked, not what stands in the folder."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.building import Built, git
from support.commandline import Cli, Ran

HOOK = Path(__file__).parents[2] / "hooks" / "pre-commit"
BROKEN, WHOLE = "a: 1\na: 2\n", "a: 1\n"
COMPLAINT = "settings.yaml:2:1: duplicate-key: "


@pytest.fixture
def hooked(agent: Built) -> Built:
    """The agent with the hook installed, settings.yaml committed, and `gitagent` on git's path."""
    agent.edit(WHOLE, "settings.yaml").git("add", ".")
    agent.git("commit", "-qm", "settings")
    shutil.copy(HOOK, agent.path / ".git" / "hooks" / "pre-commit")
    return agent


def commit(agent: Built, *arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    found = path if path is not None else f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["git", "-C", str(agent.path), "commit", "-qm", "try", *arguments],
        env={**os.environ, "PATH": found},
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_staged_is_checked_and_not_what_stands_in_the_folder(agent: Built, cli: Cli) -> None:
    agent.edit(BROKEN, "settings.yaml").git("add", ".")
    agent.edit(WHOLE, "settings.yaml")
    assert cli("validate") == Ran(0, "The draft is valid.\n")
    ran = cli("validate", "--staged")
    assert (ran.code, ran.out.startswith(COMPLAINT)) == (1, True)
    assert ran.out.endswith("What is staged has 1 error.\n")


def test_what_stands_in_the_folder_alone_is_not_checked(agent: Built, cli: Cli) -> None:
    agent.edit(WHOLE, "settings.yaml").git("add", ".")
    agent.edit(BROKEN, "settings.yaml").edit(BROKEN, "untracked.yaml")
    assert cli("validate", "--staged") == Ran(0, "What is staged is valid.\n")


def test_the_index_that_git_names_is_the_one_that_is_checked(agent: Built, cli: Cli) -> None:
    agent.edit(BROKEN, "settings.yaml").git("add", ".")
    shutil.move(agent.path / ".git" / "index", agent.path / ".git" / "other")
    assert cli("validate", "--staged", environ={"GIT_INDEX_FILE": ".git/other"}).code == 1
    assert cli("validate", "--staged").code == 0


def test_an_index_that_cannot_be_read_is_a_failure_of_the_storage(agent: Built, cli: Cli) -> None:
    (agent.path / ".git" / "index").write_bytes(b"DIRC nonsense")
    ran = cli("validate", "--staged", "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (5, "storage-failed")


def test_json_says_that_it_is_about_what_is_staged(cli: Cli) -> None:
    assert cli.json("validate", "--staged")["selector"] == "staged"


def test_staged_and_a_selector_exclude_each_other(cli: Cli) -> None:
    assert cli("validate", "--staged", "draft").err.startswith("error: --staged and 'draft' exclude each other\n")


def test_nothing_is_put_right_while_git_commits(agent: Built, cli: Cli) -> None:
    agent.publish("two\n")
    agent.git("update-ref", "refs/heads/sandbox", "main~1")
    before = agent.git("for-each-ref")
    assert cli("validate", "--staged") == Ran(0, "What is staged is valid.\n")
    assert agent.git("for-each-ref") == before


def test_a_folder_without_an_agent_is_refused(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "plain")
    ran = cli("-C", str(tmp_path / "plain"), "validate", "--staged", "--json")
    assert (ran.code, json.loads(ran.out)["error"]["code"]) == (3, "agent-not-found")


def test_the_hook_refuses_a_commit_of_a_broken_file_that_the_folder_has_mended(hooked: Built) -> None:
    hooked.edit(BROKEN, "settings.yaml").git("add", ".")
    hooked.edit(WHOLE, "settings.yaml")
    done = commit(hooked)
    assert (done.returncode, COMPLAINT in done.stdout + done.stderr) == (1, True)


def test_the_hook_lets_a_commit_pass_beside_a_broken_file(hooked: Built) -> None:
    hooked.edit(BROKEN, "settings.yaml").edit("two\n")
    assert commit(hooked, "--", "notes.md").returncode == 0
    assert hooked.git("show", "--format=", "--name-only") == "notes.md\n"


def test_the_hook_checks_what_a_commit_of_named_files_takes(hooked: Built) -> None:
    hooked.edit(BROKEN, "settings.yaml")
    assert commit(hooked, "--", "settings.yaml").returncode == 1
    assert commit(hooked, "-a").returncode == 1


def test_the_hook_works_in_a_linked_working_tree(hooked: Built, tmp_path: Path) -> None:
    hooked.git("worktree", "add", "-q", "-b", "try", str(tmp_path / "linked"))
    linked = Built.__new__(Built)
    linked.path = tmp_path / "linked"
    linked.edit(BROKEN, "settings.yaml").git("add", ".")
    assert commit(linked).returncode == 1
    linked.edit(WHOLE, "settings.yaml").edit("two\n").git("add", ".")
    assert commit(linked).returncode == 0


def test_the_hook_fails_closed(hooked: Built) -> None:
    hooked.edit("two\n").git("add", ".")
    done = commit(hooked, path="/usr/bin:/bin")
    assert (done.returncode, "gitagent is not on the PATH" in done.stderr) == (1, True)
