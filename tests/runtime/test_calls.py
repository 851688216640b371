"""Calls: pinned when they begin, whatever happens afterwards, over both stores."""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

import pytest
from support.building import START, Built
from support.calling import after
from support.calling_agents import NUMBER, Desk, again, pin

from gitagent import Filter, PhoneNumber, VersionNumber
from gitagent.errors import (
    AgentNotFound,
    CallEnded,
    CallIdTaken,
    CallNotFound,
    CallStoreFailed,
    GitagentError,
    InvalidName,
    NeverServed,
    NumberNotFound,
    VersionNotFound,
)
from gitagent.runtime.asking import Beginning
from gitagent.runtime.places import open_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gitagent.runtime.stores.interface import CallStore

OTHER = "+442079460019"


@pytest.fixture
def desk(build: Callable[..., Built], store: CallStore, tmp_path: Path) -> Desk:
    return Desk(build(), store, tmp_path)


def test_a_call_is_recorded_with_all_that_it_was_answered_with(desk: Desk) -> None:
    begun = desk.begin("CA1", caller="+447700900123", sip_headers={"X-Trunk": "7"}, attributes={"language": "en"})
    assert pin(begun) == ("v1", "one\n")
    assert begun.recorded
    assert desk.calls.get("CA1") == begun.call
    assert begun.call._asdict() == {
        "call_id": "CA1",
        "agent": "agent",
        "version": VersionNumber(1),
        "commit": desk.built.git("rev-parse", "v1^{commit}").strip(),
        "began_at": START + timedelta(seconds=1),
        "environment": begun.call.environment,
        "number": PhoneNumber(NUMBER),
        "caller": "+447700900123",
        "direction": "inbound",
        "sip_headers": {"X-Trunk": "7"},
        "ended_at": None,
        "outcome": None,
        "success": None,
        "duration": None,
        "score": None,
        "attributes": {"language": "en"},
    }


def test_a_call_keeps_its_version_through_promotions_rollbacks_restarts_and_a_pruned_cache(desk: Desk) -> None:
    first = desk.begin("CA1")
    desk.live("two\n")
    second = desk.begin("CA2")
    desk.built.rollback("live")
    third = desk.begin("CA3")
    assert [pin(each) for each in (first, second, third)] == [("v1", "one\n"), ("v2", "two\n"), ("v1", "one\n")]
    desk.restarted()
    desk.calls.agents.configurations.prune()
    same = [desk.begin(call_id) for call_id in ("CA1", "CA2", "CA3")]
    assert same == [again(each) for each in (first, second, third)]
    assert [desk.calls.configuration(desk.calls.get(each)).commit for each in ("CA1", "CA2")] == [
        first.call.commit,
        second.call.commit,
    ]


def test_a_call_that_begins_again_gets_its_pin_though_its_number_is_gone(desk: Desk) -> None:
    first = desk.begin("CA1")
    desk.release(NUMBER)
    desk.live("two\n")
    assert desk.begin("CA1") == again(first)
    with pytest.raises(NumberNotFound):
        desk.begin("CA2")
    desk.assign(NUMBER, "sandbox")
    assert desk.begin("CA1") == again(first)
    assert str(desk.begin("CA2").call.environment) == "sandbox"


@pytest.mark.parametrize(
    "other",
    [{"number": OTHER}, {"environment": "live"}, {"version": "v1"}, {"number": NUMBER, "direction": "outbound"}],
)
def test_an_id_that_began_with_something_else_is_refused(desk: Desk, other: dict[str, str]) -> None:
    desk.assign(OTHER, "live")
    first = desk.begin("CA1")
    with pytest.raises(CallIdTaken):
        desk.begin("CA1", **other)
    desk.release(OTHER)
    with pytest.raises(CallIdTaken):
        desk.begin("CA1", **other)
    assert desk.begin("CA1") == again(first)


