"""Saving, publishing and moving: what each makes, records and refuses, and that plans make nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal

from gitagent import Change, ChangeKind, Event, Operation, SavePlan, Version, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable

V1, V2, V3 = (VersionNumber(number) for number in (1, 2, 3))


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that leaves all refs as they are."""
    before = built.git("for-each-ref")
    refused = refusal(call)
    assert built.git("for-each-ref") == before
    return refused


def _tip(built: Built, ref: str = "gitagent/ledger") -> str:
    return built.git("rev-parse", f"{ref}^{{commit}}").strip()


def _parents(built: Built, ref: str) -> list[str]:
    return built.git("log", "-1", "--format=%P", ref).split()


# Saving


def test_a_save_makes_a_version_that_nothing_serves(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    done = built.agent.save(actor=GRACE, at=built.clock(), name="second", message="why")
    assert done.version == Version(V2, _tip(built, "v2"), "second", "why", GRACE, built.clock.now)
    assert (done.base, done.problems, done.event) == (V1, (), next(built.agent.history()))
    assert done.event == Event(
        seq=2,
        id=done.event.id,
        operation=Operation.SAVE,
        actor=GRACE,
        at=built.clock.now,
        to_version=V2,
        to_commit=done.version.commit,
        tag=built.git("rev-parse", "v2").strip(),
        name="second",
        message="why",
        commit=_tip(built),
    )
    assert built.serving() == {"sandbox": None, "pre-release": None, "live": None}
    assert (_tip(built, "main"), built.git("status", "--porcelain")) == (done.version.commit, "")


@pytest.mark.parametrize("verb", ["save", "publish"])
def test_names_and_messages_stand_in_tag_commit_and_event(build: Callable[..., Built], verb: str) -> None:
    built = build().edit("two\n")
    make = built.agent.save if verb == "save" else built.agent.publish
    make(actor=GRACE, at=built.clock(), name=" second ", message="why\r\n\r\nand how  \n")
    assert built.git("cat-file", "tag", "v2").partition("\n\n")[2].strip() == "second\n\nwhy\n\nand how"
    assert built.git("log", "-1", "--format=%B", "v2").strip() == (
        "v2 second\n\nwhy\n\nand how\n\nGitagent-Version: v2"
    )
    event = next(built.agent.history())
    assert (event.name, event.message) == ("second", "why\n\nand how")
    assert event.subject == ("save v2 second" if verb == "save" else "publish sandbox v2 second")
    assert built.git("log", "-1", "--format=%an %ae", "v2") == "Grace Hopper grace@example.com\n"


def test_a_draft_like_the_newest_version_has_nothing_to_save(build: Callable[..., Built]) -> None:
    built = build().save("two\n")
    expected = Refusal(
        "RuleBroken", "nothing-to-save", "there is nothing to save: the draft is the same as v2", "Edit it first."
    )
    assert _unchanged(built, built.save) == expected
    assert _unchanged(built, built.agent.plan_save) == expected
    built.edit("three\n").edit("two\n")
    assert _unchanged(built, lambda: built.save(name="other")) == expected


def test_a_plan_to_save_names_the_files_and_makes_nothing(build: Callable[..., Built]) -> None:
    built = build(files={"notes.md": "one\n", "old.md": "old\n"}).edit("two\n").edit("new\n", "new.md")
    (built.path / "old.md").unlink()
    before = built.git("for-each-ref")
    assert built.agent.plan_save() == SavePlan(
        V2,
        V1,
        (
            Change("new.md", ChangeKind.ADDED),
            Change("notes.md", ChangeKind.MODIFIED),
            Change("old.md", ChangeKind.DELETED),
        ),
        (),
    )
    assert built.git("for-each-ref") == before
    built.save()
    assert built.git("ls-tree", "-r", "--name-only", "v2").split() == ["new.md", "notes.md"]


def test_a_restored_older_draft_becomes_a_new_version(build: Callable[..., Built]) -> None:
    built = build().save("two\n").save("three\n").restore("v1")
    done = built.agent.save(actor=ADA, at=built.clock())
    assert (str(done.version.number), done.base) == ("v4", V1)
    assert built.git("diff", "v1", "v4") == ""
    assert _parents(built, "v4") == [_tip(built, "v3")]
    assert built.agent.draft().base == done.version.number


def test_plain_commits_on_main_are_parents_of_the_next_version(build: Callable[..., Built]) -> None:
    built = build().edit("by hand\n")
    built.git("commit", "-qam", "By hand")
    by_hand = _tip(built, "main")
    built.save()
    assert _parents(built, "v2") == [by_hand]
    assert _parents(built, by_hand) == [_tip(built, "v1")]
    assert built.git("show", "v2:notes.md") == "by hand\n"
    assert _tip(built, "main") == _tip(built, "v2")


@pytest.mark.parametrize("verb", ["save", "publish"])
def test_warnings_are_carried_and_stop_nothing(build: Callable[..., Built], verb: str) -> None:
    built = build()
    (built.path / "link.md").symlink_to("missing.md")
    problems = tuple(built.agent.validate())
    assert [(each.code, str(each.severity)) for each in problems] == [("link-broken", "warning")]
    if verb == "save":
        assert built.agent.plan_save().problems == problems
        assert built.agent.save(actor=ADA, at=built.clock()).problems == problems
    else:
        assert built.agent.plan_publish(actor=ADA, at=START).problems == problems
        assert built.agent.publish(actor=ADA, at=built.clock()).move.problems == problems


# Publishing


@pytest.mark.parametrize(
    ("selector", "serves", "made"), [("draft", "v3", True), ("v1", "v1", False), ("latest", "v2", False)]
)
def test_a_publication_takes_the_draft_or_a_saved_version(
    build: Callable[..., Built], selector: str, serves: str, *, made: bool
) -> None:
    built = build().save("two\n").edit("three\n")
    done = built.agent.publish(selector, actor=GRACE, at=built.clock(), message="out")
    assert (str(done.version.number), done.move.new, done.event.message) == (serves, made, "out")
    assert (done.event.tag is not None) is made
    assert done.event.subject == f"publish sandbox {serves}"
    assert built.serving() == {"sandbox": serves, "pre-release": None, "live": None}
    assert _tip(built, "sandbox") == _tip(built, serves) == done.version.commit
    assert built.agent.draft().edited is not made


def test_an_unedited_draft_publishes_the_newest_and_makes_nothing(build: Callable[..., Built]) -> None:
    built = build().save("two\n", name="second")
    done = built.agent.publish(actor=GRACE, at=built.clock())
    assert (done.version, done.move.new, done.event.tag) == (built.agent.version("v2"), False, None)
    assert done.version.name == "second"
    assert [each.number for each in built.agent.versions()] == [V2, V1]
    assert _unchanged(built, built.publish) == Refusal(
        "RuleBroken", "already-served", "sandbox already serves v2", "Edit the draft, or publish another version."
    )


@pytest.mark.parametrize("selector", ["draft", "v1", "latest"])
def test_a_saved_version_keeps_its_name(build: Callable[..., Built], selector: str) -> None:
    built = build()
    expected = Refusal(
        "RuleBroken",
        "version-immutable",
        "v1 exists already and cannot be given another name",
        "Leave --name out; a message is recorded with the publication.",
    )
    if selector == "draft":
        said = "the draft is v1, unedited, and v1 cannot be given another name"
        expected = expected._replace(message=said, hint="Edit the draft first, or leave --name out.")
    assert _unchanged(built, lambda: built.publish(selector=selector, name="again")) == expected
    assert _unchanged(built, lambda: built.agent.plan_publish(selector, actor=ADA, at=START, name="x")) == expected


# What was agreed to


def test_a_publication_that_is_not_the_one_agreed_to_is_refused(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").edit("three\n")
    plan = built.agent.plan_publish(actor=ADA, at=START)
    built.publish(selector="v1")
    assert _unchanged(built, lambda: built.agent.publish(actor=ADA, at=built.clock(), expect=plan)) == Refusal(
        "EnvironmentMoved",
        "environment-moved",
        "sandbox serves v1; it served v2 when you agreed, and it would go to v3 now",
        "Look at it again: gitagent status, then gitagent publish once more.",
    )


def test_a_promotion_that_is_not_the_one_agreed_to_is_refused(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    plan = built.agent.plan_promote("pre-release")
    built.publish("three\n")
    assert _unchanged(
        built, lambda: built.agent.promote("pre-release", actor=ADA, at=built.clock(), expect=plan)
    ) == Refusal(
        "EnvironmentMoved",
        "environment-moved",
        "pre-release serves nothing as when you agreed, and it would go to v3 now, not to v2",
        "Look at it again: gitagent status, then gitagent promote once more.",
    )


def test_a_rollback_that_is_not_the_one_agreed_to_is_refused(build: Callable[..., Built]) -> None:
    built = build().publish().publish("two\n").publish("three\n")
    plan = built.agent.plan_rollback("sandbox")
    built.rollback("sandbox")
    assert _unchanged(
        built, lambda: built.agent.rollback("sandbox", actor=ADA, at=built.clock(), expect=plan)
    ) == Refusal(
        "EnvironmentMoved",
        "environment-moved",
        "sandbox serves v2; it served v3 when you agreed, and it would go to v1 now, not to v2",
        "Look at it again: gitagent status, then gitagent rollback once more.",
    )


def test_plans_leave_the_ledger_where_it_was_and_come_true(build: Callable[..., Built]) -> None:
    built = build().publish().publish("two\n").edit("three\n")
    before = built.git("for-each-ref")
    publish = built.agent.plan_publish(actor=ADA, at=START, name="third")
    promote, rollback = built.agent.plan_promote("pre-release"), built.agent.plan_rollback("sandbox")
    assert built.git("for-each-ref") == before
    assert [move.operation for move in (publish, promote, rollback)] == ["publish", "promote", "rollback"]
    assert [move.to_version.number for move in (publish, promote, rollback)] == [V3, V2, V1]
    assert built.agent.promote("pre-release", actor=ADA, at=built.clock(), expect=promote).move == promote
    done = built.agent.publish(actor=ADA, at=START, name="third", expect=publish)
    assert (done.version.number, done.version.name) == (V3, "third")


# One environment


def test_a_single_environment_is_published_to_and_rolled_back(build: Callable[..., Built]) -> None:
    built = build(pipeline="live")
    assert _unchanged(built, built.publish).code == "number-required"
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=False)
    built.publish().publish("two\n").rollback("live")
    assert built.serving() == {"live": "v1"}
    assert built.publish(selector="v2").serving() == {"live": "v2"}
    assert _unchanged(built, lambda: built.promote("live")) == Refusal(
        "RuleBroken",
        "first-environment",
        "live is the first environment; nothing can be promoted to it",
        "Publish puts a version into it: gitagent publish",
    )
    assert built.history()[1:] == [
        "rules live requires-number off",
        "publish live v1",
        "publish live v1 -> v2",
        "rollback live v2 -> v1",
        "publish live v1 -> v2",
    ]
