"""Verification: every rule of an agent's repository checked offline, and whatever breaks one told at once."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import states
from gitagent.agent.events import parse_event
from gitagent.agent.findings import FETCH, Finding, finding
from gitagent.agent.ledger import LEDGER
from gitagent.agent.replay import replayed, state_of, unchecked
from gitagent.agent.soundness import misplaced, unsound_versions
from gitagent.config.problems import Severity
from gitagent.errors import LedgerInvalid, ObjectMissing
from gitagent.git.exact import Trees
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent.agent.claims import Claim
    from gitagent.agent.events import Event
    from gitagent.agent.rules import Snapshot
    from gitagent.agent.states import VersionRecord
    from gitagent.agent.store import Store
    from gitagent.git.objects import Commit
    from gitagent.git.repository import Repository
    from gitagent.git.signatures import Signers

A_MOMENT = 0.2
"""Seconds. A command that is running has moved the ledger, and moves the rest, within far less."""


class Verification(NamedTuple):
    """What was checked, and what breaks a rule or is worth knowing: the ledger's findings first, oldest first.

    `signatures` were found, and looked at as far as they could be.
    """

    events: int
    versions: int
    findings: tuple[Finding, ...]
    signatures: int = 0

    @property
    def errors(self) -> int:
        """How many findings break a rule."""
        return sum(found.severity is Severity.ERROR for found in self.findings)


class _Ledger(NamedTuple):
    """A ledger that was replayed. `last` is None where nothing of it can be read; `read` are the events that can."""

    tip: str
    events: int
    made: dict[VersionNumber, Event]
    last: Snapshot | None
    findings: list[Finding]
    read: list[Event]


def verify(
    store: Store, progress: Callable[[int, int], None] | None = None, *, signers: Signers | None = None
) -> Verification:
    """Check the whole repository. Nothing is written or put right; AgentNotFound where there is no ledger.

    `progress` is told again and again how much of how much is done. The time is linear in the repository's size. With
    `signers`, every signature has to be that of who acted.
    """
    trees, step = Trees(store.repository), progress or _silently
    ledger = _replay(trees, store.ledger.tip(), step)
    if ledger.last is None:
        return Verification(ledger.events, 0, tuple(ledger.findings))
    records, unreadable = _records(ledger.last)
    refs = list(misplaced(store.repository, ledger.last.state, records))
    if any(found.severity is Severity.ERROR for found in refs):
        time.sleep(A_MOMENT)
        if store.ledger.tip() != ledger.tip:
            return verify(store, progress, signers=signers)
        refs = list(misplaced(store.repository, ledger.last.state, records))
    events, versions = ledger.events, ledger.last.state.last_version.number
    done = events + versions
    unsound = list(unsound_versions(trees, records, ledger.made, lambda number: step(events + number, done)))
    found: list[Claim] = []
    forged: list[Finding] = []
    if signers is not None:
        from gitagent.agent import claims

        found = list(claims.claims(trees.repository, ledger.read))
        forged = list(claims.unsound(found, signers, lambda number: step(done + number, done + len(found))))
    return Verification(events, versions, (*ledger.findings, *unreadable, *unsound, *forged, *refs), len(found))


def _replay(trees: Trees, tip: str, step: Callable[[int, int], None]) -> _Ledger:
    """Every event of the ledger, each judged by what the ones before claim to have come to."""
    line, findings = _line(trees.repository, tip)
    events, total = len(line), len(line) + _versions_at(trees.repository, line)
    made: dict[VersionNumber, Event] = {}
    read: list[Event] = []
    seqs: dict[str, int] = {}
    # Where the beginning is not here, the oldest commit that is has to be believed.
    before = unchecked(trees.repository, line.pop(), None) if line and findings else None
    for done, commit in enumerate(reversed(line), 1):
        event, before = _judged(trees, commit, before, findings)
        if before is None:
            break
        if event is not None:
            read.append(event)
            findings.extend(_recorded_twice(event, seqs.setdefault(event.id, event.seq)))
            made |= {event.to_version: event} if event.tag and event.to_version else {}
        step(done, total)
    if before is not None and findings:
        findings.extend(_strange_files(trees, before))
    return _Ledger(tip, events, made, before, findings, read)


def _judged(
    trees: Trees, commit: Commit, before: Snapshot | None, findings: list[Finding]
) -> tuple[Event | None, Snapshot | None]:
    """The event of a commit and what is known after it; what is wrong with it is added to the findings."""
    try:
        event, after, missing = replayed(trees, commit, before)
    except (LedgerInvalid, ObjectMissing) as error:
        findings.append(finding(error, commit=commit.id, seq=1 if before is None else before.seq + 1))
        return _event(commit), unchecked(trees.repository, commit, before)
    for id_ in missing:
        message = f"object {id_} of event {event.seq}, {event.subject}, is missing"
        findings.append(Finding("object-missing", message, FETCH, commit=commit.id, seq=event.seq))
    return event, after


def _recorded_twice(event: Event, first: int) -> list[Finding]:
    if event.seq == first:
        return []
    message = f"event {event.seq} was recorded before, as event {first}: both are operation {event.id}"
    hint = f"See: git show {event.commit[:12]}"
    return [Finding("rule-op-id", message, hint, commit=event.commit, seq=event.seq)]


def _line(repository: Repository, tip: str) -> tuple[list[Commit], list[Finding]]:
    """The ledger's commits, newest first, and what is to be said where its beginning is not here."""
    line: list[Commit] = []
    try:
        for commit in repository.first_parents(tip):
            line.append(commit)  # one by one: what was read before one is missing is kept
    except ObjectMissing as error:
        return line, [finding(error, ref=LEDGER)]
    oldest = _event(line[-1])
    if repository.is_shallow and (oldest is None or oldest.seq > 1):
        message = f"the ledger before commit {line[-1].id[:12]} is not in this clone and was not checked"
        return line, [Finding("history-shallow", message, "Get the rest: git fetch --unshallow", LEDGER)]
    return line, []


