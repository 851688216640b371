"""Access: giving roles and taking them, and what who has none is refused, before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal
from support.rules import check_rules
from support.sharing import Team

from gitagent import Access, Agent, EnvironmentName, Operation, PhoneNumber, Role
from gitagent.agent.access import Verb, is_who

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent import Event

LIVE = EnvironmentName("live")
NUMBER = PhoneNumber("+442079460018")
PROMOTE_LIVE = Role(Verb.PROMOTE, LIVE)
ALAN = "alan@example.com"


def _grant(built: Built, role: str, who: str, environment: str | None = None) -> Event:
    return built.agent.grant(role, who, environment=environment, actor=built.actor, at=built.clock()).event


def _revoke(built: Built, role: str, who: str | None, environment: str | None = None) -> Event:
    return built.agent.revoke(role, who, environment=environment, actor=built.actor, at=built.clock()).event


def _close(built: Built) -> Built:
    """Leave everything to Ada."""
    _grant(built, "admin", ADA.email)
    for verb in Verb:
        if verb not in (Verb.ADMIN, Verb.FORCE):
            _revoke(built, verb, "everybody")
    return built


def _access(built: Built) -> Access:
    assert built.agent.access is not None
    return built.agent.access


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that writes nothing: no ref, and no object either."""
    before = built.git("for-each-ref") + built.git("count-objects", "-v")
    refused = refusal(call)
    assert built.git("for-each-ref") + built.git("count-objects", "-v") == before
    return refused


def test_the_first_admin_leaves_in_the_ledger_what_it_always_did(build: Callable[..., Built]) -> None:
    built = build()
    _grant(built, "admin", ADA.email)
    verbs = ("save", "publish", "promote", "rollback", "approve", "numbers", "rules")
    everybody = "".join(f',\n    "{verb}": [\n      "*"\n    ]' for verb in verbs)
    assert built.git("show", "gitagent/ledger:access.yaml") == (
        '{\n  "format": 1,\n  "roles": {\n    "admin": [\n      "ada@example.com"\n    ]' + everybody + "\n  }\n}\n"
    )


def test_everybody_may_do_everything_until_somebody_is_an_admin(build: Callable[..., Built]) -> None:
    built = build()
    assert built.agent.access is None
    _grant(built, "admin", "Ada@Example.com")
    assert _access(built).admins == ("ada@example.com",)
    built.actor = GRACE
    built.publish("two\n").promote("pre-release", "live")
    check_rules(built.path)


def test_roles_are_given_and_taken_each_with_an_event(build: Callable[..., Built]) -> None:
    built = build()
    _grant(built, "admin", ADA.email)
    _grant(built, "promote", "Grace Hopper <Grace@example.com>", "live")
    _revoke(built, "save", "everybody")
    done = built.agent.grant("save", ALAN, actor=ADA, at=built.clock(), message="He asked.").event
    assert (done.operation, done.environment, done.detail, done.message) == (
        Operation.GRANT,
        None,
        "save alan@example.com",
        "He asked.",
    )
    _revoke(built, "promote", None, "live")
    assert built.history()[1:] == [
        "grant admin ada@example.com",
        "grant promote grace@example.com for live",
        "revoke save *",
        "grant save alan@example.com",
        "revoke promote for live",
    ]
    access = _access(built)
    assert (access.of(Role(Verb.SAVE)), access.of(PROMOTE_LIVE)) == ((ALAN,), ("*",))
    assert not built.agent.verify().findings
    check_rules(built.path)


def test_an_environment_with_a_list_of_its_own_no_longer_follows_the_general_role(build: Callable[..., Built]) -> None:
    built = build()
    _grant(built, "admin", ADA.email)
    _grant(built, "promote", GRACE.email, "live")
    access = _access(built)
    assert (access.of(PROMOTE_LIVE), access.of(Role(Verb.PROMOTE))) == ((GRACE.email,), ("*",))
    _revoke(built, "promote", GRACE.email, "live")
    assert _access(built).of(PROMOTE_LIVE) == ()


