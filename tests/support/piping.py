"""Piping: one call in a real pipeline of Pipecat, with its service for models. A program: prints what is spoken."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from examples.pipecat_agent import ServedAgent
from pipecat.frames.frames import (
    EndFrame,
    ErrorFrame,
    Frame,
    LLMFullResponseEndFrame,
    LLMMessagesAppendFrame,
    LLMTextFrame,
    TranscriptionFrame,
    TTSSpeakFrame,
    TTSUpdateSettingsFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_context import LLMContext
from pipecat.processors.aggregators.llm_response_universal import LLMContextAggregatorPair
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.workers.runner import WorkerRunner

from gitagent.client import AsyncClient
from support.chat_server import KEY

LONGEST = 30.0
SAYS = "A table for two, please"


class Speaker(FrameProcessor):
    """Stands where a service would speak."""

    def __init__(self) -> None:
        super().__init__()
        self.spoken: list[str] = []
        self.voice: str | None = None
        self.greeted, self.answered = asyncio.Event(), asyncio.Event()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSUpdateSettingsFrame):
            self.voice = frame.delta.voice
        elif isinstance(frame, TTSSpeakFrame):
            self.spoken += [frame.text, ""]
            self.greeted.set()
        elif isinstance(frame, LLMTextFrame):
            self.spoken[-1] += frame.text
        elif isinstance(frame, LLMFullResponseEndFrame):
            self.answered.set()
        await self.push_frame(frame, direction)


async def main(url: str, cache: Path, model: str, call_id: str, number: str, end: str) -> dict[str, Any]:
    """The call, to its end: `ended`, `cancelled` or `failed`."""
    async with AsyncClient(url, cache=cache, timeout=LONGEST) as client:
        agent = ServedAgent(client, call_id=call_id, number=number, caller="+447700900123")
        context, speaker = LLMContextAggregatorPair(LLMContext()), Speaker()
        llm = OpenAILLMService(api_key=KEY, base_url=model, settings=OpenAILLMService.Settings(model="none yet"))
        worker = PipelineWorker(Pipeline([agent, context.user(), llm, speaker, context.assistant()]))
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        talking = asyncio.create_task(_talk(worker, speaker, end))
        await runner.run()
        await talking
        return {"spoken": speaker.spoken, "voice": speaker.voice}


async def _talk(worker: PipelineWorker, speaker: Speaker, end: str) -> None:
    await asyncio.wait_for(speaker.greeted.wait(), LONGEST)
    heard = TranscriptionFrame(SAYS, "the caller", "2026-03-02T09:00:00Z")
    asked = LLMMessagesAppendFrame([{"role": "user", "content": SAYS}], run_llm=True)
    await worker.queue_frames([heard, asked])
    await asyncio.wait_for(speaker.answered.wait(), LONGEST)
    if end == "ended":
        await worker.queue_frame(EndFrame())
        return
    if end == "failed":
        await worker.queue_frame(ErrorFrame("the line went dead", fatal=True))
    await worker.cancel()


if __name__ == "__main__":
    address, folder, *more = sys.argv[1:]
    print(json.dumps(asyncio.run(main(address, Path(folder), *more))))  # noqa: T201  # what the test reads
