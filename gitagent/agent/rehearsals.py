"""Rehearsals: what making an agent would come to, found by making it in a folder that is thrown away."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitagent.agent import draft, takeover
from gitagent.agent.files import tree_files
from gitagent.agent.store import Store
from gitagent.config.layouts import agent_name
from gitagent.git.repository import Repository

if TYPE_CHECKING:
    from datetime import datetime

    from gitagent.config.files import Files
    from gitagent.config.problems import Problem
    from gitagent.names import Actor, EnvironmentName


class InitPlan(NamedTuple):
    """The agent that an init would make: how many files v1 would hold, and the warnings about them."""

    name: str
    path: Path
    pipeline: tuple[EnvironmentName, ...]
    files: int
    problems: tuple[Problem, ...]


def rehearse(
    path: Path,
    *,
    pipeline: tuple[EnvironmentName, ...],
    files: Files | None,
    source: Path | None,
    name: str | None,
    message: str | None,
    actor: Actor,
    at: datetime,
) -> InitPlan:
    """What `takeover.take_over` would make; refused as that would be. Nothing is left behind."""
    path = path.absolute()
    in_place = files is None and (source is None or source.absolute().resolve() == path.resolve())
    takeover.check_place(path, files, None if in_place else source)
    if in_place:
        source = path if path.is_dir() else None
        if (repository := Repository.at(path) if path.exists() else None) is not None:
            takeover.check_repository(Store(repository), pipeline)
    with tempfile.TemporaryDirectory(prefix="gitagent-") as folder:
        made = takeover.take_over(
            Path(folder) / (path.name or "agent"),
            pipeline=pipeline,
            files=files,
            source=source,
            name=name,
            message=message,
            actor=actor,
            at=at,
        )
        state = made.ledger.state()
        commit = made.ledger.record(state.last_version).commit
        tree = tree_files(made.repository, made.repository.commit(commit).tree)
        problems = draft.checked_problems(tree)
        return InitPlan(agent_name(tree) or path.name, path, state.pipeline, len(tree), problems)
