"""Misplacements: refs that are not where the ledger has them, and a shared remote that tells another story."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

from gitagent.agent.ailments import Ailment, Aside, Repair
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.lostledgers import moved_back_from
from gitagent.agent.soundness import misplaced
from gitagent.agent.versions import tag_message, tag_ref
from gitagent.config.problems import Severity
from gitagent.errors import LedgerInvalid, ObjectMissing, StorageFailed
from gitagent.git.objects import tag_content
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitagent.agent.findings import Finding
    from gitagent.agent.states import State, VersionRecord
    from gitagent.agent.store import Store

_BRANCHES = {"branch-missing", "branch-moved", "branch-unknown"}


def out_of_place(store: Store) -> Iterator[Ailment]:
    """Tags, main and environments' branches that are half done, gone, or were moved by hand."""
    state = store.ledger.state()
    records = {
        number: store.ledger.record(number) for number in map(VersionNumber, range(1, state.last_version.number + 1))
    }
    found = misplaced(store.repository, state, records)
    # All at once: mending one brings the others into step, too.
    yield from list(filter(None, [_ailment(store, each, state, records) for each in found]))


def _ailment(
    store: Store, found: Finding, state: State, records: Mapping[VersionNumber, VersionRecord]
) -> Ailment | None:
    """The ailment that a finding tells of; None where it is one that nothing mends."""
    ref = found.ref or ""
    if found.code in {"tag-missing", "tag-moved"}:
        number = VersionNumber.parse(ref.removeprefix("refs/tags/"))
        return _tag(store, found, number, records[number])
    if found.code in _BRANCHES:
        return _branch(store, found, state)
    if found.code in {"main-missing", "main-behind"}:
        return _main(store, found, state, records[state.last_version])
    if found.code == "tag-unknown":
        return _unknown_tag(store, found)
    return None


def other_remote(store: Store) -> Iterator[Ailment]:
    """The shared remote, as it was last seen, where it holds another ledger than this one's later self."""
    if (remote := store.remote) is None:
        return
    ours, tracking, place = store.ledger.tip(), remote.tracking(LEDGER), remote.name
    if remote.name not in store.repository.remotes():
        wrong = f"the agent is shared on the remote {remote.name}, which git does not know any more"
        command = f"git remote add {remote.name} URL"
        yield Ailment(Repair("remote-unknown", place, wrong, "Tell git where it is.", command, automatic=False))
    elif (theirs := remote.seen(LEDGER)) is None:
        wrong = f"{remote.url} held no ledger when it was last looked at"
        remedy = "Look again: gitagent sync. If it was made anew, share the agent again: gitagent share URL"
        yield Ailment(Repair("remote-ledger-missing", place, wrong, remedy, automatic=False))
    elif not store.repository.is_ancestor(ours, theirs):
        behind = store.repository.is_ancestor(theirs, ours)
        how = "is older than the one here" if behind else "and the one here went different ways"
        remedy = (
            "Somebody moved it by hand, or put a backup in its place; compare the two, and decide which is to stand. "
            "Nothing is shared meanwhile."
        )
        code = "remote-ledger-behind" if behind else "remote-ledger-forked"
        command = f"git log --oneline --left-right gitagent/ledger...{tracking}"
        yield Ailment(Repair(code, place, f"the ledger of {remote.url} {how}", remedy, command, automatic=False))


def _tag(store: Store, found: Finding, number: VersionNumber, record: VersionRecord) -> Ailment:
    ref, missing = tag_ref(number), found.code == "tag-missing"
    kept = _kept(store, ref)
    fetch = False
    command: str | None = f"git update-ref {ref} {record.tag}"
    if store.repository.has(record.tag):
        remedy = f"Put it back to {record.tag[:12]}{kept}."
    elif _is_made_again(store, number, record):
        remedy, command = f"Make it again, to the byte, from its event in the ledger{kept}.", None
    elif missing and (remote := store.remote) is not None:
        fetch, remedy = True, f"Fetch it from {remote.url}."
        command = f"git fetch {remote.name} {ref}:{ref}"
    else:
        remedy = f"Fetch it from a clone that has it: git fetch CLONE +{ref}:{ref}"
        return Ailment(Repair(found.code, ref, found.message, remedy, automatic=False))
    repair = Repair(found.code, ref, found.message, remedy, command)
    return Ailment(repair, partial(_put_tag_back, store, number, record, fetch))


