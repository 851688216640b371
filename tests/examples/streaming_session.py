"""A streaming voice framework's session, as Pipecat and LiveKit have them: frames come in, frames go on.

`Agent` is a step of a pipeline. It begins the call with the stream, gives the model its prompt and tools and the caller
the greeting, and ends the call with the stream, however that ends. The frames here stand for the framework's own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitagent.client import AsyncClient, Begun


@dataclass(frozen=True)
class Started:
    """The stream is open: a call of the transport's own id, to one of our numbers."""

    call_id: str
    number: str
    caller: str | None = None
    sip_headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Instructed:
    """What the model is told before anything is said."""

    prompt: str
    model: dict[str, Any]
    tools: list[dict[str, Any]]


@dataclass(frozen=True)
class Say:
    """Something to be spoken, by a voice."""

    text: str
    voice: dict[str, Any]


@dataclass(frozen=True)
class Heard:
    """What the caller said."""

    text: str


@dataclass(frozen=True)
class Ended:
    """The stream is closed; `why` is `hung-up`, or what went wrong."""

    why: str = "hung-up"


Frame = Started | Instructed | Say | Heard | Ended


class Agent:
    """One call: configured when it starts, and recorded when it ends."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client
        self._begun: Begun | None = None
        self._turns = 0

    async def run(self, frames: AsyncIterator[Frame]) -> AsyncIterator[Frame]:
        """The frames that go on. Also where the stream breaks, the call ends."""
        outcome = "failed"
        try:
            async for frame in frames:
                async for made in self._step(frame):
                    yield made
            outcome = "abandoned"
        finally:  # where the task is cancelled, too
            await self._end(outcome)

    async def _step(self, frame: Frame) -> AsyncIterator[Frame]:
        if isinstance(frame, Started):
            for made in await self._begin(frame):
                yield made
        elif isinstance(frame, Ended):
            await self._end("completed" if frame.why == "hung-up" else "failed")
            yield frame
        else:
            self._turns += isinstance(frame, Heard)
            yield frame

    async def _begin(self, started: Started) -> list[Frame]:
        self._begun = await self._client.begin(
            started.call_id, number=started.number, caller=started.caller, sip_headers=started.sip_headers
        )
        configuration = self._begun.configuration.document()
        return [
            started,
            Instructed(configuration["prompt"], configuration["model"], configuration["tools"]),
            Say(configuration["greeting"], configuration["voice"]),
        ]

    async def _end(self, outcome: str) -> None:
        if self._begun is None:
            return
        call_id, self._begun = self._begun.call.call_id, None
        await self._client.annotate(call_id, attributes={"turns": self._turns})
        await self._client.end(call_id, outcome=outcome)
