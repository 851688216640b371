"""Recording: calls that begin at once go together, and none of them is kept from beginning by another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest
from support.calling import after

from gitagent.errors import NumberNotFound
from gitagent.runtime.asking import Beginning
from gitagent.server.recording import MOST, Recording

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from gitagent.runtime.calls import Calls


class Begins:
    """What begins calls by returning their ids, and notes which went together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def begin_all(self, beginnings: Sequence[Beginning]) -> list[Any]:
        ids = [each.call_id for each in beginnings]
        self.batches.append(ids)
        if "bug" in ids:
            raise RuntimeError("a bug")
        return [NumberNotFound("gone") if each == "gone" else each for each in ids]


def _together(calls: Begins, *call_ids: str) -> list[Any]:
    async def begin() -> list[Any]:
        recording = Recording(_as_calls(calls))
        begun = [recording.begin(Beginning(each, after())) for each in call_ids]
        results = await asyncio.gather(*begun, return_exceptions=True)
        await recording.stop()
        return results

    return asyncio.run(begin())


def _as_calls(calls: Begins) -> Calls:
    return calls  # type: ignore[return-value]  # all that recording asks of them


def test_calls_that_begin_at_once_go_together_and_each_gets_its_own() -> None:
    calls = Begins()
    ids = [str(number) for number in range(MOST + 20)]
    assert _together(calls, *ids) == ids
    assert [len(each) for each in calls.batches] == [MOST, 20]


def test_a_call_that_is_refused_is_alone_in_that() -> None:
    one, gone, two = _together(Begins(), "one", "gone", "two")
    assert (one, two) == ("one", "two")
    assert isinstance(gone, NumberNotFound)


def test_a_bug_that_one_call_meets_keeps_no_other_from_beginning() -> None:
    calls = Begins()
    one, bug, two = _together(calls, "one", "bug", "two")
    assert (one, two) == ("one", "two")
    assert isinstance(bug, RuntimeError)
    assert calls.batches == [["one", "bug", "two"], ["one"], ["bug"], ["two"]]


def test_a_call_begins_although_whoever_asked_has_gone() -> None:
    calls = Begins()

    async def leave() -> None:
        recording = Recording(_as_calls(calls))
        asked: Coroutine[Any, Any, Any] = recording.begin(Beginning("left", after()))
        asking = asyncio.create_task(asked)
        await asyncio.sleep(0)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await recording.stop()

    asyncio.run(leave())
    assert calls.batches == [["left"]]