def test_many_calls_begin_in_one_transaction_and_one_that_is_refused_keeps_no_other_from_it(desk: Desk) -> None:
    asked = [("CA1", NUMBER), ("CA2", "none"), ("CA1", NUMBER), ("CA3", NUMBER), ("CA4", OTHER)]
    before = desk.store.asked
    results = desk.calls.begin_all([Beginning(call_id, after(seconds=1), number) for call_id, number in asked])
    assert [each.code if isinstance(each, GitagentError) else each.is_new for each in results] == [
        True,
        "invalid-number",
        False,
        True,
        "number-not-found",
    ]
    assert desk.store.asked == before + 2  # the write, and a look for the call to a number that is gone
    assert {each.call_id for each in desk.calls.find().calls} == {"CA1", "CA3"}


def test_agents_that_are_not_there_for_whoever_asks_answer_no_call(desk: Desk) -> None:
    desk.begin("CA1")
    ways: list[dict[str, Any]] = [
        {"number": NUMBER},
        {"agent": "agent", "environment": "live"},
        {"agent": "agent", "version": "v1"},
    ]
    for call_id in ("CA1", "CA2"):
        results = desk.calls.begin_all(
            [Beginning(call_id, after(seconds=2), agents=frozenset({"other"}), **way) for way in ways]
        )
        assert [each.code for each in results if isinstance(each, GitagentError)] == [
            "number-not-found",
            "agent-not-found",
            "agent-not-found",
        ]


def test_a_call_can_begin_in_an_environment_and_an_outbound_one_with_a_version(desk: Desk) -> None:
    desk.built.publish("two\n")
    inside, named = desk.begin("CA1", environment="sandbox"), desk.begin("CA2", version="v1", caller="+447700900123")
    assert (pin(inside), str(inside.call.environment), inside.call.number) == (("v2", "two\n"), "sandbox", None)
    assert (pin(named), named.call.environment, named.call.direction) == (("v1", "one\n"), None, "outbound")
    assert desk.begin("CA3", environment="pre_release", direction="outbound").call.direction == "outbound"
    with pytest.raises(VersionNotFound):
        desk.begin("CA4", version="v9")
    assert [each.call_id for each in desk.calls.each()] == ["CA3", "CA2", "CA1"]


def test_what_serves_nothing_begins_nothing(build: Callable[..., Built]) -> None:
    built = build().publish()
    with pytest.raises(NeverServed):
        built.agent.calls.begin("CA1", at=START, environment="live")
    assert list(built.agent.calls.each()) == []


def test_a_call_ends_once_and_again_in_the_same_way(desk: Desk) -> None:
    desk.begin("CA1")
    ended = desk.end("CA1", "completed")
    assert (ended.outcome, ended.success, ended.duration) == ("completed", True, 1.0)
    assert desk.end("CA1", "completed") == desk.end("CA1", "completed", duration=1) == ended
    for other in (
        {"outcome": "failed"},
        {"outcome": "completed", "duration": 2},
        {"outcome": "completed", "success": False},
    ):
        with pytest.raises(CallEnded, match="has ended already: completed"):
            desk.end("CA1", **other)
    with pytest.raises(CallNotFound):
        desk.end("CA2", "completed")
    assert desk.calls.get("CA1") == ended


def test_scores_and_attributes_are_added_before_and_after_the_end(desk: Desk) -> None:
    desk.begin("CA1", attributes={"a": 1, "b": 2})
    desk.calls.annotate("CA1", score=0.5, attributes={"b": "two", "c": True})
    desk.end("CA1", "booked", success=True, duration=61.5)
    call = desk.calls.annotate("CA1", attributes={"a": None})
    assert (call.score, call.attributes, call.success, call.duration) == (0.5, {"b": "two", "c": True}, True, 61.5)
    assert desk.calls.get("CA1") == call


def test_calls_are_paged_newest_first(desk: Desk) -> None:
    for number in range(5):
        desk.begin(f"CA{number}")
    first = desk.calls.find(limit=2)
    second = desk.calls.find(limit=2, cursor=str(first.next))
    third = desk.calls.find(limit=2, cursor=second.next)
    assert [[call.call_id for call in page.calls] for page in (first, second, third)] == [
        ["CA4", "CA3"],
        ["CA2", "CA1"],
        ["CA0"],
    ]
    assert third.next is None


