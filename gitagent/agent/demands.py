"""Demands: what an environment asks for before it takes a version in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitagent.agent.states import EnvironmentState
    from gitagent.agent.versions import Version


def refuse_without_number(target: EnvironmentState) -> None:
    """Refuse any version while the environment has no phone number, and asks for one."""
    if target.numbers or not target.requires_number:
        return
    raise RuleBroken(
        f"{target.name} has no phone number, and its rules ask for one",
        hint=f"Assign one: gitagent numbers assign +442079460018 --environment {target.name}\n"
        f"or change the rule: gitagent environments set {target.name} --no-requires-number",
        code="number-required",
    )


def refuse_unapproved(target: EnvironmentState, to: Version, approved: Sequence[str]) -> None:
    """Refuse a version that fewer others have approved than the environment asks for. Nobody has approved a draft."""
    if len(approved) >= target.approvals:
        return
    approve = f"gitagent approve {to.number} --for {target.name}"
    if not to.commit:
        raise RuleBroken(
            f"{target.name} asks for approvals, and a draft has none",
            hint=f"Save it: gitagent save; have it approved by others: {approve}; then: gitagent publish {to.number}",
            code="approvals-missing",
        )
    asks = f"{target.name} asks for {target.approvals} approval{'s' * (target.approvals != 1)}"
    besides = "".join(f" and {who}" for who in approved)
    raise RuleBroken(
        f"{asks}, and {to.number} has {len(approved)}",
        hint=f"Somebody other than {to.actor.name}{besides} has to approve it: {approve}",
        code="approvals-missing",
    )
