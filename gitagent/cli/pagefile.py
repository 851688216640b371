"""Page file: the file that holds a comparison as HTML - whose change it shows, and what it never overwrites."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitagent.cli.compare_views.page import BEGINNING
from gitagent.cli.compare_views.pageheader import About, Side
from gitagent.cli.times import local_with_zone
from gitagent.errors import IdentityMissing, InvalidName, NotFound, RuleBroken

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gitagent import Actor, Agent
    from gitagent.cli.session import Session

OUTSIDE = "Name a new file outside the agent's folder, such as ../changes.html, or - for stdout."


def refuse_unfit(agent: Agent | None, page: Path, *, beginning: str = BEGINNING) -> None:
    """Refuse a file that is not a page's to write: git's own, the draft's, and whatever stands there already.

    A page that was written before, which is told by its `beginning`, may be written again.
    """
    path = page.resolve()
    if not path.parent.is_dir():
        raise NotFound(f"the folder {page.parent} does not exist", hint="Make it first.", code="folder-not-found")
    if any(_is_git_own(folder) for folder in path.parents):
        raise RuleBroken(f"{page} is inside git's own folder", hint=OUTSIDE, code="file-in-agent")
    if path.is_dir():
        raise RuleBroken(f"{page} is a folder", hint=OUTSIDE, code="file-exists")
    if not path.is_file() or _is_page(
        path, beginning.encode()
    ):  # nothing, a pipe or a device, or what may be written again
        return
    if agent is not None and is_in_draft(agent, page):
        raise RuleBroken(f"{page} is part of the draft", hint=OUTSIDE, code="file-in-agent")
    raise RuleBroken(
        f"{page} exists already and is not a page of gitagent's", hint="Name another file.", code="file-exists"
    )


def is_in_draft(agent: Agent, page: Path) -> bool:
    """Whether this is a file of the draft."""
    path, top = page.resolve(), agent.path.resolve()
    return path.is_relative_to(top) and path.relative_to(top).as_posix() in agent.files()


def about(session: Session, old: str, new: str) -> About:
    """Whose change it is: what a page that is mailed has to say of itself."""
    agent = session.agent
    try:
        by = f" by {session.actor}"
    except IdentityMissing:
        by = ""
    made = f"Made by gitagent compare on {local_with_zone(session.now)}{by}."
    return About(agent.name, _side(agent, old), _side(agent, new), made)


def _side(agent: Agent, selector: str) -> Side:
    if selector == "draft":
        return Side(made=f"The draft as it stands, based on {agent.draft().base}; not a version yet")
    try:
        version = agent.version(selector)
    except InvalidName:
        kept = agent.kept_draft(selector)
        return Side(made=_made(kept.at, kept.actor), message=f"Kept before: {kept.reason}")
    return Side(version.name, _made(version.at, version.actor), version.message)


def _made(at: datetime, by: Actor) -> str:
    return f"{local_with_zone(at)}, by {by}"


def _is_git_own(folder: Path) -> bool:
    """Whether this is a repository's own folder, or a linked working tree's."""
    return (folder / "HEAD").is_file() and any((folder / name).exists() for name in ("objects", "commondir"))


def _is_page(path: Path, beginning: bytes) -> bool:
    with path.open("rb") as file:
        return file.read(len(beginning)) == beginning
