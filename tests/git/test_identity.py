"""Who acts, according to git."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pygit2
import pytest
from pygit2.enums import ConfigLevel
from support.building import ADA, GRACE, Built
from support.refusing import Refusal, refusal

from gitagent import Actor
from gitagent.git.identity import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HINT = 'git config --global user.name "Your Name"\ngit config --global user.email you@example.com'
NOBODY = Refusal(
    "IdentityMissing",
    "identity-missing",
    "git does not know who you are, and every change is recorded with a name",
    HINT,
)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """An empty home, as libgit2 sees it."""
    home = tmp_path / "home"
    home.mkdir()
    before = pygit2.settings.search_path[ConfigLevel.GLOBAL]
    pygit2.settings.search_path[ConfigLevel.GLOBAL] = str(home)
    yield home
    pygit2.settings.search_path[ConfigLevel.GLOBAL] = before


def test_the_global_configuration_says_who_acts() -> None:
    assert identity(None, {}) == ADA


def test_the_repositorys_own_configuration_is_stronger(build: Callable[..., Built]) -> None:
    built = build()
    built.git("config", "user.name", "Grace Hopper")
    built.git("config", "user.email", "grace@example.com")
    assert built.reopen().identity() == GRACE


def test_gits_variables_are_stronger_still(build: Callable[..., Built]) -> None:
    agent = build().agent
    author = {"GIT_AUTHOR_NAME": "Grace Hopper", "GIT_AUTHOR_EMAIL": "grace@example.com"}
    committer = {"GIT_COMMITTER_NAME": "Alan", "GIT_COMMITTER_EMAIL": "alan@example.com"}
    assert agent.identity(author) == GRACE
    assert agent.identity(committer) == Actor("Alan", "alan@example.com")
    assert agent.identity(committer | author) == GRACE
    assert agent.identity({"GIT_AUTHOR_NAME": "", "GIT_AUTHOR_EMAIL": " grace@example.com "}) == Actor(
        ADA.name, GRACE.email
    )


def test_nobody_is_known_without_a_configuration_file(home: Path) -> None:
    assert list(home.iterdir()) == []
    assert refusal(lambda: identity(None, {})) == NOBODY


@pytest.mark.parametrize("config", ["", "[user]\n", "[user]\n\tname = Ada\n", "[user]\n\tname =\n\temail = a@b\n"])
def test_half_an_identity_is_none(home: Path, config: str) -> None:
    (home / ".gitconfig").write_text(config)
    assert refusal(lambda: identity(None, {})) == NOBODY


def test_nobody_is_known_in_a_repository_either(build: Callable[..., Built], home: Path) -> None:
    assert list(home.iterdir()) == []
    assert refusal(lambda: build().reopen().identity()) == NOBODY


def test_a_name_that_could_forge_a_trailer_is_refused() -> None:
    environ = {"GIT_AUTHOR_NAME": "Ada <x>", "GIT_AUTHOR_EMAIL": "ada@example.com"}
    assert refusal(lambda: identity(None, environ)) == Refusal(
        "IdentityMissing", "identity-missing", "'Ada <x> <ada@example.com>' does not identify a person", HINT
    )


def test_what_only_git_knows_of_is_asked_of_git(home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("[author]\n\tname = Grace Hopper\n\temail = grace@example.com\n")
    environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
    assert identity(None, environ | {"GIT_CONFIG_GLOBAL": str(elsewhere)}) == GRACE
    counted = {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Grace Hopper"}
    counted |= {"GIT_CONFIG_KEY_1": "user.email", "GIT_CONFIG_VALUE_1": "grace@example.com"}
    assert identity(None, environ | counted) == GRACE
    assert refusal(lambda: identity(None, environ | {"GIT_CONFIG_GLOBAL": "/dev/null"})) == NOBODY
    assert refusal(lambda: identity(None, {"PATH": str(tmp_path)})) == NOBODY


def test_a_configuration_that_cannot_be_read_is_named(home: Path) -> None:
    (home / ".gitconfig").write_text("[user\n")
    assert refusal(lambda: identity(None, {})).code == "repository-unreadable"


@pytest.mark.parametrize("name", [";", "'", ",", "\udcff", "A\u2028B"])
def test_a_name_that_is_nobodys_is_refused(name: str) -> None:
    environ = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": "a@example.com"}
    assert refusal(lambda: identity(None, environ)).code == "identity-missing"
