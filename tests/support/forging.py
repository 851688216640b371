"""Forging: the newest event of a ledger made anew with the git program, saying or holding something else."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitagent.agent.events import format_event, parse_event
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "refs/heads/gitagent/ledger"
ZONE = "+0000"


def plumb(folder: Path, *arguments: str, given: str | bytes = "", environ: Mapping[str, str] | None = None) -> str:
    """What a plumbing command of git prints, given something on its standard input."""
    data = given.encode() if isinstance(given, str) else given
    done = subprocess.run(
        ["git", "-C", folder, *arguments],
        input=data,
        capture_output=True,
        check=False,
        env={**os.environ, **(environ or {})},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().strip()


def forge(
    folder: Path,
    *,
    files: Mapping[str, str | None] | None = None,
    text: str | None = None,
    author: str | None = None,
    parents: Sequence[str] | None = None,
    instead: bool = True,
    **changes: Any,
) -> str:
    """Put another commit in the place of the ledger's newest, or after it, and return its id.

    `changes` are those of its event, `files` those of its tree, None for one that is to be gone.
    """
    tip = plumb(folder, "rev-parse", LEDGER)
    event = parse_event(Repository.discover(folder).commit(tip))._replace(**changes)
    if parents is None:
        parents = plumb(folder, "show", "-s", "--format=%P", tip).split() if instead else [tip]
    when = f"@{int(event.at.timestamp())} {ZONE}"
    environ = {
        "GIT_AUTHOR_NAME": author or event.actor.name,
        "GIT_AUTHOR_EMAIL": event.actor.email,
        "GIT_AUTHOR_DATE": when,
        "GIT_COMMITTER_NAME": event.actor.name,
        "GIT_COMMITTER_EMAIL": event.actor.email,
        "GIT_COMMITTER_DATE": when,
    }
    above = [word for parent in parents for word in ("-p", parent)]
    tree = forged_tree(folder, f"{tip}^{{tree}}", files or {})
    text = format_event(event) if text is None else text
    commit = plumb(folder, "commit-tree", tree, *above, "-F", "-", given=text, environ=environ)
    plumb(folder, "update-ref", LEDGER, commit)
    return commit


def forged_tree(folder: Path, base: str, files: Mapping[str, str | None]) -> str:
    """A tree with some files set or removed."""
    environ = {"GIT_INDEX_FILE": str(folder / ".git/forged-index")}
    plumb(folder, "read-tree", base, environ=environ)
    for path, content in files.items():
        if content is None:
            plumb(folder, "update-index", "--force-remove", path, environ=environ)
        else:
            blob = plumb(folder, "hash-object", "-w", "--stdin", given=content)
            plumb(folder, "update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", environ=environ)
    return plumb(folder, "write-tree", environ=environ)


def forged_tag(folder: Path, name: str, *, inner: str | None = None, target: str, message: str = "mine\n") -> str:
    """A tag object, with the name that stands inside it, put on its ref."""
    tagger = f"Ada Lovelace <ada@example.com> 1772442120 {ZONE}"
    content = f"object {target}\ntype commit\ntag {inner or name}\ntagger {tagger}\n\n{message}"
    id_ = plumb(folder, "hash-object", "-t", "tag", "-w", "--stdin", given=content)
    plumb(folder, "update-ref", f"refs/tags/{name}", id_)
    return id_


def remove_object(folder: Path, name: str) -> str:
    """Take an object that is still loose out of the repository, and return its id."""
    id_ = plumb(folder, "rev-parse", name)
    (folder / ".git/objects" / id_[:2] / id_[2:]).unlink()
    return id_
