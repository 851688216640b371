"""Pauses: what failed is let alone for a while, so that nobody waits for it in vain again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gitagent.errors import CallStoreFailed

if TYPE_CHECKING:
    from collections.abc import Callable

_Result = TypeVar("_Result")
LEAST = 1.0
"""Seconds for which a store that failed is not asked again."""
MOST = 30.0
TIMES = 5
"""For so many times as long as it took to fail, it is not asked again either."""


class Pause:
    """One way of asking a store, and until when it is not asked so `after` a failure of that kind.

    `clock` counts seconds from anywhere.
    """

    def __init__(self, clock: Callable[[], float], *, after: type[CallStoreFailed] = CallStoreFailed) -> None:
        self._clock = clock
        self._after = after
        self._until = float("-inf")

    def asked(self, ask: Callable[[], _Result]) -> _Result:
        """What the store answers; CallStoreFailed where it fails, or failed a moment ago."""
        began = self._clock()
        if began < self._until:
            raise CallStoreFailed("the store of calls failed a moment ago", hint="Try again in a second.")
        try:
            return ask()
        except self._after:
            self.begin(took=self._clock() - began)
            raise

    def end(self) -> None:
        """Ask again."""
        self._until = float("-inf")

    def begin(self, *, took: float = 0.0) -> None:
        """Do not ask for a while, after a failure that took so long."""
        self._until = self._clock() + min(max(LEAST, took * TIMES), MOST)
