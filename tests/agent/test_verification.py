"""Verification: every rule, broken on purpose with the git program, is found by its code; what is sound has none."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.building import ADA, GRACE, Built, git
from support.forging import LEDGER, forge, forged_tag, plumb, remove_object
from support.rules import check_rules
from support.sharing import Team

from gitagent import Agent
from gitagent.agent import verification
from gitagent.agent.events import Operation
from gitagent.agent.replay import replayed, snapshot
from gitagent.agent.store import Store
from gitagent.agent.verification import Verification, verify
from gitagent.errors import LedgerInvalid
from gitagent.git.exact import Trees
from gitagent.git.repository import Repository
from gitagent.names import Actor, EnvironmentName, PhoneNumber, VersionNumber

SANDBOX, PRE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
MAIN_LINE, SUPPORT = PhoneNumber("+442079460018"), PhoneNumber("+442079460019")
V1, V2, V3, V9 = (VersionNumber(number) for number in (1, 2, 3, 9))


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "A_MOMENT", 0)


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v3 in the sandbox, v2 in pre-release, nothing live, a number and a rule. The newest event is event 7."""
    built = build().publish("two\n").promote("pre-release").publish("three\n")
    assign(built, MAIN_LINE, "pre-release", {"X-A": "1"})
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    return built.save("four\n")


def assign(built: Built, number: PhoneNumber, environment: str, headers: dict[str, str] | None = None) -> None:
    built.agent.assign_number(number, environment, actor=ADA, at=built.clock(), sip_headers=headers)


def checked(folder: Path) -> Verification:
    """What a check finds. It changes nothing: neither refs nor objects."""
    everything = ["cat-file", "--batch-check", "--batch-all-objects", "--unordered"]
    before = [git(folder, *command) for command in (["for-each-ref"], everything)]
    found = verify(Store(Repository.discover(folder)))
    assert [git(folder, *command) for command in (["for-each-ref"], everything)] == before
    return found


def findings(built: Built) -> list[tuple[str, str]]:
    return [(found.code, found.place) for found in checked(built.path).findings]


def at(seq: int) -> str:
    return f"gitagent/ledger:{seq}"


# Sound agents


def everything(built: Built) -> None:
    built.publish("two\n", name="Spring, and 'more'").promote("pre-release", "live").publish("three\n")
    assign(built, MAIN_LINE, "live", {"X-A": "1", "x-b": ""})
    assign(built, SUPPORT, "live")
    assign(built, MAIN_LINE, "live", {})
    built.agent.set_rules("live", actor=GRACE, at=built.clock(), requires_number=True)
    built.agent.release_number(SUPPORT, actor=ADA, at=built.clock(), message="Moved.\n\nTo another.")
    built.promote("pre-release", "live").rollback("live").rollback("sandbox").publish("four\n").rollback(
        "sandbox", "v2"
    )


def wandering(built: Built) -> None:
    for text in "bcdef":
        built.publish(f"{text}\n")
    built.publish(selector="v2").publish(selector="v1").rollback("sandbox").rollback("sandbox")
    built.publish(selector="v4").promote("pre-release").rollback("sandbox", "v3").promote("pre-release", version="v5")
    built.rollback("pre-release").publish(selector="v6").rollback("sandbox", "v1").publish("g\n").rollback("sandbox")


def committed_between(built: Built) -> None:
    built.edit("two\n").git("add", "-A")
    built.git("commit", "-q", "-m", "by hand")
    built.publish("three\n").git("commit", "-q", "--allow-empty", "-m", "more")
    built.reopen()
    built.save("four\n").git("gc", "-q")


def odd_people(built: Built) -> None:
    for number, name in enumerate(("O'Neill, Jr.", "'Quoted'", "Ünï Cödé", "dots...")):
        built.edit(f"{number}\n").agent.save(actor=Actor(name, "x.@example.com"), at=built.clock())


def past_a_hundred(built: Built) -> None:
    for number in range(105):
        built.save(f"{number}\n")


HISTORIES = [lambda built: None, everything, wandering, committed_between, odd_people, past_a_hundred]


