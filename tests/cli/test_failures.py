"""What goes wrong: messages, hints, exit codes, and the one place where exceptions end."""

from __future__ import annotations

import builtins
import io
import itertools
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from support.building import Built
from support.commandline import Cli, Ran, Stream, process

from gitagent import errors
from gitagent.cli import failures, main, session
from gitagent.cli.failures import failure_of, wants_json
from gitagent.config.problems import Problem, Severity


def subclasses(kind: type[errors.GitagentError]) -> Iterator[type[errors.GitagentError]]:
    for child in kind.__subclasses__():
        yield child
        yield from subclasses(child)


@pytest.mark.parametrize("kind", [*subclasses(errors.GitagentError)], ids=lambda kind: kind.__name__)
def test_every_error_has_an_exit_code_of_the_table(kind: type[errors.GitagentError]) -> None:
    error = kind.__new__(kind)
    errors.GitagentError.__init__(error, "it went wrong", hint="do otherwise")
    if isinstance(error, errors.InvalidConfiguration):
        error.problems = ()
    found = failure_of(error)
    expected: dict[type, int] = {errors.Refused: 3, errors.Conflict: 4, errors.StorageFailed: 5}
    family = next((code for parent, code in expected.items() if issubclass(kind, parent)), None)
    assert found.exit_code == (1 if kind.__name__ == "Declined" else family)
    assert (found.code, found.message, found.hint) == (kind.code, "it went wrong", "do otherwise")


def test_an_unknown_command_is_a_usage_error_with_a_suggestion(cli: Cli) -> None:
    assert cli("statsu") == Ran(2, "", "error: there is no command 'statsu'\nhint: Did you mean status?\n")
    assert cli("xyzzy") == Ran(
        2, "", "error: there is no command 'xyzzy'\nhint: 'gitagent --help' lists the commands.\n"
    )


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["diff"], "Did you mean compare?"),
        (["log"], "Did you mean history?"),
        (["env"], "Did you mean environments?"),
        (["envs"], "Did you mean environments?"),
        (["deploy"], "Did you mean publish or promote?"),
        (["release"], "Did you mean publish or promote?"),
        (["version"], "Did you mean versions? 'gitagent --version' shows gitagent's own."),
        (["undo"], "Did you mean rollback or discard?"),
        (["checkout"], "Did you mean restore?"),
        (["Commit"], "Did you mean save?"),
        (["drafts", "rm"], "Did you mean drop?"),
        (["numbers", "remove"], "Did you mean release?"),
        (["numbers", "ls"], "Did you mean list?"),
        (["help", "diff"], "Did you mean compare?"),
    ],
)
def test_what_other_programs_call_it_is_understood(words: list[str], meant: str, cli: Cli) -> None:
    assert cli(*words) == Ran(2, "", f"error: there is no command '{words[-1]}'\nhint: {meant}\n")


def test_an_option_without_its_value_points_to_the_help_of_its_command(cli: Cli) -> None:
    assert cli("publish", "-m") == Ran(
        2, "", "error: option '-m' requires an argument\nhint: 'gitagent publish --help' explains it.\n"
    )
    assert cli("numbers", "assign", "-e").err.endswith("hint: 'gitagent numbers assign --help' explains it.\n")


def test_an_unknown_option_is_a_usage_error_with_a_suggestion(cli: Cli) -> None:
    assert cli("versions", "--limt", "3") == Ran(
        2, "", "error: there is no option '--limt'\nhint: Did you mean --limit?\n"
    )
    assert cli("status", "--xyzzy") == Ran(
        2, "", "error: there is no option '--xyzzy'\nhint: 'gitagent status --help' explains it.\n"
    )
    assert cli("--jsn") == Ran(2, "", "error: there is no option '--jsn'\nhint: Did you mean --json?\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["promote"], "missing argument 'ENVIRONMENT'"),
        (["status", "extra"], "got unexpected extra argument (extra)"),
        (["history", "--op", "wxyz"], "invalid value for '--op': 'wxyz' is not one of 'init', 'save', 'publish'"),
        (["completion"], "missing argument 'SHELL': choose from bash, zsh, fish\n"),
        (["-C"], "option '-C' requires an argument"),
        (["completion", "tcsh"], "invalid value for 'SHELL': 'tcsh' is not one of 'bash', 'zsh', 'fish'"),
    ],
)
def test_usage_errors_begin_small_and_point_to_the_help(arguments: list[str], message: str, cli: Cli) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"error: {message}")
    assert "--help' explains it.\n" in ran.err


