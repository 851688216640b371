"""Refs: which names a push may touch at all, before it is asked what it puts there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from unicodedata import category, normalize

from gitagent.agent.ledger import LEDGER
from gitagent.agent.lineage import MAIN
from gitagent.errors import RuleBroken
from gitagent.names import VersionNumber

if TYPE_CHECKING:
    from collections.abc import Collection

HEADS, TAGS = "refs/heads/", "refs/tags/"
_CLOSED = ("refs/gitagent/", "refs/remotes/", "refs/replace/")
_LIKE_A_VERSION = re.compile(r"v[\W_]*\d+[\W_]*(?:/.*)?")


def version_of(ref: str) -> VersionNumber | None:
    """The version whose tag's ref this is; None for every other ref, however much it looks like one."""
    name = ref.removeprefix(TAGS)
    return VersionNumber.parse(name) if name != ref and name[:1] == "v" and VersionNumber.matches(name) else None


def refuse_name(ref: str, environments: Collection[str]) -> None:
    """Refuse to make or move a ref whose name is gitagent's own, or can be taken for one of an agent's names."""
    if ref.startswith(_CLOSED):
        raise RuleBroken(
            f"{ref} is not for others to see",
            code="rule-closed",
            hint="Name the branches and tags to push; --mirror pushes everything.",
        )
    if ref.startswith(HEADS):
        _refuse_branch(ref, ref.removeprefix(HEADS), environments)
    elif ref.startswith(TAGS) and version_of(ref) is None:
        _refuse_tag(ref.removeprefix(TAGS), environments)


def is_guarded(ref: str, environments: Collection[str]) -> bool:
    """Whether the ledger or the line of versions says where this ref stands."""
    return ref in (LEDGER, MAIN) or ref.removeprefix(HEADS) in environments or version_of(ref) is not None


def _refuse_branch(ref: str, branch: str, environments: Collection[str]) -> None:
    if ref in (LEDGER, MAIN) or branch in environments:
        return
    first = _plain(branch).partition("/")[0]
    if first in {*environments, "main", "gitagent"}:
        raise RuleBroken(
            f"the branch {branch} could be taken for {first}, or keeps it from being made",
            code="rule-branch-name",
            hint=f"Give it another name: git push origin {branch}:my-{branch.rpartition('/')[2].lower()}",
        )


def _refuse_tag(tag: str, environments: Collection[str]) -> None:
    plain = _plain(tag)
    if _LIKE_A_VERSION.fullmatch(plain):
        raise RuleBroken(
            f"the tag {tag!r} looks like a version's and is none",
            code="rule-tag-name",
            hint="Give it another name; versions are made with: gitagent save",
        )
    if plain in {*environments, "main", "gitagent/ledger"}:
        raise RuleBroken(
            f"the tag {tag} would stand before the branch {plain} wherever git is told that name",
            code="rule-tag-name",
            hint="Give it another name.",
        )


def _plain(name: str) -> str:
    """A name as it looks: one form for letters and digits that look the same, without what cannot be seen."""
    return "".join(each for each in normalize("NFKC", name) if category(each) != "Cf").casefold()
