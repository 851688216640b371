"""Pushes past the tests that an environment asks for: each is refused by the rule's name, and found by verify."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.attacking import Attack, guarded_team, some
from support.building import ADA, GRACE, git
from support.sharing import Member
from support.signing import Keys, signing
from support.testing import BOOKS, ENDLESS, FILES, GREETS, LONG, SUITE, played, record, suite

from gitagent import Actor, Agent, Operation, VersionNumber
from gitagent.agent.results import Result, format_result, parse_result, result_path
from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MALLORY = Actor("Mallory Mallet", "mallory@example.com")
EVERYTHING = ("gitagent/ledger", "main", "sandbox", "pre-release", "live", "--follow-tags")


@pytest.fixture(scope="session")
def gated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team whose live asks for tests and serves v2; Ada is the admin, Grace runs suites, and everybody promotes."""
    folder = tmp_path_factory.mktemp("gated")
    guarded_team(folder, files=FILES)
    team = Attack(folder, tmp_path_factory.mktemp("asking") / "team")
    ada = team.acting_as(ADA)
    ada.agent.grant("admin", ADA.email, actor=ADA, at=ada.clock())
    ada.agent.revoke("test", "everybody", actor=ADA, at=ada.clock())
    ada.agent.grant("test", GRACE.email, actor=ADA, at=ada.clock())
    ada.agent.set_rules("live", tests=100, actor=ADA, at=ada.clock())
    assert team.push("origin", "gitagent/ledger").taken
    return team.folder


@pytest.fixture
def attack(gated: Path, tmp_path: Path) -> Attack:
    return Attack(gated, tmp_path / "team")


@pytest.fixture
def lawless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mallory's gitagent lets everybody do everything, and takes whatever is said to have come of a run."""
    with monkeypatch.context() as patch:
        patch.setattr("gitagent.agent.access.refuse_without_role", lambda *_: None)
        patch.setattr("gitagent.agent.trials.admit", lambda _store, _move, words: words.forced)
        patch.setattr("gitagent.agent.trials._refuse_false", lambda *_: None)
        yield


def _refused(attack: Attack, rule: str, found: str | None = None) -> None:
    """Neither the remote takes what Mallory has, nor does verify pass over it."""
    codes = {each.code for each in Agent.open(attack.path, settle=False).verify().findings}
    assert (found or rule) in codes
    before = attack.refs()
    pushed = attack.push("-f", "--atomic", "origin", *EVERYTHING)
    assert not pushed.taken
    assert f"gitagent: refused: {rule}:" in pushed.said, pushed.said
    assert attack.refs() == before


def _test(attack: Attack, version: str = "v3", by: Actor = GRACE, **facts: Any) -> Result:
    return record(attack.acting_as(by), version, **facts).result


def _promote(attack: Attack, environment: str = "live", by: Actor = MALLORY, **how: Any) -> None:
    mallory = attack.acting_as(by)
    mallory.agent.promote(environment, actor=by, at=mallory.clock(), **how)


def _untested(attack: Attack) -> None:
    _promote(attack)


def _tested_another(attack: Attack) -> None:
    _test(attack, "v2")
    _promote(attack)


def _failed(attack: Attack) -> None:
    _test(attack, failing=[BOOKS])
    _promote(attack)


def _failed_since(attack: Attack) -> None:
    _test(attack)
    _test(attack, failing=[BOOKS])
    _promote(attack)


def _skipped(attack: Attack) -> None:
    _test(attack, skipping=[BOOKS, GREETS])
    _promote(attack)


def _onwards(attack: Attack) -> None:
    attack.mallory.publish().promote("pre-release")
    _promote(attack)


def _edited(attack: Attack) -> None:
    _test(attack)
    attack.mallory.edit(suite("greets"), SUITE)
    _onwards(attack)


def _emptied(attack: Attack) -> None:
    _test(attack)
    (attack.path / SUITE).unlink()
    _onwards(attack)


def _invented(attack: Attack) -> None:
    """A pass of one case that nobody has written, recorded for the draft before it was a version."""
    attack.mallory.edit("four\n")
    found = attack.mallory.agent.candidate().result(responder="embedded", seconds=0.1)
    lie = found._replace(suites="0" * 64, cases=1, passed=1)
    attack.mallory.agent.record_result(lie, actor=GRACE, at=attack.mallory.clock())
    _onwards(attack)


