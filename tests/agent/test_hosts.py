"""GitHub and GitLab: which of them an address is of, what is to be set there, and the workflow that verifies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support.building import Built, git
from support.refusing import refusal
from support.sharing import Team

from gitagent.agent.hosts import WORKFLOWS, Host, Protection, host_of, protections, write_workflow
from gitagent.config.files import MemoryFile
from gitagent.config.validation import validate
from gitagent.config.yaml import parse
from gitagent.templates import load

if TYPE_CHECKING:
    from collections.abc import Callable

ENVIRONMENTS = ("sandbox", "pre-release", "live")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://github.com/team/desk.git", Host.GITHUB),
        ("git@github.com:team/desk.git", Host.GITHUB),
        ("ssh://git@ssh.github.com:443/team/desk.git", Host.GITHUB),
        ("https://GitHub.example.com/team/desk", Host.GITHUB),
        ("https://ada@gitlab.com/team/desk.git", Host.GITLAB),
        ("git@altssh.gitlab.com:team/desk.git", Host.GITLAB),
        ("gitlab.example.org:team/desk", Host.GITLAB),
        ("https://notgithub.com/team/desk", None),
        ("https://example.com/github.com/desk", None),
        ("desk.example:github.com/bistro.git", None),
        ("github:bistro.git", None),
        ("github.com/bistro.git", None),
        ("../gitlab.com/desk.git", None),
        ("/srv/github.com/desk.git", None),
        ("", None),
    ],
)
def test_an_address_tells_its_host(url: str, host: Host | None) -> None:
    assert host_of(url) is host


def test_github_is_told_in_its_own_words_what_to_refuse(build: Callable[..., Built]) -> None:
    assert protections(Host.GITHUB, build().agent.pipeline) == (
        Protection("tag ruleset", ("v*",), ("Restrict updates", "Restrict deletions")),
        Protection("branch ruleset", ("gitagent/ledger", "main"), ("Restrict deletions", "Block force pushes")),
        Protection("branch ruleset", ENVIRONMENTS, ("Restrict deletions",)),
    )


def test_gitlab_is_told_in_its_own_words_what_to_refuse(build: Callable[..., Built]) -> None:
    push = "Allowed to push and merge: Developers + Maintainers"
    assert protections(Host.GITLAB, build().agent.pipeline) == (
        Protection("protected tag", ("v*",), ("Allowed to create: Developers + Maintainers",)),
        Protection("protected branch", ("gitagent/ledger", "main"), (push, "Allowed to force push: off")),
        Protection("protected branch", ENVIRONMENTS, (push, "Allowed to force push: on")),
    )


def test_a_workflow_that_stands_there_stays_as_it_is(tmp_path: Path) -> None:
    assert write_workflow(tmp_path, Host.GITLAB)
    assert (tmp_path / ".gitlab-ci.yml").read_text() == WORKFLOWS[Host.GITLAB].text
    (tmp_path / ".gitlab-ci.yml").write_text("mine: {}\n")
    assert not write_workflow(tmp_path, Host.GITLAB)
    assert (tmp_path / ".gitlab-ci.yml").read_text() == "mine: {}\n"


def test_a_workflow_that_cannot_be_written_says_that_the_rest_is_done(tmp_path: Path) -> None:
    (tmp_path / ".github").write_text("a file\n")
    error = refusal(lambda: write_workflow(tmp_path, Host.GITHUB))
    assert (error.kind, error.hint) == ("StorageFailed", "The agent is shared; write that file yourself.")


def script_of(text: str, host: Host) -> list[str]:
    """The lines that a workflow lets its host run."""
    workflow: Any = parse(text.encode(), "workflow.yml").value
    if host is Host.GITLAB:
        assert workflow["gitagent"]["variables"] == {"GIT_STRATEGY": "clone", "GIT_DEPTH": "0"}
        return list(workflow["gitagent"]["script"])
    assert set(workflow["on"]) == {"push", "schedule", "workflow_dispatch"}
    steps = workflow["jobs"]["verify"]["steps"]
    assert steps[0]["with"] == {"fetch-depth": 0}
    return [line for step in steps if "run" in step for line in step["run"].splitlines()]


class Hosted:
    """An agent on a host, whose workflow is part of every version from v2 on, and the host's runner."""

    def __init__(self, folder: Path, remote: Path, host: Host) -> None:
        self.folder = folder
        self.host = host
        self.remote = folder / "remote.git"
        shutil.copytree(remote, self.remote)

    def run(self, branch: str = "sandbox", tag: str | None = None) -> tuple[int, str]:
        """What the workflow of a pushed branch or tag comes to, in a clone as the host's runner makes it."""
        runner = self.folder / "runner"
        git(self.folder, "init", "-q", "--initial-branch=master", str(runner))
        git(runner, "remote", "add", "origin", str(self.remote))
        self._check_out(runner, branch, tag)
        (self.folder / "nobody").mkdir()
        return self.again()

    def again(self) -> tuple[int, str]:
        """What the workflow comes to in the clone that the runner made before."""
        runner = self.folder / "runner"
        script = script_of((runner / WORKFLOWS[self.host].path).read_text(), self.host)
        lines = [line for line in script if not line.startswith("pip install --quiet gitagent-config")]
        assert len(lines) == len(script) - 1
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder / "nobody"),
            "CI_PROJECT_DIR": str(runner),
        }
        done = subprocess.run(
            ["bash", "-e", "-c", "\n".join(lines)], cwd=runner, env=environ, capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def _check_out(self, runner: Path, branch: str, tag: str | None) -> None:
        if self.host is Host.GITHUB:
            everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
            git(runner, "fetch", "-q", "--prune", "--no-recurse-submodules", "origin", *everything)
            where = ["-B", branch, f"refs/remotes/origin/{branch}"] if tag is None else [f"refs/tags/{tag}"]
            git(runner, "checkout", "-q", "--force", *where)
            return
        commit = git(self.remote, "rev-parse", f"{tag or branch}^{{commit}}").strip()
        refs = (
            f"+refs/heads/{branch}:refs/remotes/origin/{branch}" if tag is None else f"+refs/tags/{tag}:refs/tags/{tag}"
        )
        git(runner, "fetch", "-q", "origin", f"+{commit}:refs/pipelines/7", refs)
        git(runner, "checkout", "-q", "-f", commit)

    def move(self, *arguments: str) -> None:
        """Move a ref on the host past every rule."""
        git(self.remote, "update-ref", *arguments)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A remote with an agent that has both workflows: sandbox and pre-release serve v2, and v3 was rolled back."""
    team = Team(tmp_path_factory.mktemp("shared"))
    for host in Host:
        write_workflow(team.ada.path, host)
    team.ada.publish("two\n").promote("pre-release").publish("three\n").rollback("sandbox")
    return team.remote


@pytest.mark.parametrize("tag", [None, "v3"])
@pytest.mark.parametrize("host", Host)
def test_the_workflow_is_green_where_every_rule_holds(
    tmp_path: Path, shared: Path, host: Host, tag: str | None
) -> None:
    assert Hosted(tmp_path, shared, host).run(tag=tag) == (0, "Checked 5 events and 3 versions: every rule holds.\n")


@pytest.mark.parametrize(
    ("host", "moved", "found"),
    [
        (Host.GITHUB, "refs/heads/sandbox v3^{}", "sandbox: branch-moved: sandbox serves v2, and its branch is at "),
        (Host.GITHUB, "refs/heads/live v3^{}", "live: branch-unknown: live serves nothing, and its branch is at "),
        (Host.GITHUB, "refs/tags/v1 v3", "tags/v1: tag-moved: the tag v1 was moved: it is "),
        (Host.GITHUB, "refs/heads/main v1^{}", "main: main-behind: main is behind v3, the newest version"),
        (Host.GITLAB, "-d refs/heads/pre-release", "branch-missing: pre-release serves v2, and its branch is missing"),
        (Host.GITLAB, "-d refs/tags/v1", "tags/v1: tag-missing: the tag v1 is missing (error)"),
        (Host.GITLAB, "refs/heads/gitagent/ledger gitagent/ledger~2", "the newest version of the ledger is v2"),
    ],
)
def test_the_workflow_is_red_after_something_was_moved_by_hand(
    tmp_path: Path, shared: Path, host: Host, moved: str, found: str
) -> None:
    hosted = Hosted(tmp_path, shared, host)
    hosted.move(*moved.split())
    code, said = hosted.run(tag="v3")
    assert (code, found in said) == (1, True), said


def test_the_workflow_is_green_again_once_it_was_put_back(tmp_path: Path, shared: Path) -> None:
    """The runner of GitLab that keeps its clone, as one with GIT_STRATEGY=fetch does."""
    hosted = Hosted(tmp_path, shared, Host.GITLAB)
    was = git(hosted.remote, "rev-parse", "pre-release").strip()
    hosted.move("refs/heads/pre-release", "v3^{}")
    assert hosted.run(tag="v3")[0] == 1
    hosted.move("refs/heads/pre-release", was)
    assert hosted.again() == (0, "Checked 5 events and 3 versions: every rule holds.\n")


@pytest.mark.parametrize("template", ["restaurant", "clinic", "blank"])
def test_the_workflows_are_no_problem_of_the_configuration(tmp_path: Path, template: str) -> None:
    files = dict(load(template))
    files |= {each.path: MemoryFile(each.text.encode()) for each in WORKFLOWS.values()}
    assert validate(files) == validate(load(template))
