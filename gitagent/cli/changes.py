"""Changes: what a change of numbers or rules would be, shown without making it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitagent.cli.cells import plain

if TYPE_CHECKING:
    from gitagent import EnvironmentChange
    from gitagent.cli.session import Session


def show_change(session: Session, command: str, change: EnvironmentChange) -> None:
    """Show what a change would be; nothing was changed."""
    name = change.environment
    words = {
        "assign-number": f"This would assign {change.number} to {name}."
        if change.old_headers is None
        else f"{name} has {change.number} already; this would change its SIP headers.",
        "release-number": f"This would release {change.number} from {name}.",
        "rules": f"This would set for {name}: {change.detail}.",
    }
    session.show(
        command,
        json=lambda: {
            "dry_run": True,
            "operation": str(change.operation),
            "environment": str(name),
            "number": None if change.number is None else str(change.number),
            "detail": change.detail,
            **(headers_record(change) if change.number else {}),
        },
        text=lambda: (words[change.operation], *header_lines(change), "Nothing was changed (--dry-run)."),
    )


def headers_record(change: EnvironmentChange) -> dict[str, Any]:
    """A number's SIP headers before and after; null before where it was assigned nowhere."""
    old: Mapping[str, str] | None = change.old_headers
    return {"sip_headers": dict(change.new_headers), "old_sip_headers": None if old is None else dict(old)}


def header_lines(change: EnvironmentChange) -> Iterator[str]:
    """What becomes of a number's SIP headers: `X-Queue: front → back`."""
    old, new = change.old_headers or {}, change.new_headers
    if change.number is None or str(change.operation) == "release-number":
        return
    for name in dict.fromkeys([*old, *new]):
        was, is_ = (plain(each[name]) if name in each else "none" for each in (old, new))
        if change.old_headers is None:
            yield f"  {name}: {is_}"
        else:
            yield f"  {name}: {was} → {is_}" if was != is_ else f"  {name}: {is_}, as before"