def test_a_plan_tells_what_a_role_would_lead_to_and_gives_it_to_nobody(build: Callable[..., Built]) -> None:
    built = build()
    planned = built.agent.plan_grant("admin", GRACE.email, actor=ADA)
    assert (planned.change.detail, planned.before, planned.after.admins) == (
        "admin grace@example.com",
        None,
        (GRACE.email,),
    )
    assert built.agent.access is None


EVERYTHING: dict[str, Callable[[Agent, dict[str, Any]], object]] = {
    "save": lambda agent, words: agent.save(**words),
    "publish": lambda agent, words: agent.publish(**words),
    "publish ": lambda agent, words: agent.publish("v1", **words),
    "promote live": lambda agent, words: agent.promote("live", **words),
    "rollback sandbox": lambda agent, words: agent.rollback("sandbox", **words),
    "rules live": lambda agent, words: agent.set_rules("live", approvals=1, **words),
    "numbers live": lambda agent, words: agent.assign_number(NUMBER, "live", **words),
    "numbers sandbox": lambda agent, words: agent.release_number(PhoneNumber("+442079460019"), **words),
    "approve live": lambda agent, words: agent.approve("v1", "live", **words),
    "admin": lambda agent, words: agent.grant("admin", "grace@example.com", **words),
    "admin ": lambda agent, words: agent.revoke("admin", "ada@example.com", **words),
    "save ": lambda agent, words: agent.save_pending(**words),
}
PLANS: dict[str, Callable[[Agent], object]] = {
    "save": lambda agent: agent.plan_save(actor=GRACE),
    "publish": lambda agent: agent.plan_publish(actor=GRACE, at=START),
    "promote live": lambda agent: agent.plan_promote("live", actor=GRACE),
    "rollback sandbox": lambda agent: agent.plan_rollback("sandbox", actor=GRACE),
    "rules live": lambda agent: agent.plan_rules("live", approvals=1, actor=GRACE),
    "numbers live": lambda agent: agent.plan_assign_number(NUMBER, "live", actor=GRACE),
    "numbers sandbox": lambda agent: agent.plan_release_number(PhoneNumber("+442079460019"), actor=GRACE),
    "approve live": lambda agent: agent.plan_approve("v1", "live", actor=GRACE),
    "admin": lambda agent: agent.plan_grant("admin", "grace@example.com", actor=GRACE),
    "admin ": lambda agent: agent.plan_revoke("admin", "ada@example.com", actor=GRACE),
}


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """An agent where Ada alone may do anything, with an edited draft."""
    built = (
        Built(tmp_path_factory.mktemp("closed") / "agent").publish("two\n").promote("pre-release").publish("three\n")
    )
    built.agent.assign_number(PhoneNumber("+442079460019"), "sandbox", actor=ADA, at=built.clock())
    return _close(built).edit("four\n")


@pytest.mark.parametrize("role", EVERYTHING)
def test_without_the_role_nothing_is_written(closed: Built, role: str) -> None:
    words = {"actor": GRACE, "at": START}
    assert _unchanged(closed, lambda: EVERYTHING[role](closed.agent, words)) == Refusal(
        "RuleBroken",
        "role-missing",
        f"Grace Hopper <grace@example.com> does not have the role '{role.strip()}'",
        "Who could do it: ada@example.com. See: gitagent access",
    )


@pytest.mark.parametrize("role", PLANS)
def test_without_the_role_a_plan_is_refused_as_well(closed: Built, role: str) -> None:
    refused = _unchanged(closed, lambda: PLANS[role](closed.agent))
    assert (refused.code, f"'{role.strip()}'" in refused.message) == ("role-missing", True)


def test_who_looks_only_needs_no_role(closed: Built) -> None:
    assert closed.agent.plan_save().number.number == 4
    assert closed.agent.plan_promote("pre-release").to_version.number.number == 3


