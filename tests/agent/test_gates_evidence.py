"""Evidence: what a ledger says of a result counts only where the event that recorded it keeps the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, Built
from support.forging import forge, remove_object
from support.refusing import Refusal, refusal
from support.sharing import Team
from support.signing import Keys, signing
from support.testing import AGENT, BOOKS, FILES, record, running

from gitagent import Operation, VersionNumber
from gitagent.agent import trials
from gitagent.agent.results import Result, format_result, result_path

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent import Candidate

FRENCH = AGENT + "language: fr\n"


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent with two cases, whose pre-release asks for tests; sandbox serves v1."""
    return _gated(build(files=FILES).publish(), "pre-release")


def _gated(built: Built, environment: str, **rules: Any) -> Built:
    built.agent.set_rules(environment, actor=ADA, at=built.clock(), **(rules or {"tests": 100}))
    return built


def _failed(built: Built, selector: str = "v1") -> Result:
    return record(built, selector, failing=[BOOKS]).result


def _passed(result: Result) -> Result:
    return result._replace(passed=result.cases, failed=0, failing=())


def _written(built: Built, result: Result, **changes: Any) -> None:
    """Let a result stand in the ledger's newest commit, whatever its event says."""
    forge(built.path, files={result_path(result.tree): format_result(result).decode()}, **changes)
    built.reopen()


def _promoted(built: Built, seen: list[Candidate], **how: Any) -> None:
    built.agent.promote("pre-release", actor=built.actor, at=built.clock(), run=running(seen), **how)


def _refused(built: Built) -> Refusal:
    """The refusal of a promotion that could play the suites, and plays none, and writes nothing."""
    seen: list[Candidate] = []
    before = built.git("for-each-ref") + built.git("count-objects", "-v")
    found = refusal(lambda: _promoted(built, seen))
    assert refusal(lambda: built.agent.plan_promote("pre-release", untested=True)) == found
    assert (seen, built.git("for-each-ref") + built.git("count-objects", "-v")) == ([], before)
    return found


def test_a_failure_that_was_rewritten_as_a_pass_lets_nothing_in(built: Built) -> None:
    result = _failed(built)
    _written(built, _passed(result))
    assert _refused(built) == Refusal(
        "RuleBroken",
        "rule-detail",
        "pre-release asks for tests, and the result recorded of v1 does not match its event: "
        f"event 4, test v1 passed 1 of 2: the result beside it is: {_passed(result).detail}",
        "See what is wrong: gitagent verify. To record another result: gitagent test v1",
    )
    assert built.agent.result("v1") is None
    assert {each.code for each in built.agent.verify().findings} == {"rule-detail"}


def _beside_another_event(built: Built) -> None:
    result = _failed(built)
    built.edit(FRENCH, "agent.yaml").save()
    _written(built, _passed(result))


def _put_back(built: Built) -> None:
    """A pass that was recorded once, put back after a failure."""
    result = record(built, "v1").result
    _failed(built)
    built.edit(FRENCH, "agent.yaml").save()
    _written(built, result)


def _never_tested(built: Built) -> None:
    result = built.agent.candidate("v1").result(responder="embedded", seconds=0.1)
    built.edit(FRENCH, "agent.yaml").save()
    _written(built, result)


def _of_another_tree(built: Built) -> None:
    built.edit(FRENCH, "agent.yaml").save()
    other = record(built, "v2").result
    result = other._replace(tree=built.agent.candidate("v1").tree)
    _written(built, result)


def _of_another_operation(built: Built) -> None:
    result = record(built, "v1").result
    _written(built, result, operation=Operation.SAVE, tree=None, detail=None)


def _of_other_cases(built: Built) -> None:
    result = record(built, "v1").result._replace(cases=3, passed=3)
    _written(built, result, detail=result.detail)


def _of_counts_that_do_not_add_up(built: Built) -> None:
    result = record(built, "v1").result._replace(cases=2, passed=3)
    _written(built, result, detail=result.detail)


def _of_a_version_that_never_was(built: Built) -> None:
    _written(built, record(built, "v1").result, to_version=VersionNumber(7))


def _by_who_may_not_test(built: Built) -> None:
    built.agent.grant("admin", ADA.email, actor=ADA, at=built.clock())
    built.agent.revoke("test", "everybody", actor=ADA, at=built.clock())
    _written(built, record(built, "v1").result, actor=GRACE)


