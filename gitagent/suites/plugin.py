"""The pytest plugin: finds an agent's suites among the files that pytest comes upon.

Everybody who has gitagent installed loads it with every run of pytest, so that it imports nothing before there is a
suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

_FOLDERS = frozenset({"tests", "test_suite"})
_SUFFIXES = (".yaml", ".yml")
_HIDDEN = "==SUPPRESS=="


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the options of a run, all of them with gitagent's name."""
    group = parser.getgroup("gitagent", "suites of conversational agents")
    group.addoption(
        "--gitagent-responder",
        metavar="NAME",
        default="embedded",
        help="What answers in an agent's suites: embedded (the default), openai, or openai:MODEL.",
    )
    group.addoption(
        "--gitagent-live-tools", action="store_true", help="Really request what tools request, instead of fixtures."
    )
    group.addoption("--gitagent-repeat", metavar="N", type=int, default=1, help="Play each case so many times.")
    group.addoption(
        "--gitagent-case-seconds", metavar="S", type=float, default=300.0, help="The longest that a case may take."
    )
    group.addoption(
        "--gitagent-run-seconds", metavar="S", type=float, default=3600.0, help="The longest that all may take."
    )
    group.addoption("--gitagent-unchecked", action="store_true", help=_HIDDEN)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A folder as nothing but that where gitagent runs the suites: pytest would run an `__init__.py` in it."""
    if not parent.config.getoption("gitagent_unchecked"):
        return None
    import pytest

    folder: pytest.Dir = pytest.Dir.from_parent(parent, path=path)
    return folder


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """The cases of a suite, where the file is one."""
    if file_path.suffix not in _SUFFIXES or file_path.parent.name not in _FOLDERS:
        return None
    from gitagent.suites.folders import is_suite

    if not parent.config.getoption("gitagent_unchecked") and not is_suite(file_path):
        return None
    from gitagent.suites.collecting import collected

    return collected(file_path, parent)
