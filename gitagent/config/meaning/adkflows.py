"""The flows of an ADK project: their steps, and the ways that lead from one to the next."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from gitagent.config.meaning.values import Flow, Step, Way

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitagent.config.meaning.reading import Part, Reading

_ON = "step_condition"
_OUT = "exit_flow_condition"


def flows(reading: Reading) -> Iterator[Flow]:
    """The flows, by the paths of their folders."""
    for path in reading.paths(r"flows/[^/]+/flow_config\.yaml"):
        if (part := reading.mapping(path)) is None:
            continue
        folder = PurePosixPath(path).parent.name
        yield Flow(
            part.text("name") or folder,
            part.text("description"),
            part.text("start_step") or None,
            tuple(_steps(reading, folder)),
            path,
            part.line,
        )
        part.leave_the_rest()


def _steps(reading: Reading, folder: str) -> Iterator[Step]:
    for path in reading.paths(rf"flows/{re.escape(folder)}/steps/[^/]+\.ya?ml"):
        if (part := reading.mapping(path)) is None:
            continue
        ways = tuple(way for each in part.parts("conditions") if (way := _way(each)) is not None)
        yield Step(part.text("name"), part.text("prompt"), ways, path, part.line)
        part.leave("step_type", "which sort of step it is, for the platform")
        part.leave("extracted_entities", "what only the platform recognises")
        part.leave_the_rest("how the platform listens and answers in this step")
    for path in reading.paths(rf"flows/{re.escape(folder)}/function_steps/[^/]+\.py"):
        yield Step(PurePosixPath(path).stem, path=path, line=1)
        reading.leave(path, None, "code of a step, which is named but not run")


def _way(part: Part) -> Way | None:
    """A condition as a way out; None for one that names no step to go to, which is then left."""
    sort = part.text("condition_type")
    if sort not in ("", _ON, _OUT):
        part.leave("condition_type", f"neither {_ON} nor {_OUT}")
    to = None if sort == _OUT else part.text("child_step") or None
    if to is None and sort != _OUT:
        part.leave_itself("it names no step to go to")
        return None
    way = Way(to, part.text("description"), part.texts("required_entities"), part.text("name"))
    part.leave_the_rest()
    return way
