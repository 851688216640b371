"""Collecting: an agent's suites as files of pytest, and their cases as its tests."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest

from gitagent.chat.responders import responder_of
from gitagent.chat.transcripts import remarks, spoken
from gitagent.config.meaning import meaning_of
from gitagent.config.problems import Severity
from gitagent.errors import GitagentError
from gitagent.suites.failures import failure
from gitagent.suites.folders import Folder
from gitagent.suites.plans import Planned, plan_of
from gitagent.suites.playing import Played, Stage

if TYPE_CHECKING:
    from collections.abc import Generator

    from gitagent.chat.budget import Budget
    from gitagent.config.problems import Problem
    from gitagent.suites.expectations import Miss

RECORD = "gitagent"
"""The attribute of a report that holds what came of a case."""
_AGENTS = pytest.StashKey[dict["Path", "Loaded"]]()
_BEGAN = pytest.StashKey[float]()


def collected(path: Path, parent: pytest.Collector) -> SuiteFile:
    """The cases of a file."""
    plugins = parent.config.pluginmanager
    if not plugins.has_plugin(RECORD + "-reports"):
        plugins.register(Reports(), RECORD + "-reports")
        parent.config.stash[_BEGAN] = monotonic()
    file: SuiteFile = SuiteFile.from_parent(parent, path=path)
    return file


class Loaded:
    """An agent, read once for all of its suites. Nothing answers before a case is played."""

    def __init__(self, root: Path, config: pytest.Config) -> None:
        self._files = Folder(root)
        self._config = config
        self._stage: Stage | None = None
        self._problems: list[Problem] | None = [] if config.getoption("gitagent_unchecked") else None
        self.meaning = meaning_of(self._files)
        self.plan = plan_of(self._files, self.meaning)

    @property
    def stage(self) -> Stage:
        if self._stage is None:
            option = self._config.getoption
            responder = responder_of(
                option("gitagent_responder"),
                os.environ,
                meaning=self.meaning,
                budget=_budget(option("gitagent_budget")),
                live_tools=option("gitagent_live_tools"),
            )
            self._config.add_cleanup(responder.close)
            self._stage = Stage(self.meaning, responder)
        return self._stage

    def problems(self, path: str) -> list[Problem]:
        """What keeps the suite at a path from being played: errors in it, or in what is no suite."""
        if self._problems is None:
            from gitagent.config.validation import validate

            self._problems = [each for each in validate(self._files) if each.severity is Severity.ERROR]
        return [each for each in self._problems if each.path == path or each.path.split("/")[0] not in _FOLDERS]


_FOLDERS = ("tests", "test_suite")


def _budget(folder: str | None) -> Budget | None:
    """The budget that all who play in this run share; None where no model is asked."""
    if folder is None:
        return None
    from gitagent.chat.budget import budget_of

    return budget_of(os.environ, folder=Path(folder))


class SuiteFile(pytest.File):
    """A suite's file."""

    def collect(self) -> Iterator[pytest.Item]:
        """Its cases. A file that cannot be played is an error that names the line of each problem."""
        loaded, path = self._loaded(), f"{self.path.parent.name}/{self.path.name}"
        if problems := loaded.problems(path):
            told = [f"{each}\n    {each.hint}" if each.hint else str(each) for each in problems]
            raise self.CollectError("\n".join(told))
        repeat = self.config.getoption("gitagent_repeat")
        for planned in loaded.plan.get(path, ()):
            for number in range(1, repeat + 1):
                name = planned.own if repeat == 1 else f"{planned.own} ({number} of {repeat})"
                yield CaseItem.from_parent(self, name=_known(name), planned=planned, loaded=loaded)

    def _loaded(self) -> Loaded:
        agents = self.config.stash.setdefault(_AGENTS, {})
        root = self.path.parent.parent
        if root not in agents:
            agents[root] = Loaded(root, self.config)
        return agents[root]


def _known(name: str) -> str:
    """A name without the marks by which pytest takes names apart, after which it would not know one that failed."""
    return re.sub("::+", ":", name).replace("[", "(").replace("]", ")")


class CaseFailed(Exception):  # noqa: N818  # the outcome of a test, which pytest shows
    """What was expected in a case did not come."""


class CaseItem(pytest.Item):
    """A case."""

    def __init__(self, *, planned: Planned, loaded: Loaded, **options: Any) -> None:
        super().__init__(**options)
        self.planned = planned
        self.played: Played | None = None
        self._loaded = loaded

    def runtest(self) -> None:
        """Play the case."""
        option = self.config.getoption
        left = self.config.stash[_BEGAN] + option("gitagent_run_seconds") - monotonic()
        if left <= 0:
            raise CaseFailed(f"the run has lasted {option('gitagent_run_seconds'):g} s, and no further case is begun")
        seconds = min(option("gitagent_case_seconds"), left)
        self.played = self._loaded.stage.play(self.planned.suite, self.planned.case, seconds=seconds)
        if self.played.misses:
            raise CaseFailed
        if self.played.unanswered is not None:
            pytest.skip(self.played.unanswered)

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, self.planned.case.line - 1, self.name

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The conversation, what was expected at which line, and what came instead."""
        match excinfo.value:
            case CaseFailed() as error:
                return failure(self.planned, self.said(), self.misses(), self._answer(), str(error))
            case GitagentError() as error:
                return "\n".join([error.message, *([error.hint] if error.hint else [])])
        return super().repr_failure(excinfo, style)

    def said(self) -> list[str]:
        """The conversation in lines."""
        if self.played is None:
            return []
        meaning = self.played.conversation.meaning
        return [line for each in self.played.conversation.turns for line in (*spoken(each), *remarks(each, meaning))]

    def misses(self) -> tuple[Miss, ...]:
        return () if self.played is None else self.played.misses

    def _answer(self) -> str:
        """The last one that came."""
        turns = () if self.played is None else self.played.conversation.turns
        return turns[-1].answer.text if turns else ""

    def record(self, call: pytest.CallInfo[None], outcome: str) -> dict[str, Any]:
        """What came of it, in values that another process can be told."""
        error = None if call.excinfo is None else call.excinfo.value
        if outcome == "failed" and not isinstance(error, CaseFailed):
            outcome = "error"
        why = error.message if isinstance(error, GitagentError) else str(getattr(error, "msg", None) or error or "")
        turns = () if self.played is None else self.played.conversation.turns
        return {
            "case": self.planned.name,
            "path": self.planned.case.path,
            "line": self.planned.case.line,
            "outcome": outcome,
            "seconds": call.duration,
            "tokens": sum(each.answer.tokens for each in turns),
            "said": self.said() if outcome == "failed" else [],
            "misses": [[each.line, each.expected, each.came] for each in self.misses()],
            "why": why,
            "hint": (error.hint or "") if isinstance(error, GitagentError) else "",
            "own": self.planned.own,
        }


class Reports:
    """Puts what came of each case into its report, with which it goes wherever the report goes."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if isinstance(item, CaseItem) and call.when == "call":
            record = item.record(call, report.outcome)
            setattr(report, RECORD, record)
            if report.skipped:
                report.longrepr = (os.fspath(item.path), item.planned.case.line, f"Skipped: {record['why']}")
        return report