@pytest.mark.parametrize("history", HISTORIES, ids=["new", *(each.__name__ for each in HISTORIES[1:])])
@pytest.mark.parametrize("pipeline", ["sandbox,pre-release,live", "sandbox,pre-release,live,eu"])
def test_a_sound_agent_has_no_findings(
    history: Callable[[Built], None], pipeline: str, build: Callable[..., Built]
) -> None:
    built = build(pipeline=pipeline)
    history(built)
    if history is not odd_people:  # git leaves quotation marks around a name out
        check_rules(built.path)
    found = checked(built.path)
    assert found.findings == ()
    assert found == Verification(len(built.history()), built.agent.status().last_version.number, ())


def test_a_single_environment_is_sound_too(build: Callable[..., Built]) -> None:
    built = build(pipeline="live")
    assign(built, MAIN_LINE, "live")
    assert findings(built.publish("two\n").publish("three\n").rollback("live")) == []


def test_a_bare_clone_and_a_taken_over_repository_are_sound(built: Built, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(built.path), "bare")
    assert checked(tmp_path / "bare") == Verification(7, 4, ())
    git(tmp_path, "init", "-q", "old")
    (tmp_path / "old/notes.md").write_text("one\n")
    git(tmp_path / "old", "add", "-A")
    git(tmp_path / "old", "commit", "-q", "-m", "Before gitagent")
    Built(tmp_path / "new").agent.init(tmp_path / "old", actor=ADA, at=built.clock())
    assert checked(tmp_path / "old") == Verification(1, 1, ())


def test_a_team_is_sound_everywhere(tmp_path: Path) -> None:
    team = Team(tmp_path)
    grace = team.clone("grace")
    grace.publish("two\n").promote("pre-release")
    team.ada.agent.sync(actor=ADA, at=team.ada.clock())
    team.ada.publish("three\n").rollback("sandbox")
    git(tmp_path, "clone", "-q", str(team.remote), "plain")
    Agent.join(tmp_path / "plain")
    grace.agent.sync(actor=GRACE, at=grace.clock())
    for folder in (grace.path, team.ada.path, team.remote, tmp_path / "plain"):
        assert checked(folder) == Verification(5, 3, ())


def test_progress_is_told_to_the_end(built: Built) -> None:
    told: list[tuple[int, int]] = []
    verify(Store(Repository.discover(built.path)), lambda done, total: told.append((done, total)))
    assert told == [(done, 11) for done in range(1, 12)]


# Events that break a rule


def now(built: Built, *, on: bool) -> dict[str, Any]:
    return {"actor": ADA, "at": built.clock(), "requires_number": on}


LIES: dict[str, tuple[Callable[[Built], object], dict[str, Any]]] = {
    "rule-sequence": (lambda built: built.save("five\n"), {"seq": 9}),
    "rule-begin": (lambda built: built.save("five\n"), {"operation": Operation.INIT}),
    "rule-number": (lambda built: built.save("five\n"), {"to_version": V9}),
    "rule-facts": (lambda built: built.save("five\n"), {"environment": LIVE}),
    "rule-words": (lambda built: built.agent.set_rules("live", **now(built, on=False)), {"message": "bell \a"}),
    "rule-tree": (lambda built: built.save("five\n"), {"to_commit": "1" * 40}),
    "rule-environment": (lambda built: built.publish(), {"environment": EnvironmentName("elsewhere")}),
    "rule-from": (lambda built: built.publish(), {"from_version": V1}),
    "rule-to": (lambda built: built.publish(selector="v4"), {"to_commit": "1" * 40}),
    "rule-unchanged": (lambda built: built.publish(selector="v4"), {"to_version": V3}),
    "rule-first": (lambda built: built.publish(selector="v4"), {"operation": Operation.PROMOTE}),
    "rule-served": (lambda built: built.promote("pre-release"), {"to_version": V1}),
    "rule-detail": (
        lambda built: built.agent.set_rules("live", **now(built, on=False)),
        {"detail": "requires-number never"},
    ),
    "rule-number-held": (lambda built: assign(built, SUPPORT, "live"), {"number": MAIN_LINE}),
    "rule-actor": (lambda built: built.save("five\n"), {"author": "Grace Hopper"}),
    "ledger-invalid": (lambda built: built.save("five\n"), {"text": "save v5\n\nGitagent-Format: 1\n"}),
}


@pytest.mark.parametrize("code", LIES)
def test_an_event_that_breaks_a_rule_is_found(code: str, built: Built) -> None:
    operate, lie = LIES[code]
    if "to_version" in lie and code in {"rule-unchanged", "rule-served"}:
        lie = {**lie, "to_commit": built.agent.version(str(lie["to_version"])).commit}
    operate(built)
    forge(built.path, **lie)
    assert findings(built) == [(code, at(8))]


