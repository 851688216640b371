"""Running: the suites of a version or a draft played by pytest, in a folder of their own that is gone afterwards."""

from __future__ import annotations

import contextlib
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from gitagent.config.links import follow
from gitagent.config.texts import LARGEST
from gitagent.errors import ExtraMissing, NotFound, Refused
from gitagent.suites.runs import Did, Run, did_of, lost, run_of

if TYPE_CHECKING:
    import pytest

    from gitagent.config.cases import Cases
    from gitagent.config.files import Files

Tell = Callable[[int, int], None]
_NEEDLESS = (
    *("capture", "debugging", "doctest", "faulthandler", "legacypath", "logging", "nose", "pastebin"),
    *("recwarn", "setuponly", "setupplan", "stepwise", "subtests", "terminal", "threadexception", "unittest"),
    *("unraisableexception", "warnings"),
)
_TITLE = "ERROR: usage: "
_WRONG = "Wrong expression passed to '-k'"
_WORD = re.compile(r"[\w:+.\[\]/-]+")
_OPERATORS = ("and", "or", "not")
_USAGE, _NOTHING, _INTERRUPTED, _INTERNAL = 4, 5, 2, 3


class Wishes(NamedTuple):
    """How cases are to be played, and which of them: all, unless `keyword` or `last_failed` choose some.

    `cache` is the folder that remembers from run to run which cases failed; `processes` is a number, or `auto`. With a
    `budget`, a folder, all that is played with the same one uses one budget of tokens.
    """

    responder: str = "embedded"
    live_tools: bool = False
    keyword: str | None = None
    last_failed: bool = False
    junitxml: Path | None = None
    processes: str | None = None
    repeat: int = 1
    cache: Path | None = None
    case_seconds: float | None = None
    run_seconds: float | None = None
    budget: Path | None = None


def run(files: Files, cases: Cases, wishes: Wishes, *, responder: str, tell: Tell | None = None) -> Run:
    """Play the cases of an agent's files; `tell` is told again and again how many of how many are done.

    `responder` is the whole name of what answers, and `wishes` what it was asked for by. NotFound where there is no
    case, or none of those that were chosen.
    """
    if not cases.names:
        raise NotFound("there is no case to play", hint="Write a suite, such as tests/greeting.yaml.", code="no-case")
    began = perf_counter()
    heard = _Heard(len(cases.names) * wishes.repeat, tell)
    with TemporaryDirectory(prefix="gitagent-test-") as temporary:
        folder = Path(temporary)
        suites = list(dict.fromkeys(_path(name, files) for name in cases.names))
        lay_out(files, folder / "agent")
        _play(folder, [path for path in suites if _can_be_given(folder / "agent", path)], wishes, heard)
    chosen = (wishes.keyword is not None or wishes.last_failed) and len({each.case for each in heard.done}) < len(
        cases.names
    )
    seconds = perf_counter() - began
    return run_of(heard.done, cases.names, responder=responder, seconds=seconds, chosen=chosen)


def lay_out(files: Files, folder: Path) -> None:
    """Write an agent's files below a folder; links as what they lead to. What is too large to be read is left out."""
    for path in files:
        file = follow(files, path)
        if file is None or file.size > LARGEST or ".." in PurePosixPath(path).parts or path.startswith("/"):
            continue
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read())


def _can_be_given(agent: Path, path: str) -> bool:
    """Whether pytest takes a file by its name; it looks for names of tests in some. What it cannot take, fails."""
    return (agent / path).is_file() and not any(mark in path for mark in ("::", "["))


