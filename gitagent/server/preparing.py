"""Preparing: what is looked at before a server starts, and what keeps it from starting."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent.following import follow, is_clone, remote_of
from gitagent.agent.store import Store
from gitagent.errors import AgentNotFound, CallStoreFailed, GitagentError, RuleBroken
from gitagent.git.patience import Patience
from gitagent.git.repository import Repository
from gitagent.runtime.clones import clones
from gitagent.runtime.folders import name_of
from gitagent.runtime.places import open_folder, own_folder
from gitagent.server.tokens import Tokens
from gitagent.server.webhooks import Secrets

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.runtime.calls import Calls
    from gitagent.server.settings import Settings


LONGEST = 30.0
"""Seconds that joining a clone may take before the server starts without it."""


class Prepared(NamedTuple):
    """The agents that are served, whether nobody needs a token, and what is not as it should be."""

    agents: list[str]
    is_open: bool
    notices: tuple[str, ...]


def prepare(settings: Settings, *, at: datetime) -> Prepared:
    """Look at what is to be served; AgentNotFound where there is nothing, RuleBroken where it would be open to all."""
    _refuse_no_folder(settings.path)
    joined = _join(settings.path)
    tokens = Tokens(own_folder(settings.path))
    _refuse_open(settings, tokens, at)
    if settings.webhook_secret_file is not None:
        Secrets(Path(settings.webhook_secret_file)).all()
    with open_folder(settings.path, settings.store) as calls:
        calls.agents.refresh()
        if not (names := calls.agents.names()):
            raise AgentNotFound(
                f"there is no agent in {settings.folder}",
                hint="Name the folder that they are in, or put one there: gitagent clone URL",
            )
        troubles = (each.advised for each in calls.troubles())
        notices = (*joined, *_store_notices(calls), *troubles, *_followers_of_nobody(calls))
        return Prepared(names, not tokens and settings.is_loopback, notices)


def agents_in(folder: Path) -> list[str]:
    """The names of what could be served from a folder, AgentNotFound where that is nothing.

    Plain clones are among them, which become agents when a server first sees them.
    """
    _refuse_no_folder(folder)
    with open_folder(folder) as calls:
        if not (names := calls.agents.names()):
            raise AgentNotFound(
                f"there is no agent in {folder}", hint="Name the folder that a server serves: gitagent tokens -C FOLDER"
            )
    is_one = own_folder(folder).parent != folder
    return names if is_one else sorted({*names, *map(name_of, clones(folder))})


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


def _join(folder: Path) -> list[str]:
    """Let plain clones of agents be agents; what keeps one from that."""
    notices = []
    for path in [folder] if own_folder(folder).parent != folder else clones(folder):
        repository = Repository.at(path)
        if repository is not None and is_clone(repository):
            try:
                follow(path, Patience(LONGEST))
            except GitagentError as error:
                notices.append(f"{path} is a clone that cannot be joined: {error.message}")
    return notices


def _followers_of_nobody(calls: Calls) -> list[str]:
    """Bare clones: they might be a shared remote themselves, so that git has to be told whom they follow."""
    notices = []
    for name in calls.agents.names():
        path = calls.agents.get(name).path
        repository = Repository.at(path)
        if repository is None or not repository.is_bare or not (remotes := repository.remotes()):
            continue
        if remote_of(Store(repository)) is None:
            notices.append(
                f"{name} does not follow what it was cloned from; let it: "
                f"git -C {path} config gitagent.remote {remotes[0]}"
            )
    return notices


def _store_notices(calls: Calls) -> list[str]:
    try:
        calls.check()
    except CallStoreFailed as error:
        return [f"{error.message}; calls are answered all the same, and recorded once it is there"]
    return []
