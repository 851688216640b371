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

    from gitagent.agent.events import Event
    from gitagent.git.armor import Signature
    from gitagent.git.repository import Repository
    from gitagent.git.signatures import Signers, Verdict

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
    """A signature, with whose it has to be: that of the event's actor. It is the event's own, or that of the tag of
    the version that the event made."""

    signature: Signature
    event: Event
    is_tag: bool

    def found(self, verdict: Verdict) -> Finding:
        """What is to be said of it."""
        event, code = self.event, str(verdict.outcome)
        if self.is_tag and event.to_version is not None:
            message = f"the tag {event.to_version} {verdict.why}"
            return Finding(code, message, _HINTS[code], tag_ref(event.to_version))
        message = f"event {event.seq}, {event.subject}, {verdict.why}"
        return Finding(code, message, _HINTS[code], commit=event.commit, seq=event.seq)


def unsound(claims: Sequence[Claim], signers: Signers, done: Callable[[int], None]) -> Iterator[Finding]:
    """The signatures that are not those of the people whom they seem to be of. `done` is told how many were looked at.

    Those that cannot be checked are let be as long as none can: then nobody has said yet whose signatures count. Each
    costs one process, and where it is not good up to three.
    """
    if signers.missing is not None:
        message = f"the file of allowed signers {signers.missing} is not there, and no signature was checked"
        yield Finding("signers-missing", message, "See: git config gpg.ssh.allowedSignersFile")
        return
    verdicts: list[Verdict] = []
    pool = ThreadPoolExecutor(MOST_AT_ONCE)
    try:
        looks = [pool.submit(signers.verdict, each.signature, each.event.actor.email, each.event.at) for each in claims]
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
        for id_, is_tag in ((event.commit, False), (event.tag, True)):
            if id_ is not None and (signature := signature_of(repository, id_)) is not None:
                yield Claim(signature, event, is_tag)
