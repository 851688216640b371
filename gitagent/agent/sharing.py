"""Sharing: how an agent comes onto a shared remote, and how others join it there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.fetching import FETCHED, mark_fetched
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.store import REMOTE, Store
from gitagent.agent.takeover import refuse_shallow
from gitagent.agent.versions import tag_ref
from gitagent.errors import AgentNotFound, RemoteRefused, RuleBroken, StorageFailed
from gitagent.git.remote import RefChange, Remote, run_git
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.states import State
    from gitagent.git.repository import Repository

MOST_NAMED_TAGS = 5_000
"""Up to so many tags are named one by one when an agent is shared: far below what a system takes as a command."""


class Sharing(NamedTuple):
    """The remote that an agent is shared on: its name and address, and when it was last looked at."""

    remote: str
    url: str
    fetched: datetime | None


def sharing(store: Store, remote: Remote) -> Sharing:
    """The shared remote, as far as it is known here."""
    try:
        fetched = datetime.fromtimestamp((store.folder / FETCHED).stat().st_mtime, UTC)
    except OSError:
        fetched = None
    return Sharing(remote.name, remote.url, fetched)


def share(store: Store, url: str) -> Sharing:
    """Put an agent on an empty remote, which from then on is its authority.

    What an earlier attempt that was cut off left there is taken up again.
    """
    _refuse_shared(store)
    with store.writing(), _remote_for(store.repository, url) as remote:
        remote.fetch()
        state, theirs = store.ledger.state(), remote.seen(LEDGER)
        if theirs is None or not store.repository.is_ancestor(store.ledger.tip(), theirs):
            _refuse_taken(store, remote, state)
            changes, tags = _everything(store, remote, state)
            try:
                remote.push(changes, operation="share", also=tags)
            except (RemoteRefused, StorageFailed):
                remote.fetch()
                if remote.seen(LEDGER) != store.ledger.tip():
                    raise
                _bring_the_rest(store, remote, state)
        elif theirs == store.ledger.tip():
            _bring_the_rest(store, remote, state)
        _refuse_pushed_elsewhere(store, remote)
        for key, value in (("remote", remote.name), ("merge", MAIN)):
            store.repository.set_config(f"branch.main.{key}", value)
        store.repository.set_config(REMOTE, remote.name)
        mark_fetched(store)
        return sharing(store, remote)


def _refuse_shared(store: Store) -> None:
    """Refuse an agent that is on a remote already, unless that lost everything."""
    if (remote := store.remote) is None or remote.name not in store.repository.remotes():
        return
    remote.fetch()
    if remote.seen(LEDGER) is not None:
        raise RuleBroken(
            f"the agent is shared already, on {remote.url}",
            hint=f"Where that repository moved: git remote set-url {remote.name} NEW",
            code="already-shared",
        )


def join(repository: Repository) -> Store:
    """Make an agent of a plain clone of one: its ledger, tags and environments as the remote has them."""
    remotes = [Remote(repository, name) for name in repository.remotes()]
    for each in remotes:
        if each.seen(LEDGER) is None:
            each.fetch()  # a clone of a single branch knows no other
    remote = next((each for each in remotes if each.seen(LEDGER)), None)
    if remote is None or (tip := remote.seen(LEDGER)) is None:
        raise AgentNotFound(
            f"{repository.top} is no clone of an agent",
            hint="Put an agent on a remote with gitagent share, in the agent's own folder.",
        )
    refuse_shallow(repository)
    repository.set_config(REMOTE, remote.name)
    store = Store(repository)
    with store.writing():
        repository.move_ref(LEDGER, to=tip, expected=None, why="clone")
        _bring_newest(store, remote)
        for environment in store.ledger.state().environments:
            ref = branch_ref(environment.name)
            if (found := repository.ref(ref)) != environment.commit:
                repository.move_ref(ref, to=environment.commit, expected=found, why="clone")
        mark_fetched(store)
    store.settle()
    _leave_unborn(repository)
    return store


def _leave_unborn(repository: Repository) -> None:
    """Check main out, where git's clone checked nothing out: HEAD of the remote named a branch that is not there."""
    if (head := repository.head_name()) is not None and repository.ref(head) is None:
        run_git(repository.top, "checkout", "--quiet", "main")


