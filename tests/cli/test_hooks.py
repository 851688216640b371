"""`gitagent hooks`: installing beside what stands there, and what a clone lets out by hand."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import Built, git
from support.commandline import Cli, Ran
from support.hearing import listening
from support.sharing import Team

from gitagent.receive.webhooks import configured

INSTALLED = """\
pre-commit            installed: <tmp>/agent/.git/hooks/pre-commit
pre-push              installed: <tmp>/agent/.git/hooks/pre-push
merge-driver          installed: <tmp>/agent/.git/info/attributes
"""
FOREIGN = "#!/bin/sh\necho foreign was asked >&2\n"


def foreign(folder: Path, name: str, text: str = FOREIGN) -> Path:
    """A hook that somebody else put there."""
    hook = folder / name
    hook.write_text(text)
    hook.chmod(0o755)
    return hook


def plain(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """What plain git comes to, refused or not."""
    return subprocess.run(
        ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False, env={**os.environ, **environ}
    )


def test_hooks_are_listed_installed_and_removed(cli: Cli) -> None:
    assert cli("hooks") == Ran(0, INSTALLED.replace("installed", "not installed"))
    assert cli("hooks", "install") == Ran(0, INSTALLED)
    assert cli("hooks", "install") == cli("hooks") == Ran(0, INSTALLED)
    assert all(os.access(cli.folder / ".git/hooks" / name, os.X_OK) for name in ("pre-commit", "pre-push"))
    assert cli("hooks", "uninstall").code == 0
    assert cli("hooks") == Ran(0, INSTALLED.replace("installed", "not installed"))


def test_foreign_hooks_are_kept_run_first_and_come_back(cli: Cli, agent: Built) -> None:
    hook = foreign(agent.path / ".git/hooks", "pre-commit")
    assert "pre-commit            not gitagent's" in cli("hooks").out
    assert "installed, after the one that was there before" in cli("hooks", "install").out
    assert cli.json("hooks", "install")["hooks"][0]["beside"]
    done = plain(agent.path, "commit", "--allow-empty", "-qm", "x")
    assert (done.returncode, done.stderr) == (0, "foreign was asked\nWhat is staged is valid.\n")
    cli("hooks", "uninstall")
    assert hook.read_text() == FOREIGN
    assert os.access(hook, os.X_OK)
    assert sorted(each.name for each in hook.parent.iterdir() if "gitagent" in each.name) == []


def test_a_foreign_hook_that_refuses_is_heard(cli: Cli, agent: Built) -> None:
    foreign(agent.path / ".git/hooks", "pre-commit", "#!/bin/sh\necho not today >&2\nexit 7\n")
    cli("hooks", "install")
    done = plain(agent.path, "commit", "--allow-empty", "-qm", "x")
    assert (done.returncode, done.stderr) == (1, "not today\n")


def test_a_foreign_hook_that_is_a_link_stays_one(cli: Cli, agent: Built) -> None:
    hook = agent.path / ".git/hooks/pre-push"
    hook.symlink_to("../../tool.sh")
    foreign(agent.path, "tool.sh")
    cli("hooks", "install")
    cli("hooks", "uninstall")
    assert hook.readlink() == Path("../../tool.sh")


def test_two_foreign_hooks_are_for_their_owner_to_choose_from(cli: Cli, agent: Built) -> None:
    foreign(agent.path / ".git/hooks", "pre-push")
    cli("hooks", "install")
    foreign(agent.path / ".git/hooks", "pre-push", FOREIGN + "exit 0\n")
    ran = cli("hooks", "install", "--json")
    assert json.loads(ran.out)["error"]["code"] == "hook-in-the-way"
    assert (agent.path / ".git/hooks/pre-push").read_text() == FOREIGN + "exit 0\n"


def test_an_installation_that_was_cut_short_is_finished(cli: Cli, agent: Built) -> None:
    hook = foreign(agent.path / ".git/hooks", "pre-push")
    (hook.parent / "pre-push.before-gitagent").hardlink_to(hook)
    assert cli("hooks", "install").code == 0
    assert (hook.parent / "pre-push.before-gitagent").read_text() == FOREIGN


def test_a_hook_copied_by_hand_is_gitagents_own(cli: Cli, agent: Built) -> None:
    foreign(agent.path / ".git/hooks", "pre-commit", "#!/bin/sh\nexec gitagent validate --staged\n")
    assert cli("hooks", "install") == Ran(0, INSTALLED)


def test_the_repositorys_own_folder_of_hooks_is_used(cli: Cli, agent: Built) -> None:
    agent.git("config", "core.hooksPath", "my-hooks")
    assert "<tmp>/agent/my-hooks/pre-push" in cli("hooks", "install").out
    agent.edit("a: 1\na: 2\n", "x.yaml").git("add", ".")
    done = plain(agent.path, "commit", "-qm", "x")
    assert (done.returncode, "x.yaml:2:1: duplicate-key" in done.stdout + done.stderr) == (1, True)


def test_hooks_that_run_in_every_repository_are_left_alone(
    cli: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("COUNT", "1"), ("KEY_0", "core.hooksPath"), ("VALUE_0", str(cli.temporary / "all"))):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    ran = cli("hooks", "install")
    assert (ran.code, ran.err) == (
        3,
        "error: core.hooksPath names <tmp>/all for every repository, not for this one alone\n"
        "hint: Give this one hooks of its own: git config core.hooksPath .git/hooks\n",
    )
    assert not (cli.temporary / "all").exists()


def test_each_kind_of_repository_has_its_own_hooks(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "r.git")
    ran = cli("hooks", "install", "--server", "../r.git")
    assert [line.split()[:2] for line in ran.out.splitlines()] == [
        ["pre-receive", "installed:"],
        ["reference-transaction", "installed:"],
        ["proc-receive", "installed:"],
        ["post-receive", "installed:"],
    ]
    assert cli("-C", "../r.git", "hooks") == ran
    assert "is no bare repository" in cli("hooks", "install", "--server", ".").err
    assert "is a bare repository" in cli("-C", "../r.git", "hooks", "install").err
    assert cli("hooks", "install", "--server", "../nowhere").code == 3
    assert cli("-C", "..", "hooks").code == 3
    cli("hooks", "uninstall", "--server", "../r.git")
    assert "not installed" in cli("-C", "../r.git", "hooks").out


def test_a_remote_that_lets_no_branch_go_back_is_refused(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "--shared", "r.git")
    refused = cli("hooks", "install", "--server", "../r.git")
    assert (refused.code, refused.err) == (
        3,
        "error: receive.denyNonFastForwards is set, so that no environment can be rolled back\n"
        "hint: git -C ../r.git config receive.denyNonFastForwards false\n",
    )
    git(tmp_path / "r.git", "config", "receive.denyNonFastForwards", "false")
    assert cli("hooks", "install", "--server", "../r.git").code == 0


def test_a_folder_that_cannot_be_written_is_a_failure_of_the_storage(cli: Cli, agent: Built) -> None:
    agent.git("config", "core.hooksPath", "notes.md/hooks")
    ran = cli("hooks", "install")
    assert (ran.code, ran.err.startswith("error: cannot write ")) == (5, True)


@pytest.fixture
def shared(tmp_path: Path) -> Team:
    team = Team(tmp_path)
    team.ada.publish("two\n")
    assert subprocess.run([sys.executable, "-m", "gitagent", "hooks", "install"], cwd=team.ada.path).returncode == 0
    return team


@pytest.mark.parametrize(
    ("refs", "refusal"),
    [
        ("sandbox", "sandbox is not pushed by hand"),
        (":sandbox", "sandbox is not deleted by hand"),
        ("main main:live", "live is not pushed by hand"),
        ("v2", "the tag v2 is not pushed by hand"),
        ("main:refs/tags/v3", "the tag v3 is not pushed by hand"),
        ("main:gitagent/ledger", "the ledger is not pushed by hand"),
        ("--mirror", "sandbox is not pushed by hand"),
    ],
)
def test_what_gitagent_pushes_is_not_pushed_by_hand(shared: Team, refs: str, refusal: str) -> None:
    team, before = shared, shared.refs()
    team.ada.git("commit", "--allow-empty", "-qm", "more")
    team.ada.git("update-ref", "refs/heads/sandbox", "main")
    team.ada.git("update-ref", "refs/tags/v2", "main")
    names = refs.split()
    options = [name for name in names if name.startswith("--")]
    done = plain(team.ada.path, "push", "-f", *options, "origin", *(name for name in names if name not in options))
    assert done.returncode != 0
    assert f"error: {refusal}: the shared remote takes it with its event\nhint: gitagent " in done.stderr
    assert team.refs() == before


def test_other_branches_and_tags_and_gitagents_own_pushes_go_out(shared: Team) -> None:
    shared.ada.git("tag", "v1.0")
    shared.ada.git("push", "-q", "origin", "main", "main:feature", "v1.0")
    shared.ada.promote("pre-release").publish("three\n")
    assert {"refs/heads/feature", "refs/tags/v1.0", "refs/tags/v3"} < set(shared.refs())


def test_a_backup_elsewhere_is_given_anything(shared: Team) -> None:
    git(shared.folder, "init", "-q", "--bare", "backup.git")
    shared.ada.git("push", "-q", "--mirror", str(shared.folder / "backup.git"))
    assert plain(shared.ada.path, "push", "-f", str(shared.remote), "v1^{}:refs/heads/sandbox").returncode != 0


def test_a_plain_clone_guards_what_it_knows(shared: Team, cli: Cli) -> None:
    git(shared.folder, "clone", "-q", str(shared.remote), "plain")
    folder = shared.folder / "plain"
    assert cli("-C", str(folder), "hooks", "install").code == 0
    assert plain(folder, "push", "origin", "v2:refs/tags/v3").returncode != 0
    assert plain(folder, "push", "-q", "origin", "main:mine").returncode == 0


def test_a_hook_whose_gitagent_is_gone_lets_nothing_through(shared: Team) -> None:
    for name in ("pre-push", "pre-commit"):
        hook = shared.ada.path / ".git/hooks" / name
        hook.write_text(hook.read_text().replace(sys.executable, "/nowhere/python"))
    done = plain(shared.ada.path, "push", "origin", "main:feature")
    assert (done.returncode, "this hook cannot run" in done.stderr) == (1, True)
    assert plain(shared.ada.path, "commit", "--allow-empty", "-qm", "x").returncode != 0


def test_pre_receive_can_be_run_by_hand(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], at: Callable[[Path], Cli]
) -> None:
    assert cli("hooks", "run", "post-update").code == 2
    assert cli("hooks", "run", "pre-push").code == 2
    assert cli("hooks", "run", "pre-push", "origin", "url", typed="") == Ran(0)
    monkeypatch.setenv("GIT_DIR", str(cli.folder / ".git"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"nonsense\n")))
    done = subprocess.run(
        [sys.executable, "-m", "gitagent", "hooks", "run", "pre-receive"],
        input="nonsense\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (
        1,
        "gitagent: refused: hook-input: git told this hook 'nonsense', which is not about a ref\n",
    )


def test_webhooks_are_told_by_hand(cli: Cli, agent: Built) -> None:
    assert cli("hooks", "deliver", ".") == Ran(0, "No webhook is configured.\n")
    with listening() as ear:
        ear.listen_to(agent.path)
        agent.publish("two\n")
        name = f"{ear.url.partition('/hook')[0]} ({configured(agent.path)[0][0].id})"
        assert cli("hooks", "deliver", ".") == Ran(0, f"{name}  told of 1 event\n")
        assert cli.json("hooks", "deliver", ".") == {
            "format": "gitagent.hooks-deliver/1",
            "webhooks": [{"webhook": name, "told": 0, "waiting": 0, "problem": None}],
        }
    assert cli("hooks", "deliver", "nowhere").code == 3
