"""PolyAI ADK projects: the second layout that is understood as it stands.

The facts are those of the PyPI package `polyai-adk` (its reference pages, printed by `poly docs`). What the ADK
itself would refuse is an error; what it would let pass is at most a warning, so that every project that works
with it can be versioned with no change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitagent.config.inspection import Inspection


def check(inspection: Inspection) -> None:
    """Add every problem of an ADK project to the inspection."""
    from gitagent.config.adk.project import check_project

    check_project(inspection)
