"""Statistics: rates with their intervals, percentiles, and what they are counted from."""

from __future__ import annotations

import random
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.calling import after, call

from gitagent.names import VersionNumber
from gitagent.runtime.records import Call
from gitagent.runtime.statistics import PERCENTILES, Rate, Z, difference, of_calls, of_tallies
from gitagent.runtime.tallies import Tally, differences, tenths

V1 = VersionNumber(1)


@pytest.mark.parametrize(
    ("successes", "calls", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (8, 10, 0.4902, 0.9433),
        (81, 263, 0.2553, 0.3662),
        (1, 1, 0.2065, 1.0),
    ],
)
def test_a_rates_interval_is_wilsons(successes: int, calls: int, low: float, high: float) -> None:
    """Newcombe 1998 has 81 of 263; the others are from the formula as Wilson gave it."""
    rate = Rate(successes, calls)
    assert (round(rate.low, 4), round(rate.high, 4)) == (low, high)


@pytest.mark.parametrize(
    ("new", "old", "low", "high", "verdict"),
    [
        (Rate(56, 70), Rate(48, 80), 0.0524, 0.3339, "better"),
        (Rate(48, 80), Rate(56, 70), -0.3339, -0.0524, "worse"),
        (Rate(9, 10), Rate(3, 10), 0.1705, 0.8090, "better"),
        (Rate(5, 56), Rate(0, 29), -0.0381, 0.1926, "no difference shown"),
    ],
)
def test_the_interval_of_a_difference_is_newcombes(new: Rate, old: Rate, low: float, high: float, verdict: str) -> None:
    """The examples and figures of Newcombe 1998, method 10."""
    found = difference(new, old)
    assert (round(found.low, 4), round(found.high, 4), found.verdict) == (low, high, verdict)


def test_the_intervals_are_of_ninety_five_percent() -> None:
    assert pytest.approx(NormalDist().inv_cdf(0.975)) == Z


@given(st.floats(0, 10**7))
def test_a_duration_is_counted_to_three_digits(duration: float) -> None:
    assert tenths(duration) / 10 == pytest.approx(duration, rel=0.0051, abs=0.0501)
    assert len(str(tenths(duration)).rstrip("0")) <= 3


@given(st.lists(st.integers(0, 999), min_size=1, max_size=200))
def test_percentiles_are_those_of_the_durations_themselves(seconds: list[int]) -> None:
    calls = [call(str(i), ended_at=after(), duration=float(each)) for i, each in enumerate(seconds)]
    durations = of_calls(V1, calls).durations
    assert durations is not None
    ordered = sorted(seconds)
    for percent in PERCENTILES:
        rank = -(-len(ordered) * percent // 100)
        assert durations.percentiles[percent] == ordered[rank - 1]
    assert durations.mean == pytest.approx(sum(seconds) / len(seconds))


def test_what_is_counted_change_by_change_is_what_the_calls_come_to() -> None:
    chance = random.Random(4)
    sums: dict[tuple[str, str], Tally] = {}
    calls: dict[str, Call] = {}
    for _ in range(400):
        call_id = f"CA{chance.randrange(60)}"
        was = calls.get(call_id)
        now = call(call_id) if was is None else was._replace(score=chance.choice([None, 0.5, 1.0]))
        if was is not None and was.ended_at is None and chance.random() < 0.5:
            outcome = chance.choice(["completed", "failed", None])
            now = now._replace(
                ended_at=after(), outcome=outcome, success=chance.choice([True, False, None]), duration=9.0
            )
        calls[call_id] = now
        for key, tally in differences([(was, now)]).items():
            sums[key.kind, key.value] = sums.get((key.kind, key.value), Tally()).plus(tally)
    assert of_tallies(V1, sums) == of_calls(V1, calls.values())
    assert 0 < of_tallies(V1, sums).open < len(calls)


def test_nothing_counted_says_nothing() -> None:
    found = of_tallies(V1, {})
    assert (found.calls, found.rate, found.durations, found.score, found.outcomes) == (0, None, None, None, {})
