"""Records: how events look to programs, wherever they are told of."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitagent.agent.events import Event
    from gitagent.names import Actor

Record = dict[str, Any]


def event_record(event: Event) -> Record:
    """One entry of the ledger."""
    return {
        "seq": event.seq,
        "id": event.id,
        "operation": str(event.operation),
        "environment": text_or_none(event.environment),
        "from": text_or_none(event.from_version),
        "to": text_or_none(event.to_version),
        "name": event.name,
        "number": text_or_none(event.number),
        "tree": event.tree,
        "detail": event.detail,
        "forced": event.forced,
        "message": event.message,
        "actor": actor_record(event.actor),
        "at": event.at.astimezone(UTC).isoformat(timespec="seconds"),
        "commit": event.commit,
    }


def actor_record(actor: Actor | None) -> Record | None:
    """Who acted."""
    return {"name": actor.name, "email": actor.email} if actor else None


def text_or_none(value: object) -> str | None:
    """A name or number as text; None stays None."""
    return None if value is None else str(value)
