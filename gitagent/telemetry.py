"""Telemetry: which version answers a call, said on the OpenTelemetry span under way. The only module that imports it.

The names are those of OpenTelemetry's semantic conventions; where these have none, they begin with `gitagent.`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

_trace: ModuleType | None
try:
    from opentelemetry import trace as _trace
except ModuleNotFoundError:  # nobody traces
    _trace = None

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType


def attributes(
    *, agent: str, version: str, commit: str, call_id: str | None = None, environment: str | None = None
) -> Mapping[str, str]:
    """What spans say of a call, by the names of the semantic conventions."""
    said = {
        "gen_ai.agent.name": agent,
        "gen_ai.agent.version": version,
        "gen_ai.conversation.id": call_id,
        "deployment.environment.name": environment,
        "vcs.ref.head.name": version,
        "vcs.ref.head.type": "tag",
        "vcs.ref.head.revision": commit,
    }
    return {name: value for name, value in said.items() if value is not None}


def mark(*, agent: str, version: str, commit: str, call_id: str | None = None, environment: str | None = None) -> None:
    """Say on the current span which version answers. Nothing happens where nobody traces."""
    if _trace is None:
        return
    span = _trace.get_current_span()
    if span.is_recording():
        found = attributes(agent=agent, version=version, commit=commit, call_id=call_id, environment=environment)
        span.set_attributes(dict(found))
