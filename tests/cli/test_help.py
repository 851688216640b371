"""Help pages, the command table, and what the first keystrokes cost."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from support.building import Built
from support.commandline import Cli, Ran

from gitagent.cli import table
from gitagent.cli.command import AgentCommand, AgentGroup
from gitagent.cli.options import COMMON, Described
from gitagent.cli.root import root
from gitagent.version import VERSION

HEAVY = ("pygit2", "ruamel", "rich", "pydantic", "phonenumbers", "json", "difflib", "pathlib", "gitagent.agent")


def every_command() -> Iterator[tuple[str, AgentCommand]]:
    for name in table.names():
        command = table.load(name)
        assert isinstance(command, AgentCommand)
        yield name, command
        if isinstance(command, AgentGroup):
            for sub_name, sub_command in command.commands.items():
                assert isinstance(sub_command, AgentCommand)
                yield f"{name} {sub_name}", sub_command


COMMANDS = dict(every_command())


def test_the_help_lists_every_command_by_group(cli: Cli) -> None:
    assert cli("--help") == Ran(0, WHOLE_HELP)
    assert cli("-h") == Ran(0, WHOLE_HELP)
    assert cli() == Ran(0, WHOLE_HELP)


def test_help_is_a_command_too(cli: Cli) -> None:
    assert cli("help") == Ran(0, WHOLE_HELP)
    assert cli("help", "promote") == Ran(0, PROMOTE_HELP)
    assert cli("help", "numbers", "assign") == cli("numbers", "assign", "--help")
    assert cli("numbers", "help", "assign") == cli("numbers", "assign", "--help")
    assert cli("numbers", "help") == cli("numbers", "--help")
    assert cli("-C", "nowhere", "help", "status") == cli("status", "--help")


def test_the_version_is_printed(cli: Cli) -> None:
    assert cli("--version") == Ran(0, f"gitagent {VERSION}\n")


def test_the_help_of_a_command_explains_arguments_options_and_gives_an_example(cli: Cli) -> None:
    assert cli("promote", "--help") == Ran(0, PROMOTE_HELP)


@pytest.mark.parametrize("name", [name for name, each in COMMANDS.items() if each.params])
def test_common_options_are_those_that_other_commands_have_too(cli: Cli, name: str) -> None:
    common = cli(*name.split(), "--help").out.partition("\nCommon options:\n")[2].partition("\n\n")[0]
    names = {word for line in common.splitlines() if line.startswith("  -") for word in line.split() if word[0] == "-"}
    assert names <= {"-C", "--json", "-y,", "--yes", "--dry-run", "-m,", "--message", "--name", "-h,", "--help"}


def test_the_help_of_a_group_lists_its_commands(cli: Cli) -> None:
    ran = cli("numbers", "--help")
    assert ran.code == 0
    assert [line.split()[0] for line in ran.out.splitlines() if line.startswith("  ") and "number" in line][:3]
    assert "Commands:\n  assign   Assign a phone number to an environment.\n" in ran.out


def test_help_is_as_wide_as_the_terminal_up_to_a_readable_width(cli: Cli) -> None:
    for columns, widest in ((60, 58), (80, 78), (200, 98)):
        assert max(map(len, cli("promote", "--help", columns=columns).out.splitlines())) <= widest


@pytest.mark.parametrize("name", COMMANDS)
def test_help_begins_with_an_imperative_sentence_and_ends_with_an_example(name: str, cli: Cli) -> None:
    ran = cli(*name.split(), "--help")
    text = (COMMANDS[name].help or "").strip()
    first = text.split("\n\n")[0].replace("\n", " ")
    assert ran.code == 0
    assert first.endswith(".")
    assert first[0].isupper()
    assert not first.split()[0].endswith("s")
    *_, last = ran.out.rstrip().splitlines()
    assert last.startswith("  ")
    assert "gitagent" in last
    assert f"gitagent {name}" in COMMANDS[name].example


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_argument_has_help(name: str) -> None:
    for parameter in COMMANDS[name].params:
        text = parameter.text if isinstance(parameter, Described) else getattr(parameter, "help", None)
        assert text, parameter.name
        assert text[0].isupper()
        assert text.endswith("."), parameter.name


@pytest.mark.parametrize("name", COMMANDS)
def test_the_usage_has_what_may_be_left_out_in_brackets(name: str) -> None:
    command = COMMANDS[name]
    pieces = command.collect_usage_pieces(click.Context(command))
    for parameter in command.params:
        if isinstance(parameter, click.Argument) and not parameter.required:
            shown = parameter.make_metavar(click.Context(command))
            assert shown.startswith("["), parameter.name
            assert shown in pieces


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_use_options_and_commands_that_exist(name: str) -> None:
    for line in COMMANDS[name].example.splitlines():
        words = line.split("&& ")[-1].split(" >")[0].split()
        assert words[0] == "gitagent"
        options = [word for word in words if word.startswith("-")]
        found = COMMANDS[" ".join(words[1:3])] if " ".join(words[1:3]) in COMMANDS else COMMANDS[words[1]]
        known = {option for p in found.params for option in (*p.opts, *p.secondary_opts)}
        assert known >= set(options)


def test_the_table_tells_what_each_command_says_of_itself() -> None:
    for entry in table.COMMANDS:
        first = " ".join((COMMANDS[entry.name].help or "").split("\n\n")[0].split())
        assert entry.summary == first


def test_summaries_fit_beside_their_names_on_eighty_columns() -> None:
    assert max(len(entry.summary) for entry in table.COMMANDS) <= 80 - 2 - 2 - 14


def test_there_is_no_command_of_another_name() -> None:
    assert table.load("push") is None


def test_every_command_takes_the_common_options_everywhere() -> None:
    for command in COMMANDS.values():
        names = {parameter.name for parameter in command.params}
        assert {"folder", "json"} <= names


def test_every_command_that_writes_takes_dry_run_or_needs_no_undoing() -> None:
    drafts = {"init", "save", "publish", "restore", "discard", "drafts restore", "drafts drop"}
    environments = {
        "promote",
        "rollback",
        "environments set",
        "numbers assign",
        "numbers move",
        "numbers release",
        "doctor",
    }
    people = {"approve", "access grant", "access revoke"}
    assert {name for name, command in COMMANDS.items() if "dry_run" in command.common} == {
        "calls prune",
        *drafts,
        *environments,
        *people,
    }


def test_every_command_that_can_be_tried_first_can_be_confirmed_beforehand() -> None:
    for name, command in COMMANDS.items():
        assert ("dry_run" in command.common) == ("yes" in command.common), name


def test_the_common_options_are_known_by_their_order() -> None:
    assert list(COMMON) == ["folder", "json", "yes", "dry_run", "message", "name"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_and_version_import_nothing_heavy(arguments: list[str]) -> None:
    code = f"from gitagent.cli.main import main\nmain({arguments!r})\nprint([n for n in {HEAVY!r} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", _with_paths(code)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert not any("gitagent.cli.commands" in line for line in done.stderr.splitlines())


NOT_EVERYDAY = (
    "rich",
    "pydantic",
    "phonenumbers",
    "ruamel",
    "gitagent.agent.gates",
    "gitagent.agent.results",
    "gitagent.agent.trials",
    "gitagent.config.cases",
)
EVERYDAY = ("status", "environments", "versions", "history", "promote live -y", "rollback live -y")


@pytest.fixture(scope="module")
def everywhere(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An agent whose live can be promoted, and rolled back."""
    built = Built(tmp_path_factory.mktemp("everyday") / "agent")
    for text in ("two\n", "three\n"):
        built.publish(text).promote("pre-release", "live")
    return built.publish("four\n").promote("pre-release")


