"""Cursors: where the next page of calls begins, as a text that callers carry to and fro."""

from __future__ import annotations

import base64
import binascii
import re
from typing import NamedTuple, Self

from gitagent.errors import InvalidName

_PLACE = re.compile(r"(-?[0-9]{1,17}) ([!-~]{1,200})")


class Cursor(NamedTuple):
    """The last call of a page: when it began, in microseconds since 1970, and its id."""

    began_at: int
    call_id: str

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(f"{self.began_at} {self.call_id}".encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a page said; anything else is refused as InvalidName."""
        try:
            place = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
        except (binascii.Error, ValueError):
            place = ""
        if (match := _PLACE.fullmatch(place)) is None:
            raise InvalidName(
                "that is not where a page of calls ends",
                hint="Leave the cursor out to begin anew.",
                code="invalid-cursor",
            )
        return cls(int(match[1]), match[2])
