"""Selectors, numbers and rules: the words that users type, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built
from support.refusing import Refusal, refusal

from gitagent import AssignedNumber, EnvironmentName, Operation, PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONDON, PARIS = PhoneNumber("+442079460018"), PhoneNumber("+33123456789")
SANDBOX, LIVE = EnvironmentName("sandbox"), EnvironmentName("live")


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """v2 in sandbox and pre-release, v3 saved."""
    return build().publish("two\n").promote("pre-release").save("three\n")


def _content(built: Built, selector: str) -> bytes:
    return built.agent.files(selector)["notes.md"].read()


@pytest.mark.parametrize(
    ("selector", "content"),
    [
        ("v1", b"one\n"),
        ("1", b"one\n"),
        ("latest", b"three\n"),
        ("sandbox", b"two\n"),
        ("pre-release", b"two\n"),
        ("pre_release", b"two\n"),
        ("draft", b"draft\n"),
    ],
)
def test_a_selector_names_files(built: Built, selector: str, content: bytes) -> None:
    assert _content(built.edit("draft\n"), selector) == content


@pytest.mark.parametrize(
    ("selector", "number"), [("v1", 1), ("3", 3), ("latest", 3), ("sandbox", 2), ("pre_release", 2)]
)
def test_a_selector_names_a_version(built: Built, selector: str, number: int) -> None:
    assert built.agent.version(selector).number.number == number


HINT = "The pipeline is sandbox → pre-release → live; versions are written v7 or 7."
ALONE = "The pipeline is sandbox → pre-release → live."
UNKNOWN = [
    ("liv", "Did you mean live?"),
    ("LIVE", "Did you mean live?"),
    ("prerelease", "Did you mean pre-release?"),
    ("lates", "Did you mean latest?"),
    ("drafts", "Did you mean draft?"),
    ("production", HINT),
    ("", HINT),
    ("V1", HINT),
    ("v01", HINT),
    ("HEAD", HINT),
    ("main", HINT),
    ("v1^", HINT),
    ("\udcff", HINT),
]


@pytest.mark.parametrize(("text", "hint"), UNKNOWN)
def test_what_names_nothing_is_refused_with_a_guess(built: Built, text: str, hint: str) -> None:
    assert refusal(lambda: built.agent.files(text)) == Refusal(
        "EnvironmentNotFound", "unknown-selector", f"'{text}' is neither a version nor an environment", hint
    )
    assert refusal(lambda: built.agent.environment(text)) == Refusal(
        "EnvironmentNotFound",
        "environment-not-found",
        f"no environment is called '{text}'",
        hint if hint in ("Did you mean live?", "Did you mean pre-release?") else ALONE,
    )


@pytest.mark.parametrize("text", ["draft", "latest", "v2"])
def test_where_an_environment_is_wanted_nothing_else_is_proposed(built: Built, text: str) -> None:
    assert refusal(lambda: built.agent.environment(text)) == Refusal(
        "EnvironmentNotFound", "environment-not-found", f"no environment is called '{text}'", ALONE
    )


@pytest.mark.parametrize("text", ["v4", "4", "999999999"])
def test_a_version_that_was_never_made_is_refused(built: Built, text: str) -> None:
    number = text.removeprefix("v")
    expected = Refusal(
        "VersionNotFound",
        "version-not-found",
        f"there is no version v{number}",
        "The newest is v3: gitagent versions",
    )
    assert refusal(lambda: built.agent.files(text)) == expected
    assert refusal(lambda: built.agent.version(text)) == expected


def test_an_environment_that_serves_nothing_names_no_version(built: Built) -> None:
    assert refusal(lambda: built.agent.version("live")) == Refusal(
        "NeverServed", "never-served", "live serves no version yet", "See: gitagent environments"
    )


def test_a_draft_is_no_version(built: Built) -> None:
    kept = built.edit("x\n").restore("v1").agent.drafts()[0]
    for text in ("draft", kept.id, kept.id[:10].lower()):
        assert refusal(partial(built.agent.version, text)) == Refusal(
            "InvalidName", "not-a-version", f"'{text}' names no version", "Name one such as v7, latest or live."
        )


def test_an_environment_may_be_called_almost_as_the_draft_is(build: Callable[..., Built]) -> None:
    built = build(pipeline="draft-review,live").publish("two\n").promote("live")
    assert built.agent.version("draft-review").number.number == 2
    assert built.publish("three\n").promote("live", version="draft_review").serving() == {
        "draft-review": "v3",
        "live": "v3",
    }


def test_anything_can_be_compared(built: Built) -> None:
    kept = built.edit("x\n").restore("v1").agent.drafts()[0]
    for old, new in [("v1", "latest"), ("sandbox", "draft"), (kept.id, "v2")]:
        assert built.agent.compare(old, new) is not None


# Numbers


def _assign(built: Built, number: PhoneNumber, environment: str, **headers: str) -> object:
    return built.agent.assign_number(number, environment, actor=ADA, at=built.clock(), sip_headers=headers)


def test_numbers_are_assigned_to_one_environment_each(built: Built) -> None:
    _assign(built, PARIS, "live")
    event = built.agent.assign_number(
        LONDON, "live", actor=ADA, at=built.clock(), sip_headers={"X-Environment": " live ", "P-Asserted!": 'é: "x"'}
    )
    assert (event.operation, event.environment, event.number) == (Operation.ASSIGN_NUMBER, LIVE, LONDON)
    assert event == next(built.agent.history())
    assert built.reopen().numbers() == (
        AssignedNumber(PARIS, LIVE, {}),
        AssignedNumber(LONDON, LIVE, {"X-Environment": "live", "P-Asserted!": 'é: "x"'}),
    )
    assert built.agent.environment("live").numbers == built.agent.numbers()
    assert refusal(lambda: _assign(built, LONDON, "sandbox")) == Refusal(
        "RuleBroken",
        "number-taken",
        "+442079460018 belongs to live",
        "Move it: gitagent numbers move +442079460018 --environment sandbox",
    )


def test_a_number_can_be_given_other_headers_but_not_the_same_ones(built: Built) -> None:
    _assign(built, LONDON, "live", **{"X-A": "1"})
    assert refusal(lambda: _assign(built, LONDON, "live", **{"X-A": "1"})) == Refusal(
        "RuleBroken", "number-taken", "live has +442079460018 already, with the same SIP headers", None
    )
    _assign(built, LONDON, "live", **{"X-A": "2"})
    assert built.agent.numbers() == (AssignedNumber(LONDON, LIVE, {"X-A": "2"}),)


def test_a_number_keeps_its_headers_unless_others_are_given(built: Built) -> None:
    _assign(built, LONDON, "live", **{"X-A": "1", "X-B": "2"})
    assert (
        refusal(lambda: built.agent.assign_number(LONDON, "live", actor=ADA, at=built.clock())).message
        == "live has +442079460018 already, with the same SIP headers"
    )
    _assign(built, LONDON, "live", **{"X-C": "3"})
    assert built.agent.numbers() == (AssignedNumber(LONDON, LIVE, {"X-C": "3"}),)
    built.agent.assign_number(LONDON, "live", actor=ADA, at=built.clock(), sip_headers={})
    assert built.agent.numbers() == (AssignedNumber(LONDON, LIVE, {}),)


def test_history_tells_one_assignment_from_the_next(built: Built) -> None:
    _assign(built, LONDON, "live", **{"X-A": "1", "X-B": "sip:a@b, c=d"})
    _assign(built, LONDON, "live", **{"X-A": "é: \t2"})
    built.agent.assign_number(LONDON, "live", actor=ADA, at=built.clock(), sip_headers={})
    _assign(built, PARIS, "live")
    assert [event.detail for event in built.reopen().history(limit=4)] == [
        None,
        "no sip-headers",
        "sip-headers X-A=é: \t2",
        "sip-headers X-A=1, X-B=sip:a@b, c=d",
    ]


def test_the_change_of_headers_is_known_before_it_is_made(built: Built) -> None:
    _assign(built, LONDON, "live", **{"X-A": "1"})
    plan = built.agent.plan_assign_number(LONDON, "live", {"X-B": "2"})
    assert (plan.old_headers, plan.new_headers) == ({"X-A": "1"}, {"X-B": "2"})
    plan = built.agent.plan_release_number(LONDON)
    assert (plan.old_headers, plan.new_headers) == ({"X-A": "1"}, {})
    assert built.agent.plan_assign_number(PARIS, "live").old_headers is None


@pytest.mark.parametrize("name", ["From", "to", "VIA", "call-id", "CSeq", "Max-Forwards", "Proxy-Authorization"])
def test_a_header_of_the_call_itself_is_refused(built: Built, name: str) -> None:
    assert refusal(lambda: _assign(built, LONDON, "live", **{name: "x"})) == Refusal(
        "InvalidName",
        "invalid-sip-header",
        f"the SIP header {name} belongs to the call itself",
        f"Use a name of your own, such as X-{name}.",
    )


def test_headers_that_differ_in_case_alone_are_the_same(built: Built) -> None:
    assert refusal(lambda: _assign(built, LONDON, "live", **{"X-A": "1", "x-a": "2"})) == Refusal(
        "InvalidName",
        "invalid-sip-header",
        "the SIP header x-a stands twice: upper and lower case are the same",
        "Give each header once.",
    )


def test_a_released_number_may_go_elsewhere(built: Built) -> None:
    _assign(built, LONDON, "live")
    event = built.agent.release_number(LONDON, actor=ADA, at=built.clock())
    assert (event.operation, event.environment, event.number) == (Operation.RELEASE_NUMBER, LIVE, LONDON)
    _assign(built, LONDON, "sandbox")
    assert built.agent.numbers() == (AssignedNumber(LONDON, SANDBOX, {}),)
    assert built.history()[-3:] == [
        "assign-number +442079460018 to live",
        "release-number +442079460018 from live",
        "assign-number +442079460018 to sandbox",
    ]


def test_a_number_that_is_nowhere_cannot_be_released(built: Built) -> None:
    assert refusal(lambda: built.agent.release_number(LONDON, actor=ADA, at=built.clock())) == Refusal(
        "NumberNotFound",
        "number-not-found",
        "+442079460018 is assigned to no environment",
        "List the numbers with: gitagent numbers",
    )


def test_the_last_number_of_an_environment_that_needs_one_stays(built: Built) -> None:
    for number in (LONDON, PARIS):
        _assign(built, number, "sandbox")
    built.agent.set_rules("sandbox", actor=ADA, at=built.clock(), requires_number=True)
    built.agent.release_number(PARIS, actor=ADA, at=built.clock())
    assert refusal(lambda: built.agent.release_number(LONDON, actor=ADA, at=built.clock())) == Refusal(
        "RuleBroken",
        "number-required",
        "+442079460018 is the last number of sandbox, and its rules ask for one",
        "Assign another first, or: gitagent environments set sandbox --no-requires-number",
    )


def test_an_environment_that_serves_nothing_may_lose_its_last_number(built: Built) -> None:
    _assign(built, LONDON, "live")
    built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    built.agent.release_number(LONDON, actor=ADA, at=built.clock())
    assert built.agent.numbers() == ()


@pytest.mark.parametrize("name", ["", "X A", "X:A", "X\nA", "Ü", "X-A: x\r\nEvil"])
def test_the_name_of_a_sip_header_is_a_token(built: Built, name: str) -> None:
    headers: Mapping[str, str] = {name: "x"}
    assert refusal(lambda: _assign(built, LONDON, "live", **headers)) == Refusal(
        "InvalidName",
        "invalid-sip-header",
        f"'{name}' is not a SIP header's name",
        "Use letters, digits and - . ! % * _ + ` ' ~ only, such as X-Environment.",
    )


@pytest.mark.parametrize("value", ["a\r\nEvil: x", "a\nb", "a\u2028b", "a\x85b", "\0", "\udcff", "x" * 1001])
def test_the_value_of_a_sip_header_is_one_line(built: Built, value: str) -> None:
    before = built.git("for-each-ref")
    assert refusal(lambda: _assign(built, LONDON, "live", **{"X-A": value})) == Refusal(
        "InvalidName",
        "invalid-sip-header",
        "the value of SIP header X-A has a line break or is too long",
        "A value is one line of at most 1000 characters.",
    )
    assert built.git("for-each-ref") == before


def test_numbers_and_rules_are_not_carried_along_by_a_promotion(built: Built) -> None:
    _assign(built, LONDON, "sandbox")
    built.agent.set_rules("sandbox", actor=ADA, at=built.clock(), requires_number=True)
    built.publish(selector="v3").promote("pre-release")
    environment = built.agent.environment("pre-release")
    assert (environment.numbers, environment.requires_number) == ((), False)


def test_rules_that_are_so_already_are_refused(built: Built) -> None:
    assert refusal(
        lambda: built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=False)
    ) == Refusal("RuleBroken", "unchanged", "live requires no phone number already", "See: gitagent environments")
    event = built.agent.set_rules("live", actor=ADA, at=built.clock(), requires_number=True)
    assert (event.subject, event) == ("rules live requires-number on", next(built.agent.history()))
    assert (
        refusal(lambda: built.agent.set_rules("prod", actor=ADA, at=built.clock(), requires_number=True)).code
        == "environment-not-found"
    )
