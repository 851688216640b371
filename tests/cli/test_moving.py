"""Saving, publishing, promoting and rolling back on the command line: whole outputs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.building import Built
from support.commandline import Cli, Ran

from gitagent.cli import moves, questions
from gitagent.config import validation
from gitagent.config.problems import Problem, Severity


def promoted_meanwhile(monkeypatch: pytest.MonkeyPatch, agent: Built) -> None:
    """Let somebody else promote v1 to pre-release while the question is being answered."""

    def slowly(*arguments: Any, **named: Any) -> None:
        confirm(*arguments, **named)
        agent.promote("pre-release", version="v1")

    confirm = questions.confirm
    monkeypatch.setattr(moves, "confirm", slowly)


def test_save_makes_a_version_and_says_that_nothing_serves_it(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release").edit("two\n")
    assert cli("save", "--name", "Autumn menu", "-m", "Soup instead of salad") == Ran(
        0,
        'Saved v2 "Autumn menu", based on v1.\n'
        "Nothing serves it yet: sandbox and pre-release stay on v1; live still serves nothing.\n"
        "Next: gitagent publish v2\n",
    )
    assert agent.reopen().version("v2").message == "Soup instead of salad"


def test_save_refuses_an_unedited_draft(cli: Cli) -> None:
    assert cli("save") == Ran(
        3,
        "",
        "error: there is nothing to save: the draft is the same as v1\nhint: Edit it first.\n",
    )


def test_save_with_dry_run_changes_nothing(cli: Cli, agent: Built) -> None:
    agent.edit("two\n").edit("new\n", "topics.md")
    assert cli("save", "--dry-run") == Ran(
        0,
        "This would save v2 with 2 changed files:\n"
        "  modified  notes.md\n"
        "  added     topics.md\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert agent.history() == ["init v1"]


def test_publish_puts_the_draft_in_the_first_environment(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").edit("two\n")
    assert cli("publish", "--name", "Autumn menu") == Ran(
        0,
        'Published v2 "Autumn menu" to sandbox, which served v1.\n'
        "  notes.md: +1 -1 lines\n"
        "Nothing else moved: pre-release and live stay on v1.\n",
    )
    assert agent.serving() == {"sandbox": "v2", "pre-release": "v1", "live": "v1"}


def test_publish_takes_a_saved_version(cli: Cli, agent: Built) -> None:
    agent.save("two\n").save("three\n")
    assert cli("publish", "v2") == Ran(
        0,
        "Published v2 to sandbox, which served nothing.\n"
        "Nothing else moved: pre-release and live still serve nothing.\n",
    )
    assert cli("publish", "2") == Ran(
        3,
        "",
        "error: sandbox already serves v2\nhint: Edit the draft, or publish another version.\n",
    )
    assert cli("publish", "v2", "--name", "Other") == Ran(
        3,
        "",
        "error: v2 exists already and cannot be given another name\n"
        "hint: Leave --name out; a message is recorded with the publication.\n",
    )


def test_publish_with_dry_run_says_what_would_happen(cli: Cli, agent: Built) -> None:
    agent.publish().edit("two\n")
    assert cli("publish", "--dry-run") == Ran(
        0,
        "This would publish:\n"
        "  sandbox serves v1; after this it serves v2, made from the draft.\n"
        "    notes.md: +1 -1 lines\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert cli("--dry-run", "publish", "v1") == Ran(
        3,
        "",
        "error: sandbox already serves v1\nhint: Edit the draft, or publish another version.\n",
    )
    assert agent.serving()["sandbox"] == "v1"


def test_publish_into_a_pipeline_of_one_asks(at: Callable[[Path], Cli], build: Callable[..., Built]) -> None:
    alone = build("alone", pipeline="live")
    other = at(alone.path)
    other("numbers", "assign", "+442079460018", "-e", "live")
    assert other("publish") == Ran(
        3,
        "",
        "error: confirmation is needed: Publish v1 to live?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert other("publish", typed="n\n") == Ran(
        1,
        "",
        "live serves nothing; after this it serves v1.\n"
        "New calls to +442079460018 get v1 at once.\n"
        "Publish v1 to live? [y/N] Not confirmed: nothing was changed.\n",
    )
    assert other("publish", typed="y\n") == Ran(
        0,
        "Published v1 to live, which served nothing.\n"
        "New calls to +442079460018 get v1; calls in progress keep the version they began with.\n",
        "live serves nothing; after this it serves v1.\n"
        "New calls to +442079460018 get v1 at once.\n"
        "Publish v1 to live? [y/N] ",
    )
    alone.edit("two\n")
    assert other("publish", "--yes") == Ran(
        0,
        "Published v2 to live, which served v1.\n"
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v2; calls in progress keep the version they began with.\n",
    )
    alone.edit("three\n")
    assert other("publish", typed="yes\n") == Ran(
        0,
        "Published v3 to live, which served v2.\n"
        "New calls to +442079460018 get v3; calls in progress keep the version they began with.\n",
        "live serves v2; after this it serves v3, made from the draft.\n"
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v3 at once.\n"
        "Publish v3 to live? [y/N] ",
    )


def test_publish_into_live_alone_is_refused_without_a_number(
    at: Callable[[Path], Cli], build: Callable[..., Built]
) -> None:
    other = at(build("alone", pipeline="live").path)
    assert other("publish", "-y") == Ran(
        3,
        "",
        "error: live has no phone number, and its rules ask for one\n"
        "hint: Assign one: gitagent numbers assign +442079460018 --environment live\n"
        "hint: or change the rule: gitagent environments set live --no-requires-number\n",
    )


def test_promote_asks_and_says_what_is_replaced_changed_and_affected(cli: Cli, agent: Built) -> None:
    agent.publish().promote("pre-release", "live").publish("two\n", name="Autumn").promote("pre-release")
    cli("numbers", "assign", "+44 20 7946 0018", "-e", "live")
    assert cli("promote", "live", typed="n\n") == Ran(
        1,
        "",
        'live serves v1; after this it serves v2 "Autumn".\n'
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v2 at once.\n"
        "Promote live to v2? [y/N] Not confirmed: nothing was changed.\n",
    )
    assert cli("promote", "live", typed="\n") == Ran(
        1,
        "",
        'live serves v1; after this it serves v2 "Autumn".\n'
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v2 at once.\n"
        "Promote live to v2? [y/N] Not confirmed: nothing was changed.\n",
    )
    assert cli("promote", "live", typed="") == Ran(
        1,
        "",
        'live serves v1; after this it serves v2 "Autumn".\n'
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v2 at once.\n"
        "Promote live to v2? [y/N] \nNot confirmed: nothing was changed.\n",
    )
    assert agent.serving()["live"] == "v1"
    assert cli("promote", "live", typed="Y\n") == Ran(
        0,
        'Promoted live to v2 "Autumn"; it served v1.\n'
        "Nothing else moved: sandbox and pre-release stay on v2.\n"
        "New calls to +442079460018 get v2; calls in progress keep the version they began with.\n",
        'live serves v1; after this it serves v2 "Autumn".\n'
        "  notes.md: +1 -1 lines\n"
        "New calls to +442079460018 get v2 at once.\n"
        "Promote live to v2? [y/N] ",
    )
    assert agent.serving()["live"] == "v2"


def test_promote_without_a_terminal_or_yes_is_refused(cli: Cli, agent: Built) -> None:
    agent.publish()
    assert cli("promote", "pre-release") == Ran(
        3,
        "",
        "error: confirmation is needed: Promote pre-release to v1?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert agent.serving()["pre-release"] is None
    assert cli("promote", "pre_release", "--yes", "-m", "Tried by hand") == Ran(
        0,
        "Promoted pre-release to v1; it served nothing.\n"
        "Nothing else moved: sandbox stays on v1; live still serves nothing.\n",
    )


def test_promote_takes_an_earlier_version_of_the_environment_before(cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n").publish("three\n")
    assert cli("promote", "pre-release", "--version", "2", "-y") == Ran(
        0,
        "Promoted pre-release to v2; it served nothing.\n"
        "Nothing else moved: sandbox stays on v3; live still serves nothing.\n",
    )
    assert cli("promote", "live", "--version", "v3", "-y") == Ran(
        3,
        "",
        "error: pre-release never served v3, so it cannot go to live\n"
        "hint: Promote it there first: gitagent promote pre-release --version v3\n",
    )


def test_a_version_may_be_an_argument_or_an_option(cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n").publish("three\n")
    assert cli("promote", "pre-release", "v2", "-y").out.startswith("Promoted pre-release to v2;")
    assert cli("promote", "pre-release", "v3", "--version", "v3", "-y").out.startswith("Promoted pre-release to v3;")
    assert cli("rollback", "sandbox", "--version", "v2", "-y").out.startswith(
        "Rollback succeeded: sandbox is back on v2"
    )
    assert cli("rollback", "sandbox", "--to", "1", "-y").out.startswith("Rollback succeeded: sandbox is back on v1")
    assert cli("rollback", "pre-release", "v1", "--version", "v2", "-y") == Ran(
        2,
        "",
        "error: 'v1' and --version 'v2' are not the same: give one of them\n"
        "hint: 'gitagent rollback --help' explains it.\n",
    )
    assert agent.serving() == {"sandbox": "v1", "pre-release": "v3", "live": None}


def test_promote_with_dry_run_changes_nothing(cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n")
    assert cli("promote", "pre-release", "--dry-run") == Ran(
        0,
        "This would promote:\n"
        "  pre-release serves nothing; after this it serves v2.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert agent.serving()["pre-release"] is None


def test_promote_refuses_what_is_not_there(cli: Cli, agent: Built) -> None:
    agent.publish()
    assert cli("promote", "liev", "-y") == Ran(
        3,
        "",
        "error: no environment is called 'liev'\nhint: Did you mean live?\n",
    )
    assert cli("promote", "production", "-y") == Ran(
        3,
        "",
        "error: no environment is called 'production'\nhint: The pipeline is sandbox → pre-release → live.\n",
    )
    assert cli("promote", "sandbox", "-y") == Ran(
        3,
        "",
        "error: sandbox is the first environment; nothing can be promoted to it\n"
        "hint: Publish puts a version into it: gitagent publish\n",
    )
    assert cli("promote", "live", "-y") == Ran(
        3,
        "",
        "error: pre-release serves no version that could be promoted to live\n"
        "hint: Promote it there first: gitagent promote pre-release\n",
    )
    assert cli("promote", "pre-release", "--version", "v9", "-y") == Ran(
        3,
        "",
        "error: there is no version v9\nhint: The newest is v1: gitagent versions\n",
    )


def test_rollback_says_that_it_succeeded(cli: Cli, agent: Built) -> None:
    agent.publish("one more\n", name="Spring").promote("pre-release", "live").publish("two\n").promote(
        "pre-release", "live"
    )
    assert cli("rollback", "live", "-m", "Callers could not book", "-y") == Ran(
        0,
        'Rollback succeeded: live is back on v2 "Spring"; it served v3.\n'
        "Nothing else moved: sandbox and pre-release stay on v3.\n",
    )
    assert agent.serving() == {"sandbox": "v3", "pre-release": "v3", "live": "v2"}


def test_rollback_refuses_what_never_was(cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n").promote("pre-release")
    assert cli("rollback", "live", "-y") == Ran(
        3,
        "",
        "error: live serves no version, so there is nothing to roll back\nhint: See: gitagent environments\n",
    )
    assert cli("rollback", "pre-release", "-y") == Ran(
        3,
        "",
        "error: pre-release served nothing before v2\n"
        "hint: All that it served: gitagent history --environment pre-release\n",
    )
    assert cli("rollback", "pre-release", "v1", "-y") == Ran(
        3,
        "",
        "error: pre-release never served v1\nhint: See: gitagent history --environment pre-release\n",
    )
    assert cli("rollback", "sandbox", "v2", "-y") == Ran(
        3,
        "",
        "error: sandbox already serves v2\nhint: What it served before: gitagent history --environment sandbox\n",
    )
    agent.rollback("sandbox")
    assert cli("rollback", "sandbox", "v2", "-y") == Ran(
        3,
        "",
        "error: v2 is newer than v1, which sandbox serves\nhint: To go forward: gitagent publish v2\n",
    )
    assert cli("rollback", "sandbox", "next", "-y") == Ran(
        3,
        "",
        "error: 'next' is neither a version nor an environment\n"
        "hint: The pipeline is sandbox → pre-release → live; versions are written v7 or 7.\n",
    )


def test_a_move_that_is_no_longer_the_one_agreed_to_is_a_conflict(
    cli: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent.publish().publish("two\n")
    promoted_meanwhile(monkeypatch, agent)
    assert cli("promote", "pre-release", typed="y\n") == Ran(
        4,
        "",
        "pre-release serves nothing; after this it serves v2.\n"
        "Promote pre-release to v2? [y/N] "
        "error: pre-release serves v1; it served nothing when you agreed, and it would go\n"
        "       to v2 now\n"
        "hint: Look at it again: gitagent status, then gitagent promote once more.\n",
    )
    assert agent.serving()["pre-release"] == "v1"


def test_rollback_asks_first(cli: Cli, agent: Built) -> None:
    agent.publish().publish("two\n").publish("three\n")
    assert cli("rollback", "sandbox") == Ran(
        3,
        "",
        "error: confirmation is needed: Roll sandbox back to v2?\n"
        "hint: Add --yes to do it without a question, or --dry-run to see what it would do.\n",
    )
    assert cli("rollback", "sandbox", "v1", "--dry-run") == Ran(
        0,
        "This would roll back:\n"
        "  sandbox serves v3; after this it serves v1.\n"
        "    notes.md: +1 -1 lines\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert cli("rollback", "sandbox", "v1", typed="y\n") == Ran(
        0,
        "Rollback succeeded: sandbox is back on v1; it served v3.\n"
        "Nothing else moved: pre-release and live still serve nothing.\n",
        "sandbox serves v3; after this it serves v1.\n  notes.md: +1 -1 lines\nRoll sandbox back to v1? [y/N] ",
    )
    assert agent.serving()["sandbox"] == "v1"


def test_publishing_tells_that_there_are_warnings(cli: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = Problem("notes.md", 1, 1, "odd", "it is odd", None, Severity.WARNING)
    monkeypatch.setattr(validation, "validate", lambda files: [odd])
    agent.edit("two\n")
    assert cli("publish", "--dry-run") == Ran(
        0,
        "This would publish:\n"
        "  sandbox serves nothing; after this it serves v2, made from the draft.\n"
        "  It has 1 warning: gitagent validate draft\n"
        "Nothing was changed (--dry-run).\n",
    )
