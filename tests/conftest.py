"""Hermetic tests: HOME, git's configuration, identity and time zone are fixed; the real home is out of reach."""

from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest
from support.building import Built
from support.signing import Keys, gpg_home

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path


GIT_CONFIG = "[user]\n\tname = Ada Lovelace\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> Generator[None, int, int]:
    """Half as many workers again as processors: many of the everyday tests wait, for git, a server or a time-out."""
    processors = yield
    return processors if config.getoption("markexpr") == "scale" else processors * 3 // 2


@pytest.fixture(scope="session", autouse=True)
def _sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A home of the tests' own, that holds git's configuration and nothing else: writing to it fails the run."""
    home = tmp_path_factory.mktemp("home")
    (home / ".gitconfig").write_text(GIT_CONFIG)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GIT_", "GITAGENT_", "XDG_"))]:
            patch.delenv(name)
        for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "EMAIL"):
            patch.delenv(name, raising=False)
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):  # without any, each of thousands of commands compiles all anew
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("bytecode")))
        patch.setenv("HOME", str(home))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("TZ", "UTC")
        time.tzset()
        if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell lets what it runs in the background
            signal.signal(signal.SIGINT, signal.default_int_handler)
        _seal_libgit2(home)
        yield
    assert {each.name for each in home.iterdir()} == {".gitconfig"}, "a test wrote to the home folder"
    assert (home / ".gitconfig").read_text() == GIT_CONFIG, "a test wrote to the home folder"


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Built]:
    """Make an agent: `build()`, `build("name")`, `build(files={...}, pipeline="live")`."""

    def make(name: str = "agent", *, files: dict[str, str] | None = None, pipeline: str | None = None) -> Built:
        return Built(tmp_path / name, files=files, pipeline=pipeline or "sandbox,pre-release,live")

    return make


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Keys of ssh, and a file of those that are allowed."""
    return Keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="session")
def gnupg() -> Iterator[Path]:
    """gpg with keys of Ada and of Grace, for all tests from the first that asks for it on."""
    yield from gpg_home()


def _seal_libgit2(home: Path) -> None:
    """libgit2 looked for the home when it was loaded, before HOME was set."""
    import pygit2
    from pygit2.enums import ConfigLevel

    for level in (ConfigLevel.GLOBAL, ConfigLevel.XDG, ConfigLevel.SYSTEM, ConfigLevel.PROGRAMDATA):
        pygit2.settings.search_path[level] = str(home if level == ConfigLevel.GLOBAL else home / "none")
