"""Rehearsing: conversations with what an environment serves, each told whole, so that nothing of it is kept."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.files import tree_files
from gitagent.chat.answers import Answer, Conversation
from gitagent.chat.embedded import Embedded
from gitagent.config.meaning import meaning_of
from gitagent.config.suggestions import did_you_mean, shortened
from gitagent.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gitagent.config.meaning.values import Meaning
    from gitagent.runtime.resolutions import Resolution, Resolver

THREADS = 2
ROOM = 16
"""So many versions are kept as they were understood."""


class Asked(NamedTuple):
    """A conversation: what the user said, one after the other (None for the greeting), and its circumstances."""

    said: Sequence[str | None]
    channel: str | None
    variables: Mapping[str, object]
    variant: str | None
    sip_headers: Mapping[str, str]
    fixtures: Mapping[str, object]


class Rehearsed(NamedTuple):
    """The answer to what was said last, and what gave it."""

    resolution: Resolution
    responder: str
    answer: Answer


class Rehearsing:
    """Answers conversations by the embedded responder. It has threads of its own, so that no call waits for it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gitagent-chat")
        self._known: OrderedDict[str, Meaning] = OrderedDict()
        self._lock = Lock()

    async def answer(self, resolver: Resolver, environment: str, asked: Asked) -> Rehearsed:
        """What an environment answers. NeverServed where it serves nothing, NotFound for an unknown variant."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, self._answer, resolver, environment, asked
        )

    def stop(self) -> None:
        """Let the threads go, once what is under way is answered."""
        self._threads.shutdown(cancel_futures=True)

    def _answer(self, resolver: Resolver, environment: str, asked: Asked) -> Rehearsed:
        resolution = resolver.environment(environment)
        meaning = self._meaning(resolver, resolution.commit)
        _refuse_unknown_variant(meaning, asked.variant)
        conversation = Conversation.begin(
            meaning,
            variables=asked.variables,
            variant=asked.variant,
            channel=asked.channel,
            sip_headers=asked.sip_headers,
            fixtures=asked.fixtures,
        )
        responder, answer = Embedded(), Answer("")
        for said in asked.said:
            answer = responder.answer(conversation, said)
            conversation = conversation.after(said, answer)
        return Rehearsed(resolution, responder.name, answer)

    def _meaning(self, resolver: Resolver, commit: str) -> Meaning:
        with self._lock:
            if (known := self._known.get(commit)) is not None:
                self._known.move_to_end(commit)
                return known
        repository = resolver.repository()
        meaning = meaning_of(tree_files(repository, repository.commit(commit).tree))
        with self._lock:
            self._known[commit] = meaning
            while len(self._known) > ROOM:
                self._known.popitem(last=False)
        return meaning


def _refuse_unknown_variant(meaning: Meaning, variant: str | None) -> None:
    if variant is None or variant in meaning.variants:
        return
    named = ", ".join(map(shortened, meaning.variants))
    otherwise = f"There are: {named}." if named else "The agent has no variants."
    message = f"there is no variant '{shortened(variant)}'"
    raise NotFound(message, hint=did_you_mean(variant, meaning.variants) or otherwise, code="variant-not-found")
