"""Pushes by people without the role, or past approvals that are missing: each is refused by the rule's name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.attacking import Attack, some
from support.building import ADA, GRACE, Built

from gitagent import Actor, EnvironmentName, PhoneNumber, VersionNumber
from gitagent.agent.access import Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MALLORY = Actor("Mallory Mallet", "mallory@example.com")
ALAN = Actor("Alan Turing", "alan@example.com")
EVERYTHING = ("gitagent/ledger", "main", "sandbox", "pre-release", "live", "--follow-tags")
LOCAL_CHECKS = (
    "gitagent.agent.access.refuse_without_role",
    "gitagent.agent.environments.refuse_unapproved",
)


@pytest.fixture(scope="session")
def ruled(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A team where Ada is the admin, Grace may do what moves versions, everybody approves, and live asks for one."""
    team = Attack(original, tmp_path_factory.mktemp("ruled") / "team")
    ada = team.acting_as(ADA)
    _give(ada, "admin", ADA)
    for verb in sorted(set(Verb) - {Verb.ADMIN, Verb.APPROVE, Verb.FORCE}):
        ada.agent.revoke(verb, "everybody", actor=ADA, at=ada.clock())
    for verb in (Verb.SAVE, Verb.PUBLISH, Verb.PROMOTE, Verb.ROLLBACK):
        _give(ada, verb, GRACE)
    ada.agent.set_rules("live", approvals=1, actor=ADA, at=ada.clock())
    assert team.push("origin", "gitagent/ledger").taken
    return team.folder


@pytest.fixture
def attack(ruled: Path, tmp_path: Path) -> Attack:
    return Attack(ruled, tmp_path / "team")