REFUSED = [
    ("grant", "promote", "ada@example.com", "live", "unchanged", "ada@example.com has the role 'promote live' already"),
    ("grant", "admin", "ada@example.com", None, "unchanged", "ada@example.com has the role 'admin' already"),
    ("grant", "admin", "everybody", None, "invalid-role", "not everybody can be an admin"),
    ("grant", "save", "a@b.c", "live", "invalid-role", "the role 'save' is not given for one environment"),
    ("grant", "promte", "a@b.c", None, "invalid-role", "there is no role 'promte'"),
    ("grant", "promote", "grace", None, "invalid-person", "'grace' is nobody's e-mail"),
    ("grant", "promote", "grace@", None, "invalid-person", "'grace@' is nobody's e-mail"),
    ("grant", "promote", "a@b.c\nx", None, "invalid-person", "'a@b.c\nx' is nobody's e-mail"),
    ("grant", "promote", "a@b.c", "liev", "environment-not-found", "no environment is called 'liev'"),
    ("revoke", "save", "a@b.c", None, "unchanged", "a@b.c was not given the role 'save'"),
    ("revoke", "rollback", "everybody", "live", "unchanged", "* was not given the role 'rollback live'"),
    ("revoke", "rollback", None, "live", "unchanged", "live has no 'rollback' of its own"),
    ("revoke", "rollback", None, None, "invalid-role", "it does not say whose the role 'rollback' is"),
    (
        "revoke",
        "admin",
        "ada@example.com",
        None,
        "last-admin",
        "ada@example.com is the only admin, and somebody has to be",
    ),
]


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Built:
    built = Built(tmp_path_factory.mktemp("ruled") / "agent")
    _grant(built, "admin", ADA.email)
    _grant(built, "promote", ADA.email, "live")
    return built


@pytest.mark.parametrize(("verb", "role", "who", "environment", "code", "said"), REFUSED)
def test_a_change_of_roles_that_cannot_be_is_refused_by_what_is_wrong_with_it_and_a_way_out(
    ruled: Built, verb: str, role: str, who: str | None, environment: str | None, code: str, said: str
) -> None:
    change: Any = getattr(ruled.agent, verb)
    refused = _unchanged(ruled, lambda: change(role, who, environment=environment, actor=ADA, at=START))
    assert (refused.code, refused.message) == (code, said)
    assert refused.hint


def test_the_first_role_is_an_admins_and_the_hint_says_whose(build: Callable[..., Built]) -> None:
    built = build()
    assert _unchanged(built, lambda: _grant(built, "promote", GRACE.email)) == Refusal(
        "RuleBroken",
        "admin-first",
        "nobody has a role yet, and the first one to give out is an admin's",
        "Make yourself the admin: gitagent access grant admin ada@example.com",
    )


def test_there_is_always_an_admin_and_the_next_one_may_take_the_role_from_the_first(
    build: Callable[..., Built],
) -> None:
    built = build()
    _grant(built, "admin", ADA.email)
    _grant(built, "admin", GRACE.email)
    built.actor = GRACE
    _revoke(built, "admin", ADA.email)
    assert _access(built).admins == (GRACE.email,)


@pytest.mark.parametrize("who", ["*", "ada@example.com", "straße@xn--bcher-kva.example".casefold()])
def test_a_role_can_be_everybodys_or_somebodys(who: str) -> None:
    assert is_who(who)


@pytest.mark.parametrize(
    "who", ["", "ada", "@", "ada@", "@b", "Ada@b.c", "a b@c", "a@b.c, d@e.f", "a@<b>", "*@b\n", "ß@b.c"]
)
def test_what_is_nobodys_e_mail_holds_no_role(who: str) -> None:
    assert not is_who(who)


# Past the rules, and lost


LOCAL_CHECKS = (
    "gitagent.agent.access.refuse_without_role",
    "gitagent.agent.environments.refuse_unapproved",
)