def test_a_promotion_that_goes_back_is_found(built: Built) -> None:
    built.promote("pre-release").rollback("pre-release")
    forge(built.path, operation=Operation.PROMOTE)
    assert findings(built) == [("rule-forward", at(9))]


def test_a_rollback_that_goes_forward_is_found(built: Built) -> None:
    built.publish().rollback("sandbox").rollback("sandbox").publish(selector="v4")
    forge(built.path, operation=Operation.ROLLBACK)
    assert findings(built) == [("rule-backward", at(11))]


def test_a_move_without_the_number_that_it_needs_is_found(built: Built) -> None:
    built.save("five\n")
    to: dict[str, Any] = {"to_version": V2, "to_commit": commit(built, 2), "tag": None}
    forge(built.path, operation=Operation.PROMOTE, environment=LIVE, **to)
    assert findings(built) == [("rule-phone-number", at(8))]


def commit(built: Built, number: int) -> str:
    return plumb(built.path, "rev-parse", f"v{number}^{{commit}}")


def test_an_assignment_of_headers_that_there_cannot_be_is_found(built: Built) -> None:
    assign(built, MAIN_LINE, "pre-release", {"X-A": "2"})
    pre_release = plumb(built.path, "show", f"{LEDGER}:environments/pre-release.yaml")
    files = {"environments/pre-release.yaml": pre_release.replace('"X-A"', '"To"') + "\n"}
    forge(built.path, files=files, detail="sip-headers To=2")
    assert findings(built) == [("rule-headers", at(8))]


def test_an_operation_that_is_recorded_twice_is_found_wherever_it_is(built: Built) -> None:
    first = [event.id for event in built.agent.history()][::-1]
    built.save("five\n")
    forge(built.path, id=first[6])
    assert findings(built) == [("rule-op-id", at(8)), ("rule-op-id", at(8))]
    forge(built.path, id=first[0])
    assert findings(built) == [("rule-op-id", at(8))]


def test_a_whole_event_that_is_replayed_is_found(built: Built) -> None:
    forge(built.path, instead=False)
    assert findings(built)[0] == ("rule-sequence", at(8))


def test_a_merge_in_the_ledger_is_found(built: Built) -> None:
    parent = plumb(built.path, "rev-parse", f"{LEDGER}^")
    forge(built.path, parents=[parent, plumb(built.path, "rev-parse", f"{LEDGER}^^")])
    assert findings(built) == [("rule-line", at(7))]


def test_a_ledger_that_begins_in_the_middle_is_found(built: Built) -> None:
    forge(built.path, parents=[])
    assert findings(built) == [("rule-begin", at(1))]


def test_a_pipeline_that_cannot_be_is_found(build: Callable[..., Built]) -> None:
    built = build(pipeline="test,live")
    state = plumb(built.path, "show", f"{LEDGER}:state.yaml").replace('"test"', '"live"')
    forge(built.path, files={"state.yaml": f"{state}\n"})
    assert findings(built)[0] == ("rule-pipeline", at(1))


