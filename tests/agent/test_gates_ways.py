"""The six ways past a gate that people think of, each tried on a repository of one's own.

`tests/receive/test_hostile_gates.py` tries the same six over a shared remote with hooks.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from support.building import ADA, Built
from support.forging import forge
from support.refusing import refusal
from support.testing import (
    AGENT,
    BOOKS,
    CASE_SECONDS,
    ENDLESS,
    FILES,
    GREETS,
    LONG,
    SUITE,
    played,
    record,
    running,
    suite,
)

from gitagent.agent.results import format_result, result_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from gitagent import Candidate
    from gitagent.agent.results import Result

    Run = Callable[[Candidate], Result]

OVERRUNS = "tests/slow.yaml"


@pytest.fixture
def built(build: Callable[..., Built]) -> Built:
    """An agent with two cases that pass, whose pre-release serves v1 and asks for tests."""
    built = build(files=FILES).publish().promote("pre-release")
    built.agent.set_rules("pre-release", tests=100, actor=ADA, at=built.clock())
    return built


def _another_tree(built: Built) -> None:
    record(built, "v1")
    built.edit(AGENT + "language: en\n", "agent.yaml").publish()


def _forged_event(built: Built) -> None:
    built.edit(suite("greets", "books", says="Goodbye"), SUITE).publish()
    found = record(built, "v2", failing=[GREETS, BOOKS]).result
    lie = found._replace(passed=2, failed=0, failing=())
    forge(built.path, files={result_path(found.tree): format_result(lie).decode()})
    built.reopen()


def _edited_suite(built: Built) -> None:
    built.edit(AGENT + "language: en\n", "agent.yaml")
    record(built)
    built.edit(suite("greets"), SUITE).publish()


def _empty_suite(built: Built) -> Run:
    built.edit("{}\n", SUITE)
    assert refusal(lambda: built.publish()).code == "invalid-configuration"
    (built.path / SUITE).unlink()
    built.publish()
    nothing = built.agent.candidate("v2").result(responder="embedded", seconds=0.1)
    assert refusal(lambda: built.agent.record_result(nothing, actor=ADA, at=built.clock())).code == "result-invalid"
    return running([])


def _all_skipped(built: Built) -> Run:
    built.edit("cases:\n  - name: x\n    turns:\n      - expect: [{judge: Is it kind?}]\n", SUITE).publish()
    return played


def _time_out(built: Built) -> Run:
    built.edit(LONG, "agent.yaml").edit(ENDLESS, OVERRUNS).publish()
    return played


def _time_out_of_all(built: Built) -> Run:
    built.edit(AGENT + "language: en\n", "agent.yaml").publish()
    return partial(played, run_seconds=1e-9)


WAYS: dict[str, tuple[str, Callable[[Built], Run | None]]] = {
    "a result for another tree": ("tests-missing", _another_tree),
    "a forged event": ("rule-detail", _forged_event),
    "a suite edited after the run": ("tests-missing", _edited_suite),
    "an empty suite": ("tests-missing", _empty_suite),
    "all cases skipped": ("tests-failed", _all_skipped),
    "a time-out": ("tests-failed", _time_out),
    "a time-out of the whole run": ("tests-failed", _time_out_of_all),
}


def _promote(built: Built, run: Run | None) -> None:
    built.agent.promote("pre-release", actor=ADA, at=built.clock(), run=run)


@pytest.mark.parametrize("way", WAYS)
def test_no_way_past_a_gate(built: Built, way: str) -> None:
    code, go = WAYS[way]
    run = go(built)
    serving, branch = built.serving(), built.git("rev-parse", "pre-release")
    assert (serving["sandbox"], serving["pre-release"]) == ("v2", "v1")
    for attempt in (run, None):  # once more, now that what was played is recorded
        assert refusal(partial(_promote, built, attempt)).code == code
        assert (built.serving(), built.git("rev-parse", "pre-release")) == (serving, branch)


def test_a_case_that_times_out_is_recorded_as_failed(built: Built) -> None:
    run = _time_out(built)
    refused = refusal(lambda: _promote(built, run))
    assert refused.message.startswith("pre-release asks for all cases to pass, and of v2 2 of 3 passed, not tests/")
    result = built.agent.result("v2")
    assert result is not None
    assert (result.passed, result.failing, result.skipping) == (2, (f"{OVERRUNS}::never ends",), ())
    assert result.seconds >= CASE_SECONDS  # it was really played
    assert built.history()[-1] == "test v2 passed 2 of 3"
    assert not built.agent.verify().findings
