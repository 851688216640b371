"""Places: where the calls of an agent, or of all agents below a folder, are kept."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.git.repository import Repository
from gitagent.runtime.calls import Calls
from gitagent.runtime.folders import Agents
from gitagent.runtime.spool import Spool
from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from gitagent.runtime.resolutions import Resolver

STORE = "gitagent.calls"
"""The key of git's configuration that says where calls are kept."""
FILE, SPOOL = "calls.db", "spool"


def open_calls(agents: Agents, store: str | None = None) -> Calls:
    """The calls of the one agent that `agents` holds, in its own folder unless another store is named."""
    resolver = agents.get(agents.names()[0])
    folder = _folder_of(resolver)
    address = store or _configured(resolver) or str(folder / FILE)
    return Calls(agents, open_store(address), Spool(folder / SPOOL), agent=resolver.name)


def open_folder(folder: Path, store: str | None = None) -> Calls:
    """The calls of all agents below a folder, in `.gitagent` there unless another store is named."""
    own = folder / ".gitagent"
    return Calls(Agents(folder), open_store(store or str(own / FILE)), Spool(own / SPOOL))


def _folder_of(resolver: Resolver) -> Path:
    return resolver.repository().git_directory / "gitagent"


def _configured(resolver: Resolver) -> str | None:
    """What git's configuration says; a path there begins at the agent's top."""
    repository: Repository = resolver.repository()
    said = repository.config(STORE)
    return said if said is None or "://" in said else str(repository.top / Path(said).expanduser())
