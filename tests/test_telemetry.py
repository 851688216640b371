"""Spans: what they say of the version that answers, at the client and at the server, and that nobody has to trace."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.semconv._incubating.attributes import deployment_attributes, gen_ai_attributes, vcs_attributes
from opentelemetry.semconv.attributes import http_attributes
from support.building import ADA, Built
from support.calling_agents import NUMBER
from support.standing import Standing

from gitagent import telemetry
from gitagent.client import AsyncClient, Client
from gitagent.errors import CallNotFound
from gitagent.names import PhoneNumber

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from opentelemetry.sdk.trace import ReadableSpan


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """What is exported during a test. OpenTelemetry lets its provider be set once only."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", provider)
    return exporter


@pytest.fixture
def server(tmp_path: Path, spans: InMemorySpanExporter) -> Iterator[Standing]:
    built = Built(tmp_path / "agents" / "shop", pipeline="sandbox,live")
    built.publish().promote("live")
    built.agent.assign_number(PhoneNumber(NUMBER), "live", actor=ADA, at=built.clock())
    standing = Standing(built.path.parent).start()
    yield standing
    standing.stop()


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    (found,) = [each for each in spans.get_finished_spans() if each.name == name]
    return found


def said(span: ReadableSpan) -> dict[str, Any]:
    return {name: value for name, value in (span.attributes or {}).items() if not name.startswith("http.")}


def test_the_names_are_those_of_the_semantic_conventions() -> None:
    found = SimpleNamespace(agent="shop", version="v1", commit="c" * 40, environment="live")
    assert telemetry.attributes(found, "CA1") == {
        gen_ai_attributes.GEN_AI_AGENT_NAME: "shop",
        gen_ai_attributes.GEN_AI_AGENT_VERSION: "v1",
        gen_ai_attributes.GEN_AI_CONVERSATION_ID: "CA1",
        deployment_attributes.DEPLOYMENT_ENVIRONMENT_NAME: "live",
        vcs_attributes.VCS_REF_HEAD_NAME: "v1",
        vcs_attributes.VCS_REF_HEAD_TYPE: vcs_attributes.VcsRefHeadTypeValues.TAG.value,
        vcs_attributes.VCS_REF_HEAD_REVISION: "c" * 40,
    }
    found.environment = None
    assert telemetry.attributes(found).keys().isdisjoint({"deployment.environment.name", "gen_ai.conversation.id"})


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_call_is_told_at_the_client_and_at_the_server_in_one_trace(
    server: Standing, spans: InMemorySpanExporter, tmp_path: Path, kind: type[Any]
) -> None:
    with trace.get_tracer("test").start_as_current_span("a ring"):
        call = _begun(kind, server.url, tmp_path / "cache")
    ours, theirs = named(spans, "a ring"), named(spans, "POST /v1/calls")
    assert said(ours) == said(theirs) == dict(telemetry.attributes(call, "CA1"))
    assert theirs.parent is not None
    assert ours.context is not None
    assert (theirs.parent.span_id, theirs.parent.trace_id) == (ours.context.span_id, ours.context.trace_id)
    assert theirs.kind is trace.SpanKind.SERVER
    assert theirs.attributes is not None
    assert theirs.attributes[http_attributes.HTTP_ROUTE] == "/v1/calls"
    assert theirs.attributes[http_attributes.HTTP_REQUEST_METHOD] == "POST"
    assert theirs.attributes[http_attributes.HTTP_RESPONSE_STATUS_CODE] == 201


def test_a_call_that_is_answered_without_the_server_is_told_too(
    server: Standing, spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    with Client(server.url, cache=tmp_path / "cache", report_every=3600.0) as client:
        client.begin("CA0", number=NUMBER)
        server.stop()
        with trace.get_tracer("test").start_as_current_span("a ring"):
            client.begin("CA1", number=NUMBER)
    assert said(named(spans, "a ring"))["gen_ai.conversation.id"] == "CA1"
    assert said(named(spans, "a ring"))["gen_ai.agent.version"] == "v1"


def test_what_is_read_is_told_by_its_route_and_never_by_a_name_from_outside(
    server: Standing, spans: InMemorySpanExporter
) -> None:
    with Client(server.url, cache=None) as client:
        client.begin("CA1", number=NUMBER)
        client.configuration("shop", "live")
        client.resolve(NUMBER)
        client.end("CA1", outcome="completed")
        with pytest.raises(CallNotFound):
            client.get("CA/9")
    for name in (
        "GET /v1/agents/{agent}/environments/{environment}/config",
        "GET /v1/numbers/{number}",
        "PATCH /v1/calls/{call_id}",
    ):
        assert said(named(spans, name))["deployment.environment.name"] == "live"
    missing = named(spans, "GET /v1/calls/{call_id}")
    assert said(missing) == {}
    assert (missing.attributes or {})["http.response.status_code"] == 404


def test_a_span_that_a_middleware_began_stays_the_only_one(spans: InMemorySpanExporter) -> None:
    with trace.get_tracer("middleware").start_as_current_span("theirs"), telemetry.answering("GET", "/x", {}):
        telemetry.mark(SimpleNamespace(agent="shop", version="v1", commit="c", environment=None))
    assert [each.name for each in spans.get_finished_spans()] == ["theirs"]
    assert said(named(spans, "theirs"))["gen_ai.agent.name"] == "shop"


def test_a_request_on_which_the_server_failed_is_an_error(spans: InMemorySpanExporter) -> None:
    for status in (404, 503):
        with telemetry.answering("GET", f"/{status}", {}) as answered:
            answered.status = status
    codes = {each.name: each.status.status_code for each in spans.get_finished_spans()}
    assert codes == {"GET /404": trace.StatusCode.UNSET, "GET /503": trace.StatusCode.ERROR}


def test_without_a_provider_or_the_package_nothing_happens(tmp_path: Path) -> None:
    found = "SimpleNamespace(agent='shop', version='v1', commit='c', environment=None)"
    code = (
        "import sys\nfrom types import SimpleNamespace\n{}"
        f"from gitagent import telemetry\ntelemetry.mark({found}, 'CA1')\n"
        "print(telemetry.is_traced(), dict(telemetry.outgoing()), telemetry.IS_INSTALLED)"
    )
    printed = [
        subprocess.run(
            [sys.executable, "-c", code.format(before)], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout
        for before in ("", "sys.modules['opentelemetry'] = None\n")
    ]
    assert printed == ["False {} True\n", "False {} False\n"]


def _begun(kind: type[Any], url: str, cache: Path) -> Any:
    if kind is Client:
        with Client(url, cache=cache, timeout=30.0) as client:
            return client.begin("CA1", number=NUMBER).call

    async def begun() -> Any:
        async with AsyncClient(url, cache=cache, timeout=30.0) as client:
            return (await client.begin("CA1", number=NUMBER)).call

    return asyncio.run(begun())