def _by_another_than_it_says(built: Built) -> None:
    _written(built, record(built, "v1").result, author="Somebody Else")


def _not_as_gitagent_writes_it(built: Built) -> None:
    result = record(built, "v1").result
    forge(built.path, files={result_path(result.tree): format_result(result).decode() + "\n"})
    built.reopen()


def _out_of_sequence(built: Built) -> None:
    _written(built, record(built, "v1").result, seq=90)


FORGED: dict[str, tuple[str, Callable[[Built], None]]] = {
    "changed by another event": ("rule-tree", _beside_another_event),
    "put back by another event": ("rule-tree", _put_back),
    "brought by another event": ("rule-tree", _never_tested),
    "brought by the test of another tree": ("rule-tree", _of_another_tree),
    "of an event that is no test": ("rule-facts", _of_another_operation),
    "of other cases": ("rule-result", _of_other_cases),
    "of counts that do not add up": ("rule-result", _of_counts_that_do_not_add_up),
    "of a version that never was": ("rule-to", _of_a_version_that_never_was),
    "by who may not test": ("rule-role", _by_who_may_not_test),
    "by another than it says": ("rule-actor", _by_another_than_it_says),
    "not as gitagent writes it": ("ledger-invalid", _not_as_gitagent_writes_it),
    "out of sequence": ("rule-sequence", _out_of_sequence),
}


@pytest.mark.parametrize("result", FORGED)
def test_a_result_counts_only_by_an_event_that_keeps_the_rules(built: Built, result: str) -> None:
    code, forged = FORGED[result]
    forged(built)
    assert _refused(built).code == code
    assert built.agent.result("v1") is None
    assert code in {each.code for each in built.agent.verify().findings}


def test_honest_events_do_not_cover_a_forged_one(built: Built) -> None:
    _written(built, _passed(_failed(built)))
    record(built.edit(FRENCH, "agent.yaml").save(), "v2")
    for number in range(5):
        _gated(built, "live", tests=90 + number)
    assert _refused(built).code == "rule-detail"


def test_a_draft_does_not_get_in_by_a_forged_result(built: Built) -> None:
    _gated(built, "sandbox").edit(FRENCH, "agent.yaml")
    _written(built, _passed(_failed(built, "draft")))
    seen: list[Candidate] = []
    found = refusal(lambda: built.agent.publish(actor=ADA, at=built.clock(), run=running(seen)))
    assert (found.code, seen, built.serving()["sandbox"]) == ("rule-detail", [], "v1")
    assert "the result recorded of the draft does not match its event" in found.message
    assert str(found.hint).endswith(" To record another result: gitagent test")


def test_nothing_is_compared_with_a_forged_result_of_what_is_served(built: Built) -> None:
    record(built, "v1")
    built.promote("pre-release").edit(FRENCH, "agent.yaml").publish()
    _gated(built, "pre-release", tests=0, not_worse=True)
    found = record(built, "v1").result
    _written(built, found._replace(passed=1, failed=1, failing=(BOOKS,)))
    refused = _refused(built)  # although v2 has not been played, either
    assert refused.code == "rule-detail"
    assert "the result recorded of v1, which pre-release serves, does not match its event" in refused.message
    assert str(refused.hint).endswith(" To record another result: gitagent test pre-release")


def test_another_run_takes_the_place_of_a_forged_result_and_verify_still_tells_it(built: Built) -> None:
    _written(built, _passed(_failed(built)))
    _failed(built)
    assert _refused(built).code == "tests-failed"
    record(built, "v1")
    assert built.promote("pre-release").serving()["pre-release"] == "v1"
    assert {each.code for each in built.agent.verify().findings} == {"rule-detail"}


def test_the_very_same_result_recorded_anew_takes_the_place_of_a_forged_one(built: Built) -> None:
    _never_tested(built)
    assert _refused(built).code == "rule-tree"
    record(built, "v1", seconds=0.1)
    assert built.promote("pre-release").serving()["pre-release"] == "v1"


def test_words_that_look_like_a_test_are_none(built: Built) -> None:
    _never_tested(built)
    built.edit(FRENCH + "description: x\n", "agent.yaml")
    built.agent.save(message=f"Hi\n\nGitagent-Tree: {built.agent.candidate('v1').tree}", actor=ADA, at=built.clock())
    assert _refused(built).code == "rule-tree"


