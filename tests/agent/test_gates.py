"""Gates: what has to have passed before an environment serves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, Built
from support.forging import forge
from support.refusing import Refusal, refusal
from support.rules import check_rules
from support.sharing import Team
from support.testing import AGENT, BOOKS, FILES, GREETS, SUITE, record, running, suite

from gitagent import EnvironmentName, Operation, VersionNumber
from gitagent.agent.results import Result, result_of, result_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent import Event
    from gitagent.agent.trials import Candidate

SANDBOX = EnvironmentName("sandbox")
V1, V2 = VersionNumber(1), VersionNumber(2)


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent with two cases, whose pre-release asks for tests; sandbox serves v1."""
    agent = build(files=FILES).publish()
    _ask(agent)
    return agent


def _ask(built: Built, environment: str = "pre-release", **rules: Any) -> Event:
    return built.agent.set_rules(environment, actor=ADA, at=built.clock(), **(rules or {"tests": 100}))


def _promote(built: Built, environment: str = "pre-release", **how: Any) -> Event:
    return built.agent.promote(environment, actor=built.actor, at=built.clock(), **how).event


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that writes nothing: no ref, and no object either."""
    before = built.git("for-each-ref") + built.git("count-objects", "-v")
    refused = refusal(call)
    assert built.git("for-each-ref") + built.git("count-objects", "-v") == before
    return refused


def _missing(version: str = "v1", environment: str = "pre-release") -> Refusal:
    return Refusal(
        "Untested",
        "tests-missing",
        f"{environment} asks for tests, and no result is recorded of {version}",
        f"Run its suites: gitagent test {version}",
    )


# Results


def test_a_result_is_an_event_that_names_the_tree_and_moves_nothing(built: Built) -> None:
    serving = built.serving()
    done = record(built, "v1", failing=[BOOKS], seconds=1.23)
    candidate = built.agent.candidate("v1")
    assert candidate.cases.names == (GREETS, BOOKS)
    assert done.result == built.agent.result("v1") == built.agent.result()
    assert done.result == Result(candidate.tree, candidate.cases.digest, 2, 1, 1, 0, "embedded", 1.2, (BOOKS,), ())
    event = next(built.agent.history())
    assert (done.event, done.version) == (event, V1)
    assert (event.operation, event.tree, event.to_version) == (Operation.TEST, candidate.tree, V1)
    assert event.detail == f"passed 1 of 2, failed 1, embedded, 1.2 s, suites {candidate.cases.digest[:12]}"
    assert (event.subject, built.serving()) == ("test v1 passed 1 of 2", serving)
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_the_newest_result_of_a_tree_counts(built: Built) -> None:
    record(built, "v1")
    record(built, "v1", failing=[BOOKS])
    assert _unchanged(built, lambda: built.promote("pre-release")).code == "tests-failed"
    record(built, "v1", responder="openai:gpt-4.1-mini")
    assert built.promote("pre-release").serving()["pre-release"] == "v1"
    assert not built.agent.verify().findings


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"passed": 3}, "3 passed, 0 failed and 0 skipped are not 2 cases"),
        ({"passed": 3, "failed": -1}, "3 passed, -1 failed and 0 skipped are not 2 cases"),
        ({"passed": 1, "failed": 1}, "it does not name each case that failed or was skipped"),
        (
            {"passed": 0, "failed": 2, "failing": (BOOKS, BOOKS)},
            "it does not name each case that failed or was skipped",
        ),
        ({"passed": 0, "failed": 2, "failing": (GREETS, BOOKS)}, "the cases that it names are not sorted"),
        ({"passed": 1, "failed": 1, "failing": ("x",)}, "there is no case x"),
        ({"cases": 0, "passed": 0}, "there was no case to run"),
        ({"cases": 3, "passed": 3}, "it is of 3 cases, and there are 2"),
        ({"suites": "0" * 64}, "it is of other suites"),
        ({"suites": "0"}, "it names no tree, or no suites"),
        ({"responder": "me"}, "there is no responder 'me'"),
        ({"responder": "openai:a, b"}, "there is no responder 'openai:a, b'"),
        ({"seconds": float("nan")}, "it cannot have taken nan seconds"),
        ({"seconds": -0.1}, "it cannot have taken -0.1 seconds"),
    ],
)
def test_what_cannot_be_a_result_of_the_tree_is_not_recorded(built: Built, changes: dict[str, Any], why: str) -> None:
    wrong = built.agent.candidate("v1").result(responder="embedded", seconds=0.1)._replace(**changes)
    refused = _unchanged(built, lambda: built.agent.record_result(wrong, actor=ADA, at=built.clock()))
    message = f"this is no result that can be recorded: {why}"
    assert refused == Refusal("RuleBroken", "result-invalid", message, "Run the suites: gitagent test")


def test_a_result_of_files_that_are_not_here_is_not_recorded(built: Built) -> None:
    elsewhere = built.agent.candidate("v1").result(responder="embedded", seconds=0.1)._replace(tree="1" * 40)
    assert refusal(lambda: built.agent.record_result(elsewhere, actor=ADA, at=built.clock())).code == "object-missing"


# What an environment asks for


def test_an_environment_that_asks_for_tests_takes_what_has_passed_alone(built: Built) -> None:
    assert _unchanged(built, lambda: built.promote("pre-release")) == _missing()
    assert _unchanged(built, lambda: built.agent.plan_promote("pre-release")) == _missing()
    record(built, "v1", failing=[BOOKS])
    assert _unchanged(built, lambda: built.promote("pre-release")) == Refusal(
        "RuleBroken",
        "tests-failed",
        "pre-release asks for all cases to pass, and of v1 1 of 2 passed, not tests/greeting.yaml::books",
        "See why, and repair them: gitagent test v1",
    )
    record(built, "v1")
    planned = built.agent.plan_promote("pre-release")
    assert planned.gate is not None
    assert planned.gate.result == built.agent.result("v1")
    assert built.promote("pre-release").serving()["pre-release"] == "v1"
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_a_pass_of_the_draft_counts_for_the_version_that_is_saved_of_it(built: Built) -> None:
    built.edit(AGENT + "language: en-GB\n", "agent.yaml")
    assert record(built).version is None
    built.save().publish(selector="v2")
    assert built.promote("pre-release").serving()["pre-release"] == "v2"
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_a_result_of_another_version_of_the_same_files_counts_and_of_other_files_does_not(built: Built) -> None:
    record(built, "v1")
    built.edit(AGENT + "language: en-GB\n", "agent.yaml").publish()
    assert _unchanged(built, lambda: built.promote("pre-release")) == _missing("v2")
    built.edit(AGENT, "agent.yaml").publish()
    assert built.promote("pre-release").serving()["pre-release"] == "v3"


def test_a_suite_that_was_edited_after_the_run_has_to_be_run_again(built: Built) -> None:
    record(built)
    built.edit(suite("greets"), SUITE).publish()
    assert _unchanged(built, lambda: built.promote("pre-release")) == _missing("v2")


@pytest.mark.parametrize("content", ["", "{}\n", "cases: []\n", None])
def test_without_a_case_nothing_goes_in(build: Callable[..., Built], content: str | None) -> None:
    built = build(files={"agent.yaml": AGENT})
    _ask(built, "sandbox")
    if content is not None:
        built.edit(content, SUITE)
    else:
        built.edit(AGENT + "language: en\n", "agent.yaml")
    refused = refusal(lambda: built.publish())
    if refused.code == "invalid-configuration":  # no version at all is made of it
        return
    assert refused == Refusal(
        "RuleBroken",
        "tests-missing",
        "sandbox asks for tests, and the draft has no case",
        "Write a suite, such as tests/greeting.yaml.",
    )


def test_cases_that_were_all_skipped_have_not_passed(built: Built) -> None:
    record(built, "v1", skipping=[GREETS, BOOKS])
    refused = _unchanged(built, lambda: built.promote("pre-release"))
    assert (refused.code, refused.message) == (
        "tests-failed",
        "pre-release asks for all cases to pass, and of v1 all 2 were skipped",
    )
    record(built, "v1", skipping=[GREETS])
    built.promote("pre-release")


def test_a_pass_rate_is_of_the_cases_that_were_not_skipped(build: Callable[..., Built]) -> None:
    names = [f"case {number}" for number in range(10)]
    built = build(files={"agent.yaml": AGENT, SUITE: suite(*names)}).publish()
    ids = built.agent.candidate("v1").cases.names
    _ask(built, tests=75)
    record(built, "v1", failing=ids[:2], skipping=ids[2:6])
    assert refusal(lambda: built.promote("pre-release")).message == (
        "pre-release asks for 75 % of the cases to pass, and of v1 4 of 6 passed, "
        "not tests/greeting.yaml::case 0, tests/greeting.yaml::case 1"
    )
    record(built, "v1", failing=ids[:2], skipping=ids[2:4])
    assert built.promote("pre-release").serving()["pre-release"] == "v1"
    assert not built.agent.verify().findings


def test_of_many_cases_that_failed_three_are_named(build: Callable[..., Built]) -> None:
    built = build(files={"agent.yaml": AGENT, SUITE: suite(*"abcde")}).publish()
    _ask(built)
    record(built, "v1", failing=built.agent.candidate("v1").cases.names)
    named = ", ".join(f"{SUITE}::{name}" for name in "abc")
    assert refusal(lambda: built.promote("pre-release")).message.endswith(f"0 of 5 passed, not {named} and 2 more")


def test_a_rollback_needs_no_tests(built: Built) -> None:
    _ask(built, "pre-release", tests=0)
    built.promote("pre-release").edit(AGENT + "language: en\n", "agent.yaml").publish().promote("pre-release")
    _ask(built)
    assert built.rollback("pre-release").serving()["pre-release"] == "v1"
    assert not built.agent.verify().findings


def test_nothing_worse_than_what_is_served_goes_in(built: Built) -> None:
    _ask(built, tests=0, not_worse=True)
    assert _unchanged(built, lambda: built.promote("pre-release")) == _missing()
    record(built, "v1", failing=[GREETS])
    built.promote("pre-release")  # nothing is served yet that it could be worse than
    built.edit(suite("greets", "books", "says goodbye"), SUITE).publish()
    record(built, "v2", failing=[GREETS, f"{SUITE}::says goodbye"])
    built.agent.plan_promote("pre-release")  # one failed before, and one is new
    record(built, "v2", failing=[BOOKS, f"{SUITE}::says goodbye"])
    assert _unchanged(built, lambda: built.promote("pre-release")) == Refusal(
        "RuleBroken",
        "tests-worse",
        "v2 is worse than v1, which pre-release serves: tests/greeting.yaml::books passed there, and not here",
        "See both: gitagent test pre-release, then gitagent test v2",
    )
    record(built, "v2", failing=[BOOKS], responder="openai:q")
    assert refusal(lambda: built.promote("pre-release")).hint == (
        "See both: gitagent test pre-release, then gitagent test v2 --responder openai:q"
    )
    record(built, "v2", skipping=[BOOKS])
    assert refusal(lambda: built.promote("pre-release")).code == "tests-worse"
    record(built, "v2", failing=built.agent.candidate("v2").cases.names)
    assert refusal(lambda: built.promote("pre-release")).message.startswith(
        "pre-release asks for at least one case to pass, and of v2 0 of 3 passed, not "
    )
    record(built, "v2")
    assert built.promote("pre-release").serving()["pre-release"] == "v2"
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_what_is_served_has_to_have_been_tested_before_something_can_be_worse(built: Built) -> None:
    _ask(built, tests=0)
    built.promote("pre-release").edit(AGENT + "language: en\n", "agent.yaml").publish()
    _ask(built, not_worse=True)
    record(built, "v2")
    assert refusal(lambda: built.promote("pre-release")) == Refusal(
        "Untested",
        "tests-missing",
        "pre-release takes nothing worse than it serves, and no result is recorded of v1, which pre-release serves",
        "Run its suites: gitagent test pre-release",
    )
    seen: list[Candidate] = []
    _promote(built, run=running(seen))
    assert [each.tree for each in seen] == [built.agent.candidate("v1").tree]
    assert built.serving()["pre-release"] == "v2"


@pytest.mark.parametrize(
    ("rules", "refused"),
    [
        ({"tests": 101}, ("invalid-tests", "live cannot ask for 101 % of the cases to pass")),
        ({"tests": -1}, ("invalid-tests", "live cannot ask for -1 % of the cases to pass")),
        ({"tests": 0}, ("unchanged", "live asks for no tests already")),
        ({"not_worse": False}, ("unchanged", "live takes what is worse than it serves already")),
    ],
)
def test_rules_that_cannot_be_are_refused(build: Callable[..., Built], rules: Any, refused: tuple[str, str]) -> None:
    built = build()
    found = _unchanged(built, lambda: _ask(built, "live", **rules))
    assert (found.code, found.message) == refused


def test_a_rule_is_told_by_its_event_and_seen_in_the_environment(build: Callable[..., Built]) -> None:
    built = build()
    assert _ask(built, "live").subject == "rules live tests required"
    assert _ask(built, "live", tests=90, not_worse=True).detail == "tests 90%, not-worse on"
    live = built.agent.environment("live")
    assert (live.tests, live.not_worse) == (90, True)
    assert refusal(lambda: _ask(built, "live", tests=90)).message == "live asks for 90 % of the tests already"
    assert _ask(built, "live", tests=0, not_worse=False).detail == "tests off, not-worse off"
    assert b"tests" not in built.git("show", "gitagent/ledger:environments/live.yaml").encode()
    check_rules(built.path)


# Running where nothing is recorded


def test_suites_are_run_and_recorded_before_a_version_moves(built: Built) -> None:
    seen: list[Candidate] = []
    event = _promote(built, run=running(seen))
    assert [(each.tree, each.cases.names) for each in seen] == [(event_tree(built, "v1"), (GREETS, BOOKS))]
    assert seen[0].files["agent.yaml"].read().decode() == AGENT
    assert built.history()[-2:] == ["test v1 passed 2 of 2", "promote pre-release v1"]
    assert event.forced is None
    _ask(built, "live")
    _promote(built, "live", run=running(seen))
    assert len(seen) == 1  # it is known by now
    check_rules(built.path)


def event_tree(built: Built, selector: str) -> str:
    return built.git("rev-parse", f"{selector}^{{tree}}").strip()


def test_what_was_agreed_to_is_still_what_moves_after_the_run(built: Built) -> None:
    planned = built.agent.plan_promote("pre-release", untested=True)
    assert planned.gate is not None
    assert planned.gate.untested == (event_tree(built, "v1"),)
    _promote(built, expect=planned, run=running([]))
    assert built.serving()["pre-release"] == "v1"


def test_a_run_that_fails_is_recorded_and_moves_nothing(built: Built) -> None:
    serving = built.serving()
    refused = refusal(lambda: _promote(built, run=running([], failing=[BOOKS])))
    assert refused.code == "tests-failed"
    assert (built.serving(), built.history()[-1]) == (serving, "test v1 passed 1 of 2")


def test_a_run_that_does_not_end_in_a_result_leaves_nothing(built: Built) -> None:
    def run(_: Candidate) -> Result:
        raise TimeoutError

    before = built.git("for-each-ref")
    with pytest.raises(TimeoutError):
        _promote(built, run=run)
    assert built.git("for-each-ref") == before


def test_a_run_of_other_files_is_none(built: Built) -> None:
    built.edit(AGENT + "language: en\n", "agent.yaml").save()
    other = built.agent.candidate("v2").result(responder="embedded", seconds=0.1)
    refused = _unchanged(built, lambda: _promote(built, run=lambda _: other))
    assert refused.code == "result-invalid"


def test_a_draft_is_tested_as_it_is_published(build: Callable[..., Built]) -> None:
    built = build(files=FILES)
    _ask(built, "sandbox")
    built.edit(AGENT + "language: en\n", "agent.yaml")
    asked = Refusal(
        "Untested",
        "tests-missing",
        "sandbox asks for tests, and no result is recorded of the draft",
        "Run its suites: gitagent test",
    )
    assert _unchanged(built, lambda: built.publish()) == asked
    assert _unchanged(built, lambda: built.agent.plan_publish(actor=ADA, at=built.clock())) == asked
    seen: list[Candidate] = []
    built.agent.publish(actor=ADA, at=built.clock(), run=running(seen))
    assert [each.tree for each in seen] == [event_tree(built, "v2")]
    assert built.history()[-1] == "publish sandbox v2"
    assert built.git("log", "-2", "--format=%s", "gitagent/ledger").splitlines()[1].endswith(" passed 2 of 2")
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_a_draft_that_is_edited_while_its_suites_run_does_not_get_in_untested(build: Callable[..., Built]) -> None:
    built = build(files=FILES)
    _ask(built, "sandbox")
    built.edit(AGENT + "language: en\n", "agent.yaml")
    seen: list[str] = []

    def run(candidate: Candidate) -> Result:
        seen.append(candidate.tree)
        if len(seen) == 1:
            built.edit(AGENT + "language: fr\n", "agent.yaml")
        return candidate.result(responder="embedded", seconds=0.1)

    built.agent.publish(actor=ADA, at=built.clock(), run=run)
    assert len(seen) == 2
    assert seen[1] == event_tree(built, "v2")


def test_only_what_was_looked_at_is_published(build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch) -> None:
    from gitagent.agent import draft

    built = build(files=FILES).edit(AGENT + "language: en\n", "agent.yaml")
    _ask(built, "sandbox")
    record(built)
    take = draft.take

    def edited(*arguments: Any) -> Any:
        built.edit(AGENT + "language: fr\n", "agent.yaml")
        return take(*arguments)

    monkeypatch.setattr(draft, "take", edited)
    assert refusal(lambda: built.publish()).kind == "DraftEdited"
    assert built.serving()["sandbox"] is None


# Forcing


def test_a_move_can_be_forced_and_the_ledger_says_why(built: Built) -> None:
    event = _promote(built, force=" Callers are waiting ")
    assert (event.forced, next(built.agent.history()).forced) == ("Callers are waiting", "Callers are waiting")
    assert "Gitagent-Forced: Callers are waiting\n" in built.git("log", "-1", "--format=%B", "gitagent/ledger")
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_nothing_is_told_as_forced_that_did_not_have_to_be(built: Built) -> None:
    record(built, "v1")
    assert _promote(built, force="In a hurry").forced is None
    assert _promote(built, "live", force="In a hurry").forced is None


def test_who_may_force_was_named_once_there_are_roles(built: Built) -> None:
    built.agent.grant("admin", ADA.email, actor=ADA, at=built.clock())
    built.actor = GRACE
    expected = Refusal(
        "RuleBroken",
        "role-missing",
        "Grace Hopper <grace@example.com> does not have the role 'force pre-release'",
        "Who could do it: ada@example.com. See: gitagent access",
    )
    assert _unchanged(built, lambda: _promote(built, force="I say so")) == expected
    plan = built.agent.plan_promote
    assert _unchanged(built, lambda: plan("pre-release", actor=GRACE, force="I say so")) == expected
    built.agent.grant("force", GRACE.email, environment="pre-release", actor=ADA, at=built.clock())
    assert plan("pre-release", actor=GRACE, force="I say so").to_version.number == V1
    assert _promote(built, force="I say so").actor == GRACE
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_other_demands_are_not_overridden_by_force(built: Built) -> None:
    _ask(built, approvals=1)
    assert _unchanged(built, lambda: _promote(built, force="I say so")).code == "approvals-missing"


@pytest.mark.parametrize("reason", ["a\nb", "x" * 501, "bell \a"])
def test_a_reason_is_one_line(built: Built, reason: str) -> None:
    assert _unchanged(built, lambda: _promote(built, force=reason)).code == "invalid-reason"


def test_who_may_not_test_records_nothing(built: Built) -> None:
    built.agent.grant("admin", ADA.email, actor=ADA, at=built.clock())
    built.agent.revoke("test", "everybody", actor=ADA, at=built.clock())
    built.actor = GRACE
    candidate = built.agent.candidate("v1")
    refused = _unchanged(
        built,
        lambda: built.agent.record_result(
            candidate.result(responder="embedded", seconds=0.1), actor=GRACE, at=built.clock()
        ),
    )
    assert refused.code == "role-missing"
    seen: list[Candidate] = []
    assert refusal(lambda: _promote(built, run=running(seen))).code == "role-missing"
    assert not seen  # nobody waits for a run that cannot be recorded
    assert not built.agent.verify().findings
    check_rules(built.path)


# With others


def test_a_result_that_a_colleague_recorded_counts_without_a_sync(tmp_path: Path) -> None:
    team = Team(tmp_path, files=FILES)
    grace = team.clone("grace")
    _ask(team.ada, "sandbox")
    record(grace, "v1")
    team.ada.publish()
    assert team.ledger()[-2:] == ["test v1 passed 2 of 2", "publish sandbox v1"]


def test_suites_run_for_a_version_that_others_made_a_moment_ago(tmp_path: Path) -> None:
    team = Team(tmp_path, files=FILES)
    grace = team.clone("grace")
    _ask(team.ada)
    grace.agent.sync(actor=GRACE, at=grace.clock())
    team.ada.edit(AGENT + "language: en\n", "agent.yaml").publish()
    seen: list[Candidate] = []
    _promote(grace, run=running(seen))
    assert team.ledger()[-3:] == ["publish sandbox v2", "test v2 passed 2 of 2", "promote pre-release v2"]


def test_what_others_do_elsewhere_does_not_stop_what_was_agreed_to_from_being_tested_and_moved(tmp_path: Path) -> None:
    team = Team(tmp_path, files=FILES)
    grace = team.clone("grace")
    team.ada.publish()
    _ask(team.ada)
    planned = team.ada.agent.plan_promote("pre-release", untested=True)
    grace.agent.sync(actor=GRACE, at=grace.clock())
    grace.edit(AGENT + "language: en\n", "agent.yaml").save()
    _promote(team.ada, expect=planned, run=running([]))
    assert team.ledger()[-3:] == ["save v2", "test v1 passed 2 of 2", "promote pre-release v1"]


def test_only_files_that_no_event_brought_are_strange_among_results(built: Built) -> None:
    kept = record(built, "v1").result
    built.edit(AGENT + "language: en\n", "agent.yaml").save()
    other = result_path("1" * 40)
    forge(built.path, files={other: "{}\n", "results/notes.md": "mine\n"})
    found = built.reopen().verify().findings
    assert [each.code for each in found] == ["rule-tree", "ledger-file", "ledger-file"]
    told = " ".join(each.message for each in found[1:])
    assert other in told
    assert "results/notes.md" in told
    assert result_path(kept.tree) not in told


def test_result_of_counts_what_is_named_nowhere_as_passed() -> None:
    from gitagent.config.cases import Cases

    found = result_of("a" * 40, Cases("b" * 64, ("x", "y", "z")), responder="embedded", seconds=0.14, failing=["z"])
    assert found == Result("a" * 40, "b" * 64, 3, 2, 1, 0, "embedded", 0.1, ("z",), ())
    assert found.flaw is None
