"""Exports: calls for other programs, as CSV or as JSON Lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from gitagent.runtime.forms import call_form

if TYPE_CHECKING:
    from gitagent import Call

COLUMNS = (
    "call_id",
    "agent",
    "environment",
    "version",
    "commit",
    "direction",
    "number",
    "caller",
    "began_at",
    "ended_at",
    "outcome",
    "success",
    "duration",
    "score",
    "sip_headers",
    "attributes",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def json_lines(calls: Iterable[Call]) -> Iterator[str]:
    """A JSON object on each line."""
    for call in calls:
        yield f"{json.dumps(call_form(call), ensure_ascii=False)}\n"


def comma_separated(calls: Iterable[Call]) -> Iterator[str]:
    """A table with a line of headings, as RFC 4180 has it. SIP headers and attributes are JSON in a cell each."""
    yield _line(COLUMNS)
    for call in calls:
        form = call_form(call)
        yield _line([_cell(name, form[name]) for name in COLUMNS])


def _cell(name: str, value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False) if value else ""
    if isinstance(value, bool):
        return str(value).lower()
    # A spreadsheet would take what a caller said for a formula; a number in E.164 form is none.
    if isinstance(value, str) and value.startswith(_FORMULA) and not value[1:].isdigit():
        return f"'{value}"
    return value


def _line(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()
