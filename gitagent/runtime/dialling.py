"""Dialling: phone numbers as telephony and people write them."""

from __future__ import annotations

import re
from functools import lru_cache

from gitagent.errors import InvalidName
from gitagent.names import PhoneNumber

_DIALLED = re.compile(r"(?:sips?:|tel:)?([^@;?<>]+)(?:[@;?].*)?", re.IGNORECASE)
_LONGEST = 256
_MOST_DIALLED = 4096
"""How many numbers are known by heart: of those of agents, some are dialled again and again."""


@lru_cache(maxsize=_MOST_DIALLED)
def dialled(text: str) -> PhoneNumber:
    """The number that was dialled: E.164, as people write it with its country code, or a SIP or tel address of one."""
    if len(text) > _LONGEST:
        raise InvalidName(
            f"'{text[:20]}…' is not a phone number",
            hint="Write it with its country code, such as +44 20 7946 0018.",
            code="invalid-number",
        )
    match = _DIALLED.fullmatch(text.strip())
    number = text if match is None else match[1]
    try:
        return PhoneNumber.stored(number)
    except InvalidName:
        return PhoneNumber.parse(number)