def _is_made_again(store: Store, number: VersionNumber, record: VersionRecord) -> bool:
    """Whether the tag object that the ledger names follows from its event: a signature does not."""
    try:
        event = next((each for each in store.ledger.events() if each.tag == record.tag), None)
    except (LedgerInvalid, ObjectMissing):
        return False
    if event is None or not store.repository.has(record.commit):
        return False
    words = tag_message(number, event.name, event.message)
    content = tag_content(target=record.commit, name=str(number), message=words, actor=event.actor, at=event.at)
    head = f"tag {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest() == record.tag


def _put_tag_back(store: Store, number: VersionNumber, record: VersionRecord, fetch: bool, _: Aside) -> None:
    if fetch and (remote := store.remote) is not None:
        remote.fetch_tags([str(number)])
    store.projection.doubted.add(number)
    _settle(store, tag_ref(number), record.tag)


def _branch(store: Store, found: Finding, state: State) -> Ailment:
    ref = found.ref or ""
    environment = next(each for each in state.environments if ref == f"refs/heads/{each.name}")
    wanted = environment.commit
    if wanted is None and not store.repository.is_bare and store.repository.head_name() == ref:
        return Ailment(Repair(found.code, ref, found.message, "Leave it first.", "git switch main", automatic=False))
    if wanted is None:
        remedy, command = f"Remove it{_kept(store, ref)}.", f"git branch -D {environment.name}"
    else:
        remedy, command = f"Put it back on {environment.version}{_kept(store, ref)}.", f"git update-ref {ref} {wanted}"
    repair = Repair(found.code, ref, found.message, remedy, command)
    return Ailment(repair, lambda _: _settle(store, ref, wanted))


def _main(store: Store, found: Finding, state: State, record: VersionRecord) -> Ailment:
    if found.code == "main-behind" and store.remote is not None:
        remedy = "Others saved it: bring it into the draft with gitagent sync."
        return Ailment(Repair(found.code, MAIN, found.message, remedy, automatic=False, severity=Severity.WARNING))
    remedy = f"Put it back to {state.last_version}; no file of the draft is touched."
    repair = Repair(found.code, MAIN, found.message, remedy, f"git update-ref {MAIN} {record.commit}")
    return Ailment(repair, lambda _: _settle(store, MAIN, record.commit))


def _unknown_tag(store: Store, found: Finding) -> Ailment:
    ref = found.ref or ""
    name = ref.removeprefix("refs/tags/")
    ahead = moved_back_from(store)
    if ahead is not None:
        remedy = f"The ledger was moved back: put it where it stood. If the tag is no version: git tag -d {name}"
        command = f"git update-ref {LEDGER} {ahead}"
    else:
        remedy = (
            "If the ledger was moved back, put it where it stood, or fetch it from a clone; "
            f"if the tag is no version: git tag -d {name}"
        )
        command = "git reflog gitagent/ledger"
    return Ailment(Repair(found.code, ref, found.message, remedy, command, automatic=False))


def _kept(store: Store, ref: str) -> str:
    """That what a ref was moved to is kept; not where it only stands where it stood before the newest event."""
    is_behind = store.repository.ref(ref) in (None, store.ledger.last_event().from_commit)
    return "" if is_behind else "; what it was moved to is kept in gitagent drafts"


def _settle(store: Store, ref: str, wanted: str | None) -> None:
    store.projection.settle()
    if store.repository.ref(ref) != wanted:
        raise StorageFailed(store.notices[-1] if store.notices else f"{ref} could not be put back")
