"""The envelope: every refusal has one form, a status that fits, and never a trace."""

from __future__ import annotations

import inspect
import logging
from threading import Event
from typing import TYPE_CHECKING, NoReturn

import pytest
from support.asking import Asker, code
from support.calling import call

from gitagent import errors
from gitagent.errors import CallStoreFailed, GitagentError
from gitagent.server.envelope import refusal, status_of
from gitagent.server.served import THREADS

if TYPE_CHECKING:
    from gitagent.runtime.records import Call
    from gitagent.server.served import Served

CLASSES = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, GitagentError)]


def test_every_error_has_a_status_and_only_what_can_be_mended_is_the_servers_fault() -> None:
    statuses = {each.__name__: status_of(each.__new__(each)) for each in CLASSES if each is not GitagentError}
    assert statuses["InvalidName"] == 400
    assert statuses["TokenRefused"] == 401
    assert statuses["ScopeMissing"] == 403
    assert {name for name, status in statuses.items() if status == 404} == {
        each.__name__ for each in CLASSES if issubclass(each, errors.NotFound) and each is not errors.NeverServed
    }
    assert {statuses[each] for each in ("NeverServed", "CallIdTaken", "CallEnded", "NumberContested")} == {409}
    assert {statuses[each] for each in ("CallStoreFailed", "LedgerInvalid", "ObjectMissing")} == {503}
    assert 500 not in statuses.values()


def test_what_is_worth_another_try_says_when() -> None:
    assert refusal(CallStoreFailed("away")).headers["retry-after"] == "1"
    assert "retry-after" not in refusal(errors.CallNotFound("gone")).headers


def test_a_path_that_is_none_and_a_method_that_is_not_for_it_are_told_apart(asker: Asker) -> None:
    for path in ("/", "/v1", "/v1/", "/v1/calls/", "/v1/agents//environments", "/v1/calls/%ff", "/v2/calls"):
        assert code(asker.get(path)) == (404, "route-not-found")
    refused = asker.ask("PUT", "/v1/calls")
    assert code(refused) == (405, "method-not-allowed")
    assert refused.headers["allow"] == "DELETE, GET, HEAD, POST"


def test_head_answers_as_get_does_without_a_body(asker: Asker) -> None:
    head, get = asker.ask("HEAD", "/v1/agents"), asker.get("/v1/agents")
    assert (head.status_code, head.content, head.headers) == (200, b"", get.headers)


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ("x=1", "parameter-unknown"),
        ("limit=1&limit=2", "parameter-repeated"),
        ("limit", "query-malformed"),
        ("outcome=%ff", "query-malformed"),
        ("outcome=", "parameter-invalid"),
        ("outcome=a%00b", "parameter-invalid"),
        ("limit=%EF%BC%91", "parameter-invalid"),
        ("limit=0", "invalid-call"),
        ("limit=1001", "invalid-call"),
        ("since=2026-03-02", "parameter-invalid"),
        ("since=2026-03-02T09:00:00", "parameter-invalid"),
        ("since=yesterday", "parameter-invalid"),
        ("cursor=x", "invalid-cursor"),
        ("version=x", "invalid-version"),
        ("environment=X", "invalid-environment"),
        ("number=x", "invalid-number"),
    ],
)
def test_a_query_that_cannot_be_taken_is_refused(asker: Asker, query: str, answer: str) -> None:
    assert code(asker.get(f"/v1/calls?{query}")) == (400, answer)


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (b"", (400, "body-malformed")),
        (b"{", (400, "body-malformed")),
        (b'{"call_id": "a"} x', (400, "body-malformed")),
        (b'{"call_id": "\xff"}', (400, "body-malformed")),
        (b'{"call_id": "\\ud800"}', (400, "body-malformed")),
        (b"[]", (422, "body-invalid")),
        (b'{"call_id": 1}', (422, "body-invalid")),
        (b'{"call_id": "two words", "to": "1"}', (422, "body-invalid")),
        (b'{"call_id": "a", "unknown": 1}', (422, "body-invalid")),
        (b'{"call_id": "a", "attributes": {"x": NaN}}', (422, "body-invalid")),
        (b'{"call_id": "a"}', (400, "invalid-call")),
        (b'{"call_id": "a", "to": "1", "agent": "shop", "environment": "live"}', (400, "invalid-call")),
        (b'{"call_id": "a", "to": "nobody"}', (400, "invalid-number")),
        (b'{"call_id": "a", "environment": "live"}', (404, "agent-not-found")),
        (b'{"call_id": "a", "to": "+442079460018", "agent": "bank"}', (404, "number-not-found")),
        (b'{"call_id": "a", "to": "+442079460018", "sip_headers": {"X": "a\\r\\nY: b"}}', (400, "invalid-call")),
    ],
)
def test_a_body_that_cannot_be_taken_is_refused(asker: Asker, body: bytes, answer: tuple[int, str]) -> None:
    refused = asker.post("/v1/calls", content=body, headers={"Content-Type": "application/json"})
    assert code(refused) == answer


