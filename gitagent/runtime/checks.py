"""Checks: what may be said of a call, before any of it is kept. Some of it comes as JSON, whatever its type."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NoReturn

from gitagent.agent.events import EARLIEST, LATEST
from gitagent.errors import InvalidName
from gitagent.names import is_header_value, is_sip_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from gitagent.runtime.records import Scalar

LONGEST_ID, LONGEST_WORD, LONGEST_TEXT, MOST_ENTRIES = 200, 64, 4000, 100
LONGEST_CALL = 366 * 24 * 3600
_ID = re.compile(rf"[!-~]{{1,{LONGEST_ID}}}")
# NUL, which PostgreSQL cannot keep, and what else steers; halves of characters.
_UNFIT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BREAK = re.compile(r"[\t\r\n]")


def checked_id(call_id: object) -> str:
    """A call's id: as telephony gives them, without spaces."""
    if not isinstance(call_id, str) or _ID.fullmatch(call_id) is None:
        refuse("a call's id", f"it is 1 to {LONGEST_ID} letters, digits and signs without spaces")
    return call_id


def checked_time(at: datetime) -> datetime:
    """A time with its zone, that every clock can show."""
    if at.utcoffset() is None:
        refuse("the time", "it has to have a zone: use datetime.now(UTC)")
    if not EARLIEST <= at <= LATEST:
        refuse("the time", "it is from 1970 to 2105")
    return at


def checked_outcome(outcome: str | None) -> str | None:
    """A word or a few for how a call ended; None for none."""
    return None if outcome is None else _line("the outcome", outcome, LONGEST_WORD)


def checked_caller(caller: str | None) -> str | None:
    """Who is at the other end, as telephony says it: a number, an address or `anonymous`."""
    return None if caller is None or not caller.strip() else _line("the caller", caller, LONGEST_ID)


def checked_duration(duration: float | None) -> float | None:
    """Seconds."""
    if duration is not None and not (_is_number(duration) and 0 <= duration <= LONGEST_CALL):
        refuse("the duration", "it is a number of seconds, 0 to a year")
    return None if duration is None else float(duration)


def checked_score(score: float | None) -> float | None:
    """Any number that is one."""
    if score is not None and not (_is_number(score) and abs(score) <= 1e9):
        refuse("the score", "it is a number")
    return None if score is None else float(score)


def checked_success(success: bool | None) -> bool | None:
    """Yes, no, or not known."""
    if success not in (None, True, False):
        refuse("the success", "it is true or false")
    return success


def checked_headers(headers: Mapping[Any, Any] | None) -> dict[str, str]:
    """The SIP headers that came with a call: its own, such as Via, too."""
    found = dict(headers or {})
    if len(found) > MOST_ENTRIES:
        refuse("the SIP headers", f"there are at most {MOST_ENTRIES}")
    for name, value in found.items():
        if not isinstance(name, str) or not is_sip_name(name):
            refuse("the SIP headers", "a name has letters, digits and - . ! % * _ + ` ' ~ only")
        if not isinstance(value, str) or len(value) > LONGEST_TEXT or not is_header_value(value):
            refuse(f"the SIP header {name}", f"a value is one line of at most {LONGEST_TEXT:,} characters")
    return found


def checked_attributes(attributes: Mapping[Any, Any] | None) -> dict[str, Scalar]:
    """Attributes: names, and texts, numbers, true, false or null."""
    found = dict(attributes or {})
    if len(found) > MOST_ENTRIES:
        refuse("the attributes", f"there are at most {MOST_ENTRIES}")
    for name, value in found.items():
        if _line("an attribute's name", name, LONGEST_WORD) != name:
            refuse("an attribute's name", "it has no space before or after it")
        if isinstance(value, str):
            if len(value) > LONGEST_TEXT or _UNFIT.search(value):
                refuse(f"the attribute {name}", f"a text has at most {LONGEST_TEXT:,} characters")
        elif value is not None and not isinstance(value, bool) and not (_is_number(value) and abs(value) < 2**63):
            refuse(f"the attribute {name}", "it is a text, a number, true, false or null")
    return found


def refuse(what: str, because: str) -> NoReturn:
    """Refuse something that is said of a call."""
    raise InvalidName(f"{what} cannot be taken: {because}", hint="See: gitagent calls --help", code="invalid-call")


def _line(what: str, text: object, longest: int) -> str:
    line = text.strip() if isinstance(text, str) else ""
    if not 1 <= len(line) <= longest or _UNFIT.search(line) or _BREAK.search(line):
        refuse(what, f"it is one line of 1 to {longest} characters")
    return line


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
