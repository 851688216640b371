"""Listing: calls as lines of text, one or many."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gitagent.cli.call_views.figures import NONE, spent
from gitagent.cli.cells import plain
from gitagent.cli.tables import Cell, pairs, table
from gitagent.cli.times import local, local_with_zone

if TYPE_CHECKING:
    from gitagent import Call
    from gitagent.cli.screen import Screen


def rows(calls: Sequence[Call], screen: Screen, *, agents: bool = False) -> Iterator[str]:
    """A line for each call; with `agents`, it says whose."""
    yield from table([_row(call, agents) for call in calls], screen, gives=1)


def _row(call: Call, agents: bool) -> list[Cell]:
    return [
        Cell(local(call.began_at), "dim"),
        Cell(plain(call.call_id), "title"),
        *([Cell(plain(call.agent))] if agents else []),
        Cell(str(call.version), "version"),
        Cell(str(call.environment or NONE)),
        Cell(_parties(call)),
        Cell("open" if call.ended_at is None else plain(call.outcome or "ended")),
        Cell("" if call.duration is None else spent(call.duration), "dim"),
    ]


def _parties(call: Call) -> str:
    """Who called whom."""
    number, other = str(call.number or ""), plain(call.caller or "")
    if call.direction == "outbound":
        return f"→ {other}" if other else "→"
    return number


def whole(call: Call, screen: Screen) -> Iterator[str]:
    """All that is known of a call."""
    yield screen.paint(plain(call.call_id), "title")
    known = {
        "version": str(call.version),
        "environment": str(call.environment or NONE),
        "agent": call.agent,
        "commit": call.commit,
        "direction": str(call.direction),
        "number": str(call.number or NONE),
        "caller": call.caller or NONE,
        "began": local_with_zone(call.began_at),
        "ended": "not yet" if call.ended_at is None else local_with_zone(call.ended_at),
        "outcome": call.outcome or NONE,
        "success": NONE if call.success is None else "yes" if call.success else "no",
        "duration": spent(call.duration),
        "score": NONE if call.score is None else f"{call.score:g}",
    }
    yield from pairs([(name, plain(value)) for name, value in known.items()], screen)
    for title, entries in (("SIP headers", call.sip_headers), ("attributes", call.attributes)):
        if entries:
            yield f"  {title}"
            yield from pairs([(plain(name), _value(value)) for name, value in entries.items()], screen, indent=4)


def _value(value: object) -> str:
    return plain(value if isinstance(value, str) else json.dumps(value))