def test_the_statistics_of_a_version_stand_against_those_of_the_one_before(desk: Desk) -> None:
    for number in range(4):
        desk.begin(f"CA{number}")
        desk.end(f"CA{number}", "completed" if number else "failed", duration=60 * number)
    desk.live("two\n")
    desk.begin("CB1")
    desk.end("CB1", "completed", duration=90)
    desk.begin("CB2")
    stats = desk.calls.stats()
    assert stats.before is not None
    assert (str(stats.version.version), stats.version.calls, stats.version.open) == ("v2", 2, 1)
    assert (str(stats.before.version), stats.before.outcomes) == ("v1", {"completed": 3, "failed": 1})
    assert (stats.version.rate, stats.before.rate) == ((1, 1), (3, 4))
    assert stats.before.durations is not None
    assert stats.before.durations.percentiles == {50: 60.0, 90: 180.0, 95: 180.0, 99: 180.0}
    assert stats.difference is not None
    assert stats.difference.verdict == "no difference shown"
    assert desk.calls.stats("v1").before is None
    assert desk.calls.stats(environment="sandbox", version="v2").version.calls == 0
    assert desk.calls.stats(since=START) == stats
    assert desk.calls.stats("v1", since=START + timedelta(seconds=7)).version.calls == 1


def test_statistics_need_calls(desk: Desk) -> None:
    with pytest.raises(CallNotFound, match="there are no calls yet"):
        desk.calls.stats()


def test_pruning_takes_what_began_before(desk: Desk) -> None:
    for call_id in ("CA1", "CA2", "CA3"):
        desk.begin(call_id)
    desk.end("CA1")
    assert desk.calls.prune(before=START + timedelta(seconds=3)) == 1
    assert [call.call_id for call in desk.calls.each()] == ["CA3", "CA2"]
    assert desk.calls.prune(before=START + timedelta(seconds=3), open_too=True) == 1
    assert desk.calls.stats().version.calls == 3


def test_another_agents_calls_in_the_same_store_are_not_seen(
    desk: Desk, build: Callable[..., Built], address: str
) -> None:
    desk.begin("CA1")
    with build("other").agent.open_calls(address) as others:
        assert list(others.each()) == []
        for ask in (others.get, lambda call_id: others.end(call_id, at=START), others.annotate):
            with pytest.raises(CallNotFound):
                ask("CA1")
        assert others.prune(before=START + timedelta(days=1), open_too=True) == 0
        with pytest.raises(CallIdTaken):
            others.begin("CA1", at=START, version="v1")
    assert desk.calls.get("CA1").ended_at is None


def test_a_call_can_have_every_sip_header_that_a_number_can_have(desk: Desk) -> None:
    headers = {"X" * 200: "front\tdesk", "x-.!%*_+`'~": "é"}
    assert desk.begin("CA1", sip_headers=headers).call.sip_headers == headers