def _refuse_pushed_elsewhere(store: Store, remote: Remote) -> None:
    """Refuse a remote that git pushes to at another address than it fetches from, unless it is one repository."""
    if remote.push_url is None:
        return
    remote.fetch()
    if remote.seen(LEDGER) != store.ledger.tip():
        raise RuleBroken(
            f"git pushes to {remote.push_url}, and fetches from {remote.url}, which did not get the agent",
            hint=f"Let both be one repository: git config --unset-all remote.{remote.name}.pushurl",
            code="pushed-elsewhere",
        )


def _bring_newest(store: Store, remote: Remote) -> None:
    """The newest version is not in a clone where the push that brought it was cut off on the remote."""
    if not store.repository.has(store.ledger.record(store.ledger.state().last_version).commit):
        from gitagent.agent import mending

        mending.bring_unreached(store, remote, next(each for each in store.ledger.events() if each.tag is not None))


@contextmanager
def _remote_for(repository: Repository, url: str) -> Iterator[Remote]:
    """The remote of that address, by the name that git has for it; a new one is forgotten when nothing comes of it."""
    names = repository.remotes()
    known = next((name for name in names if url in (name, repository.config(f"remote.{name}.url"))), None)
    name = known or ("shared" if "origin" in names else "origin")
    if known is None:
        repository.add_remote(name, url)
    try:
        yield Remote(repository, name)
    except BaseException:
        if known is None:
            repository.remove_remote(name)
            # libgit2 leaves the section of git's configuration behind, with nothing in it.
            run_git(repository.top, "config", "--local", "--remove-section", f"remote.{name}")
        raise


def _refuse_taken(store: Store, remote: Remote, state: State) -> None:
    """Refuse a remote that holds something else. An earlier attempt's main may be there."""
    repository, main = store.repository, remote.seen(MAIN)
    theirs = remote.seen(LEDGER)
    if theirs is not None and not repository.is_ancestor(theirs, store.ledger.tip()):
        raise RuleBroken(
            f"{remote.url} holds an agent already", hint=f"Join it: gitagent clone {remote.url}", code="remote-taken"
        )
    ours = repository.ref(MAIN)
    if main is not None and (ours is None or not repository.is_ancestor(main, ours)):
        raise RuleBroken(
            f"main of {remote.url} holds commits that are not here",
            hint="Share to an empty repository, or bring them first: git pull",
            code="remote-taken",
        )
    if theirs is not None:
        return
    taken = [str(name) for name in state.pipeline if remote.seen(branch_ref(name)) is not None]
    taken += [name for name in remote.tags("v") if VersionNumber.matches(name)]
    if taken:
        raise RuleBroken(
            f"{remote.url} has a branch or tag {taken[0]} that is not this agent's",
            hint="Share to an empty repository.",
            code="remote-taken",
        )


def _bring_the_rest(store: Store, remote: Remote, state: State) -> None:
    """Bring what an attempt that was cut off in the middle did not: the ledger goes first."""
    there = set(remote.tags("v"))
    changes = [each for each in _everything(store, remote, state)[0] if each.to != each.expected]
    versions = (VersionNumber(number) for number in range(1, state.last_version.number + 1))
    tags = [
        RefChange(tag_ref(each), store.ledger.record(each).tag, None) for each in versions if str(each) not in there
    ]
    if changes or tags:
        remote.push(changes + tags, operation="share")


def _everything(store: Store, remote: Remote, state: State) -> tuple[list[RefChange], list[str]]:
    """What an empty remote is given: the ledger, main, what the environments serve, and every version's tag."""
    main = store.repository.ref(MAIN)
    changes = [RefChange(LEDGER, store.ledger.tip(), remote.seen(LEDGER))]
    if main is not None:
        changes.append(RefChange(MAIN, main, remote.seen(MAIN)))
    for environment in state.environments:
        if environment.commit is not None:
            ref = branch_ref(environment.name)
            changes.append(RefChange(ref, environment.commit, remote.seen(ref)))
    last = state.last_version.number
    if last > MOST_NAMED_TAGS:
        return changes, [f"refs/tags/v{digit}*:refs/tags/v{digit}*" for digit in range(1, 10)]
    return changes, [f"refs/tags/v{number}:refs/tags/v{number}" for number in range(1, last + 1)]
