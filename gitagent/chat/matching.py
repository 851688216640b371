"""Matching: which topic a message is about, by the words that it shares with example queries and texts.

A word weighs the more the fewer topics have it, less where it says little in its language, and one that no topic has
counts for the nearest that one has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from math import log
from typing import NamedTuple

from rapidfuzz import fuzz, process

from gitagent.chat.answers import Candidate
from gitagent.chat.words import words
from gitagent.config.meaning.values import Topic

MOST_WORDS = 200
"""So many different words of a message are looked at."""
_MOST_UNKNOWN = 12
_SHORTEST_ALIKE = 4
_LONGEST_ALIKE = 40
_ALIKE = 80
# What lowers the score: weight of the message that a query lacks, and of the query that the message lacks. People say
# more than they would have to, and an example query is only an example.
_EXTRA = 0.3
_LACKING = 0.35
_BY_TEXT = 70
# One word that another begins with, as `book` and `booking`.
_GROWN = 0.8
_LONGEST_ENDING = 4
_LITTLE = 0.25
NAME = "its name"
TEXT = "its text"


class _Query(NamedTuple):
    topic: int
    text: str
    words: frozenset[str]
    weight: float


class Index:
    """The topics of one agent, prepared so that a message is looked up by its words alone."""

    def __init__(self, topics: Sequence[Topic], little: str = "") -> None:
        self._topics = [topic for topic in topics if topic.enabled]
        spoken = [
            (number, text, _different(text))
            for number, topic in enumerate(self._topics)
            for text in (*topic.example_queries, topic.name)
        ]
        having: dict[str, set[int]] = defaultdict(set)
        for number, topic in enumerate(self._topics):
            for word in _different(topic.content):
                having[word].add(number)
        for number, _, found in spoken:
            for word in found:
                having[word].add(number)
        self._having = having
        self._little = frozenset(_different(little))
        self._weights = {word: self._weight(word, len(those)) for word, those in having.items()}
        self._vocabulary = [word for word in having if _SHORTEST_ALIKE <= len(word) <= _LONGEST_ALIKE]
        self._queries: list[_Query] = []
        self._asking: dict[str, list[int]] = defaultdict(list)
        self._exactly: dict[str, tuple[int, str]] = {}
        for number, text, found in spoken:
            for word in found:
                self._asking[word].append(len(self._queries))
            self._queries.append(_Query(number, text, frozenset(found), sum(self._weights[word] for word in found)))
            self._exactly.setdefault(_literally(text), (number, text))

    def _weight(self, word: str, having: int) -> float:
        return log(1 + len(self._topics) / having) * (_LITTLE if word in self._little else 1)

    def candidates(self, message: str, *, most: int = 3) -> tuple[Candidate, ...]:
        """The topics that fit a message best, the best first; those that share no word with it are none."""
        best: dict[int, tuple[float, str]] = {}
        if (exact := self._exactly.get(_literally(message))) is not None:
            best[exact[0]] = 100.0, exact[1]
        said = _different(message)[:MOST_WORDS]
        meant, weight = self._meant(said)
        telling = weight - sum(self._weights.get(word, self._weight(word, 1)) for word in said if word in self._little)
        for number, score, like in [*self._by_query(meant, weight), *self._by_text(meant, telling)]:
            if score > best.get(number, (0.0, ""))[0]:
                best[number] = score, like
        ordered = sorted(best.items(), key=lambda item: (-item[1][0], item[0]))[:most]
        return tuple(self._candidate(number, score, like) for number, (score, like) in ordered)

    def _candidate(self, number: int, score: float, like: str) -> Candidate:
        topic = self._topics[number]
        return Candidate(topic.name, round(score, 1), NAME if like == topic.name else like)

    def _meant(self, said: Sequence[str]) -> tuple[dict[str, float], float]:
        """The known words that are meant, with the weight that each brings, and the weight of all that was said."""
        meant: dict[str, float] = {}
        weight, unknown = 0.0, 0
        for word in said:
            if word in self._weights:
                meant[word] = self._weights[word]
                weight += self._weights[word]
                continue
            unknown += 1
            near = self._near(word) if unknown <= _MOST_UNKNOWN else ()
            weight += max((self._weights[other] for other, _ in near), default=self._weight(word, 1))
            for other, likeness in near:
                meant[other] = max(meant.get(other, 0.0), self._weights[other] * likeness)
        return meant, weight

    def _near(self, word: str) -> Iterable[tuple[str, float]]:
        if not _SHORTEST_ALIKE <= len(word) <= _LONGEST_ALIKE or word in self._little or word.isdigit():
            return ()
        found = process.extract(word, self._vocabulary, scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=3)
        if found:
            return [(other, likeness / 100) for other, likeness, _ in found]
        grown = [other for other in self._vocabulary if other.startswith(word) or word.startswith(other)]
        return [(other, _GROWN) for other in grown if abs(len(other) - len(word)) <= _LONGEST_ENDING][:3]

    def _by_query(self, meant: dict[str, float], weight: float) -> Iterator[tuple[int, float, str]]:
        telling = [word for word in meant if word not in self._little]
        # Words that say little stand in most queries: they count only where another is shared.
        asked = {query for word in telling for query in self._asking.get(word, ())}
        for query in sorted(asked):
            number, text, own, whole = self._queries[query]
            overlap = sum(brings for word, brings in meant.items() if word in own)
            lacks = _EXTRA * max(weight - overlap, 0) + _LACKING * (whole - overlap)
            yield number, 100 * overlap / (overlap + lacks), text

    def _by_text(self, meant: dict[str, float], weight: float) -> Iterator[tuple[int, float, str]]:
        """How much of a message a topic speaks of at all: less certain than what somebody gave as an example."""
        shared: dict[int, float] = defaultdict(float)
        for word, brings in meant.items():
            for number in self._having[word] if word not in self._little else ():
                shared[number] += brings
        return ((number, _BY_TEXT * min(overlap / weight, 1), TEXT) for number, overlap in shared.items())


def _literally(text: str) -> str:
    return " ".join(_all(text)) or text.strip()


def _different(text: str) -> tuple[str, ...]:
    """The words of a text, each once, in their order: a set has another in every process."""
    return tuple(dict.fromkeys(_all(text)))


@lru_cache(maxsize=4096)
def _all(text: str) -> tuple[str, ...]:
    """The words of a text. Most stay as they are when an agent's variables have other values."""
    return tuple(words(text))


@lru_cache(maxsize=16)
def index_of(topics: tuple[Topic, ...], little: str) -> Index:
    """The index of these topics, made once for as long as they are asked about; `little` has words that say little."""
    return Index(topics, little)
