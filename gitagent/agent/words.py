"""Words: who acts, at what time, and what they say about it, as it is stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.events import checked_message, checked_name, checked_reason, checked_time
from gitagent.errors import InvalidName

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.git.signing import Signer
    from gitagent.names import Actor


class Words(NamedTuple):
    """Who acts, at what time, what they say about it, and who signs it, if anybody does.

    `forced` is their reason for a move that the tests would not allow.
    """

    actor: Actor
    at: datetime
    name: str | None = None
    message: str | None = None
    signer: Signer | None = None
    forced: str | None = None

    @classmethod
    def checked(
        cls,
        actor: Actor,
        at: datetime,
        name: str | None = None,
        message: str | None = None,
        signer: Signer | None = None,
        *,
        forced: str | None = None,
    ) -> Words:
        """With the texts as they are stored; InvalidName when they cannot be."""
        texts = _no_signature(checked_name(name)), _no_signature(checked_message(message))
        return cls(actor, checked_time(at), *texts, signer, _no_signature(checked_reason(forced)))


def _no_signature(text: str | None) -> str | None:
    """Refuse a text of which git would take a part for a signature."""
    if text is not None and "-----BEGIN " in text:
        from gitagent.git.armor import begins_signature

        if begins_signature(text):
            raise InvalidName(
                "the text holds the first line of a signature, and git would take what follows for one",
                hint="Leave it out, or indent it.",
                code="invalid-message",
            )
    return text