def test_verify_finds_what_was_done_without_a_role_or_approvals(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch
) -> None:
    built = _close(build().publish("two\n"))
    built.agent.set_rules("pre-release", approvals=2, actor=ADA, at=built.clock())
    for check in LOCAL_CHECKS:
        monkeypatch.setattr(check, lambda *_: None)
    built.promote("pre-release")
    built.actor = GRACE
    _grant(built, "save", GRACE.email)
    found = [(each.code, each.message.partition(": ")[2], each.hint) for each in built.agent.verify().findings]
    assert found == [
        (
            "rule-approvals",
            "pre-release asks for 2 approvals, and v2 has 0",
            "Others than its author approve it with: gitagent approve v2 --for pre-release",
        ),
        (
            "rule-role",
            "Grace Hopper <grace@example.com> does not have the role 'admin'",
            "Who could do it: ada@example.com. See: gitagent access",
        ),
    ]


def test_a_lost_ledger_comes_back_with_its_roles_and_approvals(build: Callable[..., Built]) -> None:
    built = build()
    _grant(built, "admin", ADA.email)
    built.agent.approve("v1", "live", actor=GRACE, at=built.clock())
    built.git("update-ref", "-d", "refs/heads/gitagent/ledger")
    (repair,) = Agent.plan_repairs(built.path)
    assert "event 3, approve live v1, found in" in repair.remedy
    Agent.repair([repair], built.path, at=built.clock())
    agent = built.reopen()
    assert [each.by for each in agent.approvals("v1")] == [(GRACE.email,)]
    assert _access(built).admins == (ADA.email,)
    assert not agent.verify().findings


# On a shared remote


def test_a_role_that_was_given_meanwhile_counts_and_one_that_was_taken_does_not(tmp_path: Path) -> None:
    team = Team(tmp_path)
    grace = team.clone("grace")
    _grant(team.ada, "admin", ADA.email)
    _revoke(team.ada, "publish", "everybody")
    grace.edit("two\n")
    refused = refusal(lambda: grace.publish())
    assert refused.code == "role-missing"
    _grant(team.ada, "publish", GRACE.email)
    grace.publish()
    _revoke(team.ada, "publish", GRACE.email)
    assert refusal(lambda: grace.publish("three\n")).code == "role-missing"
    assert team.ledger()[-2:] == ["publish sandbox v2", "revoke publish grace@example.com"]


def test_a_role_that_is_taken_between_question_and_answer_is_a_conflict(tmp_path: Path) -> None:
    team = Team(tmp_path)
    team.ada.publish("two\n")
    _grant(team.ada, "admin", ADA.email)
    grace = team.clone("grace")
    planned = grace.agent.plan_promote("pre-release", actor=GRACE)
    _revoke(team.ada, "promote", "everybody")
    refused = refusal(lambda: grace.agent.promote("pre-release", actor=GRACE, at=START, expect=planned))
    assert (refused.kind, refused.message) == (
        "EnvironmentMoved",
        "Ada Lovelace was faster (revoke promote *): "
        "Grace Hopper <grace@example.com> does not have the role 'promote pre-release'",
    )


def test_a_save_that_waited_is_set_aside_when_its_author_may_not_save_any_more(tmp_path: Path) -> None:
    team = Team(tmp_path)
    _grant(team.ada, "admin", ADA.email)
    grace = team.clone("grace")
    grace.edit("hers\n").agent.save_pending(actor=GRACE, at=grace.clock())
    _revoke(team.ada, "save", "everybody")
    synced = grace.agent.sync(actor=GRACE, at=grace.clock())
    assert (synced.numbered, grace.agent.pending_saves()) == ((), ())
    (draft,) = grace.agent.drafts()
    assert grace.agent.notices[-1].endswith(
        "could not be numbered, since Grace Hopper may not save any more; "
        f"it is kept: gitagent restore {draft.id}. Its edits are in the draft as well."
    )
    assert (grace.path / "notes.md").read_text() == "hers\n"