def test_a_body_says_where_it_is_wrong(asker: Asker) -> None:
    refused = asker.post("/v1/calls", json={"call_id": "a", "sip_headers": {"X": 1}, "direction": "sideways"})
    message = refused.json()["error"]["message"]
    assert "sip_headers.X: Input should be a valid string" in message
    assert "direction: Input should be 'inbound' or 'outbound'" in message


def test_a_body_that_is_not_sent_as_json_is_refused(asker: Asker) -> None:
    for headers in ({}, {"Content-Type": "text/plain"}, {"Content-Type": "application/x-www-form-urlencoded"}):
        refused = asker.post("/v1/calls", content=b'{"call_id": "a", "to": "+442079460018"}', headers=headers)
        assert code(refused) == (415, "media-type-unsupported")


def test_an_open_server_is_only_asked_for_by_a_name_of_this_machine(asker: Asker) -> None:
    for host in ("localhost", "localhost:8321", "127.0.0.1:80", "[::1]:8321", "[::1]"):
        assert asker.get("/v1/agents", headers={"Host": host}).status_code == 200
    for host in ("example.com", "example.com:8321", "localhost.example.com", "127.0.0.1.example.com", "", "10.0.0.1"):
        assert code(asker.get("/v1/agents", headers={"Host": host})) == (421, "host-refused")


def test_a_bug_is_told_by_an_id_and_logged_under_it(
    asker: Asker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> NoReturn:
        raise RuntimeError("a secret")

    served: Served = asker.served
    monkeypatch.setattr(served.calls, "get", broken)
    monkeypatch.setattr(served.calls, "begin_all", broken)
    with caplog.at_level(logging.ERROR):
        for answer in (asker.get("/v1/calls/CA1"), asker.begin("CA1")):
            assert code(answer) == (500, "internal-error")
            assert "secret" not in answer.text
            assert answer.json()["error"]["message"].partition("(")[2].rstrip(")") in caplog.text
    assert "a secret" in caplog.text


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "http://10.0.0.7:8321", "null", ""])
def test_a_page_of_another_site_may_not_ask_where_nobody_needs_a_token(asker: Asker, origin: str) -> None:
    answer = asker.post("/v1/agents/shop/refresh", headers={"Origin": origin, "Content-Type": "text/plain"})
    assert code(answer) == (403, "origin-refused")
    assert asker.get("/v1/agents", headers={"Origin": "http://localhost:3000"}).status_code == 200


def test_a_store_that_is_away_is_not_this_requests_fault(asker: Asker, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> NoReturn:
        raise CallStoreFailed("the store of calls is away")

    monkeypatch.setattr(asker.served.calls, "get", away)
    refused = asker.get("/v1/calls/CA1")
    assert code(refused) == (503, "call-store-failed")
    assert refused.headers["retry-after"] == "1"


def test_what_agents_serve_is_answered_while_every_question_to_the_store_hangs(
    asker: Asker, monkeypatch: pytest.MonkeyPatch
) -> None:
    hang, asked = Event(), []

    def hanging(call_id: str) -> Call:
        asked.append(call_id)
        hang.wait(30)
        return call(call_id, agent="shop")

    monkeypatch.setattr(asker.served.calls, "get", hanging)
    answered = asker.while_waiting(
        [("GET", "/v1/calls/CA1")] * (THREADS + 1),
        ("GET", "/v1/agents/shop/versions/v1/config"),
        until=lambda: len(asked) == THREADS,
        let_go=hang.set,
    )
    assert (answered.status_code, len(asked)) == (200, THREADS + 1)
