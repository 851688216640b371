"""In process: the Python API against the raw pygit2 calls that do the same to the repository."""

from __future__ import annotations

import itertools
import shutil
from typing import TYPE_CHECKING

import pygit2
from growing import ADA, START
from measuring import Figure, Prepared, paired

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gitagent import Agent

LOOKS = 2_000


def in_process(agent: Agent, other: Agent, folder: Path) -> Iterator[Figure]:
    """Looking at `agent`, and writing to `other`."""
    yield configuration(agent)
    yield save_and_publish(other, folder)


def configuration(agent: Agent) -> Figure:
    """What an environment serves, unchanged since the last look, against one branch look-up."""
    raw = pygit2.Repository(str(agent.path))

    def look() -> None:
        for _ in range(LOOKS):
            agent.configuration("live")

    def look_up() -> None:
        for _ in range(LOOKS):
            _ = raw.lookup_branch("live").target

    figure = paired("configuration of an environment", look, look_up, target=2.0)
    return figure._replace(milliseconds=figure.milliseconds / LOOKS)


def save_and_publish(agent: Agent, folder: Path) -> Figure:
    """A save and a publish, against writing the same objects, refs and index with the same syncs by hand."""
    replica = folder / "replica"
    shutil.copytree(agent.path, replica)
    hand = pygit2.Repository(str(replica))
    counter = itertools.count()
    objects: list[tuple[int, bytes]] = []
    refs: list[tuple[str, pygit2.Oid]] = []

    def edit() -> None:
        (agent.path / "notes.md").write_text(f"benchmark {next(counter)}\n", encoding="utf-8")

    def save_and_publish() -> None:
        agent.save(actor=ADA, at=START)
        agent.publish("latest", actor=ADA, at=START)

    def see_what_was_written() -> None:
        done = pygit2.Repository(str(agent.path))
        objects[:] = [done.read(each) for each in set(done.odb) - set(hand.odb)]
        refs[:] = [(name, target) for name, target in _targets(done).items() if _targets(hand).get(name) != target]

    def write_the_same_by_hand() -> None:
        for kind, content in objects:
            hand.write(kind, content)
        for name, target in refs:
            with hand.transaction() as transaction:
                transaction.lock_ref(name)
                transaction.set_target(name, target, message="benchmark")
        hand.index.add_all()
        hand.index.write()

    return paired(
        "save and publish",
        Prepared(save_and_publish, edit),
        Prepared(write_the_same_by_hand, see_what_was_written),
        target=3.0,
        runs=31,
    )


def _targets(repository: pygit2.Repository) -> dict[str, pygit2.Oid]:
    found = {name: repository.references[name].target for name in repository.references}
    return {name: target for name, target in found.items() if isinstance(target, pygit2.Oid)}
