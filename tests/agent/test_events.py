"""Events: the one form in which the ledger says what happened, and everything that is not that form."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.building import ADA, START, Built
from support.refusing import Refusal, refusal

from gitagent import Actor, EnvironmentName, Event, InvalidConfiguration, Operation, PhoneNumber, VersionNumber
from gitagent.agent.events import checked_message, checked_name, checked_time, format_event, parse_event
from gitagent.errors import InvalidName
from gitagent.git.objects import Commit

if TYPE_CHECKING:
    from collections.abc import Callable

A, B, TAG, LEDGER = ("a" * 40, "b" * 40, "c" * 40, "d" * 40)
ULID = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
LIVE, V2, V3 = EnvironmentName("live"), VersionNumber(2), VersionNumber(3)
NUMBER = PhoneNumber("+442079460018")


def _event(operation: Operation, **facts: Any) -> Event:
    return Event(seq=7, id=ULID, operation=operation, actor=ADA, at=START, commit=LEDGER)._replace(**facts)


def _commit(message: str) -> Commit:
    return Commit(LEDGER, A, (B,), message, ADA.name, ADA.email, START)


EVENTS = {
    "init v1 first": _event(
        Operation.INIT, to_version=VersionNumber(1), to_commit=A, tag=TAG, name="first", message="why"
    ),
    "save v2": _event(Operation.SAVE, to_version=V2, to_commit=A, tag=TAG),
    "publish live v2 -> v3 third": _event(
        Operation.PUBLISH,
        environment=LIVE,
        from_version=V2,
        from_commit=A,
        to_version=V3,
        to_commit=B,
        tag=TAG,
        name="third",
    ),
    "promote live v3": _event(Operation.PROMOTE, environment=LIVE, to_version=V3, to_commit=B),
    "rollback live v3 -> v2": _event(
        Operation.ROLLBACK,
        environment=LIVE,
        from_version=V3,
        from_commit=B,
        to_version=V2,
        to_commit=A,
        message="oh\n\nno",
    ),
    "rules live requires-number on": _event(Operation.RULES, environment=LIVE, detail="requires-number on"),
    "assign-number +442079460018 to live": _event(Operation.ASSIGN_NUMBER, environment=LIVE, number=NUMBER),
    "assign-number +442079460019 to live": _event(
        Operation.ASSIGN_NUMBER,
        environment=LIVE,
        number=PhoneNumber("+442079460019"),
        detail="sip-headers X-Queue=a: b, X-Env=",
    ),
    "release-number +442079460018 from live": _event(Operation.RELEASE_NUMBER, environment=LIVE, number=NUMBER),
    "approve live v3": _event(Operation.APPROVE, environment=LIVE, to_version=V3, to_commit=B, message="Heard it."),
    "grant admin ada@example.com": _event(Operation.GRANT, detail="admin ada@example.com"),
    "grant promote * for live": _event(Operation.GRANT, environment=LIVE, detail="promote *"),
    "revoke promote for live": _event(Operation.REVOKE, environment=LIVE, detail="promote"),
    "test v3 passed 2 of 2": _event(
        Operation.TEST, to_version=V3, to_commit=B, tree=A, detail="passed 2 of 2, embedded, 0.1 s, suites 0123456789ab"
    ),
    "test aaaaaaaaaaaa passed 1 of 2": _event(Operation.TEST, tree=A, detail="passed 1 of 2, failed 1, embedded"),
    "promote live v2": _event(
        Operation.PROMOTE, environment=LIVE, to_version=V2, to_commit=A, forced="Callers wait", message="why"
    ),
}


def test_there_is_an_example_of_every_operation() -> None:
    assert {event.operation for event in EVENTS.values()} == set(Operation)


@pytest.mark.parametrize("subject", EVENTS)
def test_every_event_says_what_happened_and_comes_back_whole(subject: str) -> None:
    event = EVENTS[subject]
    assert event.subject == subject
    assert parse_event(_commit(format_event(event))) == event


def test_an_event_is_written_in_exactly_one_form() -> None:
    event = EVENTS["publish live v2 -> v3 third"]._replace(message="why\n\nand how")
    assert format_event(event) == (
        "publish live v2 -> v3 third\n\n"
        "why\n\nand how\n\n"
        "Gitagent-Format: 1\n"
        "Gitagent-Seq: 7\n"
        f"Gitagent-Op-Id: {ULID}\n"
        "Gitagent-Op: publish\n"
        "Gitagent-Environment: live\n"
        f"Gitagent-From: v2 {A}\n"
        f"Gitagent-To: v3 {B}\n"
        f"Gitagent-Tag: {TAG}\n"
        "Gitagent-Name: third\n"
        "Gitagent-Actor: Ada Lovelace <ada@example.com>\n"
    )


FORGED = "Gitagent-Op: rollback\nGitagent-Environment: live"


@pytest.mark.parametrize(
    "message",
    [
        FORGED,
        f"why\n\n{FORGED}",
        f"{FORGED}\n\nwhy",
        "Gitagent-Format: 2",
        "a\n\n\n\nb",
        "# no comment",
        "-- \nx",
        "é" * 99,
    ],
)
def test_a_message_can_forge_no_trailer(message: str) -> None:
    event = EVENTS["promote live v3"]._replace(message=checked_message(message))
    assert parse_event(_commit(format_event(event))) == event


@given(st.text(max_size=60), st.text(max_size=200))
def test_whatever_name_and_message_are_accepted_come_back_as_they_are(name: str, message: str) -> None:
    try:
        event = EVENTS["save v2"]._replace(name=checked_name(name), message=checked_message(message))
    except InvalidName:
        return
    assert parse_event(_commit(format_event(event))) == event


WRITTEN = format_event(EVENTS["publish live v2 -> v3 third"])
MUTATIONS = {
    "unknown format": (WRITTEN.replace("Format: 1", "Format: 2"), "its format is 2; this gitagent reads 1"),
    "duplicate trailer": (WRITTEN + "Gitagent-Op: publish\n", "trailer Gitagent-Op stands twice"),
    "unknown trailer": (WRITTEN + "Gitagent-New: x\n", "unknown trailer 'Gitagent-New: x'"),
    "foreign trailer": (WRITTEN + "Signed-off-by: x\n", "unknown trailer 'Signed-off-by: x'"),
    "no trailer": ("a plain commit\n", "unknown trailer 'a plain commit'"),
    "no message": ("", "trailer Gitagent-Actor is missing"),
    "missing": (WRITTEN.replace("Gitagent-Seq: 7\n", ""), "trailer Gitagent-Seq is missing"),
    "unknown operation": (WRITTEN.replace("Op: publish", "Op: destroy"), "'destroy' is not a valid Operation"),
    "no number": (WRITTEN.replace("Seq: 7", "Seq: seven"), "invalid literal for int() with base 10: 'seven'"),
    "padded number": (WRITTEN.replace("Seq: 7", "Seq: 07"), "it is not written as gitagent writes events"),
    "no ulid": (WRITTEN.replace(ULID, "x"), "it is not written as gitagent writes events"),
    "short commit": (WRITTEN.replace(B, "bbbb"), "'v3 bbbb' names no commit"),
    "no version": (WRITTEN.replace("To: v3 ", "To: v03 "), "'v03' is not a version"),
    "no tree": (WRITTEN.replace("Gitagent-Actor", "Gitagent-Tree: aaaa\nGitagent-Actor"), "'aaaa' names no tree"),
    "no person": (WRITTEN.replace(" <ada@example.com>", ""), "'Ada Lovelace' does not identify a person"),
    "no environment": (
        WRITTEN.replace("Environment: live", "Environment: Live"),
        "'Live' is not a name for an environment",
    ),
    "another order": (
        WRITTEN.replace("Gitagent-Name: third\n", "").replace("Gitagent-Tag", "Gitagent-Name: third\nGitagent-Tag"),
        "it is not written as gitagent writes events",
    ),
    "another subject": (
        WRITTEN.replace("publish live", "promote live", 1),
        "it is not written as gitagent writes events",
    ),
    "trailing text": (WRITTEN + "\n", "trailer Gitagent-Actor is missing"),
    "windows line ends": (WRITTEN.replace("\n", "\r\n"), r"unknown trailer 'publish live v2 -> v3 third\r'"),
}


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_what_gitagent_did_not_write_is_no_event(mutation: str) -> None:
    message, reason = MUTATIONS[mutation]
    assert message != WRITTEN
    assert refusal(lambda: parse_event(_commit(message))) == Refusal(
        "LedgerInvalid",
        "ledger-invalid",
        f"ledger commit {LEDGER} is not an event: {reason}",
        f"Look at it with: git show {LEDGER[:12]}",
    )


@pytest.mark.parametrize(
    ("given", "stored"),
    [(None, None), ("", None), ("  ", None), (" second ", "second"), ("é\u00a0x", "é\u00a0x"), ("x" * 100,) * 2],
)
def test_a_name_is_stored_trimmed(given: str | None, stored: str | None) -> None:
    assert checked_name(given) == stored


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\rb", "a\0b", "\udcff", "a\u2028b", "a\x85b", "x" * 101])
def test_a_name_is_one_line_of_text(name: str) -> None:
    assert refusal(lambda: checked_name(name)) == Refusal(
        "InvalidName",
        "invalid-version-name",
        "a name is one line of at most 100 characters",
        "Put the rest into the message: -m",
    )


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        (None, None),
        (" \n\t\n", None),
        ("why", "why"),
        ("a \r\nb\rc\n\n", "a\nb\nc"),
        ("a\tb", "a\tb"),
        ("\n\na", "a"),
        ("x" * 65_536, "x" * 65_536),
    ],
)
def test_a_message_is_stored_with_plain_line_ends(given: str | None, stored: str | None) -> None:
    assert checked_message(given) == stored


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("a\0b", "U+0000"),
        ("\x1b[31m", "U+001B"),
        ("a\u2029b", "U+2029"),
        ("\udc80", "U+DC80"),
        ("x" * 65_537, "more than 65,536 characters"),
    ],
)
def test_a_message_is_plain_text(message: str, reason: str) -> None:
    assert refusal(lambda: checked_message(message)) == Refusal(
        "InvalidName", "invalid-message", f"the message holds {reason}", "Use plain text."
    )


def test_a_time_is_kept_to_the_second_and_has_a_zone() -> None:
    zone = timezone(timedelta(hours=5, minutes=30))
    assert checked_time(datetime(2026, 1, 1, 12, 0, 1, 999, zone)) == datetime(2026, 1, 1, 12, 0, 1, 0, zone)
    naive = datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None)
    assert refusal(lambda: checked_time(naive)) == Refusal(
        "InvalidName", "invalid-time", "the time 2026-01-01 00:00:00 has no zone", "Use datetime.now(UTC)."
    )


# In a repository


WORDS = ["Gitagent-Op: destroy\nGitagent-Seq: 99", "first\n\nGitagent-Format: 9\n\nlast", "# kept\nby git tag too"]


@pytest.mark.parametrize("message", WORDS)
def test_names_and_messages_come_back_from_versions_and_history_as_given(
    build: Callable[..., Built], message: str
) -> None:
    built = build().edit("two\n").save(name="Gitagent-Op: x", message=message)
    version, event = built.agent.version("v2"), next(built.agent.history())
    assert (version.name, version.message) == (event.name, event.message) == ("Gitagent-Op: x", message)
    assert built.git("log", "-1", "--format=%(trailers:key=Gitagent-Op,valueonly)", "gitagent/ledger").split() == [
        "save"
    ]


@pytest.mark.parametrize("name", ["Version 2", "Version 3", "v2", "2", "#", "-", "a  b", None])
def test_every_name_comes_back_as_it_was_given(build: Callable[..., Built], name: str | None) -> None:
    built = build().edit("two\n").save(name=name)
    assert built.reopen().version("v2").name == name


@pytest.mark.parametrize(
    "actor", [Actor("Sammy Davis Jr.", "s@x"), Actor("  Ada", "a@b"), Actor("Jérôme 陳", "j@例え.jp")]
)
def test_whoever_acts_is_recorded_as_they_are(build: Callable[..., Built], actor: Actor) -> None:
    built = build().edit("two\n")
    built.agent.publish(actor=actor, at=built.clock())
    assert next(built.agent.history()).actor == actor
    assert built.agent.environment("sandbox").by == actor
    built.git("fsck", "--strict")


def test_the_time_zone_is_recorded_too(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    at = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(-timedelta(hours=3, minutes=30)))
    built.agent.publish(actor=ADA, at=at)
    seen = [built.agent.version("v2").at, next(built.agent.history()).at, built.agent.environment("sandbox").since]
    assert [each and each.isoformat() for each in seen] == ["2026-07-01T12:00:00-03:30"] * 3


def test_a_time_without_a_zone_is_refused_by_every_verb(build: Callable[..., Built]) -> None:
    built = build().edit("two\n")
    naive = START.replace(tzinfo=None)
    assert refusal(lambda: built.agent.save(actor=ADA, at=naive)).code == "invalid-time"
    assert refusal(lambda: built.agent.publish(actor=ADA, at=naive)).code == "invalid-time"


def test_a_foreign_commit_on_the_ledger_is_named(build: Callable[..., Built]) -> None:
    built = build().publish("two\n")
    tree = built.git("rev-parse", "gitagent/ledger^{tree}").strip()
    made = built.git("commit-tree", "-p", "gitagent/ledger", "-m", "mine", tree).strip()
    built.git("update-ref", "refs/heads/gitagent/ledger", made)
    built.reopen()
    assert refusal(lambda: built.history()).message == (f"ledger commit {made} is not an event: unknown trailer 'mine'")
    assert refusal(lambda: built.save("three\n")).kind == "LedgerInvalid"


def test_the_hierarchy_of_an_invalid_configuration_is_kept() -> None:
    assert issubclass(InvalidConfiguration, Exception)