def test_a_move_past_a_forged_result_is_forced_like_any_other(built: Built) -> None:
    _written(built, _passed(_failed(built)))
    _promoted(built, [], force="Callers wait")
    assert next(built.agent.history()).forced == "Callers wait"


def test_a_result_that_was_taken_out_of_the_ledger_is_played_again(built: Built) -> None:
    result = _failed(built)
    built.edit(FRENCH, "agent.yaml").save()
    forge(built.path, files={result_path(result.tree): None})
    built.reopen()
    seen: list[Candidate] = []
    assert refusal(lambda: built.promote("pre-release")).code == "tests-missing"
    _promoted(built, seen)
    assert [each.tree for each in seen] == [result.tree]


def test_a_result_of_long_ago_counts(built: Built) -> None:
    record(built, "v1")
    for number in range(1, 20):
        record(built.edit(f"{AGENT}# {number}\n", "agent.yaml"))
        _gated(built, "live", tests=number)
    assert built.promote("pre-release").serving()["pre-release"] == "v1"


def test_a_result_whose_event_is_not_here_does_not_count_until_it_is_or_another_run(built: Built) -> None:
    record(built, "v1")
    _gated(built, "live")
    _gated(built, "live", tests=90)
    remove_object(built.path, "gitagent/ledger~1")
    built.reopen()
    assert _refused(built)[1:] == (
        "object-missing",
        f"the event that recorded a test of the tree {built.agent.candidate('v1').tree[:12]} is not in this clone",
        "Get the history: git fetch --unshallow",
    )
    record(built, "v1")
    assert built.promote("pre-release").serving()["pre-release"] == "v1"


def test_a_forged_result_that_a_remote_without_hooks_took_lets_nothing_in_from_a_clone(tmp_path: Path) -> None:
    team = Team(tmp_path, files=FILES)
    team.ada.publish()
    _gated(team.ada, "pre-release")
    grace = team.clone("grace")
    _written(grace, _passed(_failed(grace)))
    grace.git("push", "-q", "-f", "origin", "gitagent/ledger")
    seen: list[Candidate] = []
    assert refusal(lambda: _promoted(grace, seen)).code == "rule-detail"
    assert not seen


def test_where_no_tests_are_asked_for_no_event_is_sought(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build(files=FILES).publish()
    _written(built, _passed(_failed(built)))
    monkeypatch.setattr(trials, "weighed", None)
    assert built.promote("pre-release", "live").serving()["live"] == "v1"


def test_where_signatures_are_required_an_unsigned_result_does_not_count(built: Built, keys: Keys) -> None:
    keys.trust(built.path)
    signing(built.edit(FRENCH, "agent.yaml"), keys).publish()
    _gated(built, "pre-release", requires_signature=True)
    found = record(built, "v2").result
    asked = Refusal(
        "Untested",
        "tests-missing",
        "pre-release asks for tests, and no signed result is recorded of v2",
        "Run its suites: gitagent test v2 --record --sign",
    )
    assert refusal(lambda: built.promote("pre-release")) == asked
    built.agent.record_result(found, actor=ADA, at=built.clock(), sign=True)
    assert built.promote("pre-release").serving()["pre-release"] == "v2"
    assert not built.agent.verify().findings


def test_where_signatures_are_required_what_is_played_for_a_move_is_signed(built: Built, keys: Keys) -> None:
    keys.trust(built.path)
    signing(built.edit(FRENCH, "agent.yaml"), keys).publish()
    _gated(built, "pre-release", tests=100, not_worse=True, requires_signature=True)
    record(built, "v2")
    seen: list[Candidate] = []
    _promoted(built, seen, sign=True)
    assert len(seen) == 1
    built.edit(AGENT + "language: en\n", "agent.yaml").publish()
    signed = built.agent.candidate("v3").result(responder="embedded", seconds=0.1)
    built.agent.record_result(signed, actor=ADA, at=built.clock(), sign=True)
    record(built, "v2")
    assert refusal(lambda: built.promote("pre-release"))[2:] == (
        "pre-release takes nothing worse than it serves, and "
        "no signed result is recorded of v2, which pre-release serves",
        "Run its suites: gitagent test pre-release --record --sign",
    )
    assert not built.agent.verify().findings
