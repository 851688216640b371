"""Refusals: the exit code, the error's code and every word of each, and that none of them changes anything."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable

import pytest
from support.building import Built
from support.commandline import Cli


def fresh(agent: Built, cli: Cli) -> None:
    """v1, served nowhere."""


def edited(agent: Built, cli: Cli) -> None:
    agent.publish().edit("two\n")


def moved(agent: Built, cli: Cli) -> None:
    """v2 served by sandbox and pre-release, v1 by live; v3 saved and served nowhere."""
    agent.publish().promote("pre-release", "live").publish("two\n").promote("pre-release").save("three\n")


def numbered(agent: Built, cli: Cli) -> None:
    agent.publish()
    assert cli("numbers", "assign", "+442079460018", "-e", "live").code == 0


def ruled(agent: Built, cli: Cli) -> None:
    """live asks for a phone number and has none."""
    agent.publish().promote("pre-release")
    assert cli("environments", "set", "live", "--requires-number").code == 0


def broken(agent: Built, cli: Cli) -> None:
    agent.edit("{", "agent.json")


def branched(agent: Built, cli: Cli) -> None:
    agent.edit("two\n").git("checkout", "-q", "-b", "other")


def nobody(agent: Built, cli: Cli) -> None:
    """Somebody whose name git does not know."""
    agent.edit("two\n").git("config", "user.name", "")
    agent.git("config", "user.email", "")


def elsewhere(agent: Built, cli: Cli) -> None:
    """A folder that is no agent."""
    cli.folder = agent.path.parent / "elsewhere"
    cli.folder.mkdir()


State = Callable[[Built, Cli], None]

REFUSALS: list[tuple[State, str, int, str, str]] = [
    (
        moved,
        "promote liev --yes",
        3,
        "environment-not-found",
        ("error: no environment is called 'liev'\nhint: Did you mean live?\n"),
    ),
    (
        moved,
        "rollback sandbx --yes",
        3,
        "environment-not-found",
        ("error: no environment is called 'sandbx'\nhint: Did you mean sandbox?\n"),
    ),
    (
        moved,
        "promote nowhere --yes",
        3,
        "environment-not-found",
        ("error: no environment is called 'nowhere'\nhint: The pipeline is sandbox → pre-release → live.\n"),
    ),
    (
        moved,
        "at liev --when now",
        3,
        "environment-not-found",
        ("error: no environment is called 'liev'\nhint: Did you mean live?\n"),
    ),
    (
        moved,
        "environments set liev --requires-number",
        3,
        "environment-not-found",
        ("error: no environment is called 'liev'\nhint: Did you mean live?\n"),
    ),
    (
        moved,
        "numbers assign +442079460018 -e liev",
        3,
        "environment-not-found",
        ("error: no environment is called 'liev'\nhint: Did you mean live?\n"),
    ),
    (
        moved,
        "show v9",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "show v0",
        3,
        "unknown-selector",
        (
            "error: 'v0' is neither a version nor an environment\n"
            "hint: The pipeline is sandbox → pre-release → live; versions are written v7 or 7.\n"
        ),
    ),
    (
        moved,
        "show nothing",
        3,
        "unknown-selector",
        (
            "error: 'nothing' is neither a version nor an environment\n"
            "hint: The pipeline is sandbox → pre-release → live; versions are written v7 or 7.\n"
        ),
    ),
    (
        moved,
        "show v1 absent.md",
        3,
        "file-not-found",
        ("error: there is no file 'absent.md' in it\nhint: 'gitagent show' with the version alone lists its files.\n"),
    ),
    (
        moved,
        "compare v1 v9",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "restore v9 --yes",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "validate v9",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "publish v9",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "promote live v9 --yes",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "rollback live v9 --yes",
        3,
        "version-not-found",
        ("error: there is no version v9\nhint: The newest is v3: gitagent versions\n"),
    ),
    (
        moved,
        "promote sandbox --yes",
        3,
        "first-environment",
        (
            "error: sandbox is the first environment; nothing can be promoted to it\n"
            "hint: Publish puts a version into it: gitagent publish\n"
        ),
    ),
    (
        moved,
        "promote pre-release --yes",
        3,
        "already-served",
        ("error: pre-release already serves v2\nhint: Nothing is left to promote.\n"),
    ),
    (
        moved,
        "promote pre-release v1 --yes",
        3,
        "not-forward",
        ("error: pre-release serves v2, which is newer than v1\nhint: To go back: gitagent rollback pre-release v1\n"),
    ),
    (
        moved,
        "promote live v1 --yes",
        3,
        "already-served",
        ("error: live already serves v1\nhint: Nothing is left to promote.\n"),
    ),
    (
        moved,
        "promote live v3 --yes",
        3,
        "never-served",
        ("error: pre-release never served v3, so it cannot go to live\nhint: Publish it first: gitagent publish v3\n"),
    ),
    (
        moved,
        "rollback live --yes",
        3,
        "never-served",
        ("error: live served nothing before v1\nhint: All that it served: gitagent history --environment live\n"),
    ),
    (
        moved,
        "rollback live v2 --yes",
        3,
        "never-served",
        ("error: live never served v2\nhint: See: gitagent history --environment live\n"),
    ),
    (
        moved,
        "rollback sandbox v2 --yes",
        3,
        "already-served",
        ("error: sandbox already serves v2\nhint: What it served before: gitagent history --environment sandbox\n"),
    ),
    (
        moved,
        "rollback sandbox v3 --yes",
        3,
        "never-served",
        ("error: sandbox never served v3\nhint: See: gitagent history --environment sandbox\n"),
    ),
    (
        fresh,
        "rollback live --yes",
        3,
        "never-served",
        "error: live serves no version, so there is nothing to roll back\nhint: See: gitagent environments\n",
    ),
    (
        fresh,
        "promote pre-release --yes",
        3,
        "never-served",
        (
            "error: sandbox serves no version that could be promoted to pre-release\n"
            "hint: Publish one first: gitagent publish\n"
        ),
    ),
    (
        fresh,
        "save",
        3,
        "nothing-to-save",
        ("error: there is nothing to save: the draft is the same as v1\nhint: Edit it first.\n"),
    ),
    (
        fresh,
        "save --dry-run",
        3,
        "nothing-to-save",
        ("error: there is nothing to save: the draft is the same as v1\nhint: Edit it first.\n"),
    ),
    (
        moved,
        "publish v2",
        3,
        "already-served",
        ("error: sandbox already serves v2\nhint: Edit the draft, or publish another version.\n"),
    ),
    (
        moved,
        "publish v1 --name Other",
        3,
        "version-immutable",
        (
            "error: v1 exists already and cannot be given another name\n"
            "hint: Leave --name out; a message is recorded with the publication.\n"
        ),
    ),
    (
        moved,
        "publish liev",
        3,
        "unknown-selector",
        ("error: 'liev' is neither a version nor an environment\nhint: Did you mean live?\n"),
    ),
    (
        moved,
        "promote live",
        3,
        "confirmation-needed",
        (
            "error: confirmation is needed: Promote live to v2?\n"
            "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n"
        ),
    ),
    (
        moved,
        "rollback sandbox",
        3,
        "confirmation-needed",
        (
            "error: confirmation is needed: Roll sandbox back to v1?\n"
            "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n"
        ),
    ),
    (
        edited,
        "discard",
        3,
        "confirmation-needed",
        (
            "error: confirmation is needed: Discard the draft and go back to v1?\n"
            "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n"
        ),
    ),
    (
        edited,
        "restore v1",
        3,
        "confirmation-needed",
        (
            "error: confirmation is needed: Overwrite the draft with v1?\n"
            "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n"
        ),
    ),
    (
        numbered,
        "numbers release +442079460018",
        3,
        "confirmation-needed",
        (
            "error: confirmation is needed: Release +442079460018?\n"
            "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n"
        ),
    ),
    (
        numbered,
        "numbers release +442079460019 --yes",
        3,
        "number-not-found",
        ("error: +442079460019 is assigned to no environment\nhint: List the numbers with: gitagent numbers\n"),
    ),
    (
        numbered,
        "numbers assign +442079460018 -e sandbox",
        3,
        "number-taken",
        (
            "error: +442079460018 belongs to live\n"
            "hint: Move it: gitagent numbers move +442079460018 --environment sandbox\n"
        ),
    ),
    (
        numbered,
        "numbers assign 0207 -e live",
        3,
        "invalid-number",
        ("error: '0207' is not a phone number\nhint: Write it with its country code, such as +44 20 7946 0018.\n"),
    ),
    (
        numbered,
        "numbers release word --yes",
        3,
        "invalid-number",
        ("error: 'word' is not a phone number\nhint: Write it with its country code, such as +44 20 7946 0018.\n"),
    ),
    (
        ruled,
        "promote live --yes",
        3,
        "number-required",
        (
            "error: live has no phone number, and its rules ask for one\n"
            "hint: Assign one: gitagent numbers assign +442079460018 --environment live\n"
            "hint: or change the rule: gitagent environments set live --no-requires-number\n"
        ),
    ),
    (
        ruled,
        "promote live --dry-run",
        3,
        "number-required",
        (
            "error: live has no phone number, and its rules ask for one\n"
            "hint: Assign one: gitagent numbers assign +442079460018 --environment live\n"
            "hint: or change the rule: gitagent environments set live --no-requires-number\n"
        ),
    ),
    (
        fresh,
        "drafts show ABCDEFGHJK",
        3,
        "draft-not-found",
        (
            "error: no kept draft has an id that begins with 'ABCDEFGHJK'\n"
            "hint: Give 6 characters or more: gitagent drafts\n"
        ),
    ),
    (
        fresh,
        "drafts restore ABCDEFGHJK --yes",
        3,
        "draft-not-found",
        (
            "error: no kept draft has an id that begins with 'ABCDEFGHJK'\n"
            "hint: Give 6 characters or more: gitagent drafts\n"
        ),
    ),
    (
        fresh,
        "drafts drop ABCDEFGHJK --yes",
        3,
        "draft-not-found",
        (
            "error: no kept draft has an id that begins with 'ABCDEFGHJK'\n"
            "hint: Give 6 characters or more: gitagent drafts\n"
        ),
    ),
    (
        broken,
        "save",
        3,
        "invalid-configuration",
        (
            "agent.json:1:2: json-syntax: expected a key in double quotes, found the end of the file (error)\n"
            "error: the configuration has 1 problem, and a version has to be valid\n"
            "hint: Correct it and try again.\n"
        ),
    ),
    (
        broken,
        "publish",
        3,
        "invalid-configuration",
        (
            "agent.json:1:2: json-syntax: expected a key in double quotes, found the end of the file (error)\n"
            "error: the configuration has 1 problem, and a version has to be valid\n"
            "hint: Correct it and try again.\n"
        ),
    ),
    (
        branched,
        "save",
        3,
        "head-not-on-main",
        (
            "error: the working tree is on other; the draft is what stands on main\n"
            "hint: Go back to it with: git switch main\n"
        ),
    ),
    (
        branched,
        "publish",
        3,
        "head-not-on-main",
        (
            "error: the working tree is on other; the draft is what stands on main\n"
            "hint: Go back to it with: git switch main\n"
        ),
    ),
    (
        branched,
        "restore v1 --yes",
        3,
        "head-not-on-main",
        (
            "error: the working tree is on other; the draft is what stands on main\n"
            "hint: Go back to it with: git switch main\n"
        ),
    ),
    (
        nobody,
        "save",
        3,
        "identity-missing",
        (
            "error: git does not know who you are, and every change is recorded with a name\n"
            'hint: git config --global user.name "Your Name"\n'
            "hint: git config --global user.email you@example.com\n"
        ),
    ),
    (
        nobody,
        "publish",
        3,
        "identity-missing",
        (
            "error: git does not know who you are, and every change is recorded with a name\n"
            'hint: git config --global user.name "Your Name"\n'
            "hint: git config --global user.email you@example.com\n"
        ),
    ),
    (
        elsewhere,
        "status",
        3,
        "agent-not-found",
        ("error: no agent in . or above it\nhint: Make one with: gitagent init, or name its folder with -C.\n"),
    ),
    (
        elsewhere,
        "publish",
        3,
        "agent-not-found",
        ("error: no agent in . or above it\nhint: Make one with: gitagent init, or name its folder with -C.\n"),
    ),
    (fresh, "statsu", 2, "usage", ("error: there is no command 'statsu'\nhint: Did you mean status?\n")),
    (
        fresh,
        "status extra",
        2,
        "usage",
        ("error: got unexpected extra argument (extra)\nhint: 'gitagent status --help' explains it.\n"),
    ),
    (
        fresh,
        "promote",
        2,
        "usage",
        ("error: missing argument 'ENVIRONMENT'\nhint: 'gitagent promote --help' explains it.\n"),
    ),
    (fresh, "versions --limt 3", 2, "usage", ("error: there is no option '--limt'\nhint: Did you mean --limit?\n")),
    (
        fresh,
        "completion tcsh",
        2,
        "usage",
        (
            "error: invalid value for 'SHELL': 'tcsh' is not one of 'bash', 'zsh', 'fish'\n"
            "hint: 'gitagent completion --help' explains it.\n"
        ),
    ),
    (
        fresh,
        "environments set live",
        2,
        "usage",
        ("error: there is no rule to change\nhint: 'gitagent environments set --help' explains it.\n"),
    ),
    (
        fresh,
        "numbers assign +442079460018",
        2,
        "usage",
        ("error: missing option '-e' / '--environment'\nhint: 'gitagent numbers assign --help' explains it.\n"),
    ),
    (
        fresh,
        "numbers assign +442079460018 -e live --sip-header X",
        2,
        "usage",
        (
            "error: --sip-header is written NAME=VALUE, each name once; 'X' is not\n"
            "hint: 'gitagent numbers assign --help' explains it.\n"
        ),
    ),
    (
        fresh,
        "at live --when someday",
        2,
        "usage",
        (
            "error: invalid value for '--when': 'someday' is not a time\n"
            "hint: Write 2026-03-01, 2026-03-01T14:30, yesterday, '2 hours ago' or 3d.\n"
        ),
    ),
    (
        fresh,
        "history -e liev",
        3,
        "environment-not-found",
        ("error: no environment is called 'liev'\nhint: Did you mean live?\n"),
    ),
    (fresh, "init .", 3, "already-an-agent", ("error: <tmp>/agent is an agent already\nhint: See: gitagent status\n")),
]


def repository(agent: Built) -> tuple[str, str]:
    """All references and the state of the folder."""
    return agent.git("for-each-ref"), agent.git("status", "--porcelain")


@pytest.mark.parametrize(
    ("state", "line", "code", "name", "said"),
    REFUSALS,
    ids=[f"{state.__name__}: {line}" for state, line, *_ in REFUSALS],
)
def test_a_refusal_says_why_and_changes_nothing(
    state: State, line: str, code: int, name: str, said: str, agent: Built, cli: Cli
) -> None:
    state(agent, cli)
    cli.clock = agent.clock
    before = repository(agent)
    ran = cli(*shlex.split(line))
    assert (ran.code, ran.out, ran.err) == (code, "", said)
    assert repository(agent) == before
    ran = cli(*shlex.split(line), "--json")
    envelope = json.loads(ran.out)
    assert (ran.code, ran.err, envelope["format"]) == (code, "", "gitagent.error/1")
    assert envelope["error"]["code"] == name
    assert repository(agent) == before
