"""Telemetry: which version answers a call, told on OpenTelemetry spans. The only module that imports it.

Attributes have the names of OpenTelemetry's semantic conventions. Nothing happens where `opentelemetry-api` (extra
`telemetry`) is not installed, or nobody has set up where spans go.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

try:
    from opentelemetry import propagate, trace
except ModuleNotFoundError:  # nobody traces
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SCOPE = "gitagent"


class Answering(Protocol):
    """What answers: a call, or what stands behind a number or an environment."""

    @property
    def agent(self) -> str: ...
    @property
    def version(self) -> object: ...
    @property
    def commit(self) -> str: ...
    @property
    def environment(self) -> object | None: ...


def attributes(found: Answering, call_id: str | None = None) -> Mapping[str, str]:
    """What spans say of it."""
    version = str(found.version)
    said = {
        "gen_ai.agent.name": found.agent,
        "gen_ai.agent.version": version,
        "gen_ai.conversation.id": call_id,
        "deployment.environment.name": None if found.environment is None else str(found.environment),
        "vcs.ref.head.name": version,
        "vcs.ref.head.type": "tag",
        "vcs.ref.head.revision": found.commit,
    }
    return {name: value for name, value in said.items() if value is not None}


def mark(found: Answering, call_id: str | None = None) -> None:
    """Say on the span under way what answers."""
    if IS_INSTALLED and (span := trace.get_current_span()).is_recording():
        span.set_attributes(dict(attributes(found, call_id)))


def outgoing() -> Mapping[str, str]:
    """The headers by which whoever is asked goes on with the trace that is under way."""
    headers: dict[str, str] = {}
    if IS_INSTALLED and trace.get_current_span().get_span_context().is_valid:
        propagate.inject(headers)
    return headers


def is_traced() -> bool:
    """Whether somebody has set up where spans go."""
    return IS_INSTALLED and not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


@contextmanager
def answering(method: str, route: str, headers: Mapping[str, str]) -> Iterator[Answered]:
    """A span around the answer to a request, as part of the trace that its headers name.

    Where another program has begun one for it, such as a middleware, that one stays the only one.
    """
    answered = Answered()
    if trace.get_current_span().is_recording():
        yield answered
        return
    tracer = trace.get_tracer(_SCOPE)
    said = {"http.request.method": method, "http.route": route}
    name = f"{method} {route}"
    with tracer.start_as_current_span(name, propagate.extract(headers), trace.SpanKind.SERVER, said) as span:
        yield answered
        span.set_attribute("http.response.status_code", answered.status)
        if answered.status >= 500:
            span.set_status(trace.StatusCode.ERROR)


class Answered:
    """What a request was answered with, to be said before its span ends."""

    status = 0
