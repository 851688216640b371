"""Cloning: how others join an agent on a shared remote, in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from gitagent.errors import AgentNotFound, RemoteUnreachable, RuleBroken
from gitagent.git.remote import reasons, start_git, without_password

if TYPE_CHECKING:
    from gitagent.agent.store import Store


def clone(url: str, path: Path) -> Store:
    """Join an agent on a shared remote, in a new folder; of one that cannot be joined nothing is left behind."""
    path = path.absolute()
    existed = path.exists()
    if existed and any(path.iterdir()):
        raise RuleBroken(f"{path} is not empty", hint="Name a new folder.", code="not-empty")
    path.parent.mkdir(parents=True, exist_ok=True)
    with start_git(Path(), "clone", "--quiet", "--branch", "main", "--", url, str(path)) as git:
        # What it takes to join is loaded while git is busy: a third of what it costs beyond git's own clone.
        from gitagent.agent import agent as _  # noqa: F401
        from gitagent.agent.sharing import join
        from gitagent.git.repository import Repository

        said = reasons(git.communicate()[1])
    if git.returncode != 0:
        raise RemoteUnreachable(
            f"git cannot clone {without_password(url)}" + (f": {said[-1]}" if said else ""),
            hint="Check the address; it has to hold an agent, which gitagent share puts there.",
        )
    try:
        store = join(Repository.discover(path))
        _stand_on_newest(store)
    except BaseException as error:
        _remove(path, but_itself=existed)
        if isinstance(error, AgentNotFound):
            raise AgentNotFound(f"{without_password(url)} holds no agent", hint=error.hint) from None
        raise
    return store


def _stand_on_newest(store: Store) -> None:
    """Let main and the draft begin with the newest version, where main of the remote was moved away from it."""
    from gitagent.agent.lineage import main_of

    repository, last = store.repository, store.ledger.state().last_version
    main, newest = main_of(store), store.ledger.record(last).commit
    if repository.is_ancestor(newest, main):
        return
    now, wanted = (repository.entries(repository.commit(each).tree) for each in (main, newest))
    store.working_tree.replace(now=now, wanted=wanted)
    store.projection.move_main(newest)
    store.notices.append(
        f"main of the shared remote had been moved away from {last}, where this clone is. "
        "To put it right: gitagent sync"
    )


def _remove(path: Path, *, but_itself: bool) -> None:
    for each in path.iterdir() if but_itself else [path]:
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each, ignore_errors=True)
        else:
            each.unlink(missing_ok=True)
