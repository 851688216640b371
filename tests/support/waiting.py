"""Waiting: for something that another thread or process does."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Look again and again. It fails the test where it never is so."""
    give_up = time.monotonic() + LONGEST
    while not is_so():
        if time.monotonic() > give_up:
            pytest.fail("it did not come to it")
        time.sleep(0.01)
