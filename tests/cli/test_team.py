"""Working together: share, clone and sync as people see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import Built, git
from support.commandline import Cli, Ran

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CLONED = "Cloned the agent {name} into {name}; its newest version is v1.\nNext: cd {name} && gitagent status\n"


@pytest.fixture
def shared(agent: Built, cli: Cli, tmp_path: Path) -> Cli:
    """The agent of `cli`, on the shared remote `desk.git` beside it."""
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    assert cli("share", "../desk.git").code == 0
    return cli


@pytest.fixture
def grace(shared: Cli, at: Callable[[Path], Cli], tmp_path: Path) -> Cli:
    """A clone of somebody else's."""
    assert at(tmp_path)("clone", "desk.git", "grace").code == 0
    git(tmp_path / "grace", "config", "user.name", "Grace Hopper")
    runner = at(tmp_path / "grace")
    runner.clock = shared.clock
    return runner


def test_share_says_where_and_how_others_join(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    assert cli("share", "../desk.git") == Ran(
        0,
        "The agent is shared on <tmp>/desk.git, which git knows as origin.\n"
        "Others join it with: gitagent clone <tmp>/desk.git\n",
    )
    assert cli("share", "../desk.git") == Ran(
        3,
        "",
        "error: the agent is shared already, on <tmp>/desk.git\n"
        "hint: Where that repository moved: git remote set-url origin NEW\n",
    )


def test_share_as_a_program_reads_it(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    record = cli.json("share", "../desk.git")
    assert record.pop("fetched")
    assert record == {
        "format": "gitagent.share/1",
        "remote": "origin",
        "url": "<tmp>/desk.git",
        "host": None,
        "protections": [],
        "workflow": None,
    }


ON_GITHUB = """\
On GitHub, under Settings > Rules > Rulesets, each of them Active, set:
  tag ruleset v*
    Restrict updates
    Restrict deletions
  branch ruleset gitagent/ledger, main
    Restrict deletions
    Block force pushes
  branch ruleset sandbox, pre-release, live
    Restrict deletions
Ask for no pull requests or checks on these branches: gitagent pushes to them itself.
.github/workflows/gitagent.yml {what}
"""


def test_share_says_how_to_protect_the_agent_on_a_host(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    git(cli.folder, "config", f"url.{tmp_path}/.insteadOf", "https://github.com/team/")
    first = cli("share", "https://github.com/team/desk.git")
    told = first.out.partition("gitagent clone https://github.com/team/desk.git\n")[2]
    assert told == ON_GITHUB.format(what="is new in the draft: from the next version on, every push is verified.")
    assert "added  .github/workflows/gitagent.yml" in cli("status").out
    again = cli("share", "--host", "github")
    assert again.out.endswith(
        ON_GITHUB.format(what="stands there already and was left alone; --json shows what it could hold.")
    )
    assert cli("publish", "--yes").code == 0
    assert cli("validate").code == 0


def test_the_host_can_be_named_where_the_address_does_not_tell(cli: Cli, tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    record = cli.json("share", "../desk.git", "--host", "gitlab")
    assert (record["host"], record["protections"][0]) == (
        "gitlab",
        {"kind": "protected tag", "names": ["v*"], "rules": ["Allowed to create: Developers + Maintainers"]},
    )
    assert record["workflow"] == {
        "path": ".gitlab-ci.yml",
        "written": True,
        "text": (cli.folder / ".gitlab-ci.yml").read_text(),
    }


def test_no_workflow_is_written_among_the_files_of_a_bare_repository(
    cli: Cli, at: Callable[[Path], Cli], tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    git(tmp_path, "clone", "-q", "--bare", str(cli.folder), "bare.git")
    shared = at(tmp_path / "bare.git")("share", "../desk.git", "--host", "github")
    assert shared.out.endswith(
        "There is no draft here to put .github/workflows/gitagent.yml into; in a clone: gitagent share --host github\n"
    )
    assert not (tmp_path / "bare.git" / ".github").exists()


def test_share_needs_an_address_or_an_agent_that_has_one(cli: Cli) -> None:
    assert cli("share").code == 2
    assert cli("share", "--host", "github") == Ran(
        3, "", "error: the agent is not shared yet\nhint: Name an empty repository: gitagent share URL\n"
    )
    assert not (cli.folder / ".github").exists()


def test_a_remote_that_is_not_there_is_an_exit_code_5(cli: Cli) -> None:
    ran = cli("share", "../nowhere.git")
    assert (ran.code, ran.out) == (5, "")
    assert ran.err == (
        "error: there is no git repository at ../nowhere.git, or none that you may read\n"
        "hint: Check the address. A new one is made where it is to be: git init --bare -b main bistro.git\n"
    )


def test_clone_makes_an_agent_of_an_address(shared: Cli, at: Callable[[Path], Cli], tmp_path: Path) -> None:
    assert shared("status").code == 0
    assert at(tmp_path)("clone", "desk.git") == Ran(0, CLONED.format(name="desk"))
    assert at(tmp_path).json("clone", f"file://{tmp_path}/desk.git", "other") == {
        "format": "gitagent.clone/1",
        "agent": "other",
        "path": "<tmp>/other",
        "url": "file://<tmp>/desk.git",
        "last_version": "v1",
    }
    assert at(tmp_path)("clone", "desk.git") == Ran(3, "", "error: <tmp>/desk is not empty\nhint: Name a new folder.\n")


def test_sync_brings_what_others_saved(shared: Cli, grace: Cli) -> None:
    (shared.folder / "notes.md").write_text("two\n")
    assert shared("publish").code == 0
    (grace.folder / "mine.md").write_text("mine\n")
    refused = grace("save")
    assert refused == Ran(
        4,
        "",
        "error: Ada Lovelace saved v2, and the draft is still on the line of v1\n"
        "hint: Bring it into the draft: gitagent sync\n",
    )
    status = grace("status").out
    assert "Shared on <tmp>/desk.git, looked at " in status
    assert "It knows v1; others have saved v2 since.\n" in status
    assert "Next:\n  gitagent sync " in status
    assert grace("sync") == Ran(
        0,
        "In step with <tmp>/desk.git: nothing was new.\n"
        "The draft is on the line of v2 now; it was on v1.\n"
        "  modified notes.md\n"
        "The draft as it was is kept: gitagent restore <ULID>\n",
    )
    assert grace("save").code == 0
    assert shared("sync").out.startswith("In step with <tmp>/desk.git: 1 new event.\n")


def test_sync_tells_the_newest_events_and_how_many_more(shared: Cli, grace: Cli) -> None:
    for number in range(12):
        (shared.folder / "notes.md").write_text(f"{number}\n")
        assert shared("save").code == 0
    lines = grace("sync").out.splitlines()
    assert lines[:2] == ["In step with <tmp>/desk.git: 12 new events.", "  save v13, by Ada Lovelace"]
    assert lines[10:12] == ["  save v4, by Ada Lovelace", "  and 2 more events: gitagent history"]


def test_sync_as_a_program_reads_it(shared: Cli, grace: Cli) -> None:
    (shared.folder / "notes.md").write_text("two\n")
    assert shared("publish").code == 0
    assert grace.json("sync") == {
        "format": "gitagent.sync/1",
        "url": "<tmp>/desk.git",
        "events": 1,
        "line_was": "v1",
        "line": "v2",
        "changes": [{"path": "notes.md", "change": "modified"}],
        "conflicts": [],
        "kept_draft": None,
        "numbered": [],
    }
    status = grace.json("status")
    assert (status["line"], status["shared"]["url"], status["shared"]["remote"]) == ("v2", "<tmp>/desk.git", "origin")


def test_a_conflict_is_the_answer_no_and_named(shared: Cli, grace: Cli) -> None:
    (shared.folder / "notes.md").write_text("two\n")
    assert shared("publish").code == 0
    (grace.folder / "notes.md").write_text("zwei\n")
    assert grace("sync") == Ran(
        1,
        "In step with <tmp>/desk.git: 1 new event.\n"
        "  publish sandbox v2, by Ada Lovelace\n"
        "The draft is on the line of v2 now; it was on v1.\n"
        "  modified notes.md (both sides)\n"
        "The draft as it was is kept: gitagent restore <ULID>\n"
        "1 file to put right by hand, where <<<<<<< stands, before a save:\n"
        "  notes.md\n",
    )
    assert (grace.folder / "notes.md").read_text() == "<<<<<<< your draft\nzwei\n=======\ntwo\n>>>>>>> v2\n"
    assert (
        "It cannot be saved yet: both sides of a merge, yours and others', still stand in notes.md."
        in grace("status").out
    )
    assert grace("publish") == Ran(
        3,
        "",
        "error: both sides of a merge, yours and others', still stand in notes.md\n"
        "hint: Where <<<<<<< stands, keep what is right and remove the marks; remove a file named .theirs.\n",
    )


def test_a_plain_git_clone_joins_by_sync(shared: Cli, at: Callable[[Path], Cli], tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "desk.git", "plain")
    assert at(tmp_path / "plain")("status") == Ran(
        3,
        "",
        "error: <tmp>/plain is a clone of an agent, still without its ledger, the branch gitagent/ledger\n"
        "hint: Join it: gitagent sync\n",
    )
    assert at(tmp_path / "plain")("sync") == Ran(0, "In step with <tmp>/desk.git: nothing was new.\n")
    assert at(tmp_path / "plain")("status").code == 0
    assert shared("status").code == 0


def test_sync_without_a_shared_remote_is_refused(cli: Cli) -> None:
    assert cli("sync") == Ran(
        3,
        "",
        "error: the agent is not shared, so there is nothing to catch up with\n"
        "hint: Put it on a remote: gitagent share URL\n",
    )


def test_a_number_race_is_a_conflict_for_one_of_two(shared: Cli, grace: Cli) -> None:
    for each, text in ((shared, "ada\n"), (grace, "grace\n")):
        (each.folder / "notes.md").write_text(text)
    assert shared("save").code == 0
    assert grace("save").code == 4
    assert grace.json("history")["events"][0]["actor"]["name"] == "Ada Lovelace"


def test_a_save_out_of_reach_waits_for_its_number(shared: Cli, grace: Cli) -> None:
    git(grace.folder, "config", "remote.origin.url", "/nowhere/desk.git")
    (grace.folder / "notes.md").write_text("two\n")
    ran = grace("save", "-m", "why")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("there is no git repository at /nowhere/desk.git, or none that you may read.\n")
    assert ran.out.endswith(
        "The draft is saved here, and waits for its number. Nothing serves it, and nobody else has it yet.\n"
        "Next, when the remote can be reached: gitagent sync\n"
    )
    assert "1 save waits for the shared remote.\n" in grace("status").out
    assert "  gitagent sync  give what was saved its number\n" in grace("status").out
    (grace.folder / "notes.md").write_text("three\n")
    record = grace.json("save")
    assert (record["dry_run"], record["pending"], sorted(record)) == (
        False,
        "<ULID>",
        ["commit", "dry_run", "format", "pending", "why"],
    )
    assert grace("publish").code == 5
    git(grace.folder, "config", "remote.origin.url", f"{shared.folder.parent}/desk.git")
    assert grace("sync").out.splitlines()[:3] == [
        "In step with <tmp>/desk.git: nothing was new.",
        "Your save of 2026-03-02 09:03 is v2 now.",
        "Your save of 2026-03-02 09:06 is v3 now.",
    ]
    assert [event["message"] for event in grace.json("history")["events"]] == [None, "why", None]


def test_save_and_publish_can_sync_first(shared: Cli, grace: Cli) -> None:
    (shared.folder / "notes.md").write_text("two\n")
    assert shared("publish").code == 0
    (grace.folder / "mine.md").write_text("mine\n")
    assert grace("save", "--sync").out.startswith("Saved v3, based on v2.\n")
    (shared.folder / "other.md").write_text("other\n")
    assert shared("publish", "--sync").out.startswith("Published v4 to sandbox, which served v2.\n")
    assert (shared.folder / "mine.md").read_text() == "mine\n"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (("save", "--sync", "--dry-run"), "--dry-run and --sync exclude each other"),
        (("publish", "--sync", "--dry-run"), "--dry-run and --sync exclude each other"),
        (("publish", "v1", "--sync"), "--sync is for the draft, not for v1"),
    ],
)
def test_a_sync_that_makes_no_sense_is_a_usage_error(shared: Cli, line: tuple[str, ...], why: str) -> None:
    ran = shared(*line)
    assert (ran.code, ran.out) == (2, "")
    assert why in ran.err
