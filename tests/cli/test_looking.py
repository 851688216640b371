"""Looking at an agent on the command line: whole outputs."""

from __future__ import annotations

import pytest
from support.building import Built
from support.commandline import Cli, Ran
from support.signing import Keys


def test_versions_are_listed_newest_first_with_who_serves_them(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.save("three\n", message="A third try\n\nwith more words")
    assert cli("versions") == Ran(
        0,
        "v3                     A third try    2026-03-02 09:06  Ada Lovelace\n"
        'v2  sandbox            "Autumn menu"  2026-03-02 09:05  Ada Lovelace\n'
        "v1  pre-release, live                 2026-03-02 09:01  Ada Lovelace\n",
    )
    assert cli("versions", "--limit", "1") == Ran(
        0,
        "v3  A third try  2026-03-02 09:06  Ada Lovelace\n",
        "There are more: gitagent versions --all\n",
    )
    assert cli("versions", "--limit", "3") == Ran(
        0,
        "v3                     A third try    2026-03-02 09:06  Ada Lovelace\n"
        'v2  sandbox            "Autumn menu"  2026-03-02 09:05  Ada Lovelace\n'
        "v1  pre-release, live                 2026-03-02 09:01  Ada Lovelace\n",
    )
    assert cli("versions", "--all") == Ran(
        0,
        "v3                     A third try    2026-03-02 09:06  Ada Lovelace\n"
        'v2  sandbox            "Autumn menu"  2026-03-02 09:05  Ada Lovelace\n'
        "v1  pre-release, live                 2026-03-02 09:01  Ada Lovelace\n",
    )
    assert cli("versions", "--limit", "0") == Ran(
        2,
        "",
        "error: invalid value for '--limit': '0' is not a number of things to list; give 1 or more\n"
        "hint: 'gitagent versions --help' explains it.\n",
    )


@pytest.mark.parametrize("limit", ["many", "-1", "1.5", "", "²", "9" * 19])
@pytest.mark.parametrize("command", ["versions", "history"])
def test_a_limit_that_is_no_number_is_a_usage_error_in_plain_words(command: str, limit: str, cli: Cli) -> None:
    assert cli(command, f"--limit={limit}") == Ran(
        2,
        "",
        f"error: invalid value for '--limit': '{limit}' is not a number of things to list; give 1 or more\n"
        f"hint: 'gitagent {command} --help' explains it.\n",
    )
    assert cli(command, "--limit", "9" * 18).code == 0


def test_a_narrow_terminal_gets_wrapped_rows_and_a_pipe_whole_ones(cli: Cli, agent: Built) -> None:
    agent.publish("two\n", name="The autumn menu with pumpkin soup and everything")
    assert cli("versions", columns=60) == Ran(
        0,
        'v2  sandbox  "The autumn      2026-03-02 09:02  Ada Lovelace\n'
        "             menu with\n"
        "             pumpkin soup\n"
        '             and everything"\n'
        "v1                            2026-03-02 09:01  Ada Lovelace\n",
    )
    assert cli("versions", columns=40) == Ran(
        0,
        "v2  sandbox\n"
        '  "The autumn menu with pumpkin soup and\n'
        '  everything"  2026-03-02 09:02\n'
        "  Ada Lovelace\n"
        "v1  2026-03-02 09:01  Ada Lovelace\n",
    )
    assert cli("versions") == Ran(
        0,
        'v2  sandbox  "The autumn menu with pumpkin soup and everything"  2026-03-02 09:02  Ada Lovelace\n'
        "v1                                                               2026-03-02 09:01  Ada Lovelace\n",
    )


def test_show_tells_everything_of_a_version(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    agent.edit("three\n").edit("x: 1\n", "settings.yaml")
    agent.publish(name="Third").save("four\n", message="Why\n\n  indented")
    assert cli("show", "v3") == Ran(
        0,
        'v3 "Third"\n'
        "made 2 minutes ago (2026-03-02 09:06), by Ada Lovelace <ada@example.com>\n"
        "served by sandbox\n"
        "commit <commit>\n"
        "\n"
        "Changes since the version before:\n"
        "  notes.md: +1 -1 lines\n"
        "  settings.yaml added\n"
        "\n"
        "Files:\n"
        "  notes.md       6 bytes\n"
        "  settings.yaml  5 bytes\n",
    )
    assert cli("show", "latest") == Ran(
        0,
        "v4\n"
        "made 2 minutes ago (2026-03-02 09:07), by Ada Lovelace <ada@example.com>\n"
        "served by no environment\n"
        "commit <commit>\n"
        "\n"
        "  Why\n"
        "\n"
        "    indented\n"
        "\n"
        "Changes since the version before:\n"
        "  notes.md: +1 -1 lines\n"
        "\n"
        "Files:\n"
        "  notes.md       5 bytes\n"
        "  settings.yaml  5 bytes\n",
    )
    assert cli("show", "live") == Ran(
        0,
        "v1\n"
        "made 9 minutes ago (2026-03-02 09:01), by Ada Lovelace <ada@example.com>\n"
        "served by pre-release and live\n"
        "commit <commit>\n"
        "\n"
        "Files:\n"
        "  notes.md  4 bytes\n",
    )
    assert cli("show", "draft") == Ran(
        3,
        "",
        "error: the draft is no version yet, to be shown as one\n"
        "hint: Its state: gitagent status. What it is made of: gitagent show draft --summary. "
        "One of its files: gitagent show draft FILE\n",
    )
    assert cli("show", "draft", "notes.md") == Ran(0, "four\n")


def test_show_prints_one_file_as_it_is(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    assert cli("show", "live", "notes.md") == Ran(0, "one\n")
    assert cli("show", "latest", "notes.md") == Ran(0, "two\n")
    assert cli("show", "v1", "note.md") == Ran(
        3,
        "",
        "error: there is no file 'note.md' in it\nhint: Did you mean notes.md?\n",
    )
    assert cli("show", "v1", "x") == Ran(
        3,
        "",
        "error: there is no file 'x' in it\nhint: 'gitagent show' with the version alone lists its files.\n",
    )


def test_history_tells_what_happened_newest_first(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu").rollback("sandbox")
    cli("save")
    agent.edit("three\n")
    cli("publish", "-m", "Because\nof that")
    cli("numbers", "assign", "+442079460018", "-e", "live")
    cli("environments", "set", "live", "--requires-number")
    assert cli("history") == Ran(
        0,
        "2026-03-02 09:10  rules          live         requires-number on     Ada Lovelace\n"
        "2026-03-02 09:09  assign-number  live         +442079460018          Ada Lovelace\n"
        "2026-03-02 09:08  publish        sandbox      v1 → v3                Ada Lovelace\n"
        "                  Because\n"
        "                  of that\n"
        "2026-03-02 09:06  rollback       sandbox      v2 → v1                Ada Lovelace\n"
        '2026-03-02 09:05  publish        sandbox      v1 → v2 "Autumn menu"  Ada Lovelace\n'
        "2026-03-02 09:04  promote        live         v1                     Ada Lovelace\n"
        "2026-03-02 09:03  promote        pre-release  v1                     Ada Lovelace\n"
        "2026-03-02 09:02  publish        sandbox      v1                     Ada Lovelace\n"
        "2026-03-02 09:01  init                        v1                     Ada Lovelace\n",
    )
    assert cli("history", "--limit", "2") == Ran(
        0,
        "2026-03-02 09:10  rules          live  requires-number on  Ada Lovelace\n"
        "2026-03-02 09:09  assign-number  live  +442079460018       Ada Lovelace\n",
        "There is more: gitagent history --all\n",
    )
    assert cli("history", "--environment", "live") == Ran(
        0,
        "2026-03-02 09:10  rules          live  requires-number on  Ada Lovelace\n"
        "2026-03-02 09:09  assign-number  live  +442079460018       Ada Lovelace\n"
        "2026-03-02 09:04  promote        live  v1                  Ada Lovelace\n",
    )
    assert cli("history", "-e", "sandbox", "--op", "rollback") == Ran(
        0,
        "2026-03-02 09:06  rollback  sandbox  v2 → v1  Ada Lovelace\n",
    )
    assert cli("history", "--since", "2026-03-02 09:08") == Ran(
        0,
        "2026-03-02 09:10  rules          live     requires-number on  Ada Lovelace\n"
        "2026-03-02 09:09  assign-number  live     +442079460018       Ada Lovelace\n"
        "2026-03-02 09:08  publish        sandbox  v1 → v3             Ada Lovelace\n"
        "                  Because\n"
        "                  of that\n",
    )
    assert cli("history", "--since", "6 minutes ago", "--all") == Ran(
        0,
        "2026-03-02 09:10  rules  live  requires-number on  Ada Lovelace\n",
    )
    assert cli("history", "--since", "soon") == Ran(
        2,
        "",
        "error: invalid value for '--since': 'soon' is not a time\n"
        "hint: Write 2026-03-01, 2026-03-01T14:30, yesterday, '2 hours ago' or 3d.\n",
    )
    assert cli("history", "-e", "nowhere") == Ran(
        3,
        "",
        "error: no environment is called 'nowhere'\nhint: The pipeline is sandbox → pre-release → live.\n",
    )


def test_a_history_without_a_match_says_so_beside_the_output(cli: Cli) -> None:
    assert cli("history", "--op", "rollback") == Ran(0, "", "The history has no such event.\n")
    assert cli("history", "live").err == "The history has no such event.\n"
    assert cli.json("history", "--op", "rollback")["events"] == []


def test_history_takes_the_environment_as_an_argument_too(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release")
    only = Ran(0, "2026-03-02 09:03  promote  pre-release  v1  Ada Lovelace\n")
    assert cli("history", "pre_release") == only
    assert cli("history", "-e", "pre-release") == only
    assert cli("history", "live", "-e", "sandbox").code == 2


def test_at_tells_what_was_served_at_a_time(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu").promote("pre-release", "live")
    assert cli("at", "live", "--when", "2026-03-02T09:05") == Ran(
        0,
        "live served v1 at 2026-03-02 09:05:00 +0000, from 2026-03-02 09:04 until 2026-03-02 09:07.\n"
        "v1 was made by Ada Lovelace on 2026-03-02 09:01: gitagent show v1\n",
    )
    assert cli("at", "live", "--when", "2 minutes ago") == Ran(
        0,
        'live served v2 "Autumn menu" at 2026-03-02 09:07:00 +0000, from 2026-03-02 09:07 on, and serves it still.\n'
        "v2 was made by Ada Lovelace on 2026-03-02 09:05: gitagent show v2\n",
    )
    assert cli("at", "live", "--when", "now") == Ran(
        0,
        'live served v2 "Autumn menu" at 2026-03-02 09:10:00 +0000, from 2026-03-02 09:07 on, and serves it still.\n'
        "v2 was made by Ada Lovelace on 2026-03-02 09:05: gitagent show v2\n",
    )
    assert cli("at", "live", "--when", "2026-03-02T09:03:59") == Ran(
        0,
        "live served nothing at 2026-03-02 09:03:59 +0000, until 2026-03-02 09:04.\n",
    )
    assert cli("at", "pre_release", "--when", "yesterday") == Ran(
        0,
        "pre-release served nothing at 2026-03-01 00:00:00 +0000, until 2026-03-02 09:03.\n",
    )
    agent.rollback("sandbox")
    assert (
        cli("at", "sandbox", "--when", "2026-03-02T09:06")
        .out.splitlines()[0]
        .endswith(", from 2026-03-02 09:05 until 2026-03-02 09:13.")
    )
    assert cli("at", "live", "--when", "2027-01-01") == Ran(
        3,
        "",
        "error: 2027-01-01 00:00:00 +0000 is in the future\nhint: Give a time that has passed.\n",
    )
    assert cli("at", "live", "--when", "whenever") == Ran(
        2,
        "",
        "error: invalid value for '--when': 'whenever' is not a time\n"
        "hint: Write 2026-03-01, 2026-03-01T14:30, yesterday, '2 hours ago' or 3d.\n",
    )
    assert cli("at", "live") == Ran(
        2,
        "",
        "error: missing option '--when'\nhint: 'gitagent at --help' explains it.\n",
    )


def test_environments_are_listed_below_each_other_in_a_pipe(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    cli("numbers", "assign", "+442079460018", "-e", "live")
    cli("environments", "set", "sandbox", "--requires-number")
    assert cli("environments") == Ran(
        0,
        'sandbox      v2 "Autumn menu"\n'
        "             since 3 minutes ago (2026-03-02 09:05), by Ada Lovelace\n"
        "             no number, but requires one\n"
        "  ↓\n"
        "pre-release  v1\n"
        "             since 5 minutes ago (2026-03-02 09:03), by Ada Lovelace\n"
        "             no number\n"
        "  ↓\n"
        "live         v1\n"
        "             since 4 minutes ago (2026-03-02 09:04), by Ada Lovelace\n"
        "             +442079460018\n",
    )


def test_environments_can_be_listed_by_that_word_too(cli: Cli, agent: Built) -> None:
    agent.publish()
    assert cli("environments", "list").out.startswith("sandbox      v1\n             since 1 minute ago")
    assert cli.json("environments", "list") == cli.json("environments")


def test_what_never_served_anything_says_so(cli: Cli) -> None:
    assert cli("at", "live", "--when", "now") == Ran(
        0, "live served nothing at 2026-03-02 09:02:00 +0000, and never did.\n"
    )


def test_an_environment_that_moved_this_moment_says_just_now(cli: Cli, agent: Built) -> None:
    agent.publish()
    moment = f"@{int(agent.clock.now.timestamp())} +0000"
    out = cli("environments", environ={"GIT_COMMITTER_DATE": moment}).out
    assert out.splitlines()[1] == "             just now (2026-03-02 09:02), by Ada Lovelace"


def test_environments_stand_side_by_side_on_a_terminal(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    cli("numbers", "assign", "+442079460018", "-e", "live")
    assert cli("environments", columns=80) == Ran(
        0,
        "┌─ sandbox ───────────┐   ┌─ pre-release ───────┐   ┌─ live ──────────────┐\n"
        '│ v2 "Autumn menu"    │ → │ v1                  │ → │ v1                  │\n'
        "│ since 2 minutes ago │   │ since 4 minutes ago │   │ since 3 minutes ago │\n"
        "│ 2026-03-02 09:05    │   │ 2026-03-02 09:03    │   │ 2026-03-02 09:04    │\n"
        "│ by Ada Lovelace     │   │ by Ada Lovelace     │   │ by Ada Lovelace     │\n"
        "│ no number           │   │ no number           │   │ +442079460018       │\n"
        "└─────────────────────┘   └─────────────────────┘   └─────────────────────┘\n",
    )
    assert cli("environments", columns=140) == Ran(
        0,
        "┌─ sandbox ───────────┐   ┌─ pre-release ───────┐   ┌─ live ──────────────┐\n"
        '│ v2 "Autumn menu"    │ → │ v1                  │ → │ v1                  │\n'
        "│ since 3 minutes ago │   │ since 5 minutes ago │   │ since 4 minutes ago │\n"
        "│ 2026-03-02 09:05    │   │ 2026-03-02 09:03    │   │ 2026-03-02 09:04    │\n"
        "│ by Ada Lovelace     │   │ by Ada Lovelace     │   │ by Ada Lovelace     │\n"
        "│ no number           │   │ no number           │   │ +442079460018       │\n"
        "└─────────────────────┘   └─────────────────────┘   └─────────────────────┘\n",
    )


def test_environments_are_stacked_on_a_narrow_terminal(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn menu")
    assert cli("environments", columns=50) == Ran(
        0,
        'sandbox      v2 "Autumn menu"\n'
        "             since 1 minute ago (2026-03-02\n"
        "             09:05), by Ada Lovelace\n"
        "             no number\n"
        "  ↓\n"
        "pre-release  v1\n"
        "             since 3 minutes ago (2026-03-02\n"
        "             09:03), by Ada Lovelace\n"
        "             no number\n"
        "  ↓\n"
        "live         v1\n"
        "             since 2 minutes ago (2026-03-02\n"
        "             09:04), by Ada Lovelace\n"
        "             no number\n",
    )
    assert cli("environments", columns=30) == Ran(
        0,
        "sandbox\n"
        '  v2 "Autumn menu"\n'
        "  since 2 minutes ago\n"
        "  (2026-03-02 09:05), by Ada\n"
        "  Lovelace\n"
        "  no number\n"
        "  ↓\n"
        "pre-release\n"
        "  v1\n"
        "  since 4 minutes ago\n"
        "  (2026-03-02 09:03), by Ada\n"
        "  Lovelace\n"
        "  no number\n"
        "  ↓\n"
        "live\n"
        "  v1\n"
        "  since 3 minutes ago\n"
        "  (2026-03-02 09:04), by Ada\n"
        "  Lovelace\n"
        "  no number\n",
    )


def test_environments_set_changes_a_rule_and_nothing_else(cli: Cli, agent: Built, keys: Keys) -> None:
    agent.publish()
    assert cli("environments", "set", "sandbox", "--requires-number") == Ran(
        0,
        "sandbox requires a phone number now.\nsandbox still serves v1.\n",
    )
    assert cli("environments", "set", "sandbox", "--requires-number") == Ran(
        3,
        "",
        "error: sandbox requires a phone number already\nhint: See: gitagent environments\n",
    )
    assert cli("environments", "set", "sandbox", "--no-requires-number") == Ran(
        0,
        "sandbox no longer requires a phone number.\nsandbox still serves v1.\n",
    )
    assert cli("environments", "set", "sandbox", "--approvals", "2", "--requires-signature") == Ran(
        0,
        "sandbox asks for 2 approvals now.\nsandbox requires signatures now.\nsandbox still serves v1.\n",
    )
    refused = "error: sandbox requires signatures, and this would not be signed\n"
    command = ("environments", "set", "sandbox", "--approvals", "0", "--no-requires-signature")
    assert cli(*command).err.startswith(refused)
    keys.sign_with("ada", agent.path)
    assert cli(*command, "--sign") == Ran(
        0,
        "sandbox no longer asks for approvals.\nsandbox no longer requires signatures.\nsandbox still serves v1.\n",
    )
    assert cli("environments", "set", "sandbox", "--approvals", "21").err == (
        "error: invalid value for '--approvals': '21' is not a number of approvals; give 0 to 20\n"
        "hint: 'gitagent environments set --help' explains it.\n"
    )
    assert cli("environments", "set", "live") == Ran(
        2,
        "",
        "error: there is no rule to change\nhint: 'gitagent environments set --help' explains it.\n",
    )
    assert cli("environments", "set", "liev", "--requires-number") == Ran(
        3,
        "",
        "error: no environment is called 'liev'\nhint: Did you mean live?\n",
    )
    assert agent.serving()["sandbox"] == "v1"


def test_compare_shows_what_was_edited(cli: Cli, agent: Built) -> None:
    agent.edit("two\n")
    assert cli("compare") == Ran(
        0,
        "diff --git a/notes.md b/notes.md\n"
        "index <commit>..<commit> 100644\n"
        "--- a/notes.md\n"
        "+++ b/notes.md\n"
        "@@ -1 +1 @@\n"
        "-one\n"
        "+two\n",
    )
    assert cli("compare", "v1", "--exit-code") == Ran(
        1,
        "diff --git a/notes.md b/notes.md\n"
        "index <commit>..<commit> 100644\n"
        "--- a/notes.md\n"
        "+++ b/notes.md\n"
        "@@ -1 +1 @@\n"
        "-one\n"
        "+two\n",
    )
    assert cli("compare", "v1", "v1") == Ran(0)
    assert cli("compare", "v1", "latest", "--exit-code") == Ran(0)
    assert cli("compare", "v1", "--view", "keys") == Ran(
        0,
        "v1 → draft  1 file changed, 1 line added, 1 removed\n\nnotes.md  modified +1 -1\n  - one\n  + two\n",
    )
    assert cli("compare", "v1", columns=70) == Ran(
        0,
        "v1 → draft  1 file changed, 1 line added, 1 removed\n"
        "\n"
        "diff --git a/notes.md b/notes.md\n"
        "index 5626abf..f719efd 100644\n"
        "--- a/notes.md\n"
        "+++ b/notes.md\n"
        "@@ -1 +1 @@\n"
        "-one\n"
        "+two\n",
    )
    assert cli("compare", "v1", columns=100) == Ran(
        0,
        "v1 → draft  1 file changed, 1 line added, 1 removed\n"
        "\n"
        "── notes.md ── modified +1 -1 ──────────────────────────────────────────────────────────────────────\n"
        "      v1                                         │       draft\n"
        "  1 - one                                        │   1 + two\n",
    )
    assert cli("compare", "v1", "--view", "sideways") == Ran(
        2,
        "",
        "error: invalid value for '--view': 'sideways' is not one of 'side-by-side', 'unified', 'keys'\n"
        "hint: Did you mean side-by-side?\n",
    )
    assert cli("compare", "v1", "v9") == Ran(
        3,
        "",
        "error: there is no version v9\nhint: The newest is v1: gitagent versions\n",
    )


def test_numbers_are_assigned_listed_and_released(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live")
    assert cli("numbers") == Ran(0, "No phone number is assigned: gitagent numbers assign --help\n")
    assert cli(
        "numbers",
        "assign",
        "+44 20 7946 0018",
        "-e",
        "live",
        "--sip-header",
        "X-Queue=bookings",
        "--sip-header",
        "X-Tier=1",
    ) == Ran(
        0,
        "+442079460018 is assigned to live.\n  X-Queue: bookings\n  X-Tier: 1\nlive still serves v1.\n",
    )
    assert cli("numbers", "assign", "+442079460019", "--environment", "pre_release") == Ran(
        0,
        "+442079460019 is assigned to pre-release.\npre-release still serves v1.\n",
    )
    assert cli("numbers", "list") == Ran(
        0,
        "+442079460019  020 7946 0019  pre-release  v1\n"
        "+442079460018  020 7946 0018  live         v1  X-Queue: bookings, X-Tier: 1\n",
    )
    assert cli("numbers") == Ran(
        0,
        "+442079460019  020 7946 0019  pre-release  v1\n"
        "+442079460018  020 7946 0018  live         v1  X-Queue: bookings, X-Tier: 1\n",
    )
    assert cli("numbers", "assign", "+442079460018", "-e", "sandbox") == Ran(
        3,
        "",
        "error: +442079460018 belongs to live\n"
        "hint: Move it: gitagent numbers move +442079460018 --environment sandbox\n",
    )
    assert cli("numbers", "release", "+442079460018") == Ran(
        3,
        "",
        "error: confirmation is needed: Release +442079460018?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert cli("numbers", "release", "+442079460018", typed="y\n") == Ran(
        0,
        "+442079460018 is released from live.\nlive still serves v1.\n",
        "live answers +442079460018 now.\nRelease +442079460018? [y/N] ",
    )
    assert cli("numbers", "release", "+442079460019", "-y") == Ran(
        0,
        "+442079460019 is released from pre-release.\npre-release still serves v1.\n",
    )
    assert cli("numbers", "release", "+442079460019", "-y") == Ran(
        3,
        "",
        "error: +442079460019 is assigned to no environment\nhint: List the numbers with: gitagent numbers\n",
    )


def test_numbers_that_are_none_are_refused(cli: Cli) -> None:
    assert cli("numbers", "assign", "020 7946 0018", "-e", "live") == Ran(
        3,
        "",
        "error: '020 7946 0018' is not a phone number\n"
        "hint: Write it with its country code, such as +44 20 7946 0018.\n",
    )
    assert cli("numbers", "assign", "+442079460018") == Ran(
        2,
        "",
        "error: missing option '-e' / '--environment'\nhint: 'gitagent numbers assign --help' explains it.\n",
    )
    assert cli("numbers", "assign", "+442079460018", "-e", "liv") == Ran(
        3,
        "",
        "error: no environment is called 'liv'\nhint: Did you mean live?\n",
    )
    assert cli("numbers", "assign", "+442079460018", "-e", "live", "--sip-header", "X-Queue") == Ran(
        2,
        "",
        "error: --sip-header is written NAME=VALUE, each name once; 'X-Queue' is not\n"
        "hint: 'gitagent numbers assign --help' explains it.\n",
    )
    assert cli("numbers", "assign", "+442079460018", "-e", "live", "--sip-header", "X=1", "--sip-header", "x=2") == Ran(
        2,
        "",
        "error: --sip-header is written NAME=VALUE, each name once; 'x=2' is not\n"
        "hint: 'gitagent numbers assign --help' explains it.\n",
    )
    assert cli("numbers", "assing") == Ran(
        2,
        "",
        "error: there is no command 'assing'\nhint: Did you mean assign?\n",
    )
