"""Changes: what a change of numbers or rules would be, shown without making it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitagent import EnvironmentChange
    from gitagent.cli.session import Session


def show_change(session: Session, command: str, change: EnvironmentChange) -> None:
    """Show what a change would be; nothing was changed."""
    name = change.environment
    words = {
        "assign-number": f"This would assign {change.number} to {name}.",
        "release-number": f"This would release {change.number} from {name}.",
        "rules": f"This would set for {name}: {change.detail}.",
    }
    session.show(
        command,
        json=lambda: {
            "dry_run": True,
            "op": str(change.operation),
            "environment": str(name),
            "number": None if change.number is None else str(change.number),
            "detail": change.detail,
        },
        text=lambda: (words[change.operation], "Nothing was changed (--dry-run)."),
    )
