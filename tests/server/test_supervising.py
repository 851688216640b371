"""Supervising: the workers that there are serve on, whatever keeps another one from being started."""

from __future__ import annotations

import logging
import os
import signal
import time
from typing import Any

import pytest

from gitagent.errors import StorageFailed
from gitagent.server import supervising
from gitagent.server.supervising import supervise


def test_a_worker_that_cannot_be_replaced_now_is_replaced_later_and_the_others_stay(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    start = supervising._started
    started: list[Any] = []
    others: list[bool] = []

    def begun(*arguments: Any) -> Any:
        if len(started) == 3:
            started.append(None)
            raise BlockingIOError(11, "Resource temporarily unavailable")
        started.append(start(*arguments))
        if len(started) == 3:
            started[0].process.kill()
        elif len(started) == 5:
            others.extend(each.process.is_alive() for each in started[1:3])
            os.kill(os.getpid(), signal.SIGTERM)
        return started[-1]

    monkeypatch.setattr(supervising, "_started", begun)
    monkeypatch.setattr(supervising, "PAUSE", 0.01)
    with caplog.at_level(logging.WARNING):
        supervise(time.sleep, (600,), workers=3, grace=0)
    said = [record.getMessage().partition("(SIGKILL)")[2] for record in caplog.records]
    assert said == [
        ", and no other can be started now: Resource temporarily unavailable",
        ", another one takes its place",
    ]
    assert others == [True, True]


def test_where_not_all_workers_can_be_started_none_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    start = supervising._started
    started: list[Any] = []

    def begun(*arguments: Any) -> Any:
        if started:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        worker = start(*arguments)
        started.append(worker.process.pid)
        return worker

    monkeypatch.setattr(supervising, "_started", begun)
    with pytest.raises(StorageFailed, match="cannot start: Resource temporarily unavailable") as refused:
        supervise(time.sleep, (600,), workers=3, grace=0)
    assert refused.value.code == "workers-failed"
    with pytest.raises(ProcessLookupError):
        os.kill(started[0], 0)
