"""Preparing: what is looked at before a server starts, and what keeps it from starting."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitagent.errors import AgentNotFound, CallStoreFailed, RuleBroken
from gitagent.runtime.places import open_folder, own_folder
from gitagent.server.tokens import Tokens

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gitagent.runtime.calls import Calls
    from gitagent.server.settings import Settings


class Prepared(NamedTuple):
    """The agents that are served, whether nobody needs a token, and what is not as it should be."""

    agents: list[str]
    is_open: bool
    notices: tuple[str, ...]


def prepare(settings: Settings, *, at: datetime) -> Prepared:
    """Look at what is to be served; AgentNotFound where there is nothing, RuleBroken where it would be open to all."""
    _refuse_no_folder(settings.path)
    tokens = Tokens(own_folder(settings.path))
    _refuse_open(settings, tokens, at)
    with open_folder(settings.path, settings.store) as calls:
        calls.agents.refresh()
        if not (names := calls.agents.names()):
            raise AgentNotFound(
                f"there is no agent in {settings.folder}",
                hint="Name the folder that they are in, or put one there: gitagent clone URL",
            )
        return Prepared(names, not tokens and settings.is_loopback, (*_store_notices(calls), *_troubles(calls)))


def refuse_no_agents(folder: Path) -> None:
    """AgentNotFound where a folder has no agent that could be served."""
    _refuse_no_folder(folder)
    with open_folder(folder) as calls:
        if not calls.agents.names():
            raise AgentNotFound(
                f"there is no agent in {folder}", hint="Name the folder that a server serves: gitagent tokens -C FOLDER"
            )


def _refuse_no_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise AgentNotFound(f"there is no folder {folder}", hint="Name the folder of the agents: gitagent serve FOLDER")


def _refuse_open(settings: Settings, tokens: Tokens, at: datetime) -> None:
    if settings.is_loopback or any(each.state_at(at) == "valid" for each in tokens.all()):
        return
    raise RuleBroken(
        f"on {settings.host} other machines can ask, and there is no token yet",
        hint=f"Make one first: gitagent -C {settings.folder} tokens add telephony --scope call",
        code="token-needed",
    )


def _store_notices(calls: Calls) -> list[str]:
    try:
        calls.check()
    except CallStoreFailed as error:
        return [f"{error.message}; calls are answered all the same, and recorded once it is there"]
    return []


def _troubles(calls: Calls) -> list[str]:
    return [f"{each.what}: {each.error.message}" for each in calls.agents.troubles()]
