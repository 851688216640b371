"""Signatures: whether those that a push brings are the actors' own, where the server knows whose keys count."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from gitagent.errors import RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitagent.agent.claims import Claim
    from gitagent.git.repository import Repository
    from gitagent.receive.ledgers import Grown

FILE = "allowed_signers"
"""In the folder `gitagent` of the shared repository: whose ssh keys count there."""
KEY = "gpg.ssh.allowedSignersFile"
"""The key of git's configuration that names such a file elsewhere."""


def refuse_false_signatures(repository: Repository, ledger: Grown) -> None:
    """Refuse an event or a version that somebody else signed, or nobody whom the server knows.

    Without a file of allowed signers on the server nothing is refused: then it counts only that there is a signature,
    where an environment requires one.
    """
    own = repository.git_directory / "gitagent" / FILE
    allowed = own if own.is_file() else None
    if not ledger.events or (allowed is None and repository.config(KEY) is None):
        return
    found = list(_claims(repository, ledger))
    if found:
        _refuse_unsound(repository, found, allowed)


def _refuse_unsound(repository: Repository, found: list[Claim], allowed: Path | None) -> None:
    from gitagent.agent.claims import unsound
    from gitagent.git.signatures import Signers
    from gitagent.git.signing import settings

    signers = Signers(repository.top, settings(repository), allowed)
    for wrong in unsound(found, signers, lambda _: None):
        raise RuleBroken(
            wrong.message,
            code="rule-signature",
            hint="Sign with a key that the server knows as yours: git config user.signingKey; "
            f"on the server, keys are added to {signers.allowed}.",
        )


def _claims(repository: Repository, ledger: Grown) -> Iterator[Claim]:
    from gitagent.agent.claims import claim_of_version, claims

    now = datetime.now(UTC)
    for claim in claims(repository, ledger.events):
        yield claim
        if ledger.before is not None:  # nobody signs today with a key that was theirs until last year
            yield claim._replace(at=now)
    if ledger.after is None:
        return
    known = [each.state for each in (ledger.before, ledger.after) if each is not None]
    strict = {each.name for state in known for each in state.environments if each.requires_signature}
    for event in ledger.events:
        if event.environment not in strict or event.tag is not None or event.to_version is None:
            continue
        record = ledger.after.record(event.to_version)
        if record is not None and (old := claim_of_version(repository, event.to_version, record.tag)) is not None:
            yield old
