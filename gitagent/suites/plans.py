"""Plans: which cases an agent's suites have, each under the name by which results know it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from gitagent.config.cases import cases_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitagent.config.files import Files
    from gitagent.config.meaning.values import Case, Meaning, Suite


class Planned(NamedTuple):
    """A case, its suite, and the name of both that a result has."""

    name: str
    suite: Suite
    case: Case

    @property
    def own(self) -> str:
        """What it is called within its file."""
        return self.name.removeprefix(f"{self.case.path}::") if self.name != self.case.path else self.case.name


def plan_of(files: Files, meaning: Meaning) -> Mapping[str, list[Planned]]:
    """The cases of each file."""
    names = defaultdict[str, list[str]](list)
    for name in cases_of(files).names:
        path = name if name in files else name.partition("::")[0]
        names[path].append(name)
    found = defaultdict[str, list[Planned]](list)
    for suite in meaning.suites:
        for case in suite.cases:
            position = len(found[case.path])
            if position < len(names[case.path]):
                found[case.path].append(Planned(names[case.path][position], suite, case))
    return found
