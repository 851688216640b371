"""Mending: a shared remote whose branches and tags are not where its ledger has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent import kept, underway
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.versions import tag_ref, version_made_by
from gitagent.errors import GitagentError, ObjectMissing, RemoteRefused, RemoteUnreachable, StorageFailed
from gitagent.git.remote import HEADS, RefChange
from gitagent.names import VersionNumber

TAGS = "refs/tags/"

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitagent.agent.events import Event
    from gitagent.agent.states import State
    from gitagent.agent.store import Store
    from gitagent.git.remote import Remote


def is_on_line(store: Store, main: str) -> bool:
    """Whether main of the remote holds the newest version, as it always should."""
    last = store.ledger.record(store.ledger.state().last_version).commit
    return store.repository.is_ancestor(last, main)


def out_of_step(store: Store, remote: Remote, state: State) -> Iterator[RefChange]:
    """The environments' branches that are not on the remote where the state has them. What is there is kept here."""
    for environment in state.environments:
        ref = branch_ref(environment.name)
        seen = remote.seen(ref)
        if environment.commit is None or seen == environment.commit:
            continue
        if seen is not None and version_made_by(store.repository.commit(seen).message) is None:
            kept.keep_commit(store, seen, reason=f"{environment.name} moved by hand")
        yield RefChange(ref, environment.commit, seen)


def _not_served(store: Store, remote: Remote, state: State) -> Iterator[RefChange]:
    """The branches on the remote of environments that serve nothing yet. What is there is kept here."""
    for environment in state.environments:
        ref = branch_ref(environment.name)
        if environment.commit is None and (seen := remote.seen(ref)) is not None:
            kept.keep_commit(store, seen, reason=f"{environment.name} moved by hand")
            yield RefChange(ref, None, seen)


def mend(store: Store, remote: Remote, *, was_cut_off: bool = False, thorough: bool = False) -> bool:
    """Put what somebody moved on the remote by hand, or what a push that was cut off left undone, right there.

    Whether all is right; a notice says what was done, or why it could not be. The remote is asked for its tags, which
    is one round trip, only where something is not right already, or when it is to be `thorough`.
    """
    state = store.ledger.state()
    moved = [*out_of_step(store, remote, state), *_not_served(store, remote, state)]
    theirs = remote.seen(MAIN)
    if theirs is None or not is_on_line(store, theirs):
        ours, last = store.repository.ref(MAIN), store.ledger.record(store.ledger.state().last_version).commit
        if theirs is not None:
            kept.keep_commit(store, theirs, reason="main moved by hand")
        moved.append(RefChange(MAIN, ours if ours is not None and is_on_line(store, ours) else last, theirs))
    if not moved and not was_cut_off and not thorough:
        return True
    try:
        # Nobody takes a tag away by hand where other things are not right, either: a push was cut off.
        was_cut_off = len(moved) < len(moved := moved + _tags_missing(store, remote)) or was_cut_off
        if moved:
            remote.push(moved, operation="sync")
    except (RemoteRefused, StorageFailed) as error:
        _say(store, f"{remote.url} is out of step with its ledger, and stays so: {_told(error)}")
        return False
    if moved:
        how = "had not come to" if was_cut_off else "had been moved by hand on"
        store.notices.append(f"{_names(moved)} {how} {remote.url}; the ledger's word was restored there.")
    return True


def _tags_missing(store: Store, remote: Remote) -> list[RefChange]:
    """The tags that the remote lacks: they come last of all that a push moves, and others may go on without them."""
    last, there = store.ledger.state().last_version, set(remote.tags("v"))
    missing = (VersionNumber(number) for number in range(1, last.number + 1) if f"v{number}" not in there)
    tags = [(number, store.ledger.record(number).tag) for number in missing]
    return [RefChange(tag_ref(number), tag, None) for number, tag in tags if store.repository.has(tag)]


def complete(store: Store, remote: Remote, changes: Iterable[RefChange], commit: str) -> bool:
    """See that all of an operation came to the remote, whose ledger has it, and bring the rest.

    To be called after a push whose answer was lost. Whether all of it is there; a notice says why it is not.
    """
    # Where others went on since, the branches are where they moved them.
    alone = remote.seen(LEDGER) == commit
    left = [each for each in changes if alone and not _is_tag(each) and remote.seen(each.ref) != each.to]
    try:
        left += [each for each in changes if _is_tag(each) and (name := _name(each)) not in remote.tags(name)]
        if left:
            remote.push([RefChange(each.ref, each.to, remote.seen(each.ref)) for each in left], operation="sync")
    except (RemoteRefused, StorageFailed) as error:
        _tell_incomplete(store, remote, left, error)
        return False
    return True


def follow_up(store: Store, remote: Remote) -> None:
    """Where a push of this draft was left without an answer, see what became of it, and bring what is missing."""
    if (commit := underway.waiting(store)) is not None:
        underway.follow(store)
        if not mend(store, remote, was_cut_off=True):
            underway.begin(store, commit)


def bring_unreached(store: Store, remote: Remote, made: Event) -> None:
    """Bring the version that an event made, by the id of its tag object: no branch or tag of the remote leads there.

    A server that died between the moves of one push leaves the ledger ahead of all else.
    """
    try:
        remote.fetch_objects([str(made.tag)])
    except RemoteUnreachable:
        if str(made.to_version) in remote.tags(str(made.to_version)):
            raise
        raise ObjectMissing(
            f"a push to {remote.url} was cut off: {made.to_version} is in its ledger, and did not come there itself",
            hint=f"{made.actor.name} made it, and brings the rest by: gitagent sync",
            code="remote-cut-off",
        ) from None


def _tell_incomplete(store: Store, remote: Remote, left: Iterable[RefChange], error: GitagentError) -> None:
    names = _names(left) or "its tag"
    _say(store, f"It is done, and the ledger of {remote.url} says so, but {names} did not come there: {_told(error)}")


def _told(error: GitagentError) -> str:
    return error.message + (f". {error.hint}" if error.hint else "")


def _say(store: Store, notice: str) -> None:
    if notice not in store.notices:
        store.notices.append(notice)


def _is_tag(change: RefChange) -> bool:
    return change.ref.startswith(TAGS)


def _name(change: RefChange) -> str:
    return change.ref.removeprefix(HEADS).removeprefix(TAGS)


def _names(changes: Iterable[RefChange]) -> str:
    return ", ".join(map(_name, changes))
