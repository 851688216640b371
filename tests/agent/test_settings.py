"""Settings: an environment's rules, and the words in which an event tells them."""

from __future__ import annotations

import pytest

from gitagent.agent.settings import MOST_APPROVALS, Settings
from gitagent.agent.states import EnvironmentState
from gitagent.names import EnvironmentName

TOLD = {
    "requires-number on": Settings(requires_number=True),
    "requires-number off": Settings(requires_number=False),
    "approvals 0": Settings(approvals=0),
    "approvals 20": Settings(approvals=MOST_APPROVALS),
    "requires-signature off": Settings(requires_signature=False),
    "requires-number off, requires-signature on": Settings(requires_number=False, requires_signature=True),
    "requires-number on, approvals 2, requires-signature on": Settings(True, 2, True),
    "tests required": Settings(tests=100),
    "tests off": Settings(tests=0),
    "tests 95%, not-worse on": Settings(tests=95, not_worse=True),
    "requires-number on, approvals 2, requires-signature on, tests 1%, not-worse off": Settings(
        True, 2, True, 1, False
    ),
}


@pytest.mark.parametrize("detail", TOLD)
def test_settings_are_told_in_one_way_and_read_in_that_alone(detail: str) -> None:
    assert TOLD[detail].detail == detail
    assert Settings.parse(detail) == TOLD[detail]


@pytest.mark.parametrize(
    "detail",
    [
        "",
        " ",
        "approvals",
        "approvals -1",
        "approvals 01",
        "approvals 21",
        "approvals \u0663",
        "approvals 2,requires-number on",
        "approvals 2, requires-number on",
        "approvals 2, approvals 2",
        "approvals 2, ",
        "approvals 2\n",
        "Approvals 2",
        "requires-number yes",
        "requires-number",
        "requires-number on, colour red",
        "tests 100%",
        "tests 0%",
        "tests 101%",
        "tests 095%",
        "tests on",
        "not-worse required",
        "not-worse on, tests required",
    ],
)
def test_what_no_event_says_sets_nothing(detail: str) -> None:
    assert Settings.parse(detail) is None


def test_what_an_environment_has_already_is_left_out() -> None:
    live = EnvironmentState(EnvironmentName("live"), requires_number=True, approvals=2)
    assert Settings(True, 1, False).unlike(live) == Settings(approvals=1)
    assert Settings(True, 2, False).unlike(live) == Settings()
    assert Settings(approvals=1).set_in(live) == live._replace(approvals=1)
