"""Served: what goes on beside the requests goes on, and says so where it cannot."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from support.building import START

from gitagent.errors import CallStoreFailed
from gitagent.runtime.cursors import Cursor
from gitagent.server import served as serving
from gitagent.server.served import Served
from gitagent.server.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from support.building import Built

    from gitagent.runtime.records import Page


class Done:
    """An event that a thread sets."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        await asyncio.wait_for(self._event.wait(), 30)


def _delivering(built: Built, deliver: Callable[[Done], int]) -> None:
    """Start what is served, and stop it once `deliver` has set what it is given."""

    async def serve() -> None:
        served, done = Served.of(Settings(str(built.path.parent), poll=0)), Done()
        served.calls.deliver = lambda: deliver(done)  # type: ignore[method-assign]  # one that fails as wanted
        await served.start()
        await done.wait()
        await served.stop()

    asyncio.run(serve())


def test_calls_that_wait_are_tried_again_after_a_failure_of_any_kind(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "DELIVERY", 0)
    failures = iter([CallStoreFailed("it is away"), OSError("no disk")])

    def deliver(done: Done) -> int:
        if (failure := next(failures, None)) is not None:
            raise failure
        done.set()
        return 0

    _delivering(build("waiting"), deliver)
    assert [each for each in ("it is away", "no disk") if each in caplog.text] == ["it is away", "no disk"]


def test_a_bug_beside_the_requests_is_logged(
    build: Callable[..., Built], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(serving, "DELIVERY", 0)

    def deliver(done: Done) -> NoReturn:
        log = serving._LOG.error

        def logged(*arguments: Any, **more: Any) -> None:
            log(*arguments, **more)
            done.set()

        monkeypatch.setattr(serving._LOG, "error", logged)
        raise RuntimeError("a bug")

    _delivering(build("buggy"), deliver)
    assert "what goes on beside the requests failed" in caplog.text
    assert "a bug" in caplog.text


def test_what_would_be_counted_for_ever_keeps_no_server_from_its_end(build: Callable[..., Built]) -> None:
    built = build("counting")
    built.publish().promote("pre-release", "live")

    async def serve() -> None:
        served, done = Served.of(Settings(str(built.path.parent), poll=0)), Done()
        served.calls.begin("CA1", at=START, environment="live", agent="counting")
        find = served.calls.find

        def endless(*arguments: Any, **more: Any) -> Page:
            done.set()
            page = find(*arguments, **{**more, "cursor": None})
            return page._replace(next=Cursor(0, "CA0"))

        served.calls.find = endless  # type: ignore[method-assign]  # there is always one more page
        counting = asyncio.create_task(served.looking(partial(served.calls.stats, since=START, agent="counting")))
        await done.wait()
        await served.stop()
        with pytest.raises(CallStoreFailed, match="ends"):
            await counting

    asyncio.run(serve())
