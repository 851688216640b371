"""Conversing: what a turn of a conversation costs with a thousand topics, against the start of the process for it."""

from __future__ import annotations

from itertools import cycle, product
from typing import TYPE_CHECKING

from growing import ADA, START
from measuring import Figure, command, paired

from gitagent import Agent
from gitagent.chat.answers import Conversation
from gitagent.chat.embedded import Embedded
from gitagent.config.files import File, MemoryFile
from gitagent.config.meaning import meaning_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WHAT = "parking vouchers allergies bookings invoices music dogs children terrace garden"
WHERE = "Monday Tuesday station harbour bridge museum school hotel cinema castle"
WHOSE = "guests families members groups visitors artists students tourists neighbours partners"
SAID = (
    "is there parking for families at the castle",
    "I would like to know more about vouchers please",
    "do you have somthing for childrn near the musem",
    "what is the weather like on Mars",
    "thank you",
)


def topics() -> dict[str, File]:
    """A thousand topics that are like each other."""
    files: dict[str, File] = {"agent.yaml": MemoryFile(b"name: Large\ngreeting: Hello\n")}
    for what, where, whose in product(WHAT.split(), WHERE.split(), WHOSE.split()):
        name = f"{what} {where} {whose}"
        asked = (f"Is there {what} for {whose} at the {where}?", f"Tell me about {what}, {where}, {whose}")
        queries = "".join(f"  - {query}\n" for query in asked)
        text = f"name: {name}\nexample_queries:\n{queries}content: For {whose}, {what} at the {where} is free.\n"
        files[f"topics/{name.replace(' ', '_').lower()}.yaml"] = MemoryFile(text.encode())
    return files


def conversing(top: Path) -> Iterator[Figure]:
    """A turn with the embedded responder against a whole `gitagent chat` in which nothing is said."""
    path = top / "conversing"
    agent = Agent.init(path, actor=ADA, at=START, files=topics())
    responder, said = Embedded(), cycle(SAID)
    conversation = Conversation.begin(meaning_of(agent.files()))
    conversation = conversation.after(None, responder.answer(conversation, None))

    def turn() -> object:
        return responder.answer(conversation, next(said))

    yield paired("chat: a turn, 1,000 topics", turn, command("-C", str(path), "chat"), target=0.05)
