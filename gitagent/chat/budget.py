"""Budget: how many tokens a run may use, counted by everybody who asks a model in it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from gitagent.chat.servers import number_in
from gitagent.errors import BudgetSpent

USUAL = 500_000
"""Tokens: some two hundred turns of an agent with a prompt of two thousand."""
_DIGITS = 20


def budget_of(environ: Mapping[str, str], *, folder: Path | None = None) -> Budget:
    """As many tokens as GITAGENT_TOKENS says; with a folder, all processes that are given it share them."""
    tokens = number_in(environ, "GITAGENT_TOKENS", USUAL)
    return Budget(tokens) if folder is None else SharedBudget(tokens, folder)


@dataclass
class _Count:
    spent: int = 0
    held: int = 0


class Budget:
    """A number of tokens that a run may use. Threads can share one."""

    def __init__(self, tokens: int = USUAL) -> None:
        self.tokens = tokens
        self._count = _Count()
        self._lock = Lock()

    @property
    def spent(self) -> int:
        with self._counted() as count:
            return count.spent

    def hold(self, tokens: int, *, most: int) -> int:
        """Keep what a request needs for the text that it sends, and for an answer: how long that may be, up to `most`.

        BudgetSpent where not even the text can be sent. What is held is given back by `settle`.
        """
        answer = self._hold(tokens, least=1, most=most)
        if answer is None:
            raise self.exceeded(tokens)
        return answer

    def settle(self, held: int, used: int) -> None:
        """Count what a request used in place of what was held for it."""
        with self._counted() as count:
            count.held -= held
            count.spent += used

    def exceeded(self, needed: int = 0) -> BudgetSpent:
        """What to raise where the budget is not enough for a request that needs so many tokens."""
        wanted = f", and the next request needs {needed:,}" if needed else ""
        return BudgetSpent(
            f"the budget of {self.tokens:,} tokens is not enough: {self.spent:,} are used{wanted}",
            hint="Set GITAGENT_TOKENS to the tokens that a run may use, or try fewer cases.",
        )

    def _hold(self, tokens: int, *, least: int, most: int) -> int | None:
        with self._counted() as count:
            answer = min(most, self.tokens - count.spent - count.held - tokens)
            if answer < least:
                return None
            count.held += tokens + answer
            return answer

    @contextmanager
    def _counted(self) -> Iterator[_Count]:
        """What is used by now, to be changed while nobody else does."""
        with self._lock:
            yield self._count


class SharedBudget(Budget):
    """A budget that processes share by a folder, each of them in one thread.

    Whoever asks a model shares a lock meanwhile. Who finds too little left waits until nobody else asks, and then asks
    alone: what others hold, most of which they will not use, refuses nobody. The system lets go of what a process
    locked that dies, and what it held counts as used.
    """

    def __init__(self, tokens: int, folder: Path) -> None:
        super().__init__(tokens)
        self._folder = folder
        self._asking = ExitStack()

    def hold(self, tokens: int, *, most: int) -> int:
        self._asking.close()  # where whoever asked last was broken off before it could settle
        with ExitStack() as asking:
            file = asking.enter_context((self._folder / "asking").open("wb"))
            fcntl.flock(file, fcntl.LOCK_SH)
            answer = self._hold(tokens, least=most, most=most)
            if answer is None:
                fcntl.flock(file, fcntl.LOCK_EX)
                with self._counted() as count:
                    count.spent, count.held = count.spent + count.held, 0
                answer = super().hold(tokens, most=most)
            self._asking = asking.pop_all()
        return answer

    def settle(self, held: int, used: int) -> None:
        with self._asking:
            super().settle(held, used)

    @contextmanager
    def _counted(self) -> Iterator[_Count]:
        file = os.open(self._folder / "used", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(file, "r+b", buffering=0):
            fcntl.flock(file, fcntl.LOCK_EX)
            text = os.pread(file, 2 * _DIGITS, 0) or b"0" * 2 * _DIGITS
            count = _Count(int(text[:_DIGITS]), int(text[_DIGITS:]))
            yield count
            # In one write, and as long as before: whoever is killed leaves one count or the other.
            os.pwrite(file, b"%0*d%0*d" % (_DIGITS, count.spent, _DIGITS, count.held), 0)
