"""The native layout: agent.yaml, topics, tools and tests."""

from __future__ import annotations

from gitagent.config.inspection import Inspection


def check(inspection: Inspection) -> None:
    """Take in every problem of an agent in the native layout."""
    from gitagent.config.native.agents import check_agent

    check_agent(inspection)
