"""Sharing: how an agent comes onto a shared remote, and how others join it there."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.authority import FETCHED, mark_fetched
from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.agent.projection import branch_ref
from gitagent.agent.store import REMOTE, Store
from gitagent.errors import AgentNotFound, RemoteUnreachable, RuleBroken
from gitagent.git.remote import RefChange, Remote, run_git
from gitagent.git.repository import Repository
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.agent.states import State

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
    """Put an agent on an empty remote, which from then on is its authority."""
    if store.remote is not None:
        raise RuleBroken(
            f"the agent is shared already, on {store.remote.url}", hint="See: gitagent status", code="already-shared"
        )
    with store.writing(), _remote_for(store.repository, url) as remote:
        remote.fetch()
        state = store.ledger.state()
        _refuse_taken(store, remote, state)
        changes, tags = _everything(store, remote, state)
        remote.push(changes, operation="share", also=tags)
        store.repository.set_config(REMOTE, remote.name)
        mark_fetched(store)
        return sharing(store, remote)


def clone(url: str, path: Path) -> Store:
    """Join an agent on a shared remote, in a new folder."""
    path = path.absolute()
    if path.exists() and any(path.iterdir()):
        raise RuleBroken(f"{path} is not empty", hint="Name a new folder.", code="not-empty")
    path.parent.mkdir(parents=True, exist_ok=True)
    done = run_git(Path(), "clone", "--quiet", "--branch", "main", "--", url, str(path))
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise RemoteUnreachable(
            f"git cannot clone {url}" + (f": {said[-1]}" if said else ""),
            hint="Check the address; it has to hold an agent, which gitagent share puts there.",
        )
    return join(Repository.discover(path))


def join(repository: Repository) -> Store:
    """Make an agent of a plain clone of one: its ledger, tags and environments as the remote has them."""
    remote = next((each for name in repository.remotes() if (each := Remote(repository, name)).seen(LEDGER)), None)
    if remote is None or (tip := remote.seen(LEDGER)) is None:
        raise AgentNotFound(
            f"{repository.top} is no clone of an agent",
            hint="Put an agent on a remote with gitagent share, in the agent's own folder.",
        )
    repository.set_config(REMOTE, remote.name)
    store = Store(repository)
    with store.writing():
        repository.move_ref(LEDGER, to=tip, expected=None, why="clone")
        for environment in store.ledger.state().environments:
            ref = branch_ref(environment.name)
            if (found := repository.ref(ref)) != environment.commit:
                repository.move_ref(ref, to=environment.commit, expected=found, why="clone")
        mark_fetched(store)
    store.settle()
    return store


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
        raise


def _refuse_taken(store: Store, remote: Remote, state: State) -> None:
    """Refuse a remote that holds something else. An earlier attempt's main may be there."""
    repository, main = store.repository, remote.seen(MAIN)
    if remote.seen(LEDGER) is not None:
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
    taken = [str(name) for name in state.pipeline if remote.seen(branch_ref(name)) is not None]
    taken += [name for name in remote.tags("v") if VersionNumber.matches(name)]
    if taken:
        raise RuleBroken(
            f"{remote.url} has a branch or tag {taken[0]} that is not this agent's",
            hint="Share to an empty repository.",
            code="remote-taken",
        )


def _everything(store: Store, remote: Remote, state: State) -> tuple[list[RefChange], list[str]]:
    """What an empty remote is given: the ledger, main, what the environments serve, and every version's tag."""
    main = store.repository.ref(MAIN)
    changes = [RefChange(LEDGER, store.ledger.tip(), None)]
    if main is not None:
        changes.append(RefChange(MAIN, main, remote.seen(MAIN)))
    changes += [RefChange(branch_ref(each.name), each.commit, None) for each in state.environments if each.commit]
    last = state.last_version.number
    if last > MOST_NAMED_TAGS:
        return changes, [f"refs/tags/v{digit}*:refs/tags/v{digit}*" for digit in range(1, 10)]
    return changes, [f"refs/tags/v{number}:refs/tags/v{number}" for number in range(1, last + 1)]
