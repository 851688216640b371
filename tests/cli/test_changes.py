"""Numbers and rules on the command line: what would change, and why it did."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.commandline import Ran

if TYPE_CHECKING:
    from support.building import Built
    from support.commandline import Cli

NUMBER = "+442079460018"


def test_a_dry_run_of_an_assignment_says_what_it_would_be_and_assigns_nothing(cli: Cli, agent: Built) -> None:
    assert cli("numbers", "assign", NUMBER, "-e", "live", "--dry-run") == Ran(
        0, f"This would assign {NUMBER} to live.\nNothing was changed (--dry-run).\n"
    )
    assert agent.reopen().numbers() == ()


def test_a_dry_run_of_an_assignment_is_refused_like_the_assignment(cli: Cli, agent: Built) -> None:
    cli("numbers", "assign", NUMBER, "-e", "live")
    assert cli("numbers", "assign", NUMBER, "-e", "sandbox", "--dry-run") == Ran(
        3, "", f"error: {NUMBER} belongs to live\nhint: Move it: gitagent numbers move {NUMBER} --environment sandbox\n"
    )


def test_a_dry_run_of_a_release_asks_nothing_and_releases_nothing(cli: Cli, agent: Built) -> None:
    cli("numbers", "assign", NUMBER, "-e", "live")
    assert cli("--dry-run", "numbers", "release", NUMBER) == Ran(
        0, f"This would release {NUMBER} from live.\nNothing was changed (--dry-run).\n"
    )
    assert [str(each.number) for each in agent.reopen().numbers()] == [NUMBER]


def test_a_dry_run_of_a_rule_is_an_object_with_json(cli: Cli, agent: Built) -> None:
    ran = cli("--json", "environments", "set", "live", "--requires-number", "--dry-run")
    assert json.loads(ran.out) == {
        "format": "gitagent.environments-set/1",
        "dry_run": True,
        "operation": "rules",
        "environment": "live",
        "number": None,
        "detail": "requires-number on",
    }
    assert not agent.reopen().environment("live").requires_number


def test_headers_are_kept_replaced_and_taken_away_and_the_change_is_told(cli: Cli, agent: Built) -> None:
    assign = ["numbers", "assign", NUMBER, "-e", "live"]
    cli(*assign, "--sip-header", "X-Queue=a", "--sip-header", "X-Env=live")
    assert cli(*assign) == Ran(3, "", f"error: live has {NUMBER} already, with the same SIP headers\n")
    changed = "  X-Queue: a → b\n  X-Env: live → none\n  X-New: none → c\n"
    other = ["--sip-header", "X-Queue=b", "--sip-header", "X-New=c"]
    assert cli(*assign, *other, "--dry-run") == Ran(
        0,
        f"live has {NUMBER} already; this would change its SIP headers.\n{changed}Nothing was changed (--dry-run).\n",
    )
    assert cli(*assign, *other) == Ran(
        0, f"{NUMBER} is assigned to live, with other SIP headers.\n{changed}live still serves nothing.\n"
    )
    assert cli.json("numbers")["numbers"][0]["sip_headers"] == {"X-Queue": "b", "X-New": "c"}
    record = cli.json(*assign, "--no-sip-headers")
    assert (record["old_sip_headers"], record["sip_headers"]) == ({"X-Queue": "b", "X-New": "c"}, {})
    assert [line[39:-14].rstrip() for line in cli("history", "--op", "assign-number").out.splitlines()] == [
        f"{NUMBER}  no sip-headers",
        f"{NUMBER}  sip-headers X-Queue=b, X-New=c",
        f"{NUMBER}  sip-headers X-Queue=a, X-Env=live",
    ]


def test_headers_cannot_be_given_and_taken_away_at_once(cli: Cli) -> None:
    ran = cli("numbers", "assign", NUMBER, "-e", "live", "--no-sip-headers", "--sip-header", "X-A=1")
    assert (ran.code, ran.err.splitlines()[0]) == (2, "error: --sip-header and --no-sip-headers exclude each other")


def test_numbers_and_rules_are_recorded_with_the_reason(cli: Cli, agent: Built) -> None:
    cli("numbers", "assign", NUMBER, "-e", "live", "-m", "the new line")
    cli("environments", "set", "live", "--requires-number", "-m", "so that nobody forgets")
    cli("environments", "set", "live", "--no-requires-number")
    cli("numbers", "release", NUMBER, "--yes", "-m", "moved out")
    assert [(event.subject, event.message) for event in agent.reopen().history(limit=4)] == [
        (f"release-number {NUMBER} from live", "moved out"),
        ("rules live requires-number off", None),
        ("rules live requires-number on", "so that nobody forgets"),
        (f"assign-number {NUMBER} to live", "the new line"),
    ]


def test_a_save_and_a_publication_tell_of_warnings(cli: Cli, agent: Built) -> None:
    agent.edit("name: Desk\ngreeting: Hello ${caller}\nprompt: Be brief.\n", path="agent.yaml")
    saved = cli("save").out.splitlines()
    assert saved[-2:] == ["It has 1 warning: gitagent validate v2", "Next: gitagent publish v2"]
    agent.edit("name: Desk\ngreeting: Hi ${caller}\nprompt: Be brief.\n", path="agent.yaml")
    assert cli("publish").out.splitlines()[-1] == "It has 1 warning: gitagent validate v3"
