"""Following: a clone's ledger, versions and environments brought to where the shared remote has them; never a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import fetching
from gitagent.agent.ledger import LEDGER
from gitagent.agent.store import REMOTE, Store
from gitagent.errors import AgentNotFound, LedgerInvalid
from gitagent.git.remote import HEADS, Remote
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

    from gitagent.git.patience import Patience


LONGEST_LOOK = 10.0
"""Seconds that a remote may take to say where its ledger is. What is new may take as long as the patience lasts."""


class Followed(NamedTuple):
    """A look at a shared remote: its address, whether it had anything new, and what had to be put right here."""

    url: str
    is_new: bool
    notices: tuple[str, ...] = ()


def follow(path: Path, patience: Patience) -> Followed | None:
    """Look at the remote that an agent follows, and bring what is new; None where the agent follows none.

    RemoteUnreachable where it is away or takes too long; LedgerInvalid where its ledger does not go on from the one
    here. Then all stays as it was.
    """
    if (repository := Repository.at(path)) is None:
        raise AgentNotFound(f"no agent in {path}")
    store = Store(repository)
    if not store.ledger.exists:
        return _joined(repository)
    if (name := remote_of(store)) is None:
        return None
    # Asking writes nothing, and holds up nobody who works here. Only what is new is brought under the agent's lock.
    asked = Remote(repository, name, patience=patience.at_most(LONGEST_LOOK))
    remote = Remote(repository, name, patience=patience)
    if asked.refs(LEDGER).get(LEDGER) == store.ledger.tip():
        fetching.mark_fetched(store)
        return Followed(remote.url, is_new=False)
    with store.writing():
        was = store.ledger.state()
        if is_new := fetching.catch_up(store, remote):
            store.projection.settle(was)
    return Followed(remote.url, is_new, tuple(store.notices))


def remote_of(store: Store) -> str | None:
    """The name of the remote that an agent follows: its shared remote, or what a mirror is of."""
    if (remote := store.remote) is not None:
        return remote.name
    repository = store.repository
    return next((name for name in repository.remotes() if _mirrors(repository, name)), None)


def is_agent(repository: Repository) -> bool:
    """Whether this is an agent, or a plain clone of one, which `follow` makes one."""
    return repository.ref(LEDGER) is not None or is_clone(repository)


def is_clone(repository: Repository) -> bool:
    """Whether this is a plain clone of an agent, still without a ledger of its own."""
    branch = LEDGER.removeprefix(HEADS)
    return repository.ref(LEDGER) is None and any(
        repository.ref(f"refs/remotes/{name}/{branch}") is not None for name in repository.remotes()
    )


def _joined(repository: Repository) -> Followed:
    from gitagent.agent.sharing import join

    store = join(repository)
    name = repository.config(REMOTE)
    if name is None:
        raise LedgerInvalid(f"{repository.top} follows no remote")
    return Followed(Remote(repository, name).url, is_new=True, notices=tuple(store.notices))


def _mirrors(repository: Repository, name: str) -> bool:
    """Whether git's own fetch would move the ledger here: then the one here is a copy."""
    return repository.config(f"remote.{name}.fetch") in {"+refs/*:refs/*", f"+{HEADS}*:{HEADS}*"}
