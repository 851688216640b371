"""Budget: how many tokens a run may use, counted by everybody who asks a model in it."""

from __future__ import annotations

from threading import Lock

from gitagent.errors import BudgetSpent

USUAL = 500_000
"""Tokens: some two hundred turns of an agent with a prompt of two thousand."""


class Budget:
    """A number of tokens that a run may use. Threads can share one."""

    def __init__(self, tokens: int = USUAL) -> None:
        self.tokens = tokens
        self._spent = 0
        self._held = 0
        self._lock = Lock()

    @property
    def spent(self) -> int:
        return self._spent

    def hold(self, tokens: int, *, most: int) -> int:
        """Keep what a request needs for the text that it sends, and for an answer: how long that may be, up to `most`.

        BudgetSpent where not even the text can be sent. What is held is given back by `settle`.
        """
        with self._lock:
            left = self.tokens - self._spent - self._held - tokens
            if left <= 0:
                raise self.exceeded(tokens)
            answer = min(most, left)
            self._held += tokens + answer
            return answer

    def settle(self, held: int, used: int) -> None:
        """Count what a request used in place of what was held for it."""
        with self._lock:
            self._held -= held
            self._spent += used

    def exceeded(self, needed: int = 0) -> BudgetSpent:
        """What to raise where the budget is not enough for a request that needs so many tokens."""
        wanted = f", and the next request needs {needed:,}" if needed else ""
        return BudgetSpent(
            f"the budget of {self.tokens:,} tokens is not enough: {self._spent:,} are used{wanted}",
            hint="Set GITAGENT_TOKENS to the tokens that a run may use, or try fewer cases.",
        )
