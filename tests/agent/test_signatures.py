"""Signing: tags and events signed alike, kept through sharing and repairs, and asked for where they are required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import refusal
from support.sharing import Team
from support.signing import Keys, signing

from gitagent import Agent, PhoneNumber
from gitagent.agent import authority
from gitagent.agent.pending import pending_saves
from gitagent.git.armor import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent import Event
    from gitagent.agent.store import Store
    from gitagent.git.remote import Remote

NUMBER = PhoneNumber("+442079460018")
ARMOR = "-----BEGIN SSH SIGNATURE-----\nU1NIU0lH\n-----END SSH SIGNATURE-----"


@pytest.fixture
def signed(build: Callable[..., Built], keys: Keys) -> Built:
    """An agent that Ada signs everything in, but for v1."""
    return signing(build(), keys)


@pytest.fixture
def strict(signed: Built) -> Built:
    """The same, with v2 and v3 published, and sandbox requiring signatures."""
    signed.publish("two\n").publish("three\n")
    rules(signed, requires_signature=True)
    return signed


def rules(built: Built, environment: str = "sandbox", *, sign: bool = False, **asked: Any) -> Event:
    return built.agent.set_rules(environment, actor=ADA, at=built.clock(), sign=sign, **asked)


def is_signed(built: Built, id_: str | None) -> bool:
    return signature_of(built.agent._store.repository, id_ or "") is not None


def newest(built: Built) -> Event:
    return next(built.agent.history(limit=1))


def test_whatever_is_signed_is_good_by_gits_own_word(signed: Built, keys: Keys) -> None:
    keys.trust(signed.path)
    signed.save("two\n", name="Two").publish("three\n").publish(selector="v2").promote("pre-release")
    signed.rollback("sandbox")
    rules(signed, "live", requires_number=True, sign=True)
    signed.agent.assign_number(NUMBER, "sandbox", actor=ADA, at=signed.clock(), sign=True)
    signed.agent.release_number(NUMBER, actor=ADA, at=signed.clock(), sign=True)
    said = signed.git("log", "--format=%G? %GS", "gitagent/ledger").splitlines()
    assert said == ["G ada@example.com"] * 8 + ["N "]
    signed.git("verify-tag", "v2", "v3")
    assert [version.signed for version in signed.agent.versions()] == [True, True, False]
    assert signed.agent.version("v2").name == "Two"


def test_without_being_asked_nothing_is_signed(build: Callable[..., Built], keys: Keys) -> None:
    built = build()
    keys.sign_with("ada", built.path)
    built.publish("two\n").promote("pre-release")
    assert not any(is_signed(built, id_) for event in built.agent.history() for id_ in (event.commit, event.tag))
    assert not built.agent.signs_by_default()
    built.git("config", "tag.gpgSign", "true")
    assert built.agent.signs_by_default()


def test_a_signed_history_keeps_every_rule(strict: Built, keys: Keys) -> None:
    done = strict.agent.verify(allowed_signers=keys.allowed)
    assert (done.findings, done.signatures) == ((), 4)


def test_words_and_messages_are_read_as_they_were_given(signed: Built) -> None:
    signed.save("two\n", name="Autumn", message="why\n\nand how")
    version = Agent.open(signed.path).version("v2")
    assert (version.name, version.message, version.signed) == ("Autumn", "why\n\nand how", True)


@pytest.mark.parametrize("words", [{"message": f"why\n{ARMOR}"}, {"name": "-----BEGIN PGP SIGNATURE-----"}])
def test_a_text_that_git_would_take_for_a_signature_is_refused(
    build: Callable[..., Built], words: dict[str, str]
) -> None:
    built = build().edit("two\n")
    failed = refusal(lambda: built.agent.save(actor=ADA, at=START, **words))  # type: ignore[arg-type]  # name, message
    assert (failed.kind, failed.code) == ("InvalidName", "invalid-message")
    built.save(message="why:\n  -----BEGIN SSH SIGNATURE-----")


def test_what_cannot_be_signed_changes_nothing(build: Callable[..., Built], keys: Keys) -> None:
    built = signing(build().publish(), keys, "locked").edit("two\n")
    before = built.git("for-each-ref")
    for act in (built.save, built.publish, lambda: built.promote("pre-release")):
        assert refusal(act).code == "signing-passphrase"
    assert (built.git("for-each-ref"), built.git("status", "--short")) == (before, " M notes.md\n")


# Where signatures are required


def test_an_environment_that_requires_them_is_changed_by_signed_events_alone(strict: Built) -> None:
    agent, at = strict.agent, strict.clock()
    strict.edit("four\n")
    acts: list[Callable[[], object]] = [
        lambda: agent.publish(actor=ADA, at=at),
        lambda: agent.publish("v2", actor=ADA, at=at),
        lambda: agent.rollback("sandbox", actor=ADA, at=at),
        lambda: rules(strict, requires_signature=False),
        lambda: agent.assign_number(NUMBER, "sandbox", actor=ADA, at=at),
        lambda: agent.plan_publish(actor=ADA, at=at),
        lambda: agent.plan_rollback("sandbox"),
    ]
    before = strict.git("for-each-ref")
    for act in acts:
        assert refusal(act) == (
            "RuleBroken",
            "signature-missing",
            "sandbox requires signatures, and this would not be signed",
            "Sign it with --sign; to sign always: git config tag.gpgSign true",
        )
    assert strict.git("for-each-ref") == before
    strict.publish().rollback("sandbox")
    agent.plan_rollback("sandbox", sign=True)
    strict.sign = False
    strict.promote("pre-release").save("five\n")


def test_an_environment_that_requires_them_serves_signed_versions_alone(strict: Built) -> None:
    strict.sign = False
    strict.save("four\n")
    strict.sign = True
    assert refusal(lambda: strict.publish(selector="v4")) == (
        "RuleBroken",
        "version-unsigned",
        "sandbox requires signatures, and v4 was made without one",
        "Make a version that is signed: gitagent restore v4, edit it, then gitagent save --sign",
    )
    strict.publish(selector="v2")
    rules(strict, "pre-release", requires_signature=True)
    assert refusal(lambda: strict.agent.plan_publish("v4", actor=ADA, at=START, sign=True)).code == "version-unsigned"


def test_a_version_from_before_is_not_rolled_back_to(build: Callable[..., Built], keys: Keys) -> None:
    built = signing(build().publish(), keys).publish("two\n")
    rules(built, requires_signature=True)
    assert refusal(lambda: built.rollback("sandbox")).message == (
        "sandbox requires signatures, and v1 was made without one"
    )
    rules(built, requires_signature=False, sign=True)
    built.rollback("sandbox")


# Shared


@pytest.fixture
def team(tmp_path: Path, keys: Keys) -> Team:
    """A team whose Ada signs; v2 is hers."""
    team = Team(tmp_path)
    signing(team.ada, keys).save("two\n")
    return team


def test_a_signed_tag_cannot_be_made_again_and_is_fetched(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    grace = team.clone("grace")
    team.ada.publish("three\n").save("four\n")
    grace.agent.sync(actor=GRACE, at=START)
    assert grace.git("show-ref", "--tags") == team.ada.git("show-ref", "--tags")
    assert [is_signed(grace, grace.git("rev-parse", f"v{number}").strip()) for number in (2, 3, 4)] == [True] * 3
    assert grace.reopen().notices == ()
    assert grace.agent.verify().errors == 0


def test_a_signed_tag_that_is_gone_is_brought_back_from_the_remote(team: Team) -> None:
    grace = team.clone("grace")
    tag = grace.git("rev-parse", "v2")
    grace.git("tag", "-d", "v2")
    grace.git("reflog", "expire", "--expire=now", "--all")
    grace.git("repack", "-qadf")
    grace.git("prune", "--expire=now")
    assert refusal(lambda: grace.reopen().version("v2")).message == "the tag object of v2 is missing"
    repairs = Agent.plan_repairs(grace.path)
    assert [(each.code, each.remedy) for each in repairs] == [("tag-missing", f"Fetch it from {team.remote}.")]
    Agent.repair(repairs, grace.path, at=START)
    assert grace.git("rev-parse", "v2") == tag
    assert grace.reopen().version("v2").signed


def test_a_save_that_waits_is_signed_when_it_gets_its_number(team: Team, keys: Keys) -> None:
    ada = team.ada.edit("three\n")
    waiting = ada.agent.save_pending(actor=ADA, at=ada.clock(), message="offline", sign=True)
    assert waiting.signed
    assert [each._replace(problems=()) for each in pending_saves(ada.agent._store)] == [waiting._replace(problems=())]
    synced = ada.agent.sync(actor=ADA, at=ada.clock())
    assert [(str(each.number), each.signed, each.message) for each in synced.numbered] == [("v3", True, "offline")]
    assert ada.agent.verify(allowed_signers=keys.allowed).findings == ()
    assert is_signed(ada, newest(ada).commit)


def test_a_save_that_waits_and_cannot_be_signed_goes_on_waiting(team: Team, keys: Keys) -> None:
    ada = team.ada.edit("three\n")
    ada.agent.save_pending(actor=ADA, at=ada.clock(), sign=True)
    keys.sign_with("locked", ada.path)
    assert ada.agent.sync(actor=ADA, at=ada.clock()).numbered == ()
    assert ada.agent.notices[-1].startswith("A save of 2026-03-02 ")
    assert "still waits, since it is to be signed and cannot be: the ssh key" in ada.agent.notices[-1]
    assert len(ada.agent.pending_saves()) == 1
    synced = ada.agent.sync(actor=ADA, at=ada.clock(), sign=False)
    assert [(str(each.number), each.signed) for each in synced.numbered] == [("v3", False)]
    assert ada.agent.pending_saves() == ()


def test_a_save_that_waits_unsigned_is_numbered_unsigned(team: Team) -> None:
    ada = team.ada.edit("three\n")
    assert not ada.agent.save_pending(actor=ADA, at=ada.clock()).signed
    assert [each.signed for each in ada.agent.sync(actor=ADA, at=ada.clock()).numbered] == [False]


def test_an_operation_that_has_to_be_tried_again_is_signed_again(
    team: Team, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    grace, real, tried = signing(team.clone("grace"), keys, "grace"), authority.push, list[str]()

    def push(store: Store, remote: Remote, event: Event, *rest: Any, **options: Any) -> bool:
        tried.append(event.subject)
        if len(tried) == 1:
            team.ada.save("three\n")
        return real(store, remote, event, *rest, **options)

    monkeypatch.setattr(authority, "push", push)
    grace.publish(selector="v2")
    assert tried == ["publish sandbox v2", "save v3", "publish sandbox v2"]
    assert team.ledger()[-2:] == ["save v3", "publish sandbox v2"]
    done = grace.agent.verify(allowed_signers=keys.allowed)
    assert (done.errors, done.signatures) == (0, 5)
