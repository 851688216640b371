"""The pytest plugin: finds an agent's suites among the files that pytest comes upon.

Everybody who has gitagent installed loads it with every run of pytest, so that it imports nothing before there is a
suite.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_FOLDERS = frozenset({"tests", "test_suite"})
_SUFFIXES = (".yaml", ".yml")
_HIDDEN = "==SUPPRESS=="
_BUDGET = "gitagent_budget"


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
    group.addoption("--gitagent-budget", metavar="FOLDER", help=_HIDDEN)


def pytest_configure(config: pytest.Config) -> None:
    """Let all who play in a run that asks a model count the tokens that they use in one folder, gone afterwards."""
    given = getattr(config, "workerinput", {}).get(_BUDGET)
    if given is not None:
        config.option.gitagent_budget = given
    elif config.getoption("gitagent_responder") != "embedded" and config.getoption(_BUDGET) is None:
        from tempfile import TemporaryDirectory

        folder = TemporaryDirectory(prefix="gitagent-budget-")
        config.add_cleanup(folder.cleanup)
        config.option.gitagent_budget = folder.name


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a process of xdist's which folder that is."""
    node.workerinput[_BUDGET] = node.config.getoption(_BUDGET)


def pytest_collect_directory(path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """A folder as nothing but that where gitagent runs the suites: pytest would run an `__init__.py` in it."""
    if not parent.config.getoption("gitagent_unchecked"):
        return None
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
