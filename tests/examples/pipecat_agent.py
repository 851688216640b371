"""A call in a pipeline of Pipecat, answered by whatever gitagent serves on its number.

`ServedAgent` is a step of the pipeline, between what hears the caller and what gathers the conversation for the model:

    Pipeline([transport.input(), stt, ServedAgent(client, …), context.user(), llm, tts, transport.output(), …])

It begins the call with the pipeline, hands on the prompt, the tools, the model, the voice and the greeting of the
version that the call is pinned to, and ends the call with the pipeline, however that ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipecat.adapters.schemas.function_schema import FunctionSchema
from pipecat.adapters.schemas.tools_schema import ToolsSchema
from pipecat.frames.frames import (
    CancelFrame,
    EndFrame,
    ErrorFrame,
    Frame,
    LLMSetToolsFrame,
    LLMUpdateSettingsFrame,
    StartFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.settings import LLMSettings, TTSSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitagent.client import AsyncClient


class ServedAgent(FrameProcessor):
    """One call: configured when the pipeline starts, and recorded when it ends."""

    def __init__(
        self,
        client: AsyncClient,
        *,
        call_id: str,
        number: str,
        caller: str | None = None,
        sip_headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self._gitagent = client
        self._call_id = call_id
        self._number = number
        self._caller = caller
        self._sip_headers = sip_headers
        self._is_open = False
        self._turns = 0
        self._outcome = "abandoned"

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Hand every frame on, with those of the call's version after the first, and the call's end before the last."""
        await super().process_frame(frame, direction)
        self._turns += isinstance(frame, TranscriptionFrame)
        if isinstance(frame, ErrorFrame) and frame.fatal:
            self._outcome = "failed"
        if isinstance(frame, EndFrame | CancelFrame):
            await self._end("completed" if isinstance(frame, EndFrame) else self._outcome)
        await self.push_frame(frame, direction)
        if isinstance(frame, StartFrame):
            await self._begin()

    async def cleanup(self) -> None:
        """End the call where no frame could tell of the end."""
        await super().cleanup()
        await self._end("failed")

    async def _begin(self) -> None:
        begun = await self._gitagent.begin(
            self._call_id, number=self._number, caller=self._caller, sip_headers=self._sip_headers
        )
        self._is_open = True
        for each in _frames(begun.configuration.document()):
            await self.push_frame(each)

    async def _end(self, outcome: str) -> None:
        if self._is_open:
            self._is_open = False
            await self._gitagent.annotate(self._call_id, attributes={"turns": self._turns})
            await self._gitagent.end(self._call_id, outcome=outcome)


def _frames(configuration: Mapping[str, Any]) -> Iterator[Frame]:
    """What a version says of its model, its voice and its tools, and what it says first."""
    model, voice = configuration["model"], configuration["voice"]
    told = LLMSettings(
        model=model["name"], temperature=model["temperature"], system_instruction=configuration["prompt"]
    )
    yield LLMUpdateSettingsFrame(delta=told)
    yield TTSUpdateSettingsFrame(delta=TTSSettings(voice=voice["name"]))
    yield LLMSetToolsFrame(ToolsSchema(standard_tools=[_function(each) for each in configuration["tools"]]))
    yield TTSSpeakFrame(configuration["greeting"])


def _function(tool: Mapping[str, Any]) -> FunctionSchema:
    parameters = tool["parameters"]
    return FunctionSchema(
        name=tool["name"],
        description=tool["description"],
        properties=parameters.get("properties", {}),
        required=parameters.get("required", []),
    )
