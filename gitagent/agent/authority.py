"""Authority: the shared remote that holds the one true ledger, and how an agent is put there, joined and kept up."""

from __future__ import annotations

import os
import time
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept, lineage, lines, mending, pending, underway
from gitagent.agent.events import parse_event
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.store import Store
from gitagent.agent.versions import tag_ref
from gitagent.errors import (
    LedgerInvalid,
    LedgerMoved,
    LineGrown,
    RemoteRefused,
    RemoteUnreachable,
    RuleBroken,
    StorageFailed,
)
from gitagent.git.remote import HEADS, RefChange, Remote
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.draft import Change
    from gitagent.agent.events import Event
    from gitagent.agent.kept import KeptDraft
    from gitagent.agent.states import State
    from gitagent.agent.versions import Version
    from gitagent.names import Actor

FETCHED = "fetched"
MOST_MADE_TAGS = 20
"""Each that is made is synced by itself; asking the remote costs one more round trip."""
OUT_OF_TURN = "gitagent: refused: rule-turn: "
"""What the hook of the remote says, in gitagent's own words, when it is another operation's turn."""
MOST_FETCHES = 4
LONGEST_PAUSE = 0.1
"""Seconds, times the number of fetches."""


class Synced(NamedTuple):
    """What a sync brought: events, the line of the draft from version to version, and what changed in the draft.

    `conflicts` are the files that hold both sides, marked; `kept` is the snapshot of the draft as it was, where it
    had been edited. `numbered` are the saves that had waited for the remote.
    """

    url: str
    events: int
    line_was: VersionNumber
    line: VersionNumber
    changes: tuple[Change, ...]
    conflicts: tuple[str, ...]
    kept: KeptDraft | None
    numbered: tuple[Version, ...]


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


def push(store: Store, remote: Remote, event: Event, state: State, commit: str, *, expected: str | None) -> bool:
    """Let the remote take an event and all that follows from it, in one step.

    LedgerMoved when somebody was faster; what happened is read from the remote, never from what git says. Whether all
    of it is there: a remote that died in the middle may have taken the event alone.
    """
    changes = list(_changes(store, remote, event, state, commit, expected))
    if event.tag is not None and event.to_commit is not None:
        underway.begin(store, event.to_commit)
    try:
        remote.push(changes, operation=event.id)
    except (RemoteRefused, StorageFailed) as error:
        remote.fetch()
        theirs = remote.seen(LEDGER)
        if theirs is not None and store.repository.is_ancestor(commit, theirs):
            # It was taken; only the answer was lost.
            return mending.complete(store, remote, changes, commit)
        if isinstance(error, RemoteRefused):
            underway.end(store)  # after a connection that broke, it may still be taken
        if theirs != expected:
            raise LedgerMoved(_who_was_faster(store, theirs), hint="Try again.") from None
        if OUT_OF_TURN in error.message:
            raise LedgerMoved(f"others asked {remote.url} for their turn before", hint="Try again.") from None
        if any(remote.seen(each.ref) != each.expected for each in changes if each.ref.startswith(HEADS)):
            raise LedgerMoved(f"somebody pushed to {remote.url} meanwhile", hint="Try again.") from None
        if event.tag is not None and str(event.to_version) in remote.tags(str(event.to_version)):
            raise RuleBroken(
                f"{remote.url} has a tag {event.to_version} that the ledger does not know",
                hint=f"If it is nobody's: git push {remote.name} :{tag_ref(event.to_version)}"
                if event.to_version
                else None,
                code="name-taken",
            ) from None
        raise _refusal(remote, error) from None
    return True


def refuse_grown_line(store: Store, remote: Remote) -> None:
    """Refuse to make a version of a draft that does not know the newest one, or commits that others pushed."""
    last, line = store.ledger.state().last_version, lineage.line(store)
    if line < last:
        newest = store.version(last)
        raise LineGrown(
            f"{newest.actor.name} saved {last}, and the draft is still on the line of {line}",
            hint="Bring it into the draft: gitagent sync",
        )
    theirs, main = remote.seen(MAIN), store.repository.ref(MAIN)
    if (
        theirs is not None
        and main is not None
        and mending.is_on_line(store, theirs)
        and not store.repository.is_ancestor(theirs, main)
    ):
        raise LineGrown(
            f"somebody pushed commits to main of {remote.url} that the draft does not know",
            hint="Bring them into the draft: gitagent sync",
        )


