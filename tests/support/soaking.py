"""Soaking: callers on many connections that begin calls, read them, end them and begin them again, for a time.

Every answer that a caller has is compared at once with what it was told of that call before. Where the store of calls
`may_be_away`, what is asked of a call that has begun may be refused until it is back; to begin one never may be.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from support.loading import Answer, Connection

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping, Sequence

LONGEST_WAIT = 60.0
REMEMBERED = 30
"""How many earlier calls each caller goes on asking for."""


class Target(NamedTuple):
    """What calls are begun with, and which agent that means."""

    agent: str
    values: Mapping[str, str]


class Told(NamedTuple):
    """What the first answer to a call said, and between which times it was asked for."""

    target: Target
    environment: str
    version: str
    commit: str
    asked_at: float
    answered_at: float
    recorded: bool


class Soak:
    """What all callers were told. `wrong` is everything that should not have been."""

    def __init__(
        self,
        port: int,
        token: str | None,
        targets: Sequence[Target],
        *,
        others: Sequence[int] = (),
        may_be_away: bool = False,
        seed: int = 1,
    ) -> None:
        self._connect = partial(Connection, port, token, others=others)
        self.targets = targets
        self.told: dict[str, Told] = {}
        self.ended: set[str] = set()
        self.refused: set[str] = set()
        """The calls of which something was asked while the store was away that it alone knows."""
        self._may_be_away = may_be_away
        self.statuses: Counter[int] = Counter()
        self.answered = 0
        """How many answers there were while the callers called."""
        self.slowest = 0.0
        self.retries = 0
        self.wrong: list[str] = []
        self._chance = random.Random(seed)
        self._numbers = count(1)

    async def run(self, *, connections: int, during: Awaitable[None]) -> None:
        """Let so many callers call while something else goes on."""
        over = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._call_until(over))
            try:
                await during
            finally:
                over.set()
        self.answered = self.statuses.total()

    async def hear(self, count: int, *, unrecorded: bool = False) -> None:
        """Wait until so many calls more have been answered, or have been without being recorded yet."""

        def heard() -> int:
            return sum(not told.recorded for told in self.told.values()) if unrecorded else len(self.told)

        wanted = heard() + count
        async with asyncio.timeout(LONGEST_WAIT):
            while heard() < wanted:
                await asyncio.sleep(0.02)

    async def read_all(self) -> dict[str, Any]:
        """Every call that the server lists, by id; none where its store is away still."""
        found: dict[str, Any] = {}
        async with self._connect() as connection:
            cursor = ""
            while True:
                answer = await self._ask(connection, "GET", f"/v1/calls?limit=500{cursor}")
                if self._may_be_away and answer.status == 503:
                    return {}
                page = answer.document
                self._expect(not found.keys() & {each["call_id"] for each in page["calls"]}, "a call is listed twice")
                found |= {each["call_id"]: each for each in page["calls"]}
                if page["next"] is None:
                    return found
                cursor = f"&cursor={quote(page['next'], safe='')}"

    async def begin_all_again(self, *, connections: int) -> None:
        """Begin every call once more: each gets what it got."""
        waiting = list(self.told)

        async def begin_again() -> None:
            async with self._connect() as connection:
                while waiting:
                    await self._begin_again(connection, waiting.pop())

        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(begin_again())

    async def _call_until(self, over: asyncio.Event) -> None:
        mine: list[str] = []
        async with self._connect() as connection:
            while not over.is_set():
                if not await self._begin(connection, mine):
                    continue
                await self._look(connection, self._chance.choice(mine))
                if self._chance.random() < 0.5:
                    await self._end(connection, self._chance.choice(mine))

    async def _begin(self, connection: Connection, mine: list[str]) -> bool:
        """Begin a call, and whether that was answered as it should be; `mine` are the last ones of this caller."""
        call_id, target = (
            f"CA-{next(self._numbers)}/{self._chance.randrange(100)}%2F",
            self._chance.choice(self.targets),
        )
        answer = await self._ask(connection, "POST", "/v1/calls", {"call_id": call_id, **target.values})
        self._expect(answer.status in {200, 201}, f"{call_id} was answered {answer.status}: {answer.body[:300]!r}")
        if is_begun := answer.status in {200, 201}:
            document = answer.document
            call = document["call"]
            times = answer.asked_at, answer.answered_at
            pin = call["environment"], call["version"], call["commit"]
            self.told[call_id] = Told(target, *pin, *times, document["recorded"])
            self._expect_same(call_id, call, document["configuration"])
            mine[:] = [*mine[-REMEMBERED:], call_id]
        return is_begun

    async def _look(self, connection: Connection, call_id: str) -> None:
        """Ask again for a call, in one of the ways that there are."""
        path = f"/v1/calls/{quote(call_id, safe='')}"
        way = self._chance.randrange(3)
        if way == 0:
            await self._begin_again(connection, call_id)
            return
        answer = await self._ask(connection, "GET", f"{path}/config" if way == 1 else path)
        if self._is_refused(call_id, answer):
            return
        self._expect(answer.status == 200, f"{call_id} was read with {answer.status}: {answer.body[:300]!r}")
        if answer.status == 200 and way == 1:
            self._expect(answer.headers["etag"] == f'"{self.told[call_id].commit}"', f"{call_id} has another ETag")
            self._expect_same(call_id, None, answer.document)
        elif answer.status == 200:
            self._expect_same(call_id, answer.document["call"], None)

    async def _begin_again(self, connection: Connection, call_id: str) -> None:
        values = {"call_id": call_id, **self.told[call_id].target.values}
        answer = await self._ask(connection, "POST", "/v1/calls", values)
        right = {200, 201} if self._may_be_away else {200}  # nobody may know any more that it has begun
        self._expect(answer.status in right, f"{call_id} begun again was {answer.status}: {answer.body[:300]!r}")
        if answer.status in right:
            self._expect_same(call_id, answer.document["call"], answer.document["configuration"])

    async def _end(self, connection: Connection, call_id: str) -> None:
        values = {"outcome": "completed", "duration": 60}
        answer = await self._ask(connection, "PATCH", f"/v1/calls/{quote(call_id, safe='')}", values)
        if self._is_refused(call_id, answer):
            return
        self._expect(answer.status == 200, f"{call_id} was ended with {answer.status}: {answer.body[:300]!r}")
        self.ended.add(call_id)

    async def _ask(self, connection: Connection, method: str, path: str, values: Any = None) -> Answer:
        answer = await connection.ask_until_answered(method, path, values)
        self.statuses[answer.status] += 1
        self.retries += answer.attempts - 1
        self.slowest = max(self.slowest, answer.answered_at - answer.asked_at)
        if not (self._may_be_away and answer.status == 503 and method != "POST"):
            self._expect(answer.status < 500, f"{method} {path} was answered {answer.status}: {answer.body[:300]!r}")
        return answer

    def _is_refused(self, call_id: str, answer: Answer) -> bool:
        """Whether it could not be said for want of the store."""
        is_refused = self._may_be_away and answer.status == 503
        if is_refused:
            self.refused.add(call_id)
            self._expect("retry-after" in answer.headers, f"{call_id} was refused, and not until when")
        return is_refused

    def _expect_same(self, call_id: str, call: Any, configuration: Any) -> None:
        told = self.told[call_id]
        if call is not None:
            pin = (told.target.agent, told.environment, told.version, told.commit)
            same = pin == (call["agent"], call["environment"], call["version"], call["commit"])
            self._expect(same, f"{call_id} was {pin}, and now is {call}")
        if configuration is not None:
            text = configuration["files"]["notes.md"]
            self._expect(
                text == f"{told.target.agent} {told.version}\n", f"{call_id} is {told}, and was given {text!r}"
            )

    def _expect(self, is_so: bool, else_: str) -> None:
        if not is_so:
            self.wrong.append(else_)