def _untested_draft(attack: Attack) -> None:
    mallory = attack.acting_as(ADA)
    mallory.agent.set_rules("sandbox", tests=100, actor=ADA, at=mallory.clock())
    mallory.publish("four\n")


def _worse(attack: Attack) -> None:
    mallory = attack.acting_as(ADA)
    mallory.agent.set_rules("live", tests=50, not_worse=True, actor=ADA, at=mallory.clock())
    _test(attack, "v2")
    _test(attack, "v3", failing=[BOOKS])
    _promote(attack)


def _worse_than_unknown(attack: Attack) -> None:
    mallory = attack.acting_as(ADA)
    mallory.agent.set_rules("live", tests=0, not_worse=True, actor=ADA, at=mallory.clock())
    _test(attack, "v3")
    _promote(attack)


MOVES: dict[str, tuple[str, Callable[[Attack], None]]] = {
    "without any": ("rule-tests", _untested),
    "with those of another version": ("rule-tests", _tested_another),
    "that fail": ("rule-tests", _failed),
    "that fail by the newest run": ("rule-tests", _failed_since),
    "that were all skipped": ("rule-tests", _skipped),
    "whose suite was edited after the run": ("rule-tests", _edited),
    "whose suite was emptied": ("rule-tests", _emptied),
    "of a suite that was invented": ("rule-tests", _invented),
    "of a draft that was not tested": ("rule-tests", _untested_draft),
    "with a case worse than what is served": ("rule-tests", _worse),
    "where what is served was never tested": ("rule-tests", _worse_than_unknown),
    "forced by who may not": ("rule-role", lambda attack: _promote(attack, force="I say so")),
}


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize(("rule", "move"), some(5, [(rule, move) for move, (rule, _) in MOVES.items()]))
def test_no_version_moves_past_its_tests(attack: Attack, rule: str, move: str) -> None:
    MOVES[move][1](attack)
    _refused(attack, rule)


def _said(**changes: Any) -> Callable[[Attack], None]:
    """A result of Grace's whose event says something else."""

    def setup(attack: Attack) -> None:
        _test(attack)
        attack.forge(**changes)

    return setup


def _held(*, told: bool = True, **changes: Any) -> Callable[[Attack], None]:
    """A result of Grace's that is another one, in the ledger's file, and, where it is `told`, in the event."""

    def setup(attack: Attack) -> None:
        found = _test(attack)
        other = found._replace(**changes)
        event = {"detail": other.detail} if told else {}
        attack.forge(files={result_path(found.tree): format_result(other).decode()}, **event)

    return setup


def _written(content: str | None) -> Callable[[Attack], None]:
    def setup(attack: Attack) -> None:
        found = _test(attack)
        attack.forge(files={result_path(found.tree): content})

    return setup


def _of_another_tree(attack: Attack) -> None:
    found = _test(attack)
    moved = found._replace(tree=attack.git("rev-parse", "v2^{tree}"))
    files = {result_path(found.tree): None, result_path(moved.tree): format_result(moved).decode()}
    attack.forge(tree=moved.tree, files=files)


def _smuggled(attack: Attack) -> None:
    """A result for one tree whose commit holds one for another as well."""
    found = _test(attack, "v2")
    other = found._replace(tree=attack.git("rev-parse", "v3^{tree}"))
    attack.forge(files={result_path(other.tree): format_result(other).decode()})


def _changed_beside(attack: Attack) -> None:
    """A failed result that another event, of somebody who may do that, makes a pass."""
    found = _test(attack, failing=[BOOKS])
    attack.acting_as(ADA).save("four\n")
    passed = found._replace(passed=2, failed=0, failing=())
    attack.forge(files={result_path(found.tree): format_result(passed).decode()})


def _removed(attack: Attack) -> None:
    found = _test(attack, failing=[BOOKS])
    attack.acting_as(ADA).save("four\n")
    attack.forge(files={result_path(found.tree): None})


def _forced_for_nothing(attack: Attack) -> None:
    attack.acting_as(ADA).publish("four\n")
    _promote(attack, "pre-release", by=ADA)
    attack.forge(forced="I say so")


def _forced_back(attack: Attack) -> None:
    attack.acting_as(ADA).rollback("sandbox")
    attack.forge(forced="I say so")


