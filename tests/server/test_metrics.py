"""Figures of many workers: added up, also those of workers that are dead, in a folder that goes with its server."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

import pytest

from gitagent.server.metrics import FOLDER, figures_folder

if TYPE_CHECKING:
    from pathlib import Path

COUNT = """
from gitagent.server.metrics import Metrics
metrics = Metrics()
for _ in range(3):
    metrics.request("call", 200, 0.002)
metrics.fetched("desk", "new")
print(metrics.text().decode())
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def counted() -> list[str]:
    """What a worker tells that counts three requests and ends."""
    done = subprocess.run([sys.executable, "-c", COUNT], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_the_figures_of_all_workers_are_added_up_also_of_those_that_ended() -> None:
    with figures_folder():
        counted()
        told = counted()
    assert 'gitagent_http_requests_total{endpoint="call",status="200"} 6.0' in told
    assert 'gitagent_http_request_seconds_bucket{endpoint="call",le="0.0025"} 6.0' in told
    assert 'gitagent_fetches_total{agent="desk",result="new"} 2.0' in told


def test_a_worker_alone_tells_its_own() -> None:
    counted()
    told = counted()
    assert 'gitagent_http_requests_total{endpoint="call",status="200"} 3.0' in told
    assert not [line for line in told if "_created" in line]


def test_the_folder_goes_when_the_server_ends(temporary: Path) -> None:
    with figures_folder():
        assert os.environ[FOLDER] == str(next(temporary.iterdir()))
        counted()
    assert FOLDER not in os.environ
    assert list(temporary.iterdir()) == []


def test_what_a_server_that_was_killed_left_goes_and_that_of_another_stays(temporary: Path) -> None:
    left = temporary / "gitagent-metrics-left"
    left.mkdir()
    (left / "lock").touch()
    (left / "counter_1.db").write_bytes(b"\0" * 64)
    foreign = temporary / "gitagent-metrics-foreign"
    foreign.mkdir()
    with figures_folder():
        one = os.environ[FOLDER]
        with figures_folder():
            assert not left.exists()
            assert foreign.exists()
            assert os.path.isdir(one)  # noqa: PTH112
