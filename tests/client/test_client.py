"""Both clients and a server that answers: what is asked for, what comes back, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from support.calling_agents import NUMBER
from support.hosting import token

from gitagent.client import Client, Resolution
from gitagent.errors import (
    CallEnded,
    CallIdTaken,
    CallNotFound,
    EnvironmentNotFound,
    GitagentError,
    InvalidName,
    NumberNotFound,
    Refused,
    ScopeMissing,
    TokenRefused,
)
from gitagent.names import EnvironmentName, PhoneNumber, VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built
    from support.standing import Standing

    Connect = Callable[..., Client]


def text(begun: Any) -> str:
    return str(begun.configuration.document()["files"]["notes.md"])


def test_a_call_begins_with_all_that_is_known_of_it(still: Standing, connect: Connect, new_id: str) -> None:
    client = connect(still.url)
    begun = client.begin(
        new_id,
        number=NUMBER,
        caller="+447700900123",
        sip_headers={"X-Trunk": "7", "x-tenant": "forged"},
        attributes={"language": "en"},
    )
    call = begun.call
    assert (text(begun), begun.recorded, begun.from_cache) == ("one\n", True, False)
    assert (call.call_id, call.agent, call.version) == (new_id, "shop", VersionNumber(1))
    assert (call.environment, call.number, call.caller) == (
        EnvironmentName("live"),
        PhoneNumber(NUMBER),
        "+447700900123",
    )
    assert (dict(call.sip_headers), dict(call.attributes)) == ({"X-Trunk": "7", "X-Tenant": "shop"}, {"language": "en"})
    assert call.commit == begun.configuration.commit
    assert client.get(new_id) == call
    assert client.configuration_of(new_id).document() == begun.configuration.document()


def test_a_call_keeps_its_version_through_a_promotion(server: Standing, shop: Built, connect: Connect) -> None:
    client = connect(server.url)
    client.begin("CA1", number=NUMBER)
    shop.publish("two\n").promote("live")
    assert text(client.begin("CA2", number=NUMBER)) == "two\n"
    assert text(client.begin("CA1", number=NUMBER)) == "one\n"
    assert text(client.begin("CA3", agent="shop", environment="live")) == "two\n"
    assert text(client.begin("CA4", agent="shop", version="v1", caller="+447700900123")) == "one\n"
    assert (client.get("CA4").direction, client.get("CA4").caller) == ("outbound", "+447700900123")


def test_a_call_ends_and_is_added_to(still: Standing, connect: Connect, new_id: str) -> None:
    client = connect(still.url)
    client.begin(new_id, number=NUMBER, attributes={"language": "en"})
    ended = client.end(new_id, outcome="completed", duration=94)
    assert ended is not None
    assert (ended.outcome, ended.success, ended.duration) == ("completed", True, 94.0)
    added = client.annotate(new_id, score=0.9, attributes={"language": None, "mood": "fine"})
    assert added is not None
    assert (added.score, dict(added.attributes)) == (0.9, {"mood": "fine"})
    assert client.end(new_id, outcome="completed", duration=94) == added
    with pytest.raises(CallEnded):
        client.end(new_id, outcome="failed")


def test_a_call_can_end_without_more(still: Standing, connect: Connect, new_id: str) -> None:
    client = connect(still.url)
    client.begin(new_id, number=NUMBER)
    ended = client.end(new_id)
    assert ended is not None
    assert ended.ended_at is not None
    lasted = (ended.ended_at - ended.began_at).total_seconds()
    assert ended.outcome is None
    assert ended.duration == pytest.approx(lasted, abs=0.002)


@pytest.mark.parametrize("call_id", ["..", ".", "a/b", "a%2Fb", "?#&=+", "~" * 200])
def test_any_id_is_one(still: Standing, connect: Connect, call_id: str) -> None:
    client = connect(still.url)
    begun = client.begin(call_id, number=NUMBER)
    assert client.get(call_id) == begun.call
    client.end(call_id, outcome="completed")
    assert client.get(call_id).outcome == "completed"


def test_calls_are_found_page_by_page(server: Standing, connect: Connect) -> None:
    client = connect(server.url)
    for count in range(3):
        client.begin(f"CA{count}", number=NUMBER)
    page = client.find(agent="shop", limit=2, until=datetime(2999, 1, 1, tzinfo=UTC))
    assert [each.call_id for each in page.calls] == ["CA2", "CA1"]
    rest = client.find(agent="shop", limit=2, cursor=page.next)
    assert ([each.call_id for each in rest.calls], rest.next) == (["CA0"], None)


def test_a_number_is_resolved_and_an_environment_read_without_a_call(
    server: Standing, shop: Built, connect: Connect
) -> None:
    client = connect(server.url)
    commit = shop.git("rev-parse", "live").strip()
    assert client.resolve(NUMBER) == Resolution(
        "shop", VersionNumber(1), commit, EnvironmentName("live"), PhoneNumber(NUMBER), {"X-Tenant": "shop"}
    )
    first = client.configuration("shop", "live")
    assert (first.commit, first.version, first.etag) == (commit, VersionNumber(1), f'"{commit}"')
    assert client.configuration("shop", "live") == first  # 304 this time
    shop.publish("two\n").promote("live")
    assert client.configuration("shop", "live").document()["files"]["notes.md"] == "two\n"
    assert client.find().calls == ()


@pytest.mark.parametrize(
    ("ask", "refusal"),
    [
        (lambda client: client.begin("CA1", number="+442079460099"), NumberNotFound),
        (lambda client: client.begin("CA1", number="nonsense"), InvalidName),
        (lambda client: client.begin("CA1", agent="shop", environment="nowhere"), EnvironmentNotFound),
        (lambda client: client.begin("CA1", number=NUMBER, attributes={"x": [1]}), Refused),
        (lambda client: client.get("CA9"), CallNotFound),
        (lambda client: client.end("CA9"), CallNotFound),
        (lambda client: client.configuration_of("CA9"), CallNotFound),
        (lambda client: client.configuration("shop", "../../../secrets"), GitagentError),
        (lambda client: client.find(limit=0), GitagentError),
    ],
)
def test_what_the_server_refuses_is_raised_as_what_it_is(
    still: Standing, connect: Connect, ask: Callable[[Client], object], refusal: type[GitagentError]
) -> None:
    with pytest.raises(refusal) as refused:
        ask(connect(still.url))
    assert refused.value.code != "server-unreachable"
    assert refused.value.message


def test_an_id_that_began_with_something_else_is_refused(still: Standing, connect: Connect, new_id: str) -> None:
    client = connect(still.url)
    client.begin(new_id, number=NUMBER)
    with pytest.raises(CallIdTaken):
        client.begin(new_id, agent="shop", environment="sandbox")


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.begin("CA1"),
        lambda client: client.begin("CA1", number=NUMBER, version="v1"),
        lambda client: client.begin("CA1", environment="live"),
        lambda client: client.begin("C A1", number=NUMBER),
        lambda client: client.begin("CA1", number=NUMBER, attributes={"x": float("nan")}),
        lambda client: client.begin("CA1", number=NUMBER, attributes={"x": object()}),
        lambda client: client.begin("CA1", number=NUMBER, sip_headers={"X Queue": "front"}),
        lambda client: client.begin("CA1", number=NUMBER, sip_headers={"X-Queue": "front\r\nVia: x"}),
        lambda client: client.begin("CA1", number=NUMBER, sip_headers={"X-Queue": 7}),
        lambda client: client.get(""),
        lambda client: client.annotate("CA1"),
    ],
)
def test_what_is_no_call_is_refused_before_anybody_is_asked(connect: Connect, ask: Callable[[Client], object]) -> None:
    with pytest.raises(InvalidName) as refused:
        ask(connect("http://127.0.0.1:9"))
    assert refused.value.code == "invalid-call"


@pytest.mark.parametrize(
    ("url", "token"),
    [("shop", None), ("ftp://shop", None), ("http://", None), ("http://shop?x=1", None), ("http://shop", "a\nb")],
)
def test_what_is_no_server_or_token_is_refused(connect: Connect, url: str, token: str | None) -> None:
    with pytest.raises(InvalidName):
        connect(url, token=token)


def test_a_token_is_sent_and_its_refusal_is_no_outage(server: Standing, connect: Connect) -> None:
    caller, reader = token(server.folder, "call"), token(server.folder, "read")
    with pytest.raises(TokenRefused):
        connect(server.url, token="ga_wrong").begin("CA0", number=NUMBER)
    assert connect(server.url, token=caller).begin("CA1", number=NUMBER).recorded
    with pytest.raises(ScopeMissing):
        connect(server.url, token=reader).begin("CA2", number=NUMBER)
    with pytest.raises(TokenRefused):
        connect(server.url).begin("CA3", number=NUMBER)


def test_importing_the_client_brings_nothing_of_the_server_or_of_git() -> None:
    heavy = ("pygit2", "pydantic", "starlette", "uvicorn", "phonenumbers", "ruamel")
    code = f"import sys, gitagent.client; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_without_httpx_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['httpx'] = None; from gitagent.errors import ExtraMissing\n"
    code += "try: import gitagent.client\nexcept ExtraMissing as missing: print(missing.code, missing.hint)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "extra-missing pip install 'gitagent-config[client]'\n"
