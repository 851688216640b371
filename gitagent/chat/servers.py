"""Servers: which server is asked for what a model says, and how patiently."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import NamedTuple

from gitagent.errors import InvalidName


class Server(NamedTuple):
    """Which server is asked, with which key, for which model. One on this machine may want no key."""

    url: str
    key: str
    model: str
    temperature: float | None = None


class Patience(NamedTuple):
    """Seconds: to reach the server, of silence, for a whole reply, and between attempts; and how many attempts."""

    connecting: float = 10.0
    silence: float = 60.0
    whole: float = 120.0
    first_pause: float = 0.5
    longest_pause: float = 20.0
    attempts: int = 4

    def pause(self, attempt: int, asked: float | None) -> float | None:
        """Seconds to wait after that many attempts, or as many as were `asked` for; None where it is to be given up."""
        doubled = self.first_pause * 2 ** (attempt - 1)
        pause = doubled * random.uniform(0.75, 1.25) if asked is None else asked  # noqa: S311
        return pause if attempt < self.attempts and pause <= self.longest_pause else None


class Hearer(NamedTuple):
    """Who is told the text of a reply while it comes, and that it begins anew."""

    piece: Callable[[str], None] = lambda _: None
    void: Callable[[], None] = lambda: None


class MayPass(Exception):  # noqa: N818  # no failure yet: another attempt may do
    """An attempt that failed as the next may not; `after` is how many seconds the server wants to be left alone."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.after = after


def asked_pause(headers: Mapping[str, str]) -> float | None:
    """For how many seconds the server wants to be left alone."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        try:
            return max(0.0, float(headers[name]) / unit)
        except (KeyError, ValueError):
            continue
    try:
        return max(0.0, parsedate_to_datetime(headers["retry-after"]).timestamp() - time.time())
    except (KeyError, ValueError):
        return None


def number_in(environ: Mapping[str, str], name: str, usual: int) -> int:
    """The number that a variable holds, or the usual one where it is not set. InvalidName where it is none above 0."""
    text = environ.get(name, "") or str(usual)
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 16 and int(text)):
        raise InvalidName(f"{name} is not a number", hint=f"Set it to a number such as {usual}.")
    return int(text)