LIES: dict[str, tuple[str, Callable[[Attack], None]]] = {
    "by who may not test": ("rule-role", _said(actor=MALLORY)),
    "of another tree than is beside it": ("rule-result", _said(tree="1" * 40)),
    "of a version with another tree": ("rule-result", _of_another_tree),
    "of a version that never was": ("rule-to", _said(to_version=VersionNumber(9))),
    "of another version's commit": ("rule-to", _said(to_version=VersionNumber(2))),
    "of no tree": ("rule-facts", _said(tree=None)),
    "for an environment": ("rule-facts", _said(operation=Operation.APPROVE)),
    "that tells other counts": ("rule-detail", _said(detail="passed 9 of 9, embedded, 0.2 s, suites 000000000000")),
    "that holds other counts": ("rule-detail", _held(told=False, passed=1, failed=1, failing=(BOOKS,))),
    "whose counts do not add up": ("rule-result", _held(passed=1)),
    "with more passed than there are cases": ("rule-result", _held(passed=3, failed=-1)),
    "with cases that there are not": ("rule-result", _held(cases=3, passed=3)),
    "of a suite that was invented": ("rule-result", _held(suites="0" * 64)),
    "with a failure that there is not": ("rule-result", _held(passed=1, failed=1, failing=("x",))),
    "by an unknown responder": ("rule-result", _held(responder="me")),
    "by a responder that is two": ("rule-result", _held(responder="embedded, openai:x")),
    "that took no time that there is": ("rule-result", _held(seconds=-1.0)),
    "that is not there": ("rule-result", _written(None)),
    "that is for two trees": ("rule-tree", _smuggled),
    "that another event changed": ("rule-tree", _changed_beside),
    "that another event removed": ("rule-tree", _removed),
    "that forces what nothing stops": ("rule-forced", _forced_for_nothing),
    "that forces a rollback": ("rule-facts", _forced_back),
}


@pytest.mark.parametrize(("rule", "lie"), some(4, [(rule, lie) for lie, (rule, _) in LIES.items()]))
def test_a_result_that_lies_is_refused(attack: Attack, rule: str, lie: str) -> None:
    LIES[lie][1](attack)
    _refused(attack, rule)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"tree": 1}', "null", "tree: x", "[" * 100_000])
def test_what_gitagent_did_not_write_is_no_result(attack: Attack, content: str) -> None:
    _written(content)(attack)
    _refused(attack, "rule-event", "ledger-invalid")


def test_a_result_is_written_in_exactly_one_form(attack: Attack) -> None:
    found = _test(attack)
    assert parse_result(format_result(found)) == found
    values = json.dumps({**found._asdict(), "passed": 2.0}, indent=2) + "\n"
    attack.forge(files={result_path(found.tree): values})
    _refused(attack, "rule-event", "ledger-invalid")


def _tested_another_as_this(attack: Attack) -> None:
    """What came of v2's suites, in the place and in the event of v3's."""
    found = _test(attack, "v2")
    this = found._replace(tree=attack.git("rev-parse", "v3^{tree}"))
    event = {"to_version": VersionNumber(3), "to_commit": attack.git("rev-parse", "v3^{commit}")}
    attack.forge(files={result_path(this.tree): format_result(found).decode()}, tree=this.tree, **event)
    _promote(attack)


def _forged_into(attack: Attack, found: Result) -> None:
    """A result of the newest event made a pass of everything, in the ledger's file alone, and then relied on."""
    passed = found._replace(passed=found.cases, failed=0, skipped=0, failing=(), skipping=())
    attack.forge(files={result_path(found.tree): format_result(passed).decode()})
    _promote(attack)


def _forged_event(attack: Attack) -> None:
    _forged_into(attack, _test(attack, failing=[BOOKS]))


def _told_as_a_pass(attack: Attack) -> None:
    """A failure whose event says that all passed."""
    found = _test(attack, failing=[BOOKS])
    attack.forge(detail=found._replace(passed=2, failed=0, failing=()).detail)
    _promote(attack)