@pytest.fixture
def lawless(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Mallory's gitagent lets everybody do everything."""
    with monkeypatch.context() as patch:
        for check in LOCAL_CHECKS:
            patch.setattr(check, lambda *_: None)
        yield


def _give(built: Built, role: str, to: Actor, by: Actor = ADA) -> None:
    built.agent.grant(role, to.email, actor=by, at=built.clock())


def _approve(attack: Attack, by: Actor, environment: str = "live", version: str = "v3") -> None:
    attack.mallory.agent.approve(version, environment, actor=by, at=attack.mallory.clock())


def _refused(attack: Attack, rule: str, **environ: str) -> None:
    before = attack.refs()
    pushed = attack.push("-f", "--atomic", "origin", *EVERYTHING, clone=None, **environ)
    assert not pushed.taken
    assert f"gitagent: refused: {rule}" in pushed.said, pushed.said
    assert attack.refs() == before


def _assign(built: Built) -> None:
    built.agent.assign_number(PhoneNumber("+442079460018"), "live", actor=built.actor, at=built.clock())


def _rule(built: Built) -> None:
    built.agent.set_rules("live", approvals=0, actor=built.actor, at=built.clock())


def _depose(built: Built) -> None:
    built.agent.revoke("admin", ADA.email, actor=built.actor, at=built.clock())


def _crown_and_rule(built: Built) -> None:
    _give(built, "admin", MALLORY, by=MALLORY)
    _rule(built)


WITHOUT_A_ROLE: dict[str, Callable[[Built], object]] = {
    "making oneself an admin, and using it": _crown_and_rule,
    "a promotion": lambda mallory: mallory.promote("live"),
    "a publication of a draft": lambda mallory: mallory.publish("four\n"),
    "making oneself an admin": lambda mallory: _give(mallory, "admin", MALLORY, by=MALLORY),
    "giving oneself a role": lambda mallory: _give(mallory, "promote", MALLORY, by=MALLORY),
    "a save": lambda mallory: mallory.save("four\n"),
    "a publication of a version": lambda mallory: mallory.publish(selector="v1"),
    "a rollback": lambda mallory: mallory.rollback("sandbox"),
    "a change of rules": _rule,
    "a number": _assign,
}


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize(("rule", "act"), some(3, [("rule-role", each) for each in WITHOUT_A_ROLE]))
def test_who_has_not_the_role_moves_nothing(attack: Attack, rule: str, act: str) -> None:
    WITHOUT_A_ROLE[act](attack.acting_as(MALLORY))
    _refused(attack, rule)


@pytest.mark.usefixtures("lawless")
def test_an_admins_role_is_taken_by_admins_alone(attack: Attack) -> None:
    _give(attack.mallory, "admin", GRACE)
    assert attack.push("origin", "gitagent/ledger").taken
    _depose(attack.acting_as(MALLORY))
    _refused(attack, "rule-role")


def test_plain_commits_come_to_main_from_those_who_may_save(attack: Attack) -> None:
    attack.git("commit", "-q", "--allow-empty", "-m", "By hand")
    _refused(attack, "rule-role", GITAGENT_USER="mallory")
    assert attack.push("origin", "main", GITAGENT_USER="grace").taken


def test_what_one_has_no_role_for_is_not_done_in_an_admins_name(attack: Attack) -> None:
    _rule(attack.mallory)
    _refused(attack, "rule-user", GITAGENT_USER="mallory")


def _forged_last_admin(attack: Attack) -> None:
    _give(attack.mallory, "admin", GRACE)
    attack.forge(operation=_operation("revoke"), detail="admin ada@example.com")


def _operation(name: str) -> object:
    from gitagent import Operation

    return Operation(name)


def _grant_that_says(detail: str, environment: str | None = None) -> Callable[[Attack], None]:
    """A grant of Ada's whose words were changed; its tree is as it was."""

    def setup(attack: Attack) -> None:
        _give(attack.mallory, "rules", GRACE)
        attack.forge(detail=detail, environment=environment and EnvironmentName(environment))

    return setup


def _access_that_says(old: str, new: str | None) -> Callable[[Attack], None]:
    """A grant of Ada's whose tree gives more than it says."""

    def setup(attack: Attack) -> None:
        _give(attack.mallory, "rules", GRACE)
        content = attack.git("show", "gitagent/ledger:access.yaml") + "\n"
        assert old in content
        attack.forge(files={"access.yaml": None if new is None else content.replace(old, new)})

    return setup


LIES: dict[str, tuple[str, Callable[[Attack], None]]] = {
    "the last admin, gone": ("rule-last-admin", _forged_last_admin),
    "a role for somebody else than it says": ("rule-tree", _grant_that_says("rules mallory@example.com")),
    "a role for another environment": ("rule-tree", _grant_that_says("rules grace@example.com", "live")),
    "a role that there is not": ("rule-detail", _grant_that_says("everything mallory@example.com")),
    "an admin who is everybody": ("rule-invalid-role", _grant_that_says("admin *")),
    "an environment that there is not": ("rule-environment", _grant_that_says("rules a@b.c", "elsewhere")),
    "somebody smuggled in": ("rule-tree", _access_that_says('"ada@', '"mallory@example.com",\n      "ada@')),
    "no roles any more": ("rule-tree", _access_that_says("", None)),
}


@pytest.mark.parametrize(("rule", "lie"), some(2, [(rule, lie) for lie, (rule, _) in LIES.items()]))
def test_a_grant_that_lies_is_refused(attack: Attack, rule: str, lie: str) -> None:
    _, setup = LIES[lie]
    setup(attack)
    _refused(attack, rule)


def _promotion(attack: Attack) -> None:
    attack.acting_as(GRACE).promote("live")


def _approved_elsewhere(attack: Attack) -> None:
    _approve(attack, GRACE, "pre-release")
    _promotion(attack)


def _approved_another(attack: Attack) -> None:
    _approve(attack, GRACE, version="v2")
    _promotion(attack)


def _draft(attack: Attack) -> None:
    attack.mallory.agent.set_rules("sandbox", approvals=1, actor=ADA, at=attack.mallory.clock())
    attack.acting_as(GRACE).publish("four\n")


def _smuggled(attack: Attack) -> None:
    """An approval for one environment whose tree holds it for another."""
    _approve(attack, GRACE, "sandbox")
    content = attack.git("show", "gitagent/ledger:versions/0/v3.yaml") + "\n"
    approved = content.replace('"approved": {\n    "sandbox"', '"approved": {\n    "live"')
    assert approved != content
    attack.forge(files={"versions/0/v3.yaml": approved})


def _forged(**changes: object) -> Callable[[Attack], None]:
    """An approval of Grace's that says something else."""

    def setup(attack: Attack) -> None:
        _approve(attack, GRACE)
        attack.forge(**changes)

    return setup


def _twice(attack: Attack) -> None:
    _approve(attack, ALAN)
    _approve(attack, GRACE)
    attack.forge(actor=ALAN)


APPROVALS: dict[str, tuple[str, Callable[[Attack], None]]] = {
    "none at all": ("rule-approvals", _promotion),
    "one for another environment": ("rule-approvals", _approved_elsewhere),
    "one of another version": ("rule-approvals", _approved_another),
    "none of a draft": ("rule-approvals", _draft),
    "the author's own": ("rule-own-version", _forged(actor=ADA)),
    "the author's own, by another name": ("rule-own-version", _forged(actor=Actor("Ada Love", "ADA@Example.com"))),
    "the same person's again": ("rule-unchanged", _twice),
    "of another commit": ("rule-to", _forged(to_commit="1" * 40)),
    "of a version's number with another's commit": ("rule-to", _forged(to_version=VersionNumber(2))),
    "of a version that never was": ("rule-to", _forged(to_version=VersionNumber(9))),
    "of nothing": ("rule-facts", _forged(to_version=None, to_commit=None)),
    "that moves something": ("rule-facts", _forged(from_version=VersionNumber(2), from_commit="1" * 40)),
    "for an environment that there is not": ("rule-environment", _forged(environment=EnvironmentName("elsewhere"))),
    "that holds for another environment than it says": ("rule-tree", _smuggled),
}


@pytest.mark.usefixtures("lawless")
@pytest.mark.parametrize(("rule", "lie"), some(1, [(rule, lie) for lie, (rule, _) in APPROVALS.items()]))
def test_without_honest_approvals_nothing_moves(attack: Attack, rule: str, lie: str) -> None:
    _, setup = APPROVALS[lie]
    setup(attack)
    _refused(attack, rule)


def test_an_approval_in_somebody_elses_name_is_refused(attack: Attack) -> None:
    _approve(attack, GRACE)
    _refused(attack, "rule-user", GITAGENT_USER="mallory")


@pytest.mark.parametrize(
    ("user", "first", "then"),
    [
        ("ada", None, Actor("Ada Lovelace", "ada@elsewhere.org")),
        ("grace", GRACE, Actor("Grace Hopper", "grace@elsewhere.org")),
    ],
)
def test_an_approval_by_the_same_person_under_another_e_mail_is_refused(
    attack: Attack, user: str, first: Actor | None, then: Actor
) -> None:
    if first is not None:
        _approve(attack, first)
        assert attack.push("origin", "gitagent/ledger", GITAGENT_USER=user).taken
    _approve(attack, then)
    _refused(attack, "rule-own-approval", GITAGENT_USER=user)


def test_who_has_the_role_and_the_approvals_is_let_through(attack: Attack) -> None:
    _approve(attack, ALAN)
    assert attack.push("origin", "gitagent/ledger", GITAGENT_USER="alan").taken
    attack.acting_as(GRACE).promote("live")
    assert attack.push("--atomic", "origin", *EVERYTHING, GITAGENT_USER="grace").taken
    _give(attack.mallory, "numbers", MALLORY)
    assert attack.push("origin", "gitagent/ledger", GITAGENT_USER="ada").taken
    _assign(attack.acting_as(MALLORY))
    assert attack.push("origin", "gitagent/ledger", GITAGENT_USER="mallory").taken
