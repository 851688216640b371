"""A remote with gitagent's hooks, made once and copied for each test."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from support.attacking import Attack, guarded_team

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The team that every test has a copy of."""
    folder = tmp_path_factory.mktemp("team")
    guarded_team(folder)
    return folder


@pytest.fixture(scope="session")
def standing(original: Path, tmp_path_factory: pytest.TempPathFactory) -> Attack:
    """A remote and a clone for pushes that nothing has to be made for, and that change nothing."""
    return Attack(original, tmp_path_factory.mktemp("standing") / "team")


@pytest.fixture
def attack(original: Path, tmp_path: Path) -> Attack:
    """A remote with hooks and Mallory's clone of it."""
    return Attack(original, tmp_path / "team")


@pytest.fixture
def private_umask() -> Iterator[None]:
    """Somebody's setting that others may read nothing of what they write."""
    umask = os.umask(0o077)
    yield
    os.umask(umask)
