"""Environments that ask for tests, as people see them: the rule, what is refused, what is forced, and what is told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.building import GRACE, Built
from support.commandline import Cli, Ran
from support.forging import forge
from support.testing import BOOKS, CASE_SECONDS, ENDLESS, FILES, GREETS, LONG, SUITE, record, suite

from gitagent.agent.results import format_result, result_path
from gitagent.cli.wording import result_words
from gitagent.suites import running

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def agent(build: Callable[..., Built]) -> Built:
    """An agent with two cases, whose sandbox serves v1."""
    return build(files=FILES).publish()


@pytest.fixture
def gated(agent: Built, cli: Cli) -> Cli:
    """The command line of that agent, whose pre-release asks for tests."""
    assert agent.agent.path == cli.folder
    assert cli("environments", "set", "pre-release", "--tests", "required").code == 0
    return cli


def detail(built: Built, selector: str) -> str:
    """What the result of a selector says."""
    found = built.reopen().result(selector)
    assert found is not None
    return result_words(found)


RULES = {
    "--tests required": "live asks for tests now.\n",
    "--tests 95%": "live asks for 95 % of the tests now.\n",
    "--tests 95 --not-worse": "live asks for 95 % of the tests now.\nlive takes nothing worse than it serves now.\n",
}


@pytest.mark.parametrize("options", RULES)
def test_the_rule_says_what_it_asks_for_from_now_on(cli: Cli, options: str) -> None:
    assert cli("environments", "set", "live", *options.split()) == Ran(
        0, f"{RULES[options]}live still serves nothing.\n"
    )


def test_the_rule_is_seen_in_the_pipeline_and_taken_back(cli: Cli) -> None:
    cli("environments", "set", "live", "--tests", "90%", "--not-worse")
    assert "asks for 90 % of the tests\n             takes nothing worse\n" in cli("environments").out
    record = cli.json("environments")["environments"][2]
    assert (record["tests"], record["not_worse"]) == (90, True)
    assert cli("environments", "set", "live", "--tests", "off", "--may-be-worse") == Ran(
        0,
        "live no longer asks for tests.\nlive takes what is worse than it serves, too.\nlive still serves nothing.\n",
    )


@pytest.mark.parametrize("rate", ["101", "-1", "1000%", "many", "٩", ""])
def test_what_is_no_rate_is_not_set(cli: Cli, rate: str) -> None:
    ran = cli("environments", "set", "live", f"--tests={rate}")
    assert (ran.code, ran.out) == (2, "")
    assert f"'{rate}' is neither required, nor a rate such as 95%, nor off" in ran.err


def test_suites_that_nobody_has_played_are_played_before_a_move(gated: Cli, agent: Built) -> None:
    planned = gated("promote", "pre-release", "--dry-run")
    short = "pre-release asks for tests, and no result is recorded of v1"
    assert f"  {short}: the suites are played first, and all cases have to pass.\n" in planned.out
    assert agent.agent.result("v1") is None
    ran = gated("promote", "pre-release", "-y")
    assert (ran.code, ran.out.splitlines()[0]) == (0, "Promoted pre-release to v1; it served nothing.")
    assert ran.err == f"The suites of v1 were played: {detail(agent, 'v1')}.\n"
    assert [event["operation"] for event in gated.json("history")["events"][:2]] == ["promote", "test"]
    assert not agent.reopen().verify().findings


def test_what_does_not_pass_when_it_is_played_moves_nothing(gated: Cli, agent: Built) -> None:
    agent.edit(suite("parts", says="Goodbye"), "tests/more.yaml")
    gated("publish")
    ran = gated("promote", "pre-release", "-y")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith(
        f"The suites of v2 were played: {detail(agent, 'v2')}.\n"
        "tests/more.yaml:2: parts\n  agent> Hello, Corner Table.\n"
    )
    assert ran.err.endswith(
        "error: pre-release asks for all cases to pass, and of v2 2 of 3 passed, not tests/more.yaml::parts\n"
        "hint: See why, and repair them: gitagent test v2\n"
    )
    assert agent.reopen().environments()[1].version is None
    assert agent.agent.result("v2") is not None
    assert gated("promote", "pre-release", "-y").err.startswith("error: ")


def test_what_did_not_pass_keeps_its_lines_on_a_terminal(gated: Cli, agent: Built) -> None:
    agent.edit(suite("parts", says="Goodbye"), "tests/more.yaml")
    gated("publish")
    ran = gated("promote", "pre-release", typed="y\n")
    assert "tests/more.yaml:2: parts\n  agent> Hello, Corner Table.\n" in ran.err


def test_cases_that_were_all_skipped_let_nothing_in(gated: Cli, agent: Built) -> None:
    agent.edit("cases:\n  - name: x\n    turns:\n      - expect: [{judge: Is it kind?}]\n", SUITE)
    gated("publish")
    ran = gated("promote", "pre-release", "-y")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.endswith(
        "error: pre-release asks for all cases to pass, and of v2 all 1 were skipped\n"
        "hint: See why, and repair them: gitagent test v2\n"
    )


def test_suites_that_cannot_be_played_to_their_end_let_nothing_in(gated: Cli, agent: Built) -> None:
    agent.edit(suite("greets"), "tests/a[1].yaml")
    gated("publish")
    ran = gated("promote", "pre-release", "-y")
    assert ran.code == 3
    assert (
        "error: the suites of v2 could not be played to their end\nhint: See which, and why: gitagent test v2\n"
    ) in ran.err
    assert agent.reopen().result("v2") is None
    assert gated("test", "v2").err == "Not recorded: some cases could not be played.\n"


def test_a_case_that_overruns_when_it_is_played_lets_nothing_in(
    gated: Cli, agent: Built, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "Wishes", partial(running.Wishes, case_seconds=CASE_SECONDS))
    agent.edit(LONG, "agent.yaml").edit(ENDLESS, "tests/slow.yaml")
    gated("publish")
    ran = gated("promote", "pre-release", "-y")
    assert (ran.code, ran.out) == (3, "")
    assert "it is over within 0.2 s" in ran.err
    assert ran.err.endswith(
        "error: pre-release asks for all cases to pass, and of v2 2 of 3 passed, not tests/slow.yaml::never ends\n"
        "hint: See why, and repair them: gitagent test v2\n"
    )
    assert '"code": "tests-failed"' in gated("promote", "pre-release", "-y", "--json").out
    assert agent.reopen().environments()[1].version is None


def test_a_draft_is_tried_before_it_is_published(agent: Built, cli: Cli) -> None:
    cli("environments", "set", "sandbox", "--tests", "required")
    agent.edit(suite("greets", says="Goodbye"), SUITE)
    assert cli("publish").code == 3
    assert cli("show", "v2").code == 3
    agent.edit(suite("greets", "says hello"), SUITE)
    ran = cli("publish")
    assert (ran.code, ran.err) == (0, f"The suites of the draft were played: {detail(agent, 'v2')}.\n")
    assert agent.agent.result("v2").passed == 2  # type: ignore[union-attr]  # it was played


def test_what_is_served_is_played_too_where_nothing_worse_may_come(agent: Built, cli: Cli) -> None:
    cli("environments", "set", "sandbox", "--not-worse")
    agent.edit(suite("greets") + suite("books", says="Goodbye").removeprefix("cases:\n"), SUITE)
    ran = cli("publish")
    assert ran.code == 3
    assert f"the draft is worse than v1, which sandbox serves: {BOOKS} passed there, and not here" in ran.err
    played = [line.partition(":")[0] for line in ran.err.splitlines() if "were played" in line]
    assert played == [
        "The suites of the draft were played",
        "The suites of v1, which sandbox serves, were played",
    ]
    assert agent.reopen().result("v1") is not None


RULES_TOLD = {
    "--not-worse": "what passes on v1, which sandbox serves, has to pass",
    "--not-worse --tests 95%": "95 % of the cases have to pass and "
    "what passes on v1, which sandbox serves, has to pass",
    "--tests 100%": "all cases have to pass",
}


@pytest.mark.parametrize("options", RULES_TOLD)
def test_a_rehearsal_says_by_what_rule_the_suites_are_played(agent: Built, cli: Cli, options: str) -> None:
    cli("environments", "set", "sandbox", *options.split())
    agent.edit("name: Corner\ngreeting: Hello.\n", "agent.yaml")
    assert f": the suites are played first, and {RULES_TOLD[options]}.\n" in cli("publish", "--dry-run").out


def test_where_nothing_is_served_that_could_be_worse_one_case_has_to_pass(cli: Cli) -> None:
    cli("environments", "set", "pre-release", "--not-worse")
    told = "the suites are played first, and at least one case has to pass.\n"
    assert told in cli("promote", "pre-release", "--dry-run").out


def test_a_run_is_recorded_where_an_environment_asks_for_it(cli: Cli, agent: Built) -> None:
    assert cli("test").err == ""
    assert agent.reopen().result() is None
    cli("environments", "set", "live", "--tests", "required")
    assert cli("test", "--no-record").err == cli("test", "-k", "greets").err == ""
    assert cli("test").err == "Recorded, for environments that ask for tests.\n"
    assert cli("test").err == "The same result is recorded already.\n"
    assert cli("test", "--record").err == "Recorded, for environments that ask for tests.\n"
    assert "error: --record is for all cases, without -k and --lf" in cli("test", "--record", "-k", "greets").err
    assert len(cli.json("history", "--op", "test")["events"]) == 2


def test_whoever_may_not_record_is_told_and_still_sees_what_came_of_it(cli: Cli, agent: Built) -> None:
    cli("environments", "set", "live", "--tests", "required")
    cli("access", "grant", "admin", "ada@example.com")
    cli("access", "revoke", "test", "*")
    hers = {"GIT_AUTHOR_NAME": GRACE.name, "GIT_AUTHOR_EMAIL": GRACE.email}
    hers |= {"GIT_COMMITTER_NAME": GRACE.name, "GIT_COMMITTER_EMAIL": GRACE.email}
    ran = cli("test", environ=hers)
    assert (ran.code, ran.err.partition(":")[0]) == (0, "Not recorded")
    assert cli("test", "--record", environ=hers).code == 3


def test_what_has_failed_is_refused_and_says_what_to_type(gated: Cli, agent: Built) -> None:
    record(agent, "v1", failing=[BOOKS])
    assert gated("promote", "pre-release", "--dry-run").err == (
        f"error: pre-release asks for all cases to pass, and of v1 1 of 2 passed, not {BOOKS}\n"
        "hint: See why, and repair them: gitagent test v1\n"
    )
    assert '"code": "tests-failed"' in gated("promote", "pre-release", "-y", "--json").out


def test_status_offers_no_promotion_that_its_tests_refuse(gated: Cli, agent: Built) -> None:
    assert gated.json("status")["next"] == ["gitagent promote pre-release"]
    record(agent, "v1", failing=[BOOKS], responder="openai:q")
    assert gated.json("status")["next"] == ["gitagent test v1 --responder openai:q"]
    told = "see what fails: pre-release asks for tests, and 1 of 2 cases passed\n"
    assert gated("status").out.endswith(f"  gitagent test v1 --responder openai:q  {told}")
    record(agent, "v1")
    assert gated.json("status")["next"] == ["gitagent promote pre-release"]


def test_the_hint_of_a_refusal_names_who_answered(gated: Cli, agent: Built) -> None:
    record(agent, "v1", failing=[GREETS, BOOKS], responder="openai:q")
    assert gated("promote", "pre-release", "-y").err.endswith(
        f"of v1 0 of 2 passed, not {BOOKS}, {GREETS}\n"
        "hint: See why, and repair them: gitagent test v1 --responder openai:q\n"
    )
    replaces = "Recorded, for environments that ask for tests; this replaces the result by openai:q: passed 0 of 2.\n"
    assert gated("test", "v1").err == replaces
    assert gated("test", "v1").err == "The same result is recorded already.\n"
    record(agent, "v1", failing=[GREETS, BOOKS], responder="openai:q")
    assert gated("test", "v1", "--record").err == replaces


def test_what_has_passed_is_told_before_it_moves_and_after(gated: Cli, agent: Built) -> None:
    detail = result_words(record(agent, "v1").result)
    assert f"  Its tests: {detail}.\n" in gated("promote", "pre-release", "--dry-run").out
    assert gated.json("promote", "pre-release", "-y")["tests"]["result"]["passed"] == 2
    assert f"tests: {detail}\n" in gated("show", "v1").out
    assert gated.json("show", "v1")["result"]["cases"] == 2


def test_history_tells_tests_in_short_by_the_version_that_their_files_became(cli: Cli, agent: Built) -> None:
    cli("environments", "set", "live", "--tests", "required")
    record(agent, "v1", failing=[BOOKS], responder="openai:gpt-4o-mini")
    for greeting in ("Hello again.", "Good-bye."):
        agent.edit(f"name: Corner\ngreeting: {greeting}\n", "agent.yaml")
        cli("test")
        if greeting == "Hello again.":
            assert cli("publish").code == 0

    shown = [line.split(maxsplit=2)[2] for line in cli("history", "--op", "test", columns=80).out.splitlines()]
    assert shown == [
        "test  draft  0 of 2, embedded            Ada Lovelace",
        "test  v2     2 of 2, embedded            Ada Lovelace",
        "test  v1     1 of 2, openai:gpt-4o-mini  Ada Lovelace",
    ]
    assert "  v1: 1 of 2, openai:gpt-4o-mini  Ada Lovelace\n" in cli("history").out
    assert cli.json("history", "--op", "test")["events"][0]["detail"].startswith("passed 0 of 2, failed 2, embedded, ")


def test_a_move_is_forced_with_a_reason_alone_and_history_tells_it(gated: Cli) -> None:
    assert gated("promote", "pre-release", "-y", "--force").code == 2
    assert "--force needs a reason: --reason 'TEXT'" in gated("promote", "pre-release", "-y", "--force").err
    assert "--reason is for --force" in gated("promote", "pre-release", "-y", "--reason", "Now").err
    short = "pre-release asks for tests, and no result is recorded of v1"
    forcing = ("promote", "pre-release", "--force", "--reason", "Callers wait")
    assert f"  Beware: {short}.\n" in gated(*forcing, "--dry-run").out
    ran = gated(*forcing, "-y")
    assert ran.code == 0
    assert f"That was forced: {short}.\n" in ran.out
    assert f"{'':18}forced: Callers wait\n" in gated("history").out
    assert gated.json("history")["events"][0]["forced"] == "Callers wait"


def test_a_draft_is_published_by_force(agent: Built, cli: Cli) -> None:
    cli("environments", "set", "sandbox", "--tests", "required")
    agent.edit("name: Corner\ngreeting: Bye.\n", "agent.yaml")
    assert cli("publish").code == 3
    assert cli("publish", "--force", "--reason", "Callers wait").code == 0
    assert cli.json("history")["events"][0]["forced"] == "Callers wait"
    assert not agent.agent.verify().findings


def test_a_forged_result_is_told_and_another_run_takes_its_place(gated: Cli, agent: Built) -> None:
    found = record(agent, "v1", failing=[BOOKS]).result
    lie = found._replace(passed=2, failed=0, failing=())
    forge(agent.path, files={result_path(found.tree): format_result(lie).decode()})
    assert gated("promote", "pre-release", "-y") == Ran(
        3,
        "",
        "error: pre-release asks for tests, and the result recorded of v1 does not match its event: "
        f"event 4, test v1 passed 1 of 2: the result beside it is: {lie.detail}\n"
        "hint: See what is wrong: gitagent verify. To record another result: gitagent test v1\n",
    )
    assert "tests:" not in gated("show", "v1").out
    assert gated("test", "v1").err == "Recorded, for environments that ask for tests.\n"
    assert gated("promote", "pre-release", "-y").code == 0