def sync(store: Store, *, actor: Actor, at: datetime, sign: bool = True) -> Synced:
    """Catch up with the remote both ways, and bring what others saved into the draft's line.

    Environments that somebody moved on the remote by hand are put back there as the ledger has them; plain commits
    on main go there. Saves that wait and were signed are signed again, unless `sign` is false.
    """
    _refuse_unshared(store)
    known = store.ledger.last_event().seq
    return store.in_turn(lambda: bring_in(store, known=known, actor=actor, at=at, sign=sign))


def bring_in(store: Store, *, known: int, actor: Actor, at: datetime, sign: bool = True) -> Synced:
    """Do what `sync` does. To be called in turn; `known` is the number of the newest event before it."""
    remote, line = _refuse_unshared(store), lineage.line(store)
    events = store.ledger.last_event().seq - known
    whole = mending.mend(store, remote)
    brought = lines.bring(store, _newest(store, remote), actor=actor, at=at)
    waiting = pending.pending_saves(store)
    numbered = tuple(made.version for save in waiting if (made := pending.number(store, save, sign=sign)) is not None)
    if whole:
        _push_plain_commits(store, remote)
    return Synced(remote.url, events, line, lineage.line(store), *brought, numbered)


def _refuse_unshared(store: Store) -> Remote:
    if (remote := store.remote) is None:
        raise RuleBroken(
            "the agent is not shared, so there is nothing to catch up with",
            hint="Put it on a remote: gitagent share URL",
            code="not-shared",
        )
    return remote


def mark_fetched(store: Store) -> None:
    """Remember when the remote was looked at last: the time of an empty file."""
    store.folder.mkdir(exist_ok=True)
    (store.folder / FETCHED).touch()


def _newest(store: Store, remote: Remote) -> str:
    """What main should come to: main of the remote, unless that was moved away from the newest version."""
    theirs = remote.seen(MAIN)
    if theirs is not None and mending.is_on_line(store, theirs):
        return theirs
    return store.ledger.record(store.ledger.state().last_version).commit


def _refusal(remote: Remote, error: RemoteRefused | StorageFailed) -> RemoteRefused:
    """What a push that failed has to say, where the remote can be reached."""
    if isinstance(error, RemoteRefused):
        return error
    reason = error.message.partition(": ")[2] or error.message
    return RemoteRefused(
        f"{remote.url} did not take it: {reason}",
        hint="Nothing moved there. Where the connection broke, it may have been taken since: gitagent sync",
    )


def _push_plain_commits(store: Store, remote: Remote) -> None:
    ours, theirs = store.repository.ref(MAIN), remote.seen(MAIN)
    if ours is not None and ours != theirs and (theirs is None or store.repository.is_ancestor(theirs, ours)):
        try:
            remote.push([RefChange(MAIN, ours, theirs)], operation="sync")
        except (RemoteRefused, StorageFailed) as error:
            store.notices.append(f"main could not be pushed, and is not on {remote.url} yet: {error.message}")


def _changes(
    store: Store, remote: Remote, event: Event, state: State, commit: str, expected: str | None
) -> Iterator[RefChange]:
    yield RefChange(LEDGER, commit, expected)
    if event.tag is not None and event.to_version is not None:
        yield RefChange(tag_ref(event.to_version), event.tag, None)
        main = remote.seen(MAIN)
        if main is not None and event.to_commit is not None and not store.repository.is_ancestor(main, event.to_commit):
            kept.keep_commit(store, main, reason="main moved by hand")
        yield RefChange(MAIN, event.to_commit, main)
    yield from mending.out_of_step(store, remote, state)


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


def _tag(store: Store, number: VersionNumber) -> str | None:
    return store.repository.ref(tag_ref(number))


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


def _who_was_faster(store: Store, theirs: str | None) -> str:
    if theirs is None:
        return "the ledger was taken away from the shared remote meanwhile"
    event = parse_event(store.repository.commit(theirs))
    return f"{event.actor.name} was faster ({event.subject})"
