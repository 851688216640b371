"""Who may do what, as people see it: access and approve, and what the other commands say of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, Built, git
from support.commandline import Cli, Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

HERS: Mapping[str, str] = {"GIT_AUTHOR_NAME": GRACE.name, "GIT_AUTHOR_EMAIL": GRACE.email} | {
    "GIT_COMMITTER_NAME": GRACE.name,
    "GIT_COMMITTER_EMAIL": GRACE.email,
}
NO_ROLE = "error: Grace Hopper <grace@example.com> does not have the role '{role}'\n"
WHO = "hint: Who could do it: ada@example.com. See: gitagent access\n"


@pytest.fixture
def admin(cli: Cli) -> Cli:
    """The command line of an agent whose admin is Ada."""
    assert cli("access", "grant", "admin", "ada@example.com").code == 0
    return cli


def test_access_says_that_everybody_may_do_everything_and_how_that_ends(cli: Cli) -> None:
    assert cli("access") == Ran(
        0, "Everybody may do everything. To say who may: gitagent access grant admin YOUR@E-MAIL\n"
    )
    assert cli.json("access") == {"format": "gitagent.access/1", "roles": []}


def test_the_first_admin_is_told_what_the_others_may_do(cli: Cli) -> None:
    assert cli("access", "grant", "admin", "Ada@Example.com") == Ran(
        0,
        "ada@example.com has the role 'admin' now.\n"
        "Everybody has every other role but 'force', until it is taken from them: gitagent access\n",
    )


def test_what_is_told_of_a_new_role_is_not_what_an_old_clone_believed(
    cli: Cli, at: Callable[[Path], Cli], tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "desk.git")
    assert cli("share", "../desk.git").code == 0
    assert at(tmp_path)("clone", "desk.git", "second").code == 0
    assert cli("access", "grant", "admin", "ada@example.com").code == 0
    assert cli("access", "revoke", "save", "everybody").code == 0
    second = at(tmp_path / "second")
    second.clock = cli.clock
    assert second("access", "grant", "save", "alan@example.com") == Ran(
        0, "alan@example.com has the role 'save' now.\n"
    )


def test_access_lists_the_roles_with_those_who_have_them(admin: Cli) -> None:
    admin("access", "grant", "promote", "grace@example.com", "--environment", "live")
    admin("access", "revoke", "rules", "everybody")
    admin("access", "grant", "numbers", "alan@example.com")
    assert admin("access", "list") == Ran(
        0,
        "admin         ada@example.com\n"
        "save          everybody\n"
        "publish       everybody\n"
        "promote       everybody\n"
        "promote live  grace@example.com\n"
        "rollback      everybody\n"
        "approve       everybody\n"
        "numbers       everybody and alan@example.com\n"
        "rules         admins only\n"
        "test          everybody\n"
        "force         admins only\n",
    )
    roles = admin.json("access")["roles"]
    assert roles[0] == {"role": "admin", "environment": None, "who": ["ada@example.com"]}
    assert roles[4] == {"role": "promote", "environment": "live", "who": ["grace@example.com"]}
    assert [each["who"] for each in roles if each["role"] == "rules"] == [[]]


CHANGES = {
    "grant promote grace@example.com": (
        "grace@example.com has the role 'promote' now.\n"
        "Everybody has it still: gitagent access revoke promote everybody\n"
    ),
    "grant promote grace@example.com -e live": (
        "grace@example.com has the role 'promote live' now.\n"
        "Until now it was everybody; from now on it is grace@example.com.\n"
    ),
    "grant admin grace@example.com": "grace@example.com has the role 'admin' now.\n",
    "revoke save everybody": "Everybody no longer has the role 'save'.\nNobody but admins has it.\n",
}


@pytest.mark.parametrize("line", CHANGES)
def test_a_change_of_roles_says_what_follows_from_it(admin: Cli, line: str) -> None:
    assert admin("access", *line.split(" ")) == Ran(0, CHANGES[line])


def test_an_environment_follows_the_general_role_again(admin: Cli) -> None:
    admin("access", "grant", "rules", "grace@example.com", "-e", "live")
    assert admin("access", "revoke", "rules", "-e", "live") == Ran(
        0,
        "live follows the role 'rules' again.\nUntil now it was grace@example.com; from now on it is everybody.\n",
    )


def test_a_dry_run_of_a_grant_says_what_it_would_do_and_gives_nothing(admin: Cli, agent: Built) -> None:
    assert admin("access", "grant", "promote", "grace@example.com", "-e", "live", "--dry-run") == Ran(
        0,
        "grace@example.com would have the role 'promote live'.\n"
        "Until now it was everybody; from now on it is grace@example.com.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert admin("access", "revoke", "save", "everybody", "--dry-run").out.startswith(
        "Everybody would no longer have the role 'save'.\n"
    )
    assert agent.history() == ["init v1", "grant admin ada@example.com"]


def test_a_change_of_roles_as_a_program_reads_it(admin: Cli) -> None:
    line = ("access", "revoke", "save", "everybody")
    planned, done = admin.json(*line, "--dry-run"), admin.json(*line)
    change: dict[str, Any] = {"operation": "revoke", "role": "save", "environment": None, "who": "*"}
    assert {**planned, "roles": planned["roles"][1]} == {
        "format": "gitagent.access-revoke/1",
        "dry_run": True,
        **change,
        "roles": {"role": "save", "environment": None, "who": []},
    }
    event = done.pop("event")
    assert done == {**planned, "dry_run": False}
    assert (event["operation"], event["detail"], event["actor"]["email"]) == ("revoke", "save *", ADA.email)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("revoke save", 2, "error: whose role? Name an e-mail, or everybody\n"),
        ("grant sav a@b.c", 3, "error: there is no role 'sav'\nhint: Did you mean save?\n"),
        ("grant save everyone", 3, "error: 'everyone' is nobody's e-mail\n"),
        ("revoke admin ada@example.com", 3, "error: ada@example.com is the only admin, and somebody has to be\n"),
    ],
)
def test_a_change_of_roles_that_cannot_be_is_refused(admin: Cli, line: str, code: int, said: str) -> None:
    ran = admin("access", *line.split(" "))
    assert (ran.code, ran.out) == (code, "")
    assert ran.err.startswith(said)


def test_without_the_role_a_command_is_refused_and_says_who_could_do_it(admin: Cli, agent: Built) -> None:
    agent.publish("two\n").publish("three\n").edit("four\n")
    roles = {"save": "save", "promote pre-release": "promote", "rollback sandbox": "rollback"}
    roles |= {"environments set live --approvals 1": "rules live", "publish": "publish"}
    roles |= {"numbers assign +442079460018 -e live": "numbers live", "approve v1 --for live": "approve live"}
    for role in ("save", "publish", "promote", "rollback", "rules", "numbers", "approve"):
        admin("access", "revoke", role, "everybody")
    before = agent.git("for-each-ref")
    for line, role in roles.items():
        for more in ([], ["--dry-run"], ["--yes"]):
            expected = Ran(3, "", NO_ROLE.format(role=role if " live" in role else role_of(line, role)) + WHO)
            assert admin(*line.split(" "), *more, environ={**HERS, "COLUMNS": "120"}, typed="y\n") == expected, line
    assert agent.git("for-each-ref") == before


def role_of(line: str, role: str) -> str:
    """The role that is missing, with the environment where the command names one."""
    words = line.split(" ")
    return f"{role} {words[1]}" if words[0] in ("promote", "rollback") else role


# Approvals


@pytest.fixture
def asking(cli: Cli, agent: Built) -> Cli:
    """The command line of an agent whose live environment asks for an approval of v1, which pre-release serves."""
    agent.publish().promote("pre-release")
    assert cli("environments", "set", "live", "--approvals", "1").code == 0
    return cli


def test_approve_says_how_far_the_version_is_approved_and_that_nothing_moved(asking: Cli) -> None:
    line = ("approve", "v1", "--for", "live")
    assert asking(*line, "--dry-run", environ=HERS) == Ran(
        0,
        "This would approve v1 for live.\n"
        "That makes 1 of 1 approval: grace@example.com.\n"
        "Nothing was changed (--dry-run).\n",
    )
    assert asking(*line, environ=HERS) == Ran(
        0,
        "Approved v1 for live.\n"
        "That makes 1 of 1 approval: grace@example.com.\n"
        "Nothing moved: live still serves nothing.\n",
    )
    assert asking(*line, environ=HERS) == Ran(
        3, "", "error: you have approved v1 for live already\nhint: See: gitagent show v1\n"
    )
    assert asking("approve", "pre-release", "--for", "sandbox", environ=HERS).out == (
        "Approved v1 for sandbox.\n"
        "sandbox asks for no approvals; should it do so, this one counts.\n"
        "Nothing moved: sandbox still serves v1.\n"
    )


def test_an_approval_as_a_program_reads_it(asking: Cli) -> None:
    line = ("approve", "pre-release", "--for", "live")
    approval = {"version": "v1", "environment": "live", "approved": ["grace@example.com"], "required": 1}
    with asking.patch.context() as patch:
        for name, value in HERS.items():
            patch.setenv(name, value)
        assert asking.json(*line, "--dry-run") == {"format": "gitagent.approve/1", "dry_run": True, **approval}
        done = asking.json(*line, "-m", "Called it")
    event = done.pop("event")
    assert done == {"format": "gitagent.approve/1", "dry_run": False, **approval}
    assert (event["operation"], event["environment"], event["to"], event["message"]) == (
        "approve",
        "live",
        "v1",
        "Called it",
    )
    del approval["version"]
    assert asking.json("show", "v1")["approvals"] == [{"version": "v1", **approval}]
    assert asking.json("promote", "live", "--dry-run")["approved"] == ["grace@example.com"]


def test_nobody_approves_their_own(asking: Cli) -> None:
    assert asking("approve", "v1", "--for", "live") == Ran(
        3,
        "",
        "error: v1 is your own, and others have to approve it\n"
        "hint: Ask somebody else to type: gitagent approve v1 --for live\n",
    )


def test_a_promotion_without_approvals_is_refused_before_anything_is_asked(asking: Cli) -> None:
    refused = Ran(
        3,
        "",
        "error: live asks for 1 approval, and v1 has 0\n"
        "hint: Somebody other than Ada Lovelace has to approve it: gitagent approve v1 --for live\n",
    )
    assert asking("promote", "live", typed="y\n", environ={"COLUMNS": "120"}) == refused
    assert asking("promote", "live", "--dry-run") == refused
    assert asking("promote", "live", "--yes") == refused


def test_what_is_missing_and_what_is_there_is_told_wherever_somebody_looks(asking: Cli) -> None:
    assert asking("status").out.endswith(
        "Next:\n  gitagent approve v1 --for live  for others than its author: it has 0 of 1 approval\n"
    )
    assert "\napproved for live by nobody yet, 0 of 1\n" in asking("show", "v1").out
    assert asking("environments").out.endswith("no number\n             asks for 1 approval\n")
    assert asking("approve", "v1", "--for", "live", environ=HERS).code == 0
    assert asking("status").out.endswith("Next:\n  gitagent promote live  move it to v1\n")
    assert "\napproved for live by grace@example.com, 1 of 1\n" in asking("show", "v1").out
    question = asking("promote", "live", typed="n\n").err
    assert question.startswith(
        "live serves nothing; after this it serves v1.\nv1 is approved for live by grace@example.com.\nPromote live"
    )
    assert asking("history", "--op", "approve").out == "2026-03-02 09:08  approve  live  v1  Grace Hopper\n"


def test_a_draft_is_saved_where_the_first_environment_asks_for_approvals(cli: Cli, agent: Built) -> None:
    cli("environments", "set", "sandbox", "--approvals", "2", "--requires-signature")
    assert cli("environments").out.startswith(
        "sandbox      nothing\n"
        "             no number\n"
        "             asks for 2 approvals\n"
        "             requires signatures\n"
    )
    cli("environments", "set", "sandbox", "--no-requires-signature")
    agent.edit("two\n")
    assert cli("status").out.endswith("  gitagent save     make it v2, which others can approve for sandbox\n")
    refused = cli("publish")
    assert (refused.code, refused.err.splitlines()[0]) == (
        3,
        "error: sandbox asks for approvals, and a draft has none",
    )
    assert cli("save").out.endswith("Next, by others: gitagent approve v2 --for sandbox\n")
    assert cli("status").out.endswith(
        "  gitagent approve v2 --for sandbox  for others than its author: it has 0 of 2 approvals\n"
    )


def test_roles_and_people_are_completed(admin: Cli, agent: Built) -> None:
    from gitagent.cli.completions import offer

    assert [each.value for each in offer("roles", agent.path, "r")] == ["rollback", "rules"]
    assert [each.value for each in offer("people", agent.path, "")] == ["everybody", "ada@example.com"]
