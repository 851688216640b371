"""By hand: what a person may push from a clone with plain git, decided before anything leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.agent.ledger import LEDGER, Ledger
from gitagent.agent.store import REMOTE
from gitagent.errors import AgentNotFound, RuleBroken
from gitagent.receive.refs import HEADS, version_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitagent.git.repository import Repository


def refuse_by_hand(repository: Repository, name: str, url: str, lines: Iterable[str]) -> None:
    """Refuse a push to the shared remote that moves what only an operation moves. `lines` are git's, of pre-push.

    A backup elsewhere may be given anything.
    """
    if not _is_shared_remote(repository, name, url):
        return
    environments = _environments(repository)
    for line in lines:
        _, new, ref, _ = line.split(" ", 3)
        branch = ref.removeprefix(HEADS)
        if ref == LEDGER:
            what, instead = "the ledger", "gitagent sync"
        elif branch in environments:
            what, instead = branch, f"gitagent promote {branch}, or gitagent rollback {branch}"
        elif version_of(ref) is not None:
            what, instead = f"the tag {version_of(ref)}", "gitagent save"
        else:
            continue
        does, why = "pushed by hand", "the shared remote takes it with its event"
        if not new.strip("0"):
            does = "deleted by hand"
            if version_of(ref) is not None:
                why, instead = "a version stays", "What is served is moved by gitagent promote and gitagent rollback."
        raise RuleBroken(f"{what} is not {does}: {why}", code="by-hand", hint=instead)


def _is_shared_remote(repository: Repository, name: str, url: str) -> bool:
    shared = repository.config(REMOTE)
    if shared is not None:
        return name == shared or url == repository.config(f"remote.{shared}.url")
    return repository.ref(f"refs/remotes/{name}/{LEDGER.removeprefix(HEADS)}") is not None


def _environments(repository: Repository) -> set[str]:
    try:
        return {str(name) for name in Ledger(repository).state().pipeline}
    except AgentNotFound:  # a plain clone that has not joined: the remote itself refuses what has to be refused
        return set()