@pytest.mark.parametrize("command", EVERYDAY)
def test_everyday_commands_import_neither_rich_nor_pydantic_nor_what_tests_need(
    command: str, everywhere: Built
) -> None:
    code = (
        f"import sys\nfrom gitagent.cli.main import main\n"
        f"code = main({['-C', str(everywhere.path), *command.split()]!r})\n"
        f"print(code, [n for n in {NOT_EVERYDAY!r} if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "0 []"


def _with_paths(code: str) -> str:
    return f"import sys\nsys.path[:] = {sys.path!r}\n{code}"


def test_the_root_is_new_for_each_run() -> None:
    assert root() is not root()
    assert isinstance(root(), click.Group)


WHOLE_HELP = """\
Usage: gitagent [OPTIONS] [COMMAND] [ARGS]...

  Keep a conversational agent's configuration in git: edit a draft, make
  versions of it, and move them through environments to live, and back.

Start:
  demo          Take a sample agent from draft to live and back
  init          Make an agent, or take over a folder or git repository
  status        Show the draft, the environments and what to type next

Team:
  share         Put the agent on a shared remote, the authority from then on
  clone         Join an agent on a shared remote
  sync          Catch up with the shared remote, and merge what others saved
  approve       Approve a version for an environment
  access        Show who may do what, and give or take roles
  hooks         Install git hooks that keep the rules, here or on the server

Draft and versions:
  validate      Check the configuration and report every problem at once
  save          Make a version from the draft; nothing is served
  compare       Show what differs between versions, environments or the draft
  versions      List the versions, newest first
  show          Show one version whole, or one of its files
  restore       Copy a version's content into the draft, to edit it
  discard       Give the draft up and go back to the last published version
  drafts        List the drafts that were kept, show one, or bring it back

Trying:
  chat          Talk to the draft, a version or what an environment serves
  test          Play the suites of the draft, a version or an environment
  bisect        Find the version that broke a case

Environments:
  environments  Show the pipeline, or change an environment's rules
  publish       Put the draft or a saved version in the first environment
  promote       Move an environment forward to what the one before it serves
  rollback      Move an environment back to a version that it served before

History:
  history       List what was saved, published, promoted and rolled back
  at            Tell which version an environment served at some time
  blame         Tell which version last changed each key or line of a file

Traffic:
  numbers       List, assign, move and release phone numbers
  resolve       Tell which version answers a phone number now
  calls         List calls with the version that each one got, and statistics
  serve         Serve agents, their configurations and their calls over HTTP
  tokens        List, add and revoke the tokens that a server asks for

Tools:
  verify        Check every rule over the whole repository, offline
  doctor        Explain what is wrong with the repository, and repair it
  schema        Print the JSON Schema of a kind of file, for editors
  completion    Print the shell completion script for bash, zsh or fish

Options:
  --version   Show gitagent's version and exit.
  -h, --help  Show this message and exit.

Common options:
  -C PATH             Work on the agent at PATH, instead of the one around the
                      current folder.
  --json              Print one JSON object instead of text.
  -y, --yes           Answer every question with yes.
  --dry-run           Check everything, say what would be done, change
                      nothing.
  -m, --message TEXT  Say why, in your own words; kept for ever.
  --name NAME         Give the version a name, such as 'Autumn menu'.

Examples:
  gitagent demo
  gitagent init my-agent --template restaurant
  gitagent promote --help
"""

PROMOTE_HELP = """\
Usage: gitagent promote [OPTIONS] ENVIRONMENT [VERSION]

  Move an environment forward to what the one before it serves.

  Shows the version that is replaced, what changes and which phone numbers are
  affected, and asks. The draft and the other environments stay as they are.
  Where the environment asks for tests, the suites are played if nobody has,
  and what does not pass is refused.

Arguments:
  ENVIRONMENT  The environment to move.
  VERSION      The version to take, which the environment before must have
               served; what it serves now unless given.

Options:
  --version VERSION   The version, as an option.
  --force             Move it whatever its tests say, where your role allows
                      it.
  --reason TEXT       Why, with --force; kept for ever.
  --sign / --no-sign  Sign it with your key, as git is set to; by default if
                      git's tag.gpgSign says so.
  -h, --help          Show this message and exit.

Common options:
  -C PATH             Work on the agent at PATH, instead of the one around the
                      current folder.
  --json              Print one JSON object instead of text.
  -y, --yes           Answer every question with yes.
  --dry-run           Check everything, say what would be done, change
                      nothing.
  -m, --message TEXT  Say why, in your own words; kept for ever.

Examples:
  gitagent promote pre-release
  gitagent promote live --version v12 -m 'Autumn menu'
"""
