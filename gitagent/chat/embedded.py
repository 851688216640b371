"""The embedded responder: answers from greeting, topics and handoffs alone, always the same, with no network.

It understands a message by its likeness to example queries, asks for what a topic's tools need one by one, and is no
model: it shows what the agent's files say, and whether callers would find it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from time import perf_counter

from gitagent.chat.answers import Answer, Conversation, Pending
from gitagent.chat.errands import Errands, is_at_once
from gitagent.chat.matching import index_of
from gitagent.chat.phrases import Phrases, phrases_of
from gitagent.chat.responders import EMBEDDED, Listener
from gitagent.chat.tools import Rehearsal, Tools
from gitagent.chat.words import LONGEST, words
from gitagent.config.meaning.values import Handoff, Topic

THRESHOLD = 41.0
"""A topic that fits less well is not taken."""
CERTAIN = 75.0
"""A topic that fits this well is taken in the middle of another one, too."""
_FEW_WORDS = 4
_REMEMBERED = 3
_LINE_END = re.compile(r"(?<!\n)[ \t]*\r?\n[ \t]*(?![-*+\n\r]|\d+[.)])")


class Embedded:
    """Answers by rules. `tools` is what answers the tools that topics call."""

    name = EMBEDDED

    def __init__(self, tools: Tools | None = None) -> None:
        self._tools = tools or Rehearsal()

    def answer(self, conversation: Conversation, said: str | None, *, listener: Listener | None = None) -> Answer:
        """The agent's answer to what the user said; None asks for its greeting."""
        start = perf_counter()
        turn = _Turn(conversation, self._tools)
        answer = turn.greeting() if said is None else turn.answer(said[:LONGEST])
        if listener is not None:
            listener.piece(answer.text)
        return answer._replace(seconds=perf_counter() - start)

    def close(self) -> None:
        """Nothing is open."""


