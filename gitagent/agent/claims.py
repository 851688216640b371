"""Claims: the signatures that a repository holds, and whether they are those of the people whom they seem to be of."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.findings import Finding
from gitagent.agent.versions import tag_ref
from gitagent.config.problems import Severity
from gitagent.git.armor import signature_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from gitagent.agent.events import Event
    from gitagent.git.armor import Signature
    from gitagent.git.repository import Repository
    from gitagent.git.signatures import Signers, Verdict
    from gitagent.names import VersionNumber

MOST_AT_ONCE = min(8, os.cpu_count() or 1)
"""Each look at a signature is a process of its own."""
_HINTS = {
    "signature-wrong": "It was made for something else, or changed since. Ask who did this whether they did.",
    "signature-stranger": "If the key is theirs, add it: a line in the file of allowed signers, or gpg --import.",
    "signature-other": "One signs what one does oneself. Ask both of them.",
    "signature-spent": "Ask who did this whether they did; what counts is whether the key was still theirs.",
    "signature-unchecked": "Name the file of allowed signers: gitagent verify --allowed-signers FILE, "
    "or git config gpg.ssh.allowedSignersFile FILE; for gpg, import the keys.",
}


class Claim(NamedTuple):
    """A signature of `what`, and whose it has to be: that of the person with this e-mail, by a key of theirs then.

    It is the signature of a tag, `ref`, or of the ledger's `commit` that is event number `seq`.
    """

    signature: Signature
    what: str
    email: str
    at: datetime
    ref: str | None = None
    commit: str | None = None
    seq: int | None = None

    def found(self, verdict: Verdict) -> Finding:
        """What is to be said of it."""
        code = str(verdict.outcome)
        return Finding(code, f"{self.what} {verdict.why}", _HINTS[code], self.ref, self.commit, self.seq)


def unsound(claims: Sequence[Claim], signers: Signers, done: Callable[[int], None]) -> Iterator[Finding]:
    """The signatures that are not those of the people whom they seem to be of. `done` is told how many were looked at.

    Those that cannot be checked are let be as long as none can: then nobody has said yet whose signatures count. Each
    costs one process, and where it is not good up to three.
    """
    if signers.missing is not None and any(each.signature.form == "ssh" for each in claims):
        message = f"the file of allowed signers {signers.missing} is not there, and no signature was checked"
        yield Finding("signers-missing", message, "See: git config gpg.ssh.allowedSignersFile")
        return
    verdicts: list[Verdict] = []
    pool = ThreadPoolExecutor(MOST_AT_ONCE)
    try:
        looks = [pool.submit(signers.verdict, each.signature, each.email, each.at) for each in claims]
        for number, look in enumerate(looks, 1):
            verdicts.append(look.result())
            done(number)
    finally:
        pool.shutdown(cancel_futures=True)
    unchecked = [each for each in verdicts if not each.is_checked]
    if unchecked and len(unchecked) == len(verdicts) and signers.allowed is None:
        count = "1 signature was" if len(unchecked) == 1 else f"{len(unchecked):,} signatures were"
        message = f"{count} not checked: the first {unchecked[0].why}"
        yield claims[0].found(unchecked[0])._replace(message=message, severity=Severity.WARNING)
        return
    yield from (each.found(verdict) for each, verdict in zip(claims, verdicts, strict=True) if not verdict.is_good)


def claims(repository: Repository, events: Iterable[Event]) -> Iterator[Claim]:
    """The signatures of events, and of the tags that they made, those that there are."""
    for event in events:
        who = (event.actor.email, event.at)
        if (signature := signature_of(repository, event.commit)) is not None:
            what = f"event {event.seq}, {event.subject},"
            yield Claim(signature, what, *who, commit=event.commit, seq=event.seq)
        if event.tag is None or event.to_version is None:
            continue
        if (signature := signature_of(repository, event.tag)) is not None:
            yield Claim(signature, f"the tag {event.to_version}", *who, ref=tag_ref(event.to_version))


def claim_of_version(repository: Repository, number: VersionNumber, tag: str) -> Claim | None:
    """The signature of a version that was made before, by who its tag says; None where it has none."""
    found, signature = repository.tag(tag), signature_of(repository, tag)
    if found is None or signature is None:
        return None
    return Claim(signature, f"the tag {number}", found.tagger_email, found.at, ref=tag_ref(number))
