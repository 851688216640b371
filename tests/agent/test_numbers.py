"""Phone numbers, their SIP headers, and the rules of environments: what changes, what is refused, what is recorded."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from support.building import ADA, GRACE, START, Built
from support.refusing import Refusal, refusal

from gitagent import AssignedNumber, EnvironmentName, Event, Operation, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SANDBOX, PRE_RELEASE, LIVE = (EnvironmentName(name) for name in ("sandbox", "pre-release", "live"))
FIRST, SECOND, THIRD = (PhoneNumber(f"+4420794600{last}") for last in (18, 19, 20))
HEADERS = {"X-Environment": "live", "X-Queue": "bookings"}


def _assign(
    built: Built, number: PhoneNumber, environment: str = "live", headers: Mapping[str, str] | None = None
) -> Event:
    return built.agent.assign_number(number, environment, actor=ADA, at=built.clock(), sip_headers=headers)


def _release(built: Built, number: PhoneNumber) -> Event:
    return built.agent.release_number(number, actor=ADA, at=built.clock())


def _rule(built: Built, environment: str, *, on: bool) -> Event:
    return built.agent.set_rules(environment, actor=ADA, at=built.clock(), requires_number=on)


def _unchanged(built: Built, call: Callable[[], object]) -> Refusal:
    """The refusal of a call that leaves all refs as they are."""
    before = built.git("for-each-ref")
    refused = refusal(call)
    assert built.git("for-each-ref") == before
    return refused


def _stored(built: Built, environment: str, commit: str = "gitagent/ledger") -> dict[str, object]:
    """What plain git shows of an environment in the ledger."""
    values: dict[str, object] = json.loads(built.git("show", f"{commit}:environments/{environment}.yaml"))
    return values


# Assigning


def test_an_assignment_is_an_event_and_belongs_to_the_environment(build: Callable[..., Built]) -> None:
    built = build()
    done = built.agent.assign_number(
        FIRST, "live", actor=GRACE, at=built.clock(), sip_headers=HEADERS, message="Ported today."
    )
    assert done == next(built.agent.history())
    assert done == Event(
        seq=2,
        id=done.id,
        operation=Operation.ASSIGN_NUMBER,
        actor=GRACE,
        at=built.clock.now,
        environment=LIVE,
        number=FIRST,
        detail="sip-headers X-Environment=live, X-Queue=bookings",
        message="Ported today.",
        commit=built.git("rev-parse", "gitagent/ledger").strip(),
    )
    assert built.agent.numbers() == built.agent.environment("live").numbers == (AssignedNumber(FIRST, LIVE, HEADERS),)


def test_the_ledger_holds_numbers_in_files_that_plain_git_shows(build: Callable[..., Built]) -> None:
    built = build()
    _assign(built, SECOND)
    _assign(built, FIRST, headers=HEADERS)
    empty = {"version": None, "commit": None, "since": None, "by": None, "before": None, "requires_number": False}
    numbers = {str(FIRST): {"sip_headers": HEADERS}, str(SECOND): {"sip_headers": {}}}
    assert _stored(built, "live") == {**empty, "numbers": numbers}
    assert _stored(built, "live", "gitagent/ledger~1") == {**empty, "numbers": {str(SECOND): {"sip_headers": {}}}}
    assert _stored(built, "sandbox") == {**empty, "numbers": {}}
    assert built.git("diff", "--name-only", "gitagent/ledger~2", "gitagent/ledger") == "environments/live.yaml\n"


def test_an_assignment_moves_no_branch_but_the_ledger(build: Callable[..., Built]) -> None:
    built = build().publish("two\n").edit("edited\n")
    before = built.git("for-each-ref", "refs/tags", "refs/heads/main", "refs/heads/sandbox")
    _assign(built, FIRST, "sandbox")
    _rule(built, "live", on=True)
    assert built.git("for-each-ref", "refs/tags", "refs/heads/main", "refs/heads/sandbox") == before
    assert (built.path / "notes.md").read_text() == "edited\n"


def test_numbers_are_listed_by_environment_and_then_by_number(build: Callable[..., Built]) -> None:
    built = build()
    for number, environment in ((THIRD, "live"), (FIRST, "live"), (SECOND, "sandbox")):
        _assign(built, number, environment)
    assert built.agent.numbers() == (
        AssignedNumber(SECOND, SANDBOX, {}),
        AssignedNumber(FIRST, LIVE, {}),
        AssignedNumber(THIRD, LIVE, {}),
    )
    assert built.reopen().numbers() == built.agent.numbers()


CHANGES: dict[str, tuple[Mapping[str, str] | None, Mapping[str, str] | None, Mapping[str, str], str | None]] = {
    "none": (None, {"X-A": "1"}, {"X-A": "1"}, "sip-headers X-A=1"),
    "replaced": (HEADERS, {"X-A": "1"}, {"X-A": "1"}, "sip-headers X-A=1"),
    "cleared": (HEADERS, {}, {}, "no sip-headers"),
    "renamed in case": ({"x-a": "1"}, {"X-A": "1"}, {"X-A": "1"}, "sip-headers X-A=1"),
    "trimmed": ({"X-A": "1"}, {"X-A": "  2 "}, {"X-A": "2"}, "sip-headers X-A=2"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_headers_that_are_given_replace_all_that_the_number_had(build: Callable[..., Built], case: str) -> None:
    old, given, new, detail = CHANGES[case]
    built = build()
    _assign(built, FIRST, headers=old)
    plan = built.agent.plan_assign_number(FIRST, "live", given)
    assert (plan.old_headers, plan.new_headers) == (old or {}, new)
    done = _assign(built, FIRST, headers=given)
    assert (done.detail, plan.detail) == (detail, detail)
    assert built.agent.numbers() == (AssignedNumber(FIRST, LIVE, new),)


@pytest.mark.parametrize("headers", [None, HEADERS], ids=["none given", "the same given"])
def test_assigning_what_is_so_already_is_refused(
    build: Callable[..., Built], headers: Mapping[str, str] | None
) -> None:
    built = build()
    _assign(built, FIRST, headers=HEADERS)
    assert _unchanged(built, lambda: _assign(built, FIRST, headers=headers)) == Refusal(
        "RuleBroken", "number-taken", f"live has {FIRST} already, with the same SIP headers", None
    )
    assert built.agent.numbers() == (AssignedNumber(FIRST, LIVE, HEADERS),)


def test_a_number_of_another_environment_is_taken_until_it_is_released(build: Callable[..., Built]) -> None:
    built = build()
    _assign(built, FIRST, "sandbox", HEADERS)
    expected = Refusal(
        "RuleBroken",
        "number-taken",
        f"{FIRST} belongs to sandbox",
        f"Move it: gitagent numbers move {FIRST} --environment live",
    )
    assert _unchanged(built, lambda: _assign(built, FIRST, "live")) == expected
    assert _unchanged(built, lambda: built.agent.plan_assign_number(FIRST, "live", HEADERS)) == expected
    _release(built, FIRST)
    _assign(built, FIRST, "live")
    assert built.agent.numbers() == (AssignedNumber(FIRST, LIVE, {}),)


def test_a_number_goes_to_an_environment_of_the_pipeline_only(build: Callable[..., Built]) -> None:
    built = build()
    expected = Refusal(
        "EnvironmentNotFound", "environment-not-found", "no environment is called 'lvie'", "Did you mean live?"
    )
    assert _unchanged(built, lambda: _assign(built, FIRST, "lvie")) == expected
    assert _unchanged(built, lambda: _rule(built, "lvie", on=True)) == expected


LONG = "A value is one line of at most 1000 characters."
TOKEN = "Use letters, digits and - . ! % * _ + ` ' ~ only, such as X-Environment."
BAD_HEADERS: dict[str, tuple[dict[str, str], str, str]] = {
    "twice": (
        {"X-Queue": "a", "x-queue": "b"},
        "the SIP header x-queue stands twice: upper and lower case are the same",
        "Give each header once.",
    ),
    "space": ({"X Queue": "a"}, "'X Queue' is not a SIP header's name", TOKEN),
    "empty": ({"": "a"}, "'' is not a SIP header's name", TOKEN),
    "colon": ({"X-Queue:": "a"}, "'X-Queue:' is not a SIP header's name", TOKEN),
    "core": (
        {"From": "a"},
        "the SIP header From belongs to the call itself",
        "Use a name of your own, such as X-From.",
    ),
    "core, lower case": (
        {"call-id": "a"},
        "the SIP header call-id belongs to the call itself",
        "Use a name of your own, such as X-call-id.",
    ),
    "line break": ({"X-A": "a\nb"}, "the value of SIP header X-A has a line break or is too long", LONG),
    "carriage return": ({"X-A": "a\r"}, "the value of SIP header X-A has a line break or is too long", LONG),
    "too long": ({"X-A": "a" * 1001}, "the value of SIP header X-A has a line break or is too long", LONG),
}


@pytest.mark.parametrize("case", BAD_HEADERS)
def test_headers_that_no_call_could_carry_are_refused(build: Callable[..., Built], case: str) -> None:
    headers, message, hint = BAD_HEADERS[case]
    built = build()
    expected = Refusal("InvalidName", "invalid-sip-header", message, hint)
    assert _unchanged(built, lambda: _assign(built, FIRST, headers=headers)) == expected
    assert _unchanged(built, lambda: built.agent.plan_assign_number(FIRST, "live", headers)) == expected
    assert built.agent.numbers() == ()


def test_the_longest_value_and_the_oddest_name_are_taken(build: Callable[..., Built]) -> None:
    built, headers = build(), {"X-Long": "é" * 1000, "a.!%*_+`'~-9": "", "X-From": "sip:a@b;c=d, e"}
    _assign(built, FIRST, headers=headers)
    assert built.reopen().numbers() == (AssignedNumber(FIRST, LIVE, headers),)
    assert _stored(built, "live")["numbers"] == {str(FIRST): {"sip_headers": headers}}


# Releasing


def test_a_release_takes_the_number_and_its_headers_away(build: Callable[..., Built]) -> None:
    built = build()
    _assign(built, FIRST, headers=HEADERS)
    _assign(built, SECOND)
    plan = built.agent.plan_release_number(FIRST)
    assert (plan.environment, plan.old_headers, plan.new_headers) == (LIVE, HEADERS, {})
    done = built.agent.release_number(FIRST, actor=GRACE, at=built.clock(), message="Given back.")
    assert (done.operation, done.environment, done.number) == (Operation.RELEASE_NUMBER, LIVE, FIRST)
    assert (done.subject, done.message, done.detail) == (f"release-number {FIRST} from live", "Given back.", None)
    assert built.agent.numbers() == (AssignedNumber(SECOND, LIVE, {}),)


def test_a_number_that_no_environment_has_cannot_be_released(build: Callable[..., Built]) -> None:
    built = build()
    expected = Refusal(
        "NumberNotFound",
        "number-not-found",
        f"{FIRST} is assigned to no environment",
        "List the numbers with: gitagent numbers",
    )
    assert _unchanged(built, lambda: _release(built, FIRST)) == expected
    assert _unchanged(built, lambda: built.agent.plan_release_number(FIRST)) == expected


def test_the_last_number_stays_where_the_rules_ask_for_one(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    _assign(built, FIRST, "sandbox")
    _assign(built, SECOND, "sandbox")
    _rule(built, "sandbox", on=True)
    _release(built, FIRST)
    assert _unchanged(built, lambda: _release(built, SECOND)) == Refusal(
        "RuleBroken",
        "number-required",
        f"{SECOND} is the last number of sandbox, and its rules ask for one",
        "Assign another first, or: gitagent environments set sandbox --no-requires-number",
    )
    _rule(built, "sandbox", on=False)
    _release(built, SECOND)
    assert built.agent.numbers() == ()


def test_an_environment_that_serves_nothing_may_lose_its_last_number(build: Callable[..., Built]) -> None:
    built = build()
    _assign(built, FIRST)
    _rule(built, "live", on=True)
    _release(built, FIRST)
    assert (built.agent.numbers(), built.agent.environment("live").requires_number) == ((), True)


# Rules


def test_rules_are_turned_on_and_off_each_time_with_an_event(build: Callable[..., Built]) -> None:
    built = build()
    done = built.agent.set_rules("pre-release", actor=GRACE, at=built.clock(), requires_number=True, message="Policy.")
    assert (done.operation, done.environment, done.actor, done.message, done.detail) == (
        Operation.RULES,
        PRE_RELEASE,
        GRACE,
        "Policy.",
        "requires-number on",
    )
    assert [each.requires_number for each in built.agent.environments()] == [False, True, False]
    _rule(built, "pre-release", on=False)
    assert _stored(built, "pre-release")["requires_number"] is False
    assert built.history()[1:] == ["rules pre-release requires-number on", "rules pre-release requires-number off"]


@pytest.mark.parametrize("on", [False, True])
def test_rules_that_are_so_already_are_refused(build: Callable[..., Built], *, on: bool) -> None:
    built = build()
    if on:
        _rule(built, "live", on=True)
    said = f"live requires {'a' if on else 'no'} phone number already"
    expected = Refusal("RuleBroken", "unchanged", said, "See: gitagent environments")
    assert _unchanged(built, lambda: _rule(built, "live", on=on)) == expected
    assert _unchanged(built, lambda: built.agent.plan_rules("live", requires_number=on)) == expected


def test_several_rules_change_with_one_event_that_tells_those_that_were_otherwise(build: Callable[..., Built]) -> None:
    built = build()
    _rule(built, "live", on=True)
    done = built.agent.set_rules(
        "live", actor=ADA, at=built.clock(), requires_number=True, approvals=2, requires_signature=True
    )
    assert done.subject == "rules live approvals 2, requires-signature on"
    live = built.reopen().environment("live")
    assert (live.requires_number, live.approvals, live.requires_signature) == (True, 2, True)
    assert not built.agent.verify().findings


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"approvals": 0}, "live asks for no approvals already"),
        ({"requires_signature": False}, "live requires no signatures already"),
        ({"requires_number": False, "approvals": 0}, "live has these rules already"),
    ],
)
def test_a_rule_that_would_change_nothing_is_refused_by_what_it_is(
    build: Callable[..., Built], asked: dict[str, Any], said: str
) -> None:
    built = build()
    expected = Refusal("RuleBroken", "unchanged", said, "See: gitagent environments")
    assert _unchanged(built, lambda: built.agent.plan_rules("live", **asked)) == expected


def test_a_rule_that_only_equals_true_is_kept_as_true(build: Callable[..., Built]) -> None:
    built = build()
    truthy: Any = 1
    built.agent.set_rules("live", requires_signature=truthy, actor=built.actor, at=built.clock())
    assert built.reopen().environment("live").requires_signature is True
    assert built.agent.verify().findings == ()


@pytest.mark.parametrize("count", [-1, 21, True])
def test_an_environment_asks_for_no_more_approvals_than_there_can_be(build: Callable[..., Built], count: int) -> None:
    built = build()
    assert _unchanged(built, lambda: built.agent.plan_rules("live", approvals=count)) == Refusal(
        "RuleBroken", "invalid-approvals", f"live cannot ask for {count} approvals", "Ask for 0 to 20."
    )


def test_an_environment_without_its_number_takes_no_version_in(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    _rule(built, "pre-release", on=True)
    assert _unchanged(built, lambda: built.promote("pre-release")) == Refusal(
        "RuleBroken",
        "number-required",
        "pre-release has no phone number, and its rules ask for one",
        "Assign one: gitagent numbers assign +442079460018 --environment pre-release\n"
        "or change the rule: gitagent environments set pre-release --no-requires-number",
    )
    _assign(built, FIRST, "pre-release")
    assert built.promote("pre-release").serving() == {"sandbox": "v2", "pre-release": "v2", "live": None}


# Plans


def test_plans_say_what_would_be_and_change_nothing(build: Callable[..., Built]) -> None:
    built = build()
    _assign(built, FIRST, headers=HEADERS)
    before = built.git("for-each-ref")
    assigned = built.agent.plan_assign_number(SECOND, "live", {"X-A": "1"})
    released = built.agent.plan_release_number(FIRST)
    ruled = built.agent.plan_rules("live", requires_number=True)
    assert built.git("for-each-ref") == before
    assert (assigned.operation, assigned.old_headers, assigned.new_headers) == (
        Operation.ASSIGN_NUMBER,
        None,
        {"X-A": "1"},
    )
    assert [each.number for each in assigned.after.numbers] == [FIRST, SECOND]
    assert (released.operation, released.after.numbers) == (Operation.RELEASE_NUMBER, ())
    assert (ruled.operation, ruled.number, ruled.after.requires_number) == (Operation.RULES, None, True)


def test_an_assignment_needs_a_time_with_a_zone(build: Callable[..., Built]) -> None:
    built, at = build(), START.replace(tzinfo=None)
    assert _unchanged(built, lambda: built.agent.assign_number(FIRST, "live", actor=ADA, at=at)) == Refusal(
        "InvalidName", "invalid-time", "the time 2026-03-02 09:00:00 has no zone", "Use datetime.now(UTC)."
    )
