"""What shells offer, asked through click's own protocol and in real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.building import Built
from support.commandline import Cli

from gitagent import templates
from gitagent.cli import completions, table
from gitagent.config import schemas

IN_CI = bool(os.environ.get("CI"))


@pytest.fixture
def offered(cli: Cli, agent: Built) -> Callable[..., list[str]]:
    """What the shell offers after these words, the last one being typed."""
    agent.publish(name=None).promote("pre-release").publish("two\n", name="Autumn menu")
    agent.edit("three\n").restore("v1")
    assert cli("numbers", "assign", "+442079460018", "-e", "live").code == 0

    def complete(*words: str, of: str = "bash", folder: Path | None = None) -> list[str]:
        environ = {
            "_GITAGENT_COMPLETE": f"{of}_complete",
            "COMP_WORDS": "\n".join(["gitagent", *words]),
            "COMP_CWORD": words[-1] if of == "fish" else str(len(words)),
        }
        ran = Cli(folder or cli.folder, cli.temporary, cli.patch)(environ=environ)
        assert (ran.code, ran.err) == (0, "")
        return [line.removeprefix("plain,") for line in ran.out.splitlines() if line]

    return complete


Offered = Callable[..., list[str]]


def test_commands_are_offered_with_their_summaries(offered: Offered) -> None:
    assert offered("pro") == ["promote"]
    assert offered("") == table.names()
    assert offered("pro", of="fish") == ["promote\tMove an environment forward to what the one before it serves."]
    assert offered("xyz") == []


def test_options_are_offered(offered: Offered) -> None:
    assert offered("versions", "--") == ["--limit", "--all", "--json", "--help"]
    assert "--json" in offered("--")
    assert offered("drafts", "") == ["drop", "list", "restore", "show"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["promote", ""], ["sandbox", "pre-release", "live"]),
        (["promote", "pre_"], ["pre-release"]),
        (["promote", "LI"], ["live"]),
        (["history", "-e", "s"], ["sandbox"]),
        (["history", "--environment", "s"], ["sandbox"]),
        (["rollback", "live", ""], ["v2", "v1"]),
        (["promote", "live", "--version", "v"], ["v2", "v1"]),
        (["compare", ""], ["sandbox", "pre-release", "live", "latest", "draft", "v2", "v1"]),
        (["compare", "live", "d"], ["draft"]),
        (["publish", "la"], ["latest"]),
        (["numbers", "release", "+"], ["+442079460018"]),
        (["history", "--op", "ro"], ["rollback"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["drafts", "show", ""], ["<ULID>"]),
        (["restore", ""], ["sandbox", "pre-release", "live", "v2", "v1", "<ULID>"]),
        (["environments", "set", "l"], ["live"]),
        (["init", "--template", ""], list(templates.names())),
        (["schema", ""], list(schemas.kinds())),
        (["show", "v2", ""], ["notes.md"]),
        (["show", "live", "no"], []),
        (["show", "v2", "x"], []),
        (["-C", "some"], ["dir,some"]),
        (["status", "-C", ""], ["dir,"]),
    ],
)
def test_what_the_agent_holds_is_offered(words: list[str], expected: list[str], offered: Offered) -> None:
    assert offered(*words) == expected


def test_shells_that_show_help_get_it(offered: Offered) -> None:
    assert offered("promote", "", of="fish") == [
        "sandbox\tserves v2",
        "pre-release\tserves v1",
        "live\tserves nothing",
    ]
    assert offered("rollback", "live", "v2", of="fish") == ["v2\tAutumn menu"]
    assert offered("numbers", "release", "", of="fish") == ["+442079460018\tlive"]
    assert offered("drafts", "drop", "", of="fish") == ["<ULID>\tkept before restore v1"]


def test_the_folder_that_was_named_is_asked(offered: Offered, cli: Cli, tmp_path: Path) -> None:
    assert offered("-C", str(cli.folder), "promote", "l", folder=tmp_path) == ["live"]
    assert offered("promote", "-C", str(cli.folder), "l", folder=tmp_path) == ["live"]


def test_outside_an_agent_nothing_is_offered_and_nothing_said(offered: Offered, tmp_path: Path) -> None:
    assert offered("promote", "", folder=tmp_path) == []
    assert offered("compare", "", folder=tmp_path) == []
    assert offered("-C", "nowhere", "promote", "", folder=tmp_path) == []


def test_an_unknown_shell_is_answered_by_failing(cli: Cli) -> None:
    assert cli(environ={"_GITAGENT_COMPLETE": "tcsh_complete"}).code == 1


def test_a_malformed_question_is_answered_by_silence(cli: Cli) -> None:
    ran = cli(environ={"_GITAGENT_COMPLETE": "bash_complete", "COMP_WORDS": "gitagent"})
    assert (ran.code, ran.out, ran.err) == (0, "", "")


def test_completing_writes_nothing(offered: Offered, agent: Built) -> None:
    before = agent.git("for-each-ref")
    for words in (["promote", ""], ["restore", ""], ["rollback", "live", ""]):
        offered(*words)
    assert agent.git("for-each-ref") == before


def test_long_and_strange_names_are_shown_harmless_on_one_line() -> None:
    assert completions._one_line("a\x1b[31m\nb" + "x" * 100) == "a\\x1b[31m\\x0ab" + "x" * 45 + "…"
    assert completions._one_line(None) is None


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_printed(shell: str, cli: Cli) -> None:
    ran = cli("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_GITAGENT_COMPLETE={shell}_complete" in ran.out
    assert cli.json("completion", shell)["shell"] == shell


def shell_or_skip(name: str) -> str:
    found = shutil.which(name)
    if found is None and not IN_CI:
        pytest.skip(f"{name} is not installed")
    assert found is not None
    return found


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder first on the path, in which `gitagent` is this one."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "gitagent").write_text(f'#!/bin/sh\nexec {sys.executable} -m gitagent "$@"\n')
    (folder / "gitagent").chmod(0o755)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def run(arguments: list[str], folder: Path) -> str:
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.stdout


@pytest.mark.usefixtures("installed")
def test_a_real_bash_completes(agent: Built) -> None:
    script = """
        source <(gitagent completion bash)
        ask() {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
            _gitagent_completion gitagent; echo "${COMPREPLY[*]}"
        }
        ask gitagent prom; ask gitagent promote pre; ask gitagent show ""
        cd /; ask gitagent promote ""
        complete -p gitagent
    """
    agent.save("two\n")
    assert run([shell_or_skip("bash"), "--norc", "-c", script], agent.path) == (
        "promote\npre-release\nsandbox pre-release live latest draft v2 v1\n\n"
        "complete -o nosort -F _gitagent_completion gitagent\n"
    )


@pytest.mark.usefixtures("installed")
def test_a_real_fish_completes(agent: Built) -> None:
    script = "gitagent completion fish | source; complete -C 'gitagent promote l'; complete -C 'gitagent compl'"
    assert run([shell_or_skip("fish"), "--no-config", "-c", script], agent.path) == (
        "live\tserves nothing\ncompletion\tPrint the shell completion script for bash; zsh or fish.\n"
    )


@pytest.mark.usefixtures("installed")
def test_a_real_zsh_asks_and_understands_the_answer(agent: Built) -> None:
    script = """
        autoload -Uz compinit; compinit -u -D
        eval "$(gitagent completion zsh)"
        compadd() { print -l -- "${@[-1]}" "${(P)@[-1]}"; }
        _describe() { print -l -- "${(P@)3}"; }
        words=(gitagent promote ""); CURRENT=3; _gitagent_completion
        print ${_comps[gitagent]}
    """
    assert run([shell_or_skip("zsh"), "-f", "-c", script], agent.path) == (
        "sandbox:serves nothing\npre-release:serves nothing\nlive:serves nothing\n_gitagent_completion\n"
    )