def _emptied_file(attack: Attack) -> None:
    """A suite without a case, which Mallory's gitagent does not mind in a version."""
    _test(attack)
    attack.mallory.edit("{}\n", SUITE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gitagent.agent.draft.checked_problems", lambda _: ())
        _onwards(attack)


def _timed_out(attack: Attack) -> Result:
    """What really playing v4 comes to, of which one case takes for ever; recorded by Grace."""
    attack.mallory.edit(LONG, "agent.yaml").edit(ENDLESS, "tests/slow.yaml")
    attack.acting_as(ADA).publish().promote("pre-release")
    grace = attack.acting_as(GRACE)
    found = played(grace.agent.candidate("v4"))
    assert (found.passed, found.failing) == (2, ("tests/slow.yaml::never ends",))
    grace.agent.record_result(found, actor=GRACE, at=grace.clock())
    return found


def _time_out(attack: Attack) -> None:
    _timed_out(attack)
    _promote(attack)


def _time_out_forged(attack: Attack) -> None:
    _forged_into(attack, _timed_out(attack))


WAYS: dict[str, tuple[str, Callable[[Attack], None]]] = {
    "a result for another tree": ("rule-tests", _tested_another),
    "a result for another tree, said to be of this one": ("rule-result", _tested_another_as_this),
    "a forged event": ("rule-detail", _forged_event),
    "a forged event, told as a pass": ("rule-detail", _told_as_a_pass),
    "a suite edited after the run": ("rule-tests", _edited),
    "an empty suite": ("rule-tests", _emptied_file),
    "an empty suite of no file": ("rule-tests", _emptied),
    "all cases skipped": ("rule-tests", _skipped),
    "a time-out": ("rule-tests", _time_out),
    "a time-out, forged to a pass": ("rule-detail", _time_out_forged),
}


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize("way", WAYS)
def test_no_way_past_a_gate_over_a_shared_remote_with_hooks(attack: Attack, way: str) -> None:
    """The same six ways as in `tests/agent/test_gates_ways.py`."""
    rule, go = WAYS[way]
    go(attack)
    assert str(attack.mallory.reopen().environment("live").version) != "v2"  # it moved here
    _refused(attack, rule)


def test_what_passed_is_let_through_and_what_is_forced_by_who_may(attack: Attack) -> None:
    _test(attack)
    _promote(attack, by=MALLORY)
    assert attack.push("--atomic", "origin", *EVERYTHING).taken
    attack.acting_as(ADA).publish("four\n").promote("pre-release")
    _promote(attack, by=ADA, force="Callers wait")
    assert attack.push("--atomic", "origin", *EVERYTHING).taken
    assert not attack.mallory.agent.verify().findings


def test_a_pass_of_a_draft_is_let_through_before_there_is_a_version_of_it(attack: Attack) -> None:
    attack.mallory.edit("four\n")
    assert record(attack.acting_as(GRACE)).version is None
    assert attack.push("origin", "gitagent/ledger").taken
    attack.acting_as(ADA).publish().promote("pre-release")
    _promote(attack, by=ADA)
    assert attack.push("--atomic", "origin", *EVERYTHING).taken


def test_suites_are_run_and_recorded_on_a_shared_remote_with_hooks(attack: Attack) -> None:
    ada = Member(Agent.clone(str(attack.remote), attack.folder / "clone"))
    ada.agent.promote(
        "live", actor=ADA, at=ada.clock(), run=lambda found: found.result(responder="embedded", seconds=0.1)
    )
    assert ada.history()[-2:] == ["test v3 passed 2 of 2", "promote live v2 -> v3"]
    assert not ada.agent.verify().findings


def test_a_case_that_overruns_moves_nothing_on_a_shared_remote_with_hooks(attack: Attack) -> None:
    ada = Member(Agent.clone(str(attack.remote), attack.folder / "clone"))
    ada.edit(LONG, "agent.yaml").edit(ENDLESS, "tests/slow.yaml").publish().promote("pre-release")
    live = git(attack.remote, "rev-parse", "live")
    with pytest.raises(RuleBroken, match=r"of v4 2 of 3 passed"):
        ada.agent.promote("live", actor=ADA, at=ada.clock(), run=played)
    assert git(attack.remote, "rev-parse", "live") == live
    subjects = git(attack.remote, "log", "--format=%s", "gitagent/ledger").splitlines()
    assert subjects[0] == "test v4 passed 2 of 3"
    assert not ada.agent.verify().findings


def test_an_unsigned_result_lets_nothing_into_an_environment_that_requires_signatures(
    attack: Attack, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    mallory = attack.acting_as(ADA)
    signing(mallory, keys).publish("four\n").promote("pre-release")
    mallory.agent.set_rules("live", requires_signature=True, actor=ADA, at=mallory.clock())
    _test(attack, "v4")
    monkeypatch.setattr("gitagent.agent.trials.admit", lambda *_: None)
    _promote(attack, by=ADA, sign=True)
    _refused(attack, "rule-signature")
