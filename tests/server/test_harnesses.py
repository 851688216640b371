"""Harnesses: public ones judge the answers of a server as we judge them ourselves."""

from __future__ import annotations

import os
from collections import Counter
from importlib.util import find_spec
from shutil import which
from typing import TYPE_CHECKING

import pytest
from support.building import Built
from support.evaluating import AGENTS, KINDS, Check, by_inspect, by_promptfoo, checks
from support.standing import Standing

from gitagent import templates

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.scale


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of the sample agents."""
    folder = tmp_path_factory.mktemp("agents")
    for name in AGENTS:
        texts = {path: file.read().decode() for path, file in templates.load(name).items()}
        Built(folder / name, files=texts).publish().promote("pre-release", "live")
    standing = Standing(folder).start()
    yield standing.url
    standing.stop()


@pytest.fixture(scope="module")
def asked() -> list[Check]:
    return checks()


def _told(asked: list[Check], verdicts: list[bool]) -> list[tuple[Check, bool]]:
    """Where somebody else says otherwise than we do."""
    return [(check, verdict) for check, verdict in zip(asked, verdicts, strict=True) if verdict != check.holds]


def test_of_each_kind_many_hold_and_many_fail(asked: list[Check]) -> None:
    counted = Counter((check.kind, check.holds) for check in asked)
    assert min(counted[kind, holds] for kind in KINDS for holds in (True, False)) >= 20


def test_inspect_agrees_on_what_passes_and_what_fails(url: str, asked: list[Check], tmp_path: Path) -> None:
    if find_spec("inspect_ai") is None and not os.environ.get("CI"):
        pytest.skip("inspect-ai is not installed: pip install 'gitagent-config[harness]'")
    assert _told(asked, by_inspect(url, asked, tmp_path)) == []


@pytest.mark.skipif(which("promptfoo") is None, reason="promptfoo is not installed: npm install -g promptfoo")
def test_promptfoo_agrees_on_what_passes_and_what_fails(url: str, asked: list[Check], tmp_path: Path) -> None:
    assert _told(asked, by_promptfoo(url, asked, tmp_path)) == []
