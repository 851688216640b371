"""Stores of calls, each kind of them, and a folder of agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.folders import Folder
from support.postgres import Postgres, server
from support.unsynced import unsynced

from gitagent.runtime.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from support.building import Built

    from gitagent.runtime.stores.interface import CallStore

__all__ = ["unsynced"]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL, for all tests from the first that asks for it on."""
    yield from server()


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new store is, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'calls.db'}"
    found: Postgres = request.getfixturevalue("postgres")
    return found.address()


@pytest.fixture
def another(address: str) -> Iterator[Callable[[], CallStore]]:
    """The same store once more, as another process would open it."""
    opened: list[CallStore] = []

    def open_() -> CallStore:
        opened.append(open_store(address))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def store(another: Callable[[], CallStore]) -> CallStore:
    """A new store, of each kind."""
    return another()


@pytest.fixture
def folder(build: Callable[..., Built], tmp_path: Path) -> Folder:
    """A folder of agents, none yet."""
    return Folder(build, tmp_path)
