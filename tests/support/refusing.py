"""Refusing: an error of gitagent's as a value, to be compared whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from gitagent import GitagentError

if TYPE_CHECKING:
    from collections.abc import Callable


class Refusal(NamedTuple):
    """What a person sees of an error, and the name of its class."""

    kind: str
    code: str
    message: str
    hint: str | None


def refusal(call: Callable[[], object]) -> Refusal:
    """The error that `call` raises; no error fails the test."""
    with pytest.raises(GitagentError) as caught:
        call()
    error = caught.value
    return Refusal(type(error).__name__, error.code, error.message, error.hint)