class _Turn:
    """One answer in the making."""

    def __init__(self, conversation: Conversation, tools: Tools) -> None:
        self._meaning = conversation.meaning
        self._turns = conversation.turns
        self._last = conversation.turns[-1].answer if conversation.turns else Answer("")
        self._phrases = phrases_of(self._meaning.language)
        self._errands = Errands(conversation, self._phrases, tools)
        self._index = index_of(self._meaning.topics, self._phrases.little)
        self._open = self._left_open()

    def greeting(self) -> Answer:
        return Answer(_running(self._meaning.greeting) or self._phrases.greeting)

    def answer(self, said: str) -> Answer:
        candidates = self._index.candidates(said)
        best = candidates[0] if candidates else None
        topic = self._topic(best.topic) if best is not None else None
        return self._decided(said, topic, 0.0 if best is None else best.score)._replace(candidates=candidates)

    def _decided(self, said: str, topic: Topic | None, score: float) -> Answer:
        """What comes first: a handoff asked for by its name, what was asked for, what was offered, then a topic."""
        if score < CERTAIN and (handoff := self._named(said)) is not None:
            return self._handed(handoff)
        same = topic is not None and topic == self._open[0]
        if (score < CERTAIN or same) and (answer := self._gone_on(said, freely=False)) is not None:
            return answer
        if score < THRESHOLD and (handoff := self._person(said)) is not None:
            return self._handed(handoff)
        freely = self._is_answer(said) if same else score < THRESHOLD
        if freely and (answer := self._gone_on(said, freely=True)) is not None:
            return answer
        if same and (answer := self._asked_again()) is not None:
            return answer
        if (handoff := self._offered(said)) is not None:
            return self._handed(handoff, self._last.topic)
        if topic is not None and score >= THRESHOLD:
            return self._entered(topic, said)._replace(score=score)
        return self._asked_again() or Answer(self._nothing(said))

    def _is_answer(self, said: str) -> bool:
        """Whether what leads to the open topic again can be what was asked for: not what has led to it word for word.

        Where another question came in between, what was asked for is not what the user has in mind.
        """
        led = [turn.user for turn in self._turns if turn.answer.topic == self._last.topic and turn.answer.score]
        return self._last.pending is not None and words(said) not in [words(each or "") for each in led[-1:]]

    def _asked_again(self) -> Answer | None:
        topic, pending = self._open
        return None if topic is None or pending is None else self._errands.asked_again(topic, pending)

    def _gone_on(self, said: str, *, freely: bool) -> Answer | None:
        topic, pending = self._open
        if topic is None or pending is None or (freely and says_little(said, self._phrases)):
            return None
        return self._errands.gone_on(topic, pending, said, freely=freely)

    def _left_open(self) -> tuple[Topic | None, Pending | None]:
        """What was asked for last and is not known yet, though another question may have come in between."""
        done = set()
        for exchange in self._turns[: -_REMEMBERED - 1 : -1]:
            answer = exchange.answer
            if answer.pending is not None:
                return (None, None) if answer.topic in done else (self._topic(answer.topic), answer.pending)
            if answer.handoff is not None:
                break
            done.add(answer.topic)
        return None, None

    def _nothing(self, said: str) -> str:
        """What to say where nothing fits."""
        if not words(said):
            return self._phrases.unheard
        return self._phrases.offering if says_little(said, self._phrases) else self._phrases.unknown

    def _topic(self, name: str | None) -> Topic | None:
        return next((topic for topic in self._meaning.topics if topic.enabled and topic.name == name), None)

    def _handoff(self, name: str | None) -> Handoff | None:
        return next((handoff for handoff in self._meaning.handoffs if handoff.name == name), None)

    def _named(self, said: str) -> Handoff | None:
        """The handoff that somebody asks by name to be put through to."""
        if not self._phrases.transfer.search(said):
            return None
        spoken = set(words(said))
        named = ((each, set(words(each.name.replace("_", " ")))) for each in self._meaning.handoffs)
        return next((each for each, name in named if name and name <= spoken), None)

    def _person(self, said: str) -> Handoff | None:
        """Where somebody goes who asks for a person, in so few words or to be put through to one."""
        handoffs = [each for each in self._meaning.handoffs if each.number]
        wants = self._phrases.transfer.search(said) or len(words(said)) <= _FEW_WORDS
        if not handoffs or not wants or not self._phrases.person.search(said):
            return None
        usual = [handoff for topic in self._meaning.topics if (handoff := self._at_once(topic)) is not None]
        return next((each for each in handoffs if each.default), [*usual, *handoffs][0])

    def _offered(self, said: str) -> Handoff | None:
        """The handoff of the topic just spoken of, where all that is said is yes."""
        last = self._last
        topic = self._topic(last.topic) if last.handoff is None and last.pending is None else None
        if topic is None or len(words(said)) > _FEW_WORDS or not self._phrases.yes.search(said):
            return None
        return next((found for each in topic.actions if (found := self._handoff(each.handoff))), None)

    def _handed(self, handoff: Handoff, topic: str | None = None) -> Answer:
        text = self._phrases.handing if handoff.number else self._phrases.ending
        return Answer(text.replace("{what}", handoff.name.replace("_", " ")), topic=topic, handoff=handoff.name)

    def _entered(self, topic: Topic, said: str) -> Answer:
        answer = Answer(_running(topic.content), topic=topic.name)
        if (handoff := self._at_once(topic)) is not None:
            answer = answer._replace(handoff=handoff.name)
        else:
            answer = self._errands.begun(answer, topic, said)
        return answer if answer.text else answer._replace(text=self._phrases.unknown)

    def _at_once(self, topic: Topic) -> Handoff | None:
        """The handoff that a topic asks for whenever it comes up."""
        actions = [each for each in topic.actions if topic.enabled and is_at_once(topic, each, self._phrases)]
        return next((handoff for each in actions if (handoff := self._handoff(each.handoff)) is not None), None)


def _running(text: str) -> str:
    """A text as it is said: lines run on, paragraphs and lists do not."""
    return _LINE_END.sub(" ", text.strip())


def says_little(said: str, phrases: Phrases) -> bool:
    """Whether a message is no more than a hello, a thank you, a yes or the like."""
    return set(words(said)) <= _little(phrases.little)


@lru_cache(maxsize=8)
def _little(text: str) -> frozenset[str]:
    return frozenset(words(text))
