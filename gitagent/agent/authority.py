"""Authority: how events come to the shared remote, which holds the one true ledger, and how a sync goes both ways."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import kept, lineage, lines, mending, pending, underway
from gitagent.agent.events import parse_event
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.store import Store
from gitagent.agent.versions import tag_ref
from gitagent.errors import LedgerMoved, LineGrown, RemoteRefused, RuleBroken, StorageFailed
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

OUT_OF_TURN = "gitagent: refused: rule-turn: "
"""What the hook of the remote says, in gitagent's own words, when it is another operation's turn."""


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
    return store.in_turn(lambda: bring_in(store, known=known, actor=actor, at=at, sign=sign, thorough=True))


def bring_in(
    store: Store, *, known: int, actor: Actor, at: datetime, sign: bool = True, thorough: bool = False
) -> Synced:
    """Do what `sync` does. To be called in turn; `known` is the number of the newest event before it.

    Only where it is `thorough` does the remote get tags that it lacks while nothing else is wrong there.
    """
    remote, line = _refuse_unshared(store), lineage.line(store)
    events = store.ledger.last_event().seq - known
    whole = mending.mend(store, remote, thorough=thorough)
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


def _who_was_faster(store: Store, theirs: str | None) -> str:
    if theirs is None:
        return "the ledger was taken away from the shared remote meanwhile"
    event = parse_event(store.repository.commit(theirs))
    return f"{event.actor.name} was faster ({event.subject})"