class _Heard:
    """A plugin that hears what comes of each case, from whatever process."""

    def __init__(self, total: int, tell: Tell | None) -> None:
        self.done: list[Did] = []
        self.left_out = False
        self.troubles: list[str] = []
        self._total = total
        self._tell = tell

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        self.left_out = self.left_out or bool(items)
        self._total -= len(items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        record: Mapping[str, Any] | None = getattr(report, "gitagent", None)
        if record is not None:
            self.done.append(did_of(record))
        elif report.failed:  # a process of xdist's that died
            self.done.append(lost(report.nodeid, str(report.longrepr)))
        else:
            return
        if self._tell is not None:
            self._tell(len(self.done), self._total)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.troubles.append(str(report.longrepr))

    def pytest_internalerror(self, excrepr: object) -> None:
        self.troubles.append(str(excrepr))


def _play(folder: Path, suites: list[str], wishes: Wishes, heard: _Heard) -> None:
    import pytest

    (folder / "pytest.ini").write_text("[pytest]\n")
    said = io.StringIO()
    with _alone(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        agent = folder / "agent"
        arguments = [*_arguments(folder, wishes), *(str(agent / path) for path in suites)]
        code = int(pytest.main(arguments, plugins=[heard]))
    if code == _INTERRUPTED and not heard.troubles:
        raise KeyboardInterrupt
    if code == _NOTHING and heard.left_out:
        hint = "The names of cases and their files are looked at: gitagent test -k 'opening and not monday'"
        raise NotFound(f"there is no case that fits '{wishes.keyword}'", hint=hint, code="no-case")
    if code in (_USAGE, _INTERNAL) or heard.troubles:
        troubles = (each.strip().rpartition("\n")[2] for each in heard.troubles)  # a trace ends with what it is about
        lines = [*troubles, *(line for line in said.getvalue().splitlines() if not line.startswith(_TITLE))]
        why = next(
            (line.removeprefix("ERROR: ").rpartition(" error: ")[2].strip() for line in lines if line.strip()),
            "pytest does not say why",
        )
        hint = _joined(wishes.keyword) if why.startswith(_WRONG) else "See: gitagent test --help"
        raise Refused(f"the suites cannot be played: {why}", hint=hint, code="not-played")


def _joined(expression: str | None) -> str:
    """How to choose a case by the words of its name, which pytest takes for an expression."""
    words = [each for each in _WORD.findall(expression or "") if each not in _OPERATORS]
    example = " and ".join(words) or "opening and not monday"
    return f"Words are joined by and, or and not: gitagent test -k '{example}'"


def _arguments(folder: Path, wishes: Wishes) -> Iterator[str]:
    yield from ("-c", str(folder / "pytest.ini"), f"--rootdir={folder / 'agent'}", "--noconftest", "--assert=plain")
    for name in _NEEDLESS:
        yield from ("-p", f"no:{name}")
    yield from ("-p", "no:gitagent", "-p", "gitagent.suites.plugin")  # by its module, once, installed or not
    yield from ("--gitagent-unchecked", f"--gitagent-responder={wishes.responder}")
    yield f"--gitagent-repeat={wishes.repeat}"
    if wishes.live_tools:
        yield "--gitagent-live-tools"
    if wishes.case_seconds is not None:
        yield f"--gitagent-case-seconds={wishes.case_seconds}"
    if wishes.run_seconds is not None:
        yield f"--gitagent-run-seconds={wishes.run_seconds}"
    if wishes.budget is not None:
        yield f"--gitagent-budget={wishes.budget}"
    yield from _cached(wishes)
    if wishes.keyword is not None:
        yield from ("-k", wishes.keyword)
    if wishes.junitxml is not None:
        yield f"--junitxml={wishes.junitxml.absolute()}"
    if wishes.processes is not None:
        _require_xdist()
        yield from ("-p", "xdist.plugin", "-n", wishes.processes, f"--basetemp={folder / 'temporary'}")


def _cached(wishes: Wishes) -> Iterator[str]:
    if wishes.cache is None:
        yield from ("-p", "no:cacheprovider")
        return
    yield from ("-o", f"cache_dir={wishes.cache}")
    if wishes.last_failed:
        yield "--lf"


def _require_xdist() -> None:
    from importlib.util import find_spec

    if find_spec("xdist") is None:
        hint = "pip install pytest-xdist"
        raise ExtraMissing("several processes need pytest-xdist, which is not installed", hint=hint)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Without the options and plugins that the environment gives to every run of pytest: they may be for others.

    Nor do processes of xdist's import from the current folder, which may be an agent's.
    """
    ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONSAFEPATH": "1"}
    names = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", *ours)
    before = {name: os.environ[name] for name in names if name in os.environ}
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(ours)
    try:
        yield
    finally:
        for name in names:
            os.environ.pop(name, None)
        os.environ.update(before)


def _path(name: str, files: Files) -> str:
    return name if name in files else name.partition("::")[0]
