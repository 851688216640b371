"""Validation: everything that is wrong with an agent's files, found in one go."""

from __future__ import annotations

from collections import Counter

from gitagent.config.files import Files
from gitagent.config.inspection import Inspection
from gitagent.config.layouts import Layout, layout_of
from gitagent.config.links import check_links
from gitagent.config.problems import MOST_PROBLEMS, Problem
from gitagent.config.strays import check_stray


def validate(files: Files) -> list[Problem]:
    """All problems of an agent's files, errors and warnings, in the order of their places."""
    inspection = Inspection(files)
    inspection.add(*check_links(files))
    layout = layout_of(files)
    if layout is Layout.NATIVE:
        from gitagent.config import native

        native.check(inspection)
    elif layout is Layout.ADK:
        from gitagent.config import adk

        adk.check(inspection)
    for path in files.keys() - inspection.read:
        inspection.add(*check_stray(files[path], path))
    return _cut(inspection.problems)


def _cut(problems: list[Problem]) -> list[Problem]:
    told: Counter[str] = Counter()
    kept = []
    for problem in problems:
        told[problem.path] += 1
        if told[problem.path] <= MOST_PROBLEMS:
            kept.append(problem)
        elif told[problem.path] == MOST_PROBLEMS + 1:
            place = problem.path, problem.line, problem.column
            kept.append(Problem(*place, "more-problems", "from here on there are more problems"))
    return kept