def test_an_error_with_json_is_one_object_on_stdout_with_the_same_code(cli: Cli) -> None:
    ran = cli("promote", "liev", "--yes", "--json")
    assert (ran.code, ran.err) == (3, "")
    assert json.loads(ran.out) == {
        "format": "gitagent.error/1",
        "error": {
            "code": "environment-not-found",
            "message": "no environment is called 'liev'",
            "hint": "Did you mean live?",
        },
    }


@pytest.mark.parametrize("arguments", [["--json", "statsu"], ["status", "--json", "--xyzzy"], ["statsu", "--json"]])
def test_usage_errors_are_json_too_when_asked_for(arguments: list[str], cli: Cli) -> None:
    ran = cli(*arguments)
    assert (ran.code, ran.err) == (2, "")
    assert json.loads(ran.out)["error"]["code"] == "usage"


def test_what_follows_two_dashes_is_no_option() -> None:
    assert wants_json(["status", "--json"])
    assert not wants_json(["status", "--", "--json"])
    assert not wants_json(["status"])


def test_json_implies_no_yes(cli: Cli, agent: Built) -> None:
    agent.publish()
    ran = cli("promote", "pre-release", "--json", typed="y\n")
    assert ran.code == 0
    refused = cli("promote", "live", "--json")
    assert refused.code == 3
    assert json.loads(refused.out)["error"]["code"] == "confirmation-needed"


def test_a_declined_question_with_json_is_an_error_of_its_own_code(cli: Cli, agent: Built) -> None:
    agent.publish()
    ran = cli("promote", "pre-release", "--json", typed="n\n")
    assert ran.code == 1
    assert json.loads(ran.out)["error"] == {
        "code": "declined",
        "message": "not confirmed: nothing was changed",
        "hint": None,
    }


def test_an_invalid_configuration_is_told_problem_by_problem(cli: Cli, agent: Built) -> None:
    agent.edit("a: 1\na: 2\n", "x.yaml").edit("b: [\n", "y.yaml")
    ran = cli("save")
    assert ran.code == 3
    lines = ran.err.splitlines()
    assert lines[:-2] == cli("validate").out.splitlines()[:-1]
    assert lines[0].startswith("x.yaml:2:1: ")
    assert any(line.startswith("y.yaml:") for line in lines)
    assert lines[-2:] == [
        "error: the configuration has 2 problems, and a version has to be valid",
        "hint: Correct them and try again.",
    ]
    problems = json.loads(cli("save", "--json").out)["error"]["problems"]
    assert [problem["path"] for problem in problems] == ["x.yaml", "y.yaml"]
    assert set(problems[0]) == {"path", "line", "column", "severity", "code", "message", "hint"}


def test_outside_an_agent_the_way_in_is_told(tmp_path: Path, cli: Cli) -> None:
    (tmp_path / "empty").mkdir()
    assert cli("-C", str(tmp_path / "empty"), "status") == Ran(
        3,
        "",
        "error: no agent in <tmp>/empty or above it\nhint: Make one with: gitagent init, or name its folder with -C.\n",
    )
    assert cli("-C", "nowhere", "status").code == 3


def test_without_an_identity_the_two_lines_to_type_are_told(cli: Cli, agent: Built, tmp_path: Path) -> None:
    agent.git("config", "user.name", "")
    agent.git("config", "user.email", "")
    assert cli("publish") == Ran(
        3,
        "",
        "error: git does not know who you are, and every change is recorded with a name\n"
        'hint: git config --global user.name "Your Name"\n'
        "hint: git config --global user.email you@example.com\n",
    )
    assert cli("publish", environ={"GIT_AUTHOR_NAME": "Grace", "GIT_AUTHOR_EMAIL": "g@example.com"}).code == 0


