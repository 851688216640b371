"""Overview: what a look at an agent shows."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from gitagent.agent.draft import Draft
    from gitagent.agent.environments import Environment
    from gitagent.agent.files import Tree
    from gitagent.agent.sharing import Sharing
    from gitagent.names import EnvironmentName, VersionNumber


class Ahead(NamedTuple):
    """`environment` is `versions` version numbers ahead of `of`, the next in the pipeline (negative: behind)."""

    environment: EnvironmentName
    of: EnvironmentName
    versions: int


class Status(NamedTuple):
    """An agent at a glance. `draft` is None where there is no working tree.

    `unpublished` is whether the draft, or the newest version, was never in the first environment. `sharing` is the
    shared remote, if there is one, and `line` the newest version that the draft knows,
    and `pending` the number of saves that wait for the remote.
    """

    name: str
    path: Path
    draft: Draft | None
    environments: tuple[Environment, ...]
    last_version: VersionNumber
    last_published: VersionNumber | None
    unpublished: bool
    sharing: Sharing | None
    line: VersionNumber
    pending: int

    @property
    def behind(self) -> bool:
        """Whether others saved versions that the draft does not know yet."""
        return self.line < self.last_version

    @property
    def ahead(self) -> tuple[Ahead, ...]:
        """Which environment is ahead of the next one, and by how much; those that agree are left out."""
        numbers = [(each.name, each.version.number if each.version else 0) for each in self.environments]
        return tuple(
            Ahead(name, next_name, number - next_number)
            for (name, number), (next_name, next_number) in pairwise(numbers)
            if number != next_number
        )


class Served(NamedTuple):
    """What an environment served at some time: since when, and until when; None where it never began or ended."""

    version: VersionNumber | None
    since: datetime | None
    until: datetime | None


class Configuration(NamedTuple):
    """What an environment serves: a version, its commit, and its files."""

    environment: EnvironmentName
    version: VersionNumber
    commit: str
    files: Tree