FILES: dict[str, tuple[str, str | None]] = {
    "a file of its own": ("evil.sh", "#!/bin/sh\n"),
    "a version that was never made": ("versions/0/v9.yaml", "{}\n"),
    "a missing record": ("versions/0/v2.yaml", None),
    "another environment": ("environments/eu.yaml", "{}\n"),
    "another layout": ("state.yaml", "format: 1\n"),
    "no end": ("state.yaml", "[" * 100_000),
    "no state": ("state.yaml", None),
    "no record": ("versions/0/v4.yaml", None),
    "an older record": ("versions/0/v1.yaml", "null\n"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_tree_that_is_not_what_its_event_says_is_found(name: str, built: Built) -> None:
    path, content = FILES[name]
    forge(built.path, files={path: content})
    found = checked(built.path).findings
    assert (found[0].code, found[0].place, found[0].message) == (
        "rule-tree",
        at(7),
        f"event 7, save v4: not what it says: {path}",
    )


def test_many_strange_files_are_told_in_short(built: Built) -> None:
    forge(built.path, files={f"strange/{number}": "x" for number in range(9)})
    first, *rest = checked(built.path).findings
    assert first.message.endswith("not what it says: strange/0, strange/1, strange/2 and 6 more")
    assert [found.code for found in rest] == ["ledger-file"] * 9


def test_a_mode_that_is_not_an_ordinary_files_is_found(built: Built) -> None:
    blob = plumb(built.path, "rev-parse", f"{LEDGER}:state.yaml")
    lines = plumb(built.path, "ls-tree", LEDGER).replace("100644 blob " + blob, "100755 blob " + blob)
    tree = plumb(built.path, "mktree", given=f"{lines}\n")
    tip = plumb(built.path, "cat-file", "commit", LEDGER) + "\n"
    wrong = tip.replace(plumb(built.path, "rev-parse", f"{LEDGER}^{{tree}}"), tree)
    commit_ = plumb(built.path, "hash-object", "-t", "commit", "-w", "--stdin", given=wrong)
    plumb(built.path, "update-ref", LEDGER, commit_)
    assert findings(built) == [("rule-tree", at(7)), ("ledger-file", at(7))]


def test_what_follows_a_lie_is_judged_by_what_it_claims(built: Built) -> None:
    built.publish()
    forge(built.path, from_version=V1)
    built.reopen()
    built.publish("six\n").promote("pre-release").save("seven\n")
    assert findings(built) == [("rule-from", at(8))]


def test_several_lies_are_told_at_once(built: Built) -> None:
    built.save("five\n")
    forge(built.path, author="Grace Hopper")
    built.save("six\n")
    forge(built.path, text="nothing of the kind\n")
    forge_after(built)
    assert [code for code, _ in findings(built)][:2] == ["rule-actor", "ledger-invalid"]


def forge_after(built: Built) -> None:
    """A commit after one that no event can be read of."""
    tip = plumb(built.path, "rev-parse", LEDGER)
    made = plumb(built.path, "commit-tree", f"{tip}^{{tree}}", "-p", tip, "-m", "and more")
    plumb(built.path, "update-ref", LEDGER, made)


def test_a_ledger_of_which_nothing_can_be_read_is_told(build: Callable[..., Built]) -> None:
    built = build()
    forge(built.path, files={"state.yaml": "nothing\n"})
    assert findings(built) == [("ledger-invalid", at(1))]
    assert checked(built.path)[:2] == (1, 0)


# Objects


@pytest.mark.parametrize(
    ("name", "places"),
    [
        (f"{LEDGER}~3:state.yaml", [at(4)]),
        (f"{LEDGER}~1:environments", [at(6)]),
        (f"{LEDGER}:versions/0/v2.yaml", [at(3), at(7)]),
        ("v2^{tree}", ["tags/v4"]),
        ("v3:notes.md", ["tags/v4"]),
        ("refs/tags/v2", ["tags/v2"]),
    ],
)
def test_an_object_that_is_missing_is_found(name: str, places: list[str], built: Built) -> None:
    id_ = remove_object(built.path, name)
    found = verify(Store(Repository.discover(built.path))).findings
    assert {each.code for each in found} == {"object-missing"}, found
    assert [each.place for each in found] == places
    assert id_ in found[0].message


def test_a_ledger_that_is_cut_short_is_checked_as_far_as_it_is_here(built: Built) -> None:
    id_ = remove_object(built.path, f"{LEDGER}~4")
    found = verify(Store(Repository.discover(built.path))).findings
    assert [(each.code, each.place) for each in found] == [("object-missing", "gitagent/ledger")]
    assert id_ in found[0].message


def test_a_shallow_clone_is_checked_as_far_as_it_goes(built: Built, tmp_path: Path) -> None:
    url = f"file://{built.path}"
    git(tmp_path, "clone", "-q", "--mirror", "--depth", "2", "--no-single-branch", url, "shallow")
    found = verify(Store(Repository.discover(tmp_path / "shallow"))).findings
    assert found[0].code == "history-shallow"
    assert found[0].hint == "Get the rest: git fetch --unshallow"


# Refs


def test_tags_that_are_not_where_the_ledger_has_them_are_found(built: Built) -> None:
    built.git("tag", "-d", "v1")
    built.git("tag", "-f", "v2", "v3^{commit}")
    forged_tag(built.path, "v3", target=commit(built, 3))
    assert findings(built) == [("tag-missing", "tags/v1"), ("tag-moved", "tags/v2"), ("tag-moved", "tags/v3")]


def test_tags_that_no_event_made_are_found(built: Built) -> None:
    for name in ("v5", "v03", "V3", "v３", "v-3", "release-3", "vault"):  # noqa: RUF001 - full-width on purpose
        built.git("tag", name)
    found = checked(built.path)
    assert [(each.code, each.place, str(each.severity)) for each in found.findings] == [
        ("tag-look-alike", "tags/V3", "warning"),
        ("tag-look-alike", "tags/v-3", "warning"),
        ("tag-look-alike", "tags/v03", "warning"),
        ("tag-unknown", "tags/v5", "error"),
        ("tag-look-alike", "tags/v３", "warning"),  # noqa: RUF001 - full-width on purpose
    ]
    assert found.errors == 1


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("tag-name", {"inner": "v9"}),
        ("tag-words", {"message": "not what was said\n"}),
        ("tag-commit", {"target": 1}),
        ("tag-not-annotated", {}),
    ],
)
def test_a_tag_object_that_lies_is_found(code: str, facts: dict[str, Any], built: Built) -> None:
    """The event names the tag object itself, so that nothing but a look into it can tell."""
    event = next(built.agent.history())
    stamp = plumb(built.path, "cat-file", "tag", "v4").split("\n")[3]
    target = commit(built, facts.get("target", 4))
    head = f"object {target}\ntype commit\ntag {facts.get('inner', 'v4')}\n{stamp}\n"
    content = f"{head}\n{facts.get('message', 'Version 4')}\n\n"
    id_ = plumb(built.path, "hash-object", "-t", "tag", "-w", "--stdin", given=content) if facts else target
    plumb(built.path, "update-ref", "refs/tags/v4", id_)
    record = json.dumps({"commit": event.to_commit, "tag": id_, "served": []}, indent=2)
    forge(built.path, tag=id_, files={"versions/0/v4.yaml": f"{record}\n"})
    assert findings(built) == [(code, "tags/v4")]