@pytest.mark.parametrize(
    "command",
    [
        "save",
        "publish",
        "promote pre-release",
        "rollback sandbox",
        "restore v1",
        "discard",
        "environments set live --requires-number",
        "numbers assign +442079460018 -e live",
        "-C ../plain init",
    ],
)
def test_a_dry_run_needs_no_identity(command: str, cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n").edit("three\n")
    agent.git("init", "../plain")
    (agent.path.parent / "plain" / "notes.md").write_text("one\n")
    for folder, name in itertools.product((".", "../plain"), ("user.name", "user.email")):
        agent.git("-C", folder, "config", name, "")
    ran = cli(*command.split(), "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("Nothing was changed (--dry-run).\n")
    assert cli(*command.split(), "--yes").err.startswith("error: git does not know who you are")


def test_long_errors_are_wrapped_on_a_terminal_and_commands_are_not(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = cli("promote", "x" * 30, typed="", columns=40)
    assert ran.err == (
        "error: no environment is called\n"
        f"       '{'x' * 30}'\n"
        "hint: The pipeline is sandbox →\n"
        "      pre-release → live.\n"
    )


def test_a_bug_leaves_a_report_and_no_traceback(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(session.Session, "agent", property(lambda self: 1 / 0))
    ran = cli("status")
    (report,) = tmp_path.glob("gitagent-report-*.txt")
    assert ran == Ran(
        70,
        "",
        "error: gitagent itself failed: ZeroDivisionError: division by zero\n"
        f"hint: Please report it with the file <tmp>/{report.name}, which has the details.\n",
    )
    assert "Traceback (most recent call last):" in report.read_text()
    assert json.loads(cli("status", "--json").out)["error"]["code"] == "bug"


def test_a_bug_shows_its_traceback_when_asked(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(session.Session, "agent", property(lambda self: 1 / 0))
    ran = cli("status", environ={"GITAGENT_TRACEBACK": "1"})
    assert ran.code == 70
    assert ran.err.startswith("Traceback (most recent call last):\n")


def test_a_bug_is_told_when_no_report_can_be_written(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "missing"))
    monkeypatch.setattr(session.Session, "agent", property(lambda self: 1 / 0))
    ran = cli("status")
    assert ran.code == 70
    assert ran.err.endswith("hint: Nothing more is known; set GITAGENT_TRACEBACK=1 and try again.\n")


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_130(interruption: BaseException, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(self: session.Session) -> None:
        raise interruption

    monkeypatch.setattr(session.Session, "agent", property(interrupted))
    assert cli("status") == Ran(130, "", "error: interrupted\n")


def test_an_interruption_while_it_is_being_loaded_is_130_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "click.py").write_text("raise KeyboardInterrupt\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = process("status", environ={"PYTHONPATH": path})
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_the_gitagent_command_begins_where_python_m_gitagent_does() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["scripts"] == {"gitagent": "gitagent.__main__:main"}


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize(
    ("arguments", "told"),
    [("--help", (5, "error: no space left on device\n")), ("--json -C /nowhere status", None)],
)
def test_a_full_disk_under_the_output_is_told_without_a_traceback(
    arguments: str, told: tuple[int, str] | None, unbuffered: str
) -> None:
    script = f"{sys.executable} -m gitagent {arguments} > /dev/full"
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert told in {None, (done.returncode, done.stderr)}
    assert done.returncode in {3, 5}


MAY_BE_DONE = "hint: What was asked for may be done already: see gitagent status and gitagent history --limit 1.\n"


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("extra", ["", "--json"])
def test_a_full_disk_under_the_output_says_that_it_may_be_done(
    extra: str, unbuffered: str, cli: Cli, agent: Built
) -> None:
    script = f"{sys.executable} -m gitagent -C '{cli.folder}' publish {extra} > /dev/full"
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["sh", "-c", script], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 5
    if not extra:
        assert done.stderr == f"error: the output could not be written: no space left on device\n{MAY_BE_DONE}"
    assert agent.serving()["sandbox"] == "v1"


@pytest.mark.parametrize("command", ["status", "publish --dry-run"])
def test_a_full_disk_under_what_changes_nothing_is_told_without_that(command: str, cli: Cli) -> None:
    script = f"{sys.executable} -m gitagent -C '{cli.folder}' {command} > /dev/full"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (5, "error: the output could not be written: no space left on device\n")


def test_notes_that_cannot_be_written_are_told_by_the_exit_code(cli: Cli, agent: Built) -> None:
    agent.publish().git("update-ref", "-d", "refs/heads/sandbox")
    script = f"{sys.executable} -m gitagent -C '{cli.folder}' versions 2> /dev/full"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 5


def test_an_interruption_after_the_commit_says_that_it_may_be_done(
    cli: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(self: session.Session, *arguments: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session.Session, "show", interrupted)
    assert cli("publish") == Ran(130, "", f"error: interrupted\n{MAY_BE_DONE}")
    assert agent.serving()["sandbox"] == "v1"
    assert cli("publish", "v1", "--dry-run").code == 3
    assert cli("promote", "pre-release", "--dry-run") == Ran(130, "", "error: interrupted\n")
    assert cli("status") == Ran(130, "", "error: interrupted\n")


def test_other_failures_of_the_system_name_the_file(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: session.Session) -> None:
        raise PermissionError(13, "Permission denied", "/some/file")

    monkeypatch.setattr(session.Session, "agent", property(denied))
    assert cli("status") == Ran(5, "", "error: permission denied: /some/file\n")


def test_a_reader_that_leaves_early_is_no_failure(cli: Cli, agent: Built) -> None:
    for number in range(3):
        agent.save(f"{number}\n")
    script = f"set -o pipefail; {sys.executable} -m gitagent -C '{cli.folder}' history | true"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("redirected", ["", "2>&1"])
@pytest.mark.parametrize("json_wanted", ["", "--json"])
def test_a_refusal_that_nobody_reads_keeps_its_exit_code(
    json_wanted: str, redirected: str, unbuffered: str, cli: Cli
) -> None:
    script = f"{sys.executable} -m gitagent -C '{cli.folder}' promote live --yes {json_wanted} {redirected}"
    waits = f"exec 3> >(exit); wait $!; exec 1>&3; {script}"  # the reader is gone before gitagent begins
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = subprocess.run(["bash", "-c", waits], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (3, False)


def test_a_check_whose_reader_leaves_keeps_its_answer(cli: Cli, agent: Built) -> None:
    agent.edit("{", "agent.json")
    script = f"exec 3> >(exit); wait $!; {sys.executable} -m gitagent -C '{cli.folder}' validate >&3"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")


def test_a_change_is_made_although_nobody_reads_the_notices(cli: Cli, agent: Built) -> None:
    agent.publish().git("update-ref", "-d", "refs/heads/sandbox")
    script = f"exec 3> >(exit); wait $!; {sys.executable} -m gitagent -C '{cli.folder}' promote pre-release -y 2>&3"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[:1]) == (0, ["Promoted pre-release to v1; it served nothing."])
    assert agent.serving()["pre-release"] == "v1"


@pytest.mark.parametrize(
    ("closed", "arguments", "code"),
    [
        (">&-", "status", 0),
        (">&- 2>&-", "promote live", 3),
        ("2>&-", "statsu", 2),
        (">&-", "show v9 --json", 3),
    ],
)
def test_streams_that_were_closed_beforehand_are_no_failure(closed: str, arguments: str, code: int, cli: Cli) -> None:
    script = f"{sys.executable} -m gitagent -C '{cli.folder}' {arguments} {closed}"
    done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (code, False)


def test_a_closed_stdout_is_told_in_process(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def left(self: object, *arguments: object, **named: object) -> None:
        raise BrokenPipeError

    closed: list[int] = []
    monkeypatch.setattr(session.Session, "show", left)
    monkeypatch.setattr("os.dup2", lambda old, new: closed.append(new))
    assert cli("status") == Ran(0)
    assert closed == [1, 2]


@pytest.mark.parametrize(
    "argument", ["\udcff", "\udcff\udcfe", "é\udc80", "菜单", "\x1b[31m", "a\nb", "", " ", "\u202e"]
)
def test_no_argument_whatever_crashes(argument: str, cli: Cli) -> None:
    for arguments in (
        [argument],
        ["show", argument],
        ["promote", argument, "-y"],
        ["save", "-m", argument],
        ["save", "--name", argument],
        ["-C", argument, "status"],
        ["at", "live", "--when", argument],
        ["numbers", "assign", argument, "-e", "live"],
        ["restore", argument],
        ["drafts", "show", argument],
        ["history", "--op", argument],
    ):
        for extra in ([], ["--json"]):
            ran = cli(*arguments, *extra)
            assert ran.code in {0, 2, 3}, (arguments, ran)
            assert "\x1b" not in ran.err
            if extra and ran.code:
                assert json.loads(ran.out)["format"] == "gitagent.error/1"


def test_a_screen_that_knows_ascii_alone_gets_readable_text(cli: Cli) -> None:
    done = process("-C", str(cli.folder), "promote", "x", "-y", environ={"PYTHONIOENCODING": "ascii"})
    assert "sandbox > pre-release > live" in done.stderr


def test_the_process_ends_with_the_exit_code(cli: Cli) -> None:
    for arguments, code in ((["status"], 0), (["statsu"], 2), (["show", "v9"], 3)):
        assert process("-C", str(cli.folder), *arguments).returncode == code


def test_notices_of_the_agent_are_told_on_stderr(cli: Cli, agent: Built) -> None:
    agent.publish()
    agent.git("update-ref", "-d", "refs/heads/sandbox")
    ran = cli("versions")
    assert ran.out.startswith("v1  sandbox")
    assert ran.err.startswith("note: ")
    assert cli("versions").err == ""


def test_a_text_that_the_command_would_drop_is_refused(cli: Cli) -> None:
    assert cli("-m", "why", "status") == Ran(
        2, "", "error: 'gitagent status' takes no --message\nhint: 'gitagent status --help' explains it.\n"
    )
    assert cli("--name", "x", "promote", "live").code == 2


def test_a_dry_run_that_the_command_does_not_know_is_refused_and_not_ignored(cli: Cli, agent: Built) -> None:
    assert cli("--dry-run", "demo", "other") == Ran(
        2, "", "error: 'gitagent demo' takes no --dry-run\nhint: 'gitagent demo --help' explains it.\n"
    )
    assert not (cli.folder / "other").exists()


def test_common_options_may_stand_before_the_command(cli: Cli, agent: Built, at: object) -> None:
    agent.edit("two\n")
    ran = cli("-C", str(cli.folder), "--json", "-m", "why", "--name", "Autumn", "save")
    assert ran.code == 0
    record = json.loads(ran.out)
    assert (record["version"], record["name"], record["message"]) == ("v2", "Autumn", "why")


def test_the_last_word_counts_when_an_option_is_given_twice(cli: Cli, agent: Built) -> None:
    agent.edit("two\n")
    assert json.loads(cli("-m", "first", "save", "-m", "second", "--json").out)["message"] == "second"


def test_problems_on_stderr_have_no_control_characters(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("a\x1b.yaml", 1, 2, "bad", "it is \x1b[31mred", "say \x07", Severity.ERROR)
    error = errors.InvalidConfiguration("invalid", problems=[problem])
    stderr = Stream()
    monkeypatch.setattr(sys, "stderr", stderr)
    failures.tell(failure_of(error), as_json=False)
    assert stderr.written() == ("a\\x1b.yaml:1:2: bad: it is \\x1b[31mred (error)\n    say \\x07\nerror: invalid\n")


def test_main_reads_sys_argv_when_given_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = Stream()
    monkeypatch.setattr(sys, "argv", ["gitagent", "--version"])
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main.main() == 0
    assert stdout.written().startswith("gitagent ")


def test_streams_that_cannot_be_prepared_are_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    stdout = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stdout)
    assert main.main(["--version"]) == 0
    assert stdout.getvalue().startswith("gitagent ")
    assert builtins.print is print
