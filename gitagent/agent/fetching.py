"""Fetching: what the shared remote has that is not here yet, and the ledger brought to where it is there."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from gitagent.agent import mending
from gitagent.agent.events import parse_event
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.store import Store
from gitagent.agent.versions import tag_ref
from gitagent.errors import LedgerInvalid, RemoteUnreachable
from gitagent.git.remote import Remote
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from gitagent.agent.events import Event

FETCHED = "fetched"
MOST_MADE_TAGS = 20
"""Each that is made is synced by itself; asking the remote costs one more round trip."""
MOST_FETCHES = 4
LONGEST_PAUSE = 0.1
"""Seconds, times the number of fetches."""


def catch_up(store: Store, remote: Remote) -> bool:
    """Fetch, and let the ledger here be what it is there. Whether anything was new.

    The line of the draft stays as it is. LedgerInvalid when the two ledgers do not follow one another.
    """
    _fetch(store, remote)
    theirs, ours = remote.seen(LEDGER), store.ledger.tip()
    if theirs is None:
        raise LedgerInvalid(
            f"{remote.url} holds no ledger any more",
            hint="If it was made anew, share the agent again: gitagent share " + remote.url,
            code="remote-ledger-missing",
        )
    if theirs == ours:
        mending.follow_up(store, remote)
        return False
    if not store.repository.is_ancestor(ours, theirs):
        behind = store.repository.is_ancestor(theirs, ours)
        raise LedgerInvalid(
            f"the ledger of {remote.url} "
            + ("is older than the one here" if behind else "is another than the one here"),
            hint=_why_older(remote) + f"compare them: git log gitagent/ledger {remote.tracking(LEDGER)}",
            code="remote-ledger-behind" if behind else "remote-ledger-forked",
        )
    _bring_tags(store, remote, ours, theirs)
    store.repository.sync_objects()
    store.ledger.move(theirs, expected=ours, why=f"fetch from {remote.name}")
    mending.follow_up(store, remote)
    return True


def mark_fetched(store: Store) -> None:
    """Remember when the remote was looked at last: the time of an empty file."""
    store.folder.mkdir(exist_ok=True)
    (store.folder / FETCHED).touch()


def _why_older(remote: Remote) -> str:
    if remote.push_url is not None:
        return f"git pushes to {remote.push_url}: let both be one repository. Nothing was changed here; "
    return "Somebody moved it by hand, or put a backup in its place. Nothing was changed here; "


def _fetch(store: Store, remote: Remote) -> None:
    """Fetch until the refs of the remote agree, or for so long that it is not a push under way that keeps them apart.

    A remote takes the refs of one push in one step, but shows them while it moves one after the other.
    """
    for attempt in range(MOST_FETCHES):
        time.sleep(attempt * LONGEST_PAUSE * os.urandom(1)[0] / 256)
        remote.fetch()
        if _agrees(store, remote):
            break
    mark_fetched(store)


def _agrees(store: Store, remote: Remote) -> bool:
    """Whether main and the environments of the remote are where its ledger has them."""
    ledger, main, repository = remote.seen(LEDGER), remote.seen(MAIN), store.repository
    if ledger is None or main is None:
        return False
    state, record = store.ledger.newest_at(ledger)
    if not repository.has(record.commit) or not repository.is_ancestor(record.commit, main):
        return False
    return all(each.commit is None or remote.seen(branch_ref(each.name)) == each.commit for each in state.environments)


def _bring_tags(store: Store, remote: Remote, ours: str, theirs: str) -> None:
    """The tags of the versions that came: a few are made here, to the byte, from their events; many are fetched."""
    came = []
    for commit in store.repository.first_parents(theirs):
        if commit.id == ours:
            break
        event = parse_event(commit)
        if event.to_version is not None and event.tag is not None and _tag(store, event.to_version) != event.tag:
            came.append(event)
    if came and not store.repository.has(came[0].to_commit or ""):
        mending.bring_unreached(store, remote, came[0])
    if len(came) <= MOST_MADE_TAGS:
        came = [each for each in came if not _made_tag(store, each)]
    numbers = [each.to_version for each in came if each.to_version is not None]
    if missing := [str(number) for number in numbers if _tag(store, number) is None]:
        try:
            remote.fetch_tags(missing)
        except RemoteUnreachable:
            mending.bring_unreached(store, remote, came[0])
            for each in came:
                _made_tag(store, each)
    store.projection.doubted.update(numbers)


def _made_tag(store: Store, event: Event) -> bool:
    """Whether the tag of the version that an event made could be made here."""
    number, has = event.to_version, store.repository.has
    if number is None or event.tag is None or _tag(store, number) is not None:
        return False
    if not has(event.tag) and (
        event.to_commit is None or not has(event.to_commit) or store.write_tag(event) != event.tag
    ):
        return False
    store.repository.move_ref(tag_ref(number), to=event.tag, expected=None, why=event.subject)
    return True


def _tag(store: Store, number: VersionNumber) -> str | None:
    return store.repository.ref(tag_ref(number))
