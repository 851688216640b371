"""Signatures: where an operation has to be signed, and what has to be signed to be served."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from gitagent.agent.states import EnvironmentState
    from gitagent.agent.store import Store
    from gitagent.names import EnvironmentName, VersionNumber


def refuse_unsigned(store: Store, name: EnvironmentName | None, *, signed: bool) -> None:
    """Refuse an event that is not to be signed, where the environment takes no other."""
    if signed or name is None or not store.ledger.state().environment(name).requires_signature:
        return
    raise RuleBroken(
        f"{name} requires signatures, and this would not be signed",
        hint="Sign it with --sign; to sign always: git config tag.gpgSign true",
        code="signature-missing",
    )


def refuse_unsigned_version(store: Store, target: EnvironmentState, number: VersionNumber) -> None:
    """Refuse a version that was made without a signature, where the environment serves no such one."""
    from gitagent.git.armor import signature_of

    if not target.requires_signature or signature_of(store.repository, store.ledger.record(number).tag) is not None:
        return
    raise RuleBroken(
        f"{target.name} requires signatures, and {number} was made without one",
        hint=f"Make a version that is signed: gitagent restore {number}, edit it, then gitagent save --sign",
        code="version-unsigned",
    )
