"""Places: where the calls of an agent, or of all agents below a folder, are kept."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.following import is_agent
from gitagent.errors import CallStoreFailed
from gitagent.git.repository import Repository
from gitagent.runtime.calls import Calls
from gitagent.runtime.contests import Contest
from gitagent.runtime.folders import Agents, name_of
from gitagent.runtime.records import Filter
from gitagent.runtime.repositories import DEPTH
from gitagent.runtime.spool import Spool
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from gitagent.names import PhoneNumber
    from gitagent.runtime.resolutions import Resolver

STORE = "gitagent.calls"
"""The key of git's configuration that says where calls are kept."""
FILE, SPOOL, INDEX, OF_FOLDER = "calls.db", "spool", "agents.json", ".gitagent"


class Kept(NamedTuple):
    """Where an agent's calls are kept; and the folder around it where a server recorded more of them, if one did."""

    address: str
    passed_over: Path | None


class Rival(NamedTuple):
    """Another agent that has a number, too; and whether it answers it, None where none of those that have it does."""

    path: Path
    answers: bool | None


def open_calls(agents: Agents, store: str | None = None) -> Calls:
    """The calls of the one agent that `agents` holds, in a named store, or else in its own folder.

    Where none were kept there yet, but were by whoever serves a folder around it, those are meant.
    """
    resolver = agents.get(agents.names()[0])
    address = _kept(resolver, store)[0]
    return Calls(agents, open_store(address), Spool(_folder_of(resolver) / SPOOL), agent=resolver.name)


def kept_at(top: Path, store: str | None = None) -> Kept:
    """Where `open_calls` finds the calls of the agent in a folder."""
    resolver = Agents.only(top).get(name_of(top))
    address, around = _kept(resolver, store)
    return Kept(address, around if around is not None and _has_calls(around, resolver.name) else None)


def open_folder(folder: Path, store: str | None = None) -> Calls:
    """The calls of all agents below a folder, in `.gitagent` there unless another store is named.

    Where the folder is an agent's own, they are the calls of that one.
    """
    if _is_agent(folder):
        return open_calls(Agents.only(folder), store)
    own = own_folder(folder)
    return Calls(Agents(folder, index=own / INDEX), open_store(store or str(own / FILE)), Spool(own / SPOOL))


def own_folder(folder: Path) -> Path:
    """Where whoever serves the agents of a folder, or the agent that it is, keeps what is not git's."""
    return _folder_of(Agents.only(folder).get(name_of(folder))) if _is_agent(folder) else folder / OF_FOLDER


def rivals(top: Path, number: PhoneNumber) -> list[Rival]:
    """The other agents that have a number, below a folder around this one that is served, or was."""
    own = Repository.discover(top).git_directory
    parents = top.absolute().parents[:DEPTH]
    # What somebody else serves, and lets nobody look into, is none of this agent's.
    served = next((each for each in parents if os.path.isdir(each / OF_FOLDER)), None)  # noqa: PTH112  # False where refused
    if served is None:
        return []
    agents = Agents(served, index=served / OF_FOLDER / INDEX)
    if (owner := agents.owner(number)) is None:
        return []
    names, first = (owner.owners, owner.first) if isinstance(owner, Contest) else ((owner,), owner)
    found = [agents.get(name) for name in names]
    others = [each for each in found if not each.repository().git_directory.samefile(own)]
    return [Rival(each.path, None if first is None else each.name == first) for each in others]


def _is_agent(folder: Path) -> bool:
    repository = Repository.at(folder)
    return repository is not None and is_agent(repository)


def _kept(resolver: Resolver, store: str | None) -> tuple[str, Path | None]:
    """The address of the calls, and the folder around whose file they are not in, though it is there."""
    if named := store or _configured(resolver):
        return named, None
    own, folders = _folder_of(resolver) / FILE, resolver.path.absolute().parents[:DEPTH]
    # What somebody else serves, and lets nobody look into, is none of this agent's.
    around = next((each for each in folders if os.path.isfile(each / OF_FOLDER / FILE)), None)  # noqa: PTH113  # False where refused
    if around is None or own.is_file():
        return str(own), around
    return str(around / OF_FOLDER / FILE), None


def _has_calls(folder: Path, agent: str) -> bool:
    store = open_store(str(folder / OF_FOLDER / FILE))
    try:
        return bool(store.find(Filter(agent=agent), limit=1))
    except CallStoreFailed:  # what nobody asked for keeps nobody from what they asked for
        return False
    finally:
        store.close()


def _folder_of(resolver: Resolver) -> Path:
    return resolver.repository().git_directory / "gitagent"


def _configured(resolver: Resolver) -> str | None:
    """What git's configuration says; a path there begins at the agent's top."""
    repository: Repository = resolver.repository()
    said = repository.config(STORE)
    return said if said is None or "://" in said else str(repository.top / Path(said).expanduser())