def _records(last: Snapshot) -> tuple[dict[VersionNumber, VersionRecord], list[Finding]]:
    """Every version's record, and what is to be said of those that are missing or unreadable."""
    records: dict[VersionNumber, VersionRecord] = {}
    findings: list[Finding] = []
    for number in map(VersionNumber, range(1, last.state.last_version.number + 1)):
        try:
            record = last.record(number)
        except (LedgerInvalid, ObjectMissing) as error:
            findings.append(finding(error, commit=last.commit, seq=last.seq))
            continue
        if record is None:
            message = f"the ledger keeps nothing of {number}"
            findings.append(Finding("record-missing", message, None, commit=last.commit, seq=last.seq))
        else:
            records[number] = record
    return records, findings


def _strange_files(trees: Trees, last: Snapshot) -> list[Finding]:
    """What is in the ledger's newest tree, where something was wrong on the way, that no state comes to."""
    records, unreadable = _records(last)
    if unreadable:
        return []
    files = states.format_state(last.state)
    files |= {states.version_path(number): states.format_record(record) for number, record in records.items()}
    files |= _results(trees.repository, last.tree)
    expected = trees.with_files(None, files).id
    hint = f"See: git ls-tree -r {last.commit[:12]}"
    return [
        Finding("ledger-file", f"{path} is not as gitagent writes it", hint, commit=last.commit, seq=last.seq)
        for path in trees.differing(expected, last.tree)
    ]


def _results(repository: Repository, ledger: str) -> dict[str, bytes]:
    """The results in a ledger's tree, as gitagent writes them; those that it does not are left out."""
    from gitagent.agent.results import RESULTS, format_result, parse_result, result_path

    found: dict[str, bytes] = {}
    with suppress(ObjectMissing):
        folder = repository.entry(ledger, RESULTS)
        for _, blob in repository.entries(folder).values() if folder is not None else ():
            with suppress(LedgerInvalid, ObjectMissing):
                result = parse_result(repository.blob(blob))
                found[result_path(result.tree)] = format_result(result)
    return found


def _versions_at(repository: Repository, line: list[Commit]) -> int:
    with suppress(LedgerInvalid, ObjectMissing, IndexError):
        return state_of(repository, line[0].tree).last_version.number
    return 0


def _event(commit: Commit) -> Event | None:
    with suppress(LedgerInvalid):
        return parse_event(commit)
    return None


def _silently(done: int, total: int) -> None:
    """Where nobody wants to know."""