AT = START
WRONG: list[dict[str, Any]] = [
    {},
    {"number": NUMBER, "environment": "live"},
    {"environment": "live", "version": "v1"},
    {"version": "v1", "direction": "inbound"},
    {"number": NUMBER, "direction": "sideways"},
    {"number": "anna"},
    {"environment": "Live!"},
    {"version": "v01"},
    {"number": NUMBER, "at": datetime(2026, 3, 2)},  # without a zone, on purpose
    {"number": NUMBER, "at": datetime(9999, 12, 31, 23, tzinfo=timezone(timedelta(hours=-2)))},
    {"number": NUMBER, "at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=2)))},
    {"number": NUMBER, "caller": "a\nb"},
    {"number": NUMBER, "sip_headers": {"X-A": "a\r\nVia: b"}},
    {"number": NUMBER, "sip_headers": {"X-A": "a\u2028b"}},
    {"number": NUMBER, "sip_headers": {"X A": "a"}},
    {"number": NUMBER, "sip_headers": {"X" * 201: "a"}},
    {"number": NUMBER, "sip_headers": {f"X-{number}": "a" for number in range(101)}},
    {"number": NUMBER, "attributes": {"a": [1]}},
    {"number": NUMBER, "attributes": {"a": float("nan")}},
    {"number": NUMBER, "attributes": {"a": "\0"}},
    {"number": NUMBER, "attributes": {"a": 2**63}},
    {"number": NUMBER, "attributes": {"": "a"}},
    {"number": NUMBER, "attributes": {"a\r": "a"}},
    {"number": NUMBER, "attributes": {"a": "x" * 4001}},
    {"number": NUMBER, "call_id": ""},
    {"number": NUMBER, "call_id": "a b"},
    {"number": NUMBER, "call_id": "x" * 201},
    {"number": NUMBER, "call_id": "a\n"},
]


def test_what_cannot_be_said_of_a_call_is_refused_and_nothing_is_kept(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    from gitagent.runtime.stores import open_store

    desk = Desk(build(), open_store(str(tmp_path / "calls.db")), tmp_path)
    for wrong in WRONG:
        with pytest.raises(InvalidName):
            desk.calls.begin(**{"call_id": "CA1", "at": AT, **wrong})
    assert list(desk.calls.each()) == []
    desk.begin("CA1")
    for facts in (
        {"duration": -1},
        {"duration": float("inf")},
        {"outcome": ""},
        {"outcome": "x" * 65},
        {"success": "yes"},
    ):
        with pytest.raises(InvalidName):
            desk.end("CA1", **facts)
    for cursor in ("", "x", "MSBDQQ==x", "AAAA"):
        with pytest.raises(InvalidName):
            desk.calls.find(cursor=cursor)
    for limit in (0, 1001):
        with pytest.raises(InvalidName):
            desk.calls.find(limit=limit)
    assert desk.calls.get("CA1").ended_at is None


# The agent's own


def test_an_agents_calls_are_kept_in_its_own_folder_or_where_git_is_told(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built = build().publish()
    with built.agent.calls as calls:
        calls.begin("CA1", at=START, environment="sandbox")
        assert calls is built.agent.calls
    assert (built.path / ".git/gitagent/calls.db").stat().st_mode & 0o777 == 0o600
    built.git("config", "gitagent.calls", "../elsewhere.db")
    with built.reopen().calls as calls:
        assert list(calls.each(Filter(version=VersionNumber(1)))) == []
        calls.begin("CA2", at=START, environment="sandbox")
    assert (tmp_path / "elsewhere.db").is_file()


def test_what_somebody_else_serves_around_an_agent_is_let_alone(
    build: Callable[..., Built], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = build().publish()
    look = os.stat

    def refused(path: Any, *arguments: Any, **named: Any) -> os.stat_result:
        if str(path).startswith(str(tmp_path / ".gitagent")):
            raise PermissionError(str(path))
        return look(path, *arguments, **named)

    monkeypatch.setattr(os, "stat", refused)
    with built.agent.calls as calls:
        assert calls.begin("CA1", at=START, environment="sandbox").recorded
    assert (built.path / ".git/gitagent/calls.db").is_file()


def test_a_store_that_cannot_be_reached_is_said_so(build: Callable[..., Built], tmp_path: Path) -> None:
    (tmp_path / "calls.db").write_text("this is no database, " * 100)
    with (
        build().agent.open_calls(str(tmp_path / "calls.db")) as calls,
        pytest.raises(CallStoreFailed, match="not a database"),
    ):
        list(calls.each())
    with (
        build("other").agent.open_calls("postgresql://ada:secret@/none?host=/nowhere") as calls,
        pytest.raises(CallStoreFailed, match=r"postgresql://ada:…@/none.* failed") as failed,
    ):
        list(calls.each())
    assert "secret" not in failed.value.message


def test_the_calls_that_a_folders_server_recorded_are_seen_from_the_agent(
    build: Callable[..., Built], tmp_path: Path
) -> None:
    built, other = build().publish(), build("other").publish()
    with open_folder(tmp_path) as served:
        served.begin("CA1", at=START, agent="agent", environment="sandbox")
        served.begin("CA2", at=START, agent="other", environment="sandbox")
        with pytest.raises(AgentNotFound, match="it is not said which agent"):
            served.begin("CA3", at=START, environment="sandbox")
        assert served.stats(agent="other").version.calls == 1
        assert [call.call_id for call in served.each()] == ["CA2", "CA1"]
    for each, call_id in ((built, "CA1"), (other, "CA2")):
        with each.agent.calls as calls:
            assert [call.call_id for call in calls.each()] == [call_id]
    assert not (built.path / ".git/gitagent/calls.db").exists()