def test_versions_that_do_not_follow_one_another_are_found(built: Built) -> None:
    event = next(built.agent.history())
    lone = plumb(built.path, "commit-tree", "v4^{tree}", "-p", commit(built, 2), "-m", "v4")
    text = plumb(built.path, "cat-file", "tag", "v4").replace(str(event.to_commit), lone)
    id_ = plumb(built.path, "hash-object", "-t", "tag", "-w", "--stdin", given=f"{text}\n\n")
    for ref, to in (("refs/tags/v4", id_), ("refs/heads/main", lone)):
        plumb(built.path, "update-ref", ref, to)
    record = json.dumps({"commit": lone, "tag": id_, "served": []}, indent=2)
    forge(built.path, tag=id_, to_commit=lone, files={"versions/0/v4.yaml": f"{record}\n"})
    assert findings(built) == [("version-line", "tags/v3"), ("version-line", "tags/v4")]


def test_branches_that_are_not_where_the_ledger_has_them_are_found(built: Built) -> None:
    built.git("branch", "-f", "sandbox", "v1")
    built.git("branch", "-D", "pre-release")
    built.git("branch", "live", "v1")
    assert findings(built) == [
        ("branch-moved", "sandbox"),
        ("branch-missing", "pre-release"),
        ("branch-unknown", "live"),
    ]


def test_a_ref_that_cannot_be_read_is_found_once(built: Built) -> None:
    (built.path / ".git/refs/heads/sandbox").write_text("nonsense\n")
    found = verify(Store(Repository.discover(built.path))).findings
    assert [(each.code, each.place) for each in found] == [("repository-unreadable", "sandbox")]


def test_main_is_found_behind_missing_or_elsewhere(built: Built) -> None:
    built.git("update-ref", "refs/heads/main", "v3^{commit}")
    assert findings(built) == [("main-behind", "main")]
    other = plumb(built.path, "commit-tree", "v3^{tree}", "-p", "v3^{commit}", "-m", "another way")
    built.git("update-ref", "refs/heads/main", other)
    found = checked(built.path)
    assert [(each.code, each.place, str(each.severity)) for each in found.findings] == [
        ("main-diverged", "main", "warning")
    ]
    assert found.errors == 0
    built.git("update-ref", "-d", "refs/heads/main")
    assert findings(built) == [("main-missing", "main")]


def test_main_may_be_ahead(built: Built) -> None:
    built.git("commit", "-q", "--allow-empty", "-m", "by hand")
    assert findings(built) == []


