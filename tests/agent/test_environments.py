"""The rules by which environments move: publish, promote, rollback, and what each refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal

from gitagent import (
    Ahead,
    Environment,
    EnvironmentName,
    Event,
    Move,
    Operation,
    PhoneNumber,
    Version,
    VersionNumber,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SANDBOX, PRE_RELEASE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
V1, V2, V3, V4 = (VersionNumber(number) for number in (1, 2, 3, 4))
NUMBER = PhoneNumber("+442079460018")


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v2 and v3 went all the way; v4 is in sandbox."""
    made = build().publish("two\n").promote("pre-release", "live")
    return made.publish("three\n").promote("pre-release", "live").publish("four\n")


def _serving(built: Built) -> str:
    return " ".join(version or "-" for version in built.serving().values())


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that, as every refused call, leaves all refs as they are."""
    before = built.git("for-each-ref")
    refused = refusal(call)
    assert built.git("for-each-ref") == before
    return refused


# Publish


def test_publishing_the_draft_makes_a_version_and_moves_the_first_environment(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    done = built.agent.publish(actor=GRACE, at=built.clock(), name="second", message="why")
    version = Version(V2, built.git("rev-parse", "v2^{commit}").strip(), "second", "why", GRACE, built.clock.now)
    assert built.agent.version("v2") == done.version == done.move.to_version == version
    assert done.event == next(built.agent.history())
    assert done.event == Event(
        seq=2,
        id=done.event.id,
        operation=Operation.PUBLISH,
        actor=GRACE,
        at=built.clock.now,
        environment=SANDBOX,
        to_version=V2,
        to_commit=version.commit,
        tag=built.git("rev-parse", "v2").strip(),
        name="second",
        message="why",
        commit=built.git("rev-parse", "gitagent/ledger").strip(),
    )
    assert _serving(built) == "v2 - -"
    assert built.agent.environment("sandbox") == Environment(
        name=SANDBOX,
        position=0,
        version=V2,
        commit=version.commit,
        version_name="second",
        since=built.clock.now,
        by=GRACE,
        numbers=(),
        requires_number=False,
    )


def test_publishing_an_unedited_draft_publishes_the_newest_version(build: Callable[..., Built]) -> None:
    built = build().publish()
    assert _serving(built) == "v1 - -"
    built.save("two\n").publish()
    assert built.history() == ["init v1", "publish sandbox v1", "save v2", "publish sandbox v1 -> v2"]


def test_publishing_what_the_first_environment_serves_is_refused(built: Built) -> None:
    expected = Refusal(
        "RuleBroken",
        "already-served",
        "sandbox already serves v4",
        "Edit the draft, or publish another version.",
    )
    assert _unchanged(built, built.publish) == expected
    assert _unchanged(built, lambda: built.publish(selector="v4")) == expected
    assert _unchanged(built, lambda: built.publish(selector="sandbox")) == expected


def test_any_saved_version_may_be_published_however_old(built: Built) -> None:
    assert _serving(built.publish(selector="v1")) == "v1 v3 v3"
    assert _serving(built.publish(selector="live")) == "v3 v3 v3"
    assert _serving(built.publish(selector="latest")) == "v4 v3 v3"


def test_a_saved_version_cannot_be_named_again(built: Built) -> None:
    expected = Refusal(
        "RuleBroken",
        "version-immutable",
        "v1 exists already and cannot be given another name",
        "Leave --name out; a message is recorded with the publication.",
    )
    assert _unchanged(built, lambda: built.publish(selector="v1", name="again")) == expected
    assert refusal(lambda: built.publish(name="again")) == expected._replace(
        message="the draft is v4, unedited, and v4 cannot be given another name",
        hint="Edit the draft first, or leave --name out.",
    )


def test_an_edited_draft_is_not_what_publishing_a_saved_version_takes(built: Built) -> None:
    built.edit("edited\n").publish(selector="v2")
    assert (built.path / "notes.md").read_text() == "edited\n"
    assert built.agent.draft().label == "Draft edited since v4"
    assert _serving(built) == "v2 v3 v3"


def test_a_plan_to_publish_is_the_move_that_is_made_but_for_the_commit(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    plan = built.agent.plan_publish(actor=ADA, at=START, name="second")
    assert plan == Move(
        operation=Operation.PUBLISH,
        environment=SANDBOX,
        from_version=None,
        to_version=Version(V2, "", "second", None, ADA, START),
        new=True,
        unchanged=built.agent.environments()[1:],
        numbers=(),
        before=built.git("rev-parse", "gitagent/ledger").strip(),
        draft={"notes.md": (0o100644, built.git("hash-object", "notes.md").strip())},
        planned_on=built.git("rev-parse", "gitagent/ledger").strip(),
    )
    assert plan.fast_forward
    assert built.history() == ["init v1"]
    done = built.agent.publish(actor=ADA, at=START, name="second", expect=plan)
    assert done.move == plan._replace(to_version=done.version)


# Promote


def test_promoting_takes_what_the_environment_before_serves(built: Built) -> None:
    done = built.agent.promote("pre_release", actor=GRACE, at=built.clock(), message="ship it")
    assert (done.move.from_version, done.version) == (built.agent.version("v3"), built.agent.version("v4"))
    assert [each.name for each in done.move.unchanged] == [SANDBOX, LIVE]
    assert (done.move.fast_forward, done.move.new, done.event.message) == (True, False, "ship it")
    assert done.event == next(built.agent.history())
    assert _serving(built) == "v4 v4 v3"
    assert _serving(built.promote("live")) == "v4 v4 v4"


def test_promoting_may_name_a_version_that_the_environment_before_served(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").publish("three\n").publish("four\n")
    assert _serving(built.promote("pre-release", version="v2")) == "v4 v2 -"
    assert _serving(built.promote("pre-release", version="3")) == "v4 v3 -"
    assert _serving(built.promote("live", version="v2")) == "v4 v3 v2"


PROMOTIONS: dict[str, tuple[str, str | None, Refusal]] = {
    "first": (
        "sandbox",
        None,
        Refusal(
            "RuleBroken",
            "first-environment",
            "sandbox is the first environment; nothing can be promoted to it",
            "Publish puts a version into it: gitagent publish",
        ),
    ),
    "same": (
        "live",
        None,
        Refusal("RuleBroken", "already-served", "live already serves v3", "Nothing is left to promote."),
    ),
    "older": (
        "pre-release",
        "v2",
        Refusal(
            "RuleBroken",
            "not-forward",
            "pre-release serves v3, which is newer than v2",
            "To go back: gitagent rollback pre-release v2",
        ),
    ),
    "never served, first": (
        "pre-release",
        "v1",
        Refusal(
            "NeverServed",
            "never-served",
            "sandbox never served v1, so it cannot go to pre-release",
            "To take up what it holds as a new version: gitagent restore v1, then gitagent publish",
        ),
    ),
    "never served": (
        "live",
        "v4",
        Refusal(
            "NeverServed",
            "never-served",
            "pre-release never served v4, so it cannot go to live",
            "Promote it there first: gitagent promote pre-release --version v4",
        ),
    ),
    "no version": (
        "live",
        "v9",
        Refusal(
            "VersionNotFound", "version-not-found", "there is no version v9", "The newest is v4: gitagent versions"
        ),
    ),
    "no environment": (
        "lvie",
        None,
        Refusal(
            "EnvironmentNotFound", "environment-not-found", "no environment is called 'lvie'", "Did you mean live?"
        ),
    ),
    "draft": (
        "live",
        "draft",
        Refusal("InvalidName", "not-a-version", "'draft' names no version", "Name one such as v7, latest or live."),
    ),
}


@pytest.mark.parametrize("case", PROMOTIONS)
def test_a_promotion_that_the_rules_forbid_is_refused(built: Built, case: str) -> None:
    environment, version, expected = PROMOTIONS[case]
    assert _unchanged(built, lambda: built.promote(environment, version=version)) == expected
    assert _unchanged(built, lambda: built.agent.plan_promote(environment, version)) == expected


def test_nothing_can_be_promoted_from_an_environment_that_serves_nothing(build: Callable[..., Built]) -> None:
    built = build()
    assert _unchanged(built, lambda: built.promote("pre-release")) == Refusal(
        "NeverServed",
        "never-served",
        "sandbox serves no version that could be promoted to pre-release",
        "Publish one first: gitagent publish",
    )
    built.publish()
    assert _unchanged(built, lambda: built.promote("live")).hint == (
        "Promote it there first: gitagent promote pre-release"
    )


def test_the_first_step_that_works_is_named(build: Callable[..., Built]) -> None:
    built = build()
    assert _unchanged(built, lambda: built.promote("live")).hint == "Publish one first: gitagent publish"
    assert _unchanged(built, lambda: built.promote("live", version="v1")).hint == (
        "Publish it first: gitagent publish v1"
    )
    built.publish().save("two\n").publish(selector="v2")
    assert _unchanged(built, lambda: built.promote("live", version="v1")).hint == (
        "Promote it there first: gitagent promote pre-release --version v1"
    )
    built.promote("pre-release")
    assert _unchanged(built, lambda: built.promote("live", version="v1")).hint == (
        "To take up what it holds as a new version: gitagent restore v1, then gitagent publish"
    )
    built.restore("v1").publish().promote("pre-release", "live")
    assert built.serving()["live"] == "v3"


def test_a_version_that_was_never_served_is_no_way_back(built: Built) -> None:
    built.save("five\n").save("six\n").publish(selector="v5").publish(selector="v6").promote("pre-release")
    assert _unchanged(built, lambda: built.promote("pre-release", version="v5")).hint == (
        "To take up what it holds as a new version: gitagent restore v5, then gitagent publish"
    )


def test_a_restored_old_version_can_always_be_promoted(built: Built) -> None:
    built.restore("v2").publish()
    assert _serving(built.promote("pre-release", "live")) == "v5 v5 v5"
    assert built.git("diff", "v2", "live") == ""


# Rollback


def test_rolling_back_goes_to_what_was_served_before_again_and_again(built: Built) -> None:
    built.promote("pre-release", "live")
    seen = []
    for _ in range(2):
        done = built.agent.rollback("live", actor=ADA, at=built.clock())
        assert not done.move.fast_forward
        seen.append(_serving(built))
    assert seen == ["v4 v4 v3", "v4 v4 v2"]
    assert _unchanged(built, lambda: built.rollback("live")) == Refusal(
        "NeverServed",
        "never-served",
        "live served nothing before v2",
        "All that it served: gitagent history --environment live",
    )


def test_rolling_back_may_name_any_earlier_version_that_was_served(built: Built) -> None:
    built.promote("pre-release", "live")
    assert _serving(built.rollback("live", "v2")) == "v4 v4 v2"
    assert refusal(lambda: built.rollback("live")).message == "live served nothing before v2"


def test_after_a_promotion_the_next_rollback_undoes_that_promotion(built: Built) -> None:
    built.promote("pre-release", "live").rollback("live").rollback("live").promote("live")
    assert _serving(built) == "v4 v4 v4"
    assert _serving(built.rollback("live")) == "v4 v4 v2"


def test_a_version_rolled_back_from_can_be_named_once_it_is_earlier_again(built: Built) -> None:
    built.rollback("live").promote("pre-release").promote("live")
    assert _serving(built) == "v4 v4 v4"
    assert _serving(built.rollback("live", "v3")) == "v4 v4 v3"
    assert _serving(built.rollback("live")) == "v4 v4 v2"


def test_the_first_environment_goes_back_through_everything_it_served(built: Built) -> None:
    built.publish(selector="v2")
    assert _serving(built) == "v2 v3 v3"
    seen = [_serving(built.rollback("sandbox"))[:2] for _ in range(3)]
    assert seen == ["v4", "v3", "v2"]
    assert refusal(lambda: built.rollback("sandbox")).message == "sandbox served nothing before v2"


def test_rules_and_numbers_do_not_count_as_something_to_go_back_to(built: Built) -> None:
    built.agent.assign_number(NUMBER, "live", actor=ADA, at=built.clock())
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    done = built.agent.rollback("live", actor=ADA, at=built.clock())
    assert (done.version.number, [each.number for each in done.move.numbers]) == (V2, [NUMBER])
    environment = built.agent.environment("live")
    assert ([each.number for each in environment.numbers], environment.requires_number) == ([NUMBER], True)


ROLLBACKS: dict[str, tuple[str, str | None, Refusal]] = {
    "never served": (
        "live",
        "v1",
        Refusal("NeverServed", "never-served", "live never served v1", "See: gitagent history --environment live"),
    ),
    "same": (
        "live",
        "v3",
        Refusal(
            "RuleBroken",
            "already-served",
            "live already serves v3",
            "What it served before: gitagent history --environment live",
        ),
    ),
    "no version": (
        "live",
        "v9",
        Refusal(
            "VersionNotFound", "version-not-found", "there is no version v9", "The newest is v4: gitagent versions"
        ),
    ),
    "no environment": (
        "prod",
        None,
        Refusal(
            "EnvironmentNotFound",
            "environment-not-found",
            "no environment is called 'prod'",
            "The pipeline is sandbox → pre-release → live.",
        ),
    ),
}


@pytest.mark.parametrize("case", ROLLBACKS)
def test_a_rollback_that_the_rules_forbid_is_refused(built: Built, case: str) -> None:
    environment, version, expected = ROLLBACKS[case]
    assert _unchanged(built, lambda: built.rollback(environment, version)) == expected
    assert _unchanged(built, lambda: built.agent.plan_rollback(environment, version)) == expected


def test_a_newer_version_is_not_something_to_go_back_to(built: Built) -> None:
    built.rollback("live")
    assert _unchanged(built, lambda: built.rollback("live", "v3")) == Refusal(
        "RuleBroken",
        "not-backward",
        "v3 is newer than v2, which live serves",
        "To go forward: gitagent promote live --version v3",
    )


def test_an_environment_that_serves_nothing_cannot_go_back(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    assert _unchanged(built, lambda: built.rollback("live")) == Refusal(
        "NeverServed",
        "never-served",
        "live serves no version, so there is nothing to roll back",
        "See: gitagent environments",
    )
    assert refusal(lambda: built.rollback("sandbox")).message == "sandbox served nothing before v2"


def test_going_back_leaves_the_draft_alone(built: Built) -> None:
    built.edit("edited\n")
    before = built.git("status", "--porcelain"), built.git("rev-parse", "HEAD")
    built.promote("pre-release").rollback("pre-release").rollback("live")
    assert (built.git("status", "--porcelain"), built.git("rev-parse", "HEAD")) == before


# What was agreed to


def test_a_move_that_is_no_longer_what_was_agreed_to_is_a_conflict(built: Built) -> None:
    plan = built.agent.plan_promote("pre-release")
    built.promote("pre-release", version="v4").rollback("pre-release")
    built.publish("five\n")
    assert _unchanged(
        built, lambda: built.agent.promote("pre-release", actor=ADA, at=built.clock(), expect=plan)
    ) == Refusal(
        "EnvironmentMoved",
        "environment-moved",
        "pre-release serves v3 as when you agreed, and it would go to v5 now, not to v4",
        "Look at it again: gitagent status, then gitagent promote once more.",
    )


def test_every_verb_that_moves_heeds_what_was_agreed_to(built: Built) -> None:
    publish = built.agent.plan_publish("v1", actor=ADA, at=START)
    promote = built.agent.plan_promote("pre-release")
    rollback = built.agent.plan_rollback("live")
    draft = built.edit("five\n").agent.plan_publish(actor=ADA, at=START)
    at = built.clock()
    assert built.agent.promote("pre-release", actor=ADA, at=at, expect=promote).move == promote
    assert refusal(lambda: built.agent.publish("v2", actor=ADA, at=at, expect=publish)).code == "environment-moved"
    assert refusal(lambda: built.agent.rollback("pre-release", actor=ADA, at=at, expect=rollback)).code == (
        "environment-moved"
    )
    built.save()
    assert refusal(lambda: built.agent.publish(actor=ADA, at=at, expect=draft)).code == "environment-moved"
    assert built.agent.rollback("live", actor=ADA, at=at, expect=rollback).version.number == V2


def test_what_was_agreed_to_for_an_empty_environment_is_told(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    plan = built.agent.plan_promote("pre-release")
    built.promote("pre-release").publish("three\n")
    refused = refusal(lambda: built.agent.promote("pre-release", actor=ADA, at=START, expect=plan))
    assert refused.message == (
        "pre-release serves v2; it served nothing when you agreed, and it would go to v3 now, not to v2"
    )


# Looking


def test_the_status_says_who_is_ahead_of_whom(built: Built) -> None:
    status = built.agent.status()
    assert (status.name, status.path, status.last_version, status.last_published) == ("agent", built.path, V4, V4)
    assert status.ahead == (Ahead(SANDBOX, PRE_RELEASE, 1),)
    assert (status.unpublished, status.draft) == (False, built.agent.draft())
    assert status.environments == built.agent.environments()
    built.publish(selector="v1").edit("edited\n")
    status = built.agent.status()
    assert status.ahead == (Ahead(SANDBOX, PRE_RELEASE, -2),)
    assert (status.unpublished, status.last_published) == (True, V1)


def test_the_newest_version_stays_published_when_an_older_one_is_published_again(built: Built) -> None:
    status = built.publish(selector="v1").agent.status()
    assert (status.unpublished, status.last_published, status.last_version) == (False, V1, V4)
    built.save("five\n")
    assert built.agent.status().unpublished


def test_the_name_is_the_one_in_the_files_and_else_the_folders(build: Callable[..., Built]) -> None:
    assert build("x").agent.name == "x"
    built = build("y")
    built.edit("name: Reception\n", "agent.yaml")
    assert built.agent.name == "Reception"


def test_serving_names_environments_in_the_pipelines_order(built: Built) -> None:
    assert built.agent.serving() == {V4: (SANDBOX,), V3: (PRE_RELEASE, LIVE)}


def test_what_was_served_at_a_time_is_known(built: Built) -> None:
    moves = {event.subject: event.at for event in built.agent.history(environment="live")}
    first, second = moves["promote live v2"], moves["promote live v2 -> v3"]
    seen = [
        built.agent.serving_at("live", when)
        for when in (START, first - timedelta(seconds=1), first, second - timedelta(seconds=1), second)
    ]
    assert [(each.version, each.since, each.until) for each in seen] == [
        (None, None, first),
        (None, None, first),
        (V2, first, second),
        (V2, first, second),
        (V3, second, None),
    ]


def test_history_is_read_by_environment_operation_and_time(built: Built) -> None:
    agent = built.agent
    everything = list(agent.history())
    assert [event.seq for event in everything] == list(range(8, 0, -1))
    assert [event.subject for event in agent.history(environment="live")] == [
        "promote live v2 -> v3",
        "promote live v2",
    ]
    assert [event.subject for event in agent.history(operation=Operation.PUBLISH, limit=2)] == [
        "publish sandbox v3 -> v4",
        "publish sandbox v2 -> v3",
    ]
    assert list(agent.history(since=everything[2].at)) == everything[:3]
    assert list(agent.history(limit=0)) == []
    assert [event.subject for event in agent.history(environment="live", operation=Operation.INIT)] == []


def test_versions_are_listed_newest_first_in_pages(built: Built) -> None:
    def numbers(limit: int | None = None, before: VersionNumber | None = None) -> list[int]:
        return [version.number.number for version in built.agent.versions(limit=limit, before=before)]

    assert numbers() == [4, 3, 2, 1]
    assert numbers(limit=2) == [4, 3]
    assert numbers(limit=2, before=V3) == [2, 1]
    assert numbers(before=V1) == []
    assert numbers(before=VersionNumber(99), limit=1) == [4]


def test_the_configuration_that_is_served_is_read_once_for_as_long_as_it_stays(built: Built) -> None:
    first = built.agent.configuration("live")
    assert (first.environment, first.version, first.commit) == (LIVE, V3, built.git("rev-parse", "live").strip())
    assert {path: file.read() for path, file in first.files.items()} == {"notes.md": b"three\n"}
    assert built.agent.configuration("live") is first
    built.publish("five\n")
    assert built.agent.configuration("live") is first
    built.rollback("live")
    assert built.agent.configuration("live").files["notes.md"].read() == b"two\n"


def test_the_configuration_of_an_empty_environment_is_refused(build: Callable[..., Built]) -> None:
    assert refusal(lambda: build().agent.configuration("live")) == Refusal(
        "NeverServed", "never-served", "live serves no version yet", "See: gitagent environments"
    )


def test_two_agents_on_one_repository_see_each_others_moves(built: Built) -> None:
    other = Built.__new__(Built)
    other.path, other.clock = built.path, built.clock
    other.reopen()
    other.promote("pre-release")
    assert _serving(built) == "v4 v4 v3"
    built.publish("five\n")
    assert _serving(other) == "v5 v4 v3"


# A pipeline of one


def test_publishing_to_live_alone_asks_for_a_number_first(build: Callable[..., Built]) -> None:
    built = build(pipeline="live").edit("two\n")
    assert built.agent.environment("live").requires_number
    assert _unchanged(built, built.publish) == Refusal(
        "RuleBroken",
        "number-required",
        "live has no phone number, and its rules ask for one",
        "Assign one: gitagent numbers assign +442079460018 --environment live\n"
        "or change the rule: gitagent environments set live --no-requires-number",
    )
    built.agent.assign_number(NUMBER, "live", actor=ADA, at=built.clock())
    assert _serving(built.publish()) == "v2"
    assert refusal(lambda: built.promote("live")).code == "first-environment"
    assert _serving(built.publish("three\n").rollback("live")) == "v2"


def test_the_rule_can_be_changed_for_any_environment(build: Callable[..., Built]) -> None:
    built = build(pipeline="live")
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=False)
    assert _serving(built.publish("two\n")) == "v2"
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    assert refusal(lambda: built.publish("three\n")).code == "number-required"
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=False)
    built.publish()
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    assert _serving(built.rollback("live")) == "v2"


def test_a_promotion_into_an_environment_that_needs_a_number_asks_for_one(built: Built) -> None:
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    built.promote("pre-release")
    assert _unchanged(built, lambda: built.promote("live")).code == "number-required"