def test_a_head_that_is_elsewhere_is_worth_knowing(built: Built) -> None:
    built.git("switch", "-q", "-c", "idea")
    (found,) = checked(built.path).findings
    assert (found.code, found.severity) == ("head-elsewhere", "warning")
    assert found.message == "HEAD is on idea, so that the working tree is not the draft"
    built.git("switch", "-q", "--detach")
    assert findings(built) == [("head-elsewhere", "HEAD")]


def test_a_ledger_that_was_moved_back_is_found(built: Built) -> None:
    built.git("update-ref", LEDGER, f"{LEDGER}~2")
    assert findings(built) == [("tag-unknown", "tags/v4")]


def test_what_another_command_is_just_doing_is_no_finding(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    built.git("branch", "-D", "sandbox")
    monkeypatch.setattr(time, "sleep", lambda _: built.git("branch", "sandbox", "v3"))
    assert verify(Store(Repository.discover(built.path))).findings == ()


def test_what_is_only_worth_knowing_is_not_waited_for(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    built.git("tag", "V3")
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waited"))
    assert findings(built) == [("tag-look-alike", "tags/V3")]


def test_what_another_command_did_meanwhile_is_checked_too(built: Built, monkeypatch: pytest.MonkeyPatch) -> None:
    built.git("branch", "-D", "sandbox")

    def meanwhile(_: float) -> None:
        built.reopen()
        built.save("five\n")

    monkeypatch.setattr(time, "sleep", meanwhile)
    assert verify(Store(Repository.discover(built.path))) == Verification(8, 5, ())


def test_an_event_can_be_checked_alone_as_a_server_does(built: Built) -> None:
    repository = Repository.discover(built.path)
    for commit_ in repository.first_parents(plumb(built.path, "rev-parse", LEDGER)):
        before = snapshot(repository, commit_.parents[0]) if commit_.parents else None
        found = replayed(Trees(repository), commit_, before)
        again = snapshot(repository, commit_.id)
        assert found.missing == ()
        assert found.after[:5] == again[:5]
    built.rollback("sandbox").save("five\n")
    forge(built.path, files={"versions/0/v1.yaml": None})
    commit_ = Repository.discover(built.path).commit(plumb(built.path, "rev-parse", LEDGER))
    with pytest.raises(LedgerInvalid) as caught:
        replayed(Trees(repository), commit_, snapshot(repository, commit_.parents[0]))
    assert caught.value.code == "rule-tree"


def test_a_commit_of_a_version_that_is_missing_is_found(built: Built) -> None:
    remove_object(built.path, "v3^{commit}")
    found = verify(Store(Repository.discover(built.path))).findings
    assert {(each.code, each.place) for each in found} == {("object-missing", "tags/v4")}


def test_a_main_of_which_the_history_is_missing_is_found(built: Built) -> None:
    other = plumb(built.path, "commit-tree", "v3^{tree}", "-m", "another way")
    top = plumb(built.path, "commit-tree", "v3^{tree}", "-p", other, "-m", "on top")
    built.git("update-ref", "refs/heads/main", top)
    remove_object(built.path, other)
    found = verify(Store(Repository.discover(built.path))).findings
    assert [(each.code, each.place) for each in found] == [("object-missing", "main")]


def test_a_tag_object_that_is_not_text_is_found(built: Built) -> None:
    event = next(built.agent.history())
    content = plumb(built.path, "cat-file", "tag", "v4").replace("Version 4", "?").encode().replace(b"?", b"\xff\n\n")
    id_ = plumb(built.path, "hash-object", "-t", "tag", "-w", "--stdin", given=content)
    plumb(built.path, "update-ref", "refs/tags/v4", id_)
    record = json.dumps({"commit": event.to_commit, "tag": id_, "served": []}, indent=2)
    forge(built.path, tag=id_, files={"versions/0/v4.yaml": f"{record}\n"})
    assert findings(built) == [("tag-not-annotated", "tags/v4")]


def test_a_head_that_cannot_be_read_is_found(built: Built) -> None:
    store = Store(Repository.discover(built.path))
    (built.path / ".git/HEAD").write_text("nonsense\n")
    found = verify(store).findings
    assert [(each.code, each.place) for each in found] == [("repository-unreadable", "HEAD")]


def test_a_ledger_that_keeps_nothing_of_its_only_version_is_found(build: Callable[..., Built]) -> None:
    built = build()
    forge(built.path, files={"versions/0/v1.yaml": None})
    assert findings(built) == [("rule-tree", at(1)), ("record-missing", at(1))]
